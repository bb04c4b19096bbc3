"""What people do on the pages, one step each, by the words they read there."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from tests.browser import sheets
from tests.browser.conftest import Visitor
from tests.browser.sheets import Sheet
from tests.browser.site import Site
from tests.services import ROOT

PATIENCE: Final = 240_000
"""Milliseconds for what the worker does: on a quiet machine it takes a twentieth of them."""
OWN_PASSWORD: Final = "自己选的-口令-2026"
_WATCH: Final = """
  window.seen = [];
  const look = () => {
    const bar = document.querySelector(".batch-progress progress");
    if (bar) window.seen.push([document.querySelector("#now-heading").textContent.trim(), bar.value, bar.max]);
  };
  new MutationObserver(look).observe(document, {subtree: true, childList: true, attributes: true});
"""


def first_administrator(site: Site, login: str, name: str) -> None:
    """On the machine's command line, beside the serving process."""
    environment = {**os.environ, "ZONEMATCH_DATA": str(site.parts.settings.data), "ZONEMATCH_DEMO": "0"}
    command = [sys.executable, "-m", "api", "user", "add", login, "--name", name]
    done = subprocess.run(
        command, input=f"{OWN_PASSWORD}\n", text=True, capture_output=True, env=environment, cwd=ROOT, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "administrator" in done.stdout


def add_organisation(admin: Visitor, name: str, kind: str, city: str) -> None:
    """One in no zone, by the administrator."""
    page = admin.goto("/organisations")
    page.get_by_role("link", name="添加单位").first.click()
    page.get_by_label("名称", exact=True).fill(name)
    page.get_by_label("类型").select_option(label=kind)
    page.get_by_label("城市").fill(city)
    page.get_by_role("button", name="添加").click()
    expect(page.locator("h1")).to_contain_text(name)


def add_person(admin: Visitor, name: str, login: str, role: str, *, zone: str = "", organisation: str = "") -> str:
    """By the administrator; gives the one-time password that the form proposes."""
    page = admin.goto("/people")
    page.get_by_role("link", name="添加人员").click()
    page.get_by_label("姓名").fill(name)
    page.get_by_label("账号").fill(login)
    password = page.get_by_label("一次性密码").input_value()
    page.get_by_label("角色").select_option(label=role)
    for label, value in (("高新区", zone), ("单位", organisation)):
        if value:
            page.get_by_label(label).select_option(label=value)
    page.get_by_role("button", name="添加").click()
    expect(page.locator("h1")).to_contain_text(name)
    assert len(password) >= 10
    return password


def enter(visitor: Visitor, login: str, one_time: str) -> Visitor:
    """The first sign-in of somebody who was handed a password, and his own one."""
    page = visitor.goto("/")
    page.get_by_role("link", name="登录").click()
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(one_time)
    page.locator("main").get_by_role("button", name="登录").click()
    expect(page.locator("h1")).to_have_text("设置密码")
    page.get_by_label("新密码", exact=True).fill(OWN_PASSWORD)
    page.get_by_label("再次输入新密码").fill(OWN_PASSWORD)
    page.get_by_role("button", name="确认设置").click()
    expect(page.locator(".flash")).to_be_visible()
    visitor.context.add_init_script(_WATCH)
    return visitor


def upload(staff: Visitor, kind: str, path: Path) -> Page:
    """From any page to what the sheet's page says first."""
    page = staff.page
    page.locator(".top-nav").get_by_role("link", name="导入").click()
    page.get_by_label(kind, exact=True).check()
    page.get_by_label("文件").set_input_files(path)
    page.get_by_role("button", name="上传并预览").click()
    page.wait_for_url(re.compile(r"/imports/\w+(/columns)?$"), timeout=PATIENCE)
    return page


def answer(page: Page, answers: Mapping[str, str], *, unit: str = "") -> None:
    """What the headings mean that nobody knows, and what amounts are in."""
    expect(page.locator("h1")).to_have_text("确认各列内容")
    for heading, meaning in answers.items():
        page.get_by_label(f"“{heading}”列的内容").select_option(label=meaning)
    if unit:
        page.get_by_role("radio", name=unit, exact=True).check()
    page.get_by_role("button", name="继续，查看预览").click()


def planned(page: Page) -> None:
    """Wait until the plan stands there."""
    expect(page.locator("#now-heading")).to_have_text("预览：将按下列方式处理", timeout=PATIENCE)


def rows_of(page: Page, verdict: str) -> int:
    """How many rows of a verdict the page tells."""
    return int(page.locator(f"#rows-{verdict} b").inner_text().replace(",", ""))


def commit(page: Page, rows: int) -> None:
    """Commit so many rows and wait until all are written and can be found. What the page says of its progress meanwhile, by
    itself and without a reload, never goes back and never goes over."""
    page.get_by_role("button", name=f"提交 {rows:,} 行").click()
    expect(page.locator("#now-heading")).to_have_text("导入完成", timeout=PATIENCE)
    seen: list[tuple[str, float, float]] = page.evaluate("window.seen")
    for heading in {each[0] for each in seen}:
        done = [each[1] for each in seen if each[0] == heading]
        assert done == sorted(done), seen
    assert all(done <= total <= rows for _, done, total in seen), seen


def corrected(page: Page, sheet: Sheet, path: Path) -> Path:
    """The error sheet as it is given back, with what was wrong put right, and nothing else touched."""
    with page.expect_download() as download:
        page.get_by_role("link", name="下载有误的行").click()
    download.value.save_as(path)
    headings, *rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    names = [str(each) for each in headings]
    told = [dict(zip(names, map(str, row), strict=True)) for row in rows]
    assert {int(row["原行号"]) for row in told} == set(sheet.right)
    for row in told:
        right = sheet.right[int(row["原行号"])]
        assert row["导入问题"], row
        assert all(row[heading] != value for heading, value in right.items()), row
        row.update(right)
    sheets.write(path, names, told)
    return path


def undo(page: Page) -> None:
    page.get_by_text("撤销本次导入").click()
    page.get_by_role("button", name="确认撤销").click()
    expect(page.locator("#now-heading")).to_have_text("本次导入已撤销", timeout=PATIENCE)


def send_anyway(visitor: Visitor, page: Page, button: str) -> None:
    """Press it; where the form asks whether entries much like this one are the same, they are other matters."""
    page.get_by_role("button", name=button).click()
    asked = page.locator(".twins-asked")
    expect(page.locator(".flash").or_(asked).first).to_be_visible()
    if asked.count():
        for choice in asked.locator("input[value=different]").all():
            choice.check()
        # The question is a 409, which the browser's console calls a failure.
        visitor.complaints[:] = [each for each in visitor.complaints if "409" not in each]
        page.get_by_role("button", name=button).click()


def unfold(page: Page, field: str) -> None:
    """Open the part of a form that a field, by its code, is folded away in."""
    fold = page.locator("#listing-form details").filter(has=page.locator(f"[name={field}]")).first
    if fold.get_attribute("open") is None:
        fold.locator("summary").first.click()
