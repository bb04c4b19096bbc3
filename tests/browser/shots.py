"""`make shots`: pictures of every page in both languages and widths, into build/shots, to be looked at.

`ARGS="zone search"` takes only those pages. With an encoder folder in var/ the pictures show real matches, else those of
the hashing encoder. Says which pages scroll sideways and what the console complained of.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, NARROW, WIDE, Visitor
from tests.browser.every_page import pages
from tests.browser.site import serving
from tests.services import ROOT, chromium

FOLDER = ROOT / "build" / "shots"


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
