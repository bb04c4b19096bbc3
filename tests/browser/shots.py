"""`make shots`: pictures of every page in both languages and widths, into build/shots, to be looked at.

`ARGS="zone search"` takes only those pages. With an encoder folder in var/ the pictures show real matches, else those of
the hashing encoder. Says which pages scroll sideways and what the console complained of.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import sync_playwright
from sqlmodel import select

from matching.model import Zone
from tests.browser.conftest import FLAGS, NARROW, WIDE, Visitor
from tests.browser.messy import imports, untagged
from tests.browser.site import Site, serving
from tests.browser.test_reading import CELLS, UNIVERSITY
from tests.browser.works import works
from tests.services import ROOT, chromium

FOLDER = ROOT / "build" / "shots"


def pages(site: Site) -> Mapping[str | None, Mapping[str, str]]:
    """Who reads → name of the picture → address."""
    pair = site.best_pair(_zone(site))
    asking, planned = imports(site, "changzhou")
    done, undone = untagged(site, "changzhou")
    work = works(site, "changzhou")
    compare = f"/desk/changzhou/compare?need={pair[0]}&result={pair[1]}"
    result, need = site.own_listing(UNIVERSITY), site.own_listing(CELLS)
    return {
        None: {
            "home": "/",
            "zones": "/zones",
            "zone": "/zones/changzhou",
            "zone-undecided": "/zones/wujin",
            "results": "/results",
            "results-filtered": "/results?industry=pv&maturity=pilot",
            "results-none": "/results?industry=pv&zone=xuzhou&maturity=researching",
            "needs": "/needs",
            "result": f"/results/{result}",
            "search-empty": "/search",
            "search": "/search?q=机器人关节减速器 轻量化 精度保持",
            "search-none": "/search?q=zzzz",
            "about": "/about",
            "api": "/api/docs",
            "sign-in": "/sign-in",
            "missing": "/nothing-here",
        },
        "gaoxiao": {"own-result": f"/results/{result}", "tokens": "/tokens", "mine": "/mine", "post-result": "/results/new"},
        "qiye": {"own-need": f"/needs/{need}", "post-need": "/needs/new"},
        "changzhou": {
            "zone-staff": "/zones/changzhou",
            "desk": "/desk/changzhou",
            "desk-outside": "/desk/changzhou?lane=outside_result",
            "desk-filtered": "/desk/changzhou?level=2&age=7&show=waiting",
            "compare": compare,
            "pool": "/pool",
            "review": "/review",
            "imports": "/imports",
            "import-columns": f"/imports/{asking}/columns",
            "import-plan": f"/imports/{planned}",
            "import-flagged": f"/imports/{planned}?verdict=flagged",
            "import-errors": f"/imports/{planned}?verdict=error",
            "import-done": f"/imports/{done}",
            "import-undone": f"/imports/{undone}",
            "work": "/work",
            "work-one": f"/work/{work}",
            "review-industries": "/review/industries",
        },
        "guanli": {
            "reference": "/reference",
            "records": "/reference/industries",
            "record": "/reference/zones/wujin",
            "record-new": "/reference/codes.undecided_choice/-new",
            "decide": "/zones/wujin/decide",
            "organisations": "/organisations",
            "organisation-new": "/organisations/-new",
            "people": "/people",
            "person-new": "/people/-new",
            "password": "/password",
            "work-all": "/work",
        },
    }


def _zone(site: Site) -> int:
    with site.parts.database.read() as session:
        return session.exec(select(Zone.id).where(Zone.code == "changzhou")).one() or 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="pictures to take; all without one")
    wanted = set(parser.parse_args().names)
    encoder = ROOT / "var" / "encoder"
    FOLDER.mkdir(parents=True, exist_ok=True)
    poor = 0
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder), encoder=str(encoder) if (encoder / "modules.json").exists() else "hashing") as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=list(FLAGS))
        for login, addresses in pages(site).items():
            chosen = {name: address for name, address in addresses.items() if not wanted or name in wanted}
            for size in (WIDE, NARROW) if chosen else ():
                for language in ("zh_CN", "en"):
                    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
                    context.add_cookies([{"name": "lang", "value": language, "url": site.base}])
                    visitor = Visitor(context, site)
                    if login:
                        visitor.sign_in(login)
                    for name, address in chosen.items():
                        visitor.complaints.clear()
                        page = visitor.goto(address)
                        page.screenshot(path=FOLDER / f"{name}-{size[0]}-{language}.png", full_page=True)
                        if visitor.sideways() > 0 or (visitor.complaints and name != "missing"):
                            poor += 1
                            sys.stdout.write(f"{name} {size[0]} {language}: {visitor.sideways()} px {visitor.complaints}\n")
                    context.close()
        browser.close()
    sys.stdout.write(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(ROOT)}, {poor} with something to mend\n")
    return 1 if poor else 0


if __name__ == "__main__":
    sys.exit(main())
