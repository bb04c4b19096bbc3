"""Who publishes, who sees, which lane (A2 §3): every page and every write of it, for everyone who might try.

`in` is the zone of the need and its firm, `out` another zone. The table says who gets through; all others get the sign-in page, a
refusal, or are not told that there is anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from matching.model import AuditEntry, Listing, PoolTaking, Review, ReviewTake, Verdict
from tests.api.v1.example_requests import IDS, PASTE, SILVER
from tests.api.v1.example_world import ExampleWorld
from tests.web.every_page import POOLED, UNZONED, browser_of, furnished

WHO: Final = ("visitor", "university", "firm", "staff in", "staff out", "broker in", "broker out", "admin")
STAFF_IN, STAFF, DESK_IN = {"staff in"}, {"staff in", "staff out"}, {"staff in", "broker in"}
DESKS: Final = {"staff in", "staff out", "broker in", "broker out"}
ADMIN, SIGNED_IN = {"admin"}, set(WHO) - {"visitor"}
WAITING: Final = IDS["waiting-result"]
WAITING_NEED: Final = IDS["waiting-need"]
VERDICT: Final = {"need": SILVER, "result": PASTE, "grade": "3"}


@dataclass(frozen=True, slots=True)
class Try:
    address: str
    allowed: frozenset[str]
    form: dict[str, str] | None = None

    def __str__(self) -> str:
        return f"{self.address} {(self.form or {}).get('do', '')}".strip()


def page(address: str, allowed: set[str]) -> Try:
    return Try(address, frozenset(allowed))


def write(address: str, allowed: set[str], **form: str) -> Try:
    return Try(address, frozenset(allowed), form)


TRIES: Final = (
    page("/review", STAFF | ADMIN),
    page("/review?scope=all", STAFF | ADMIN),
    page(f"/review/{WAITING_NEED}", STAFF_IN | ADMIN),
    page(f"/review/{WAITING}", STAFF_IN | ADMIN),  # of a university in no zone, in the field of the zone
    page(f"/review/{UNZONED}", ADMIN),
    page("/review/industries", STAFF | ADMIN),
    write(f"/review/{WAITING_NEED}", STAFF_IN | ADMIN, do="publish", seen_revision="1"),
    write(f"/review/{WAITING_NEED}", STAFF_IN | ADMIN, do="send_back", seen_revision="1", **{"reason-general": "请补充"}),
    write(f"/review/{WAITING}", STAFF_IN | ADMIN, do="publish", seen_revision="1"),
    write(f"/review/{WAITING}", STAFF_IN, do="take"),
    write(f"/review/{UNZONED}", ADMIN, do="publish", seen_revision="1"),
    write(f"/review/{UNZONED}", ADMIN, do="send_back", seen_revision="1", **{"reason-summary": "写明工艺"}),
    page("/common-needs", STAFF | ADMIN),
    page("/common-needs?zone=changzhou", STAFF_IN | ADMIN),
    page("/duplicates", {"university", "firm"} | STAFF | ADMIN),
    page(f"/duplicates/{SILVER}/{POOLED}", SIGNED_IN),
    write(f"/duplicates/{SILVER}/{POOLED}", {"firm"} | STAFF_IN | ADMIN, do="different"),
    write(f"/duplicates/{SILVER}/{WAITING_NEED}", {"firm"} | STAFF_IN | ADMIN, do="same"),
    page("/desk/changzhou", DESK_IN | ADMIN),
    page("/desk/changzhou?lane=outside_result", DESK_IN | ADMIN),
    page("/desk/changzhou?lane=outside_need", DESK_IN | ADMIN),
    page(f"/desk/changzhou/compare?need={SILVER}&result={PASTE}", DESK_IN | ADMIN),
    page(f"/compare?need={SILVER}&result={PASTE}", DESKS | ADMIN | {"university", "firm"}),  # desks of other zones: at home
    page(f"/compare?need={SILVER}&result={PASTE}&zone=changzhou", DESK_IN | ADMIN | {"university", "firm"}),
    page(f"/compare?need={SILVER}&result={PASTE}&zone=kunshan", {"staff out", "broker out", "admin"}),
    page("/desk/changzhou/export", DESK_IN | ADMIN),
    write("/desk/changzhou/verdicts", DESK_IN, **VERDICT),
    write(f"/listings/{SILVER}/word", {"firm"}, other=PASTE, do="fits"),
    write(f"/listings/{PASTE}/word", {"university"}, other=SILVER, do="fits_not", reason="price"),
    page("/pool", DESKS | ADMIN),
    page(f"/pool/{POOLED}", DESKS | ADMIN),
    write(f"/pool/{POOLED}/take", STAFF_IN, zone="changzhou"),
    write(f"/pool/{POOLED}/take", {"staff out"}, zone="kunshan"),
    write(f"/listings/{PASTE}/industries", {"university", "staff in", "admin"}, reject="pv"),
)  # fmt: skip
LOGINS: Final = {
    "university": "provider", "firm": "seeker", "staff in": "staff", "broker in": "broker", "admin": "admin",
    "staff out": "kunshan", "broker out": "far",
}  # fmt: skip
ROWS: Final[tuple[type[SQLModel], ...]] = (AuditEntry, Listing, PoolTaking, Review, ReviewTake, Verdict)


@pytest.fixture(scope="module")
def around(on_database: None) -> Iterator[ExampleWorld]:
    with furnished() as around:
        yield around


def send(app: Any, who: str, tried: Try) -> int:
    browser = browser_of(app, LOGINS.get(who, ""))
    answer = browser.get(tried.address) if tried.form is None else browser.post(tried.address, data=tried.form)
    to_sign_in = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
    return 401 if to_sign_in else int(answer.status_code)


def state(app: Any) -> list[tuple[int, int]]:
    """Rows of everything that these writes touch, and the versions of all listings together."""
    with app.state.services.database.read() as session:
        counts = [session.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in ROWS]
        versions = session.execute(sa.select(sa.func.sum(Listing.version))).scalar_one()  # type: ignore[arg-type]  # a column
    return [*((at, count) for at, count in enumerate(counts)), (-1, versions)]


@pytest.mark.parametrize("tried", TRIES, ids=str)
def test_all_others_are_refused_and_nothing_happens(around: ExampleWorld, tried: Try) -> None:
    with around.app() as app:
        before = state(app)
        answers = {who: send(app, who, tried) for who in WHO if who not in tried.allowed}
        assert {who: code for who, code in answers.items() if code not in (401, 403, 404)} == {}
        assert answers.get("visitor", 401) == 401
        assert state(app) == before


@pytest.mark.parametrize("tried", TRIES, ids=str)
def test_those_who_may_get_through(around: ExampleWorld, tried: Try) -> None:
    for who in sorted(tried.allowed):
        with around.app() as app:
            before = state(app)
            code = send(app, who, tried)
            assert code == (200 if tried.form is None else 303), who
            assert (state(app) == before) is (tried.form is None), who
