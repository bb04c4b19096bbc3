"""Vendored files are what VENDOR.md says, and nothing else from outside is in the folder."""

import hashlib
import re

from web.assets import FOLDER, HTMX, TABLER, asset_url

ROW = re.compile(r"^\| (?P<file>[\w.\-]+) \|.*\| (?P<digest>[0-9a-f]{64}) \|$", re.MULTILINE)


def listed() -> dict[str, str]:
    return {row["file"]: row["digest"] for row in ROW.finditer((FOLDER / "vendor" / "VENDOR.md").read_text("utf-8"))}


def test_every_vendored_file_has_its_digest() -> None:
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (FOLDER / "vendor").iterdir() if path.suffix != ".md"
    }
    assert found == listed()
    assert len(found) == 2


def test_pages_use_the_listed_files() -> None:
    assert {TABLER.removeprefix("vendor/"), HTMX.removeprefix("vendor/")} == set(listed())


def test_asset_addresses_carry_the_digest() -> None:
    digest = listed()[HTMX.removeprefix("vendor/")]
    assert asset_url(HTMX) == f"/static/{HTMX}?v={digest[:12]}"
