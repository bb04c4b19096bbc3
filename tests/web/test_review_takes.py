"""Taking a text over HTTP: the page offers it, the other zone reads who has it and cannot decide."""

from matching import people
from matching.access import SYSTEM
from matching.model import Role
from matching.people import Grant
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of
from tests.web.stock import PASSWORD
from tests.web.test_reviewing import decide
from tests.web.writing import RESULT, public_id, send


def test_two_zones_do_not_both_work_on_a_text(signed_in: SignIn, database: Database) -> None:
    with database.write() as unit:
        other = [Grant(Role.ZONE_STAFF, zone="kunshan")]
        people.add_person(unit, SYSTEM, login="kunshan", name="kunshan 周", password=PASSWORD, grants=other)
        unit.commit()
    fields = {**RESULT, "industries": ["pv", "robotics"]}
    id_ = public_id(send(signed_in("provider"), "/results/new", "submit", fields))
    first, second = signed_in("staff"), signed_in("kunshan")
    for browser in (first, second):
        assert 'value="take"' in browser.get(f"/review/{id_}").text
    taken = first.post(f"/review/{id_}", data={"do": "take"})
    assert (taken.status_code, taken.headers["location"]) == (303, f"/review/{id_}")
    page = second.get(f"/review/{id_}").text
    assert "常州高新区（staff 王）已认领" in text_of(page)
    assert 'value="publish"' not in page
    assert 'value="give_back"' not in page
    assert "常州高新区 staff 王 已认领" in text_of(second.get("/review").text)
    late = second.post(f"/review/{id_}", data={"do": "publish", "seen_revision": "1"})
    assert late.status_code == 409
    assert "常州高新区已认领此文" in text_of(late.text)
    assert second.post(f"/review/{id_}", data={"do": "give_back"}).status_code == 409
    mine = first.get(f"/review/{id_}").text
    assert refused(mine) == []
    assert 'value="publish"' in mine
    first.post(f"/review/{id_}", data={"do": "give_back"})
    assert decide(second, id_, "publish")[0] == 303
    assert signed_in("broker").post(f"/review/{id_}", data={"do": "take"}).status_code in (403, 404)
