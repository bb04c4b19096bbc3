"""The pages of models over HTTP: read by administrators and staff, decided by administrators, weights set and refused."""

import pytest
from sqlmodel import select

from matching.model import LearnedRanker, Listing, ListingKind, ListingState, Person, Verdict, Zone, ZoneWeights
from matching.pairing.parts import BUSINESS_WEIGHTS
from matching.store.database import Database
from tests.matching.graded import waiting_model
from tests.web.conftest import SignIn
from tests.web.markup import refused, text_of

HERE = "/models/zones/changzhou"


@pytest.fixture
def waiting(database: Database) -> str:
    with database.write() as unit:
        public_id = waiting_model(unit.session, unit.now()).public_id
        unit.commit()
    return public_id


def state_of(database: Database, public_id: str) -> str:
    with database.read() as session:
        return session.exec(select(LearnedRanker.state).where(LearnedRanker.public_id == public_id)).one()


def test_a_candidate_is_read_put_in_force_and_taken_back(database: Database, signed_in: SignIn, waiting: str) -> None:
    admin = signed_in("admin")
    page = admin.get("/models").text
    assert refused(page) == []
    assert "随区业通提供的模型" in text_of(page)
    assert f'href="/models/{waiting}"' in page
    one = admin.get(f"/models/{waiting}").text
    assert refused(one) == []
    assert "+0.190 (+0.080 … +0.300)" in text_of(one)
    assert "240" in text_of(one)
    done = admin.post(f"/models/{waiting}/promote")
    assert (done.status_code, done.headers["location"]) == (303, f"/models/{waiting}")
    assert state_of(database, waiting) == "in_force"
    assert "从评判中学得的模型" in text_of(admin.get("/models").text)
    assert admin.post(f"/models/{waiting}/promote").status_code == 303
    assert state_of(database, waiting) == "in_force", "twice is once"
    admin.post(f"/models/{waiting}/back")
    assert state_of(database, waiting) == "retired"
    assert admin.post(f"/models/{waiting}/eat").status_code == 404
    assert admin.get("/models/nothing").status_code == 404


def test_who_reads_and_who_decides(database: Database, signed_in: SignIn, waiting: str) -> None:
    staff = signed_in("staff")
    page = staff.get("/models")
    assert page.status_code == 200
    assert waiting not in page.text, "what is for all zones is the administrators' business"
    assert staff.get(f"/models/{waiting}").status_code == 404
    assert staff.get("/models/zones/kunshan").status_code == 403
    for deed in ("promote", "refuse", "back"):
        assert staff.post(f"/models/{waiting}/{deed}").status_code == 403
    assert staff.post(HERE, data=dict.fromkeys(BUSINESS_WEIGHTS, "0.1")).status_code == 403
    assert 'name="region"' not in staff.get(HERE).text
    for login in ("broker", "provider"):
        assert signed_in(login).get("/models").status_code == 403
    assert state_of(database, waiting) == "candidate"
    signed_in("admin").post(f"/models/{waiting}/refuse")
    assert state_of(database, waiting) == "refused"


def test_a_zones_weights_are_set_and_bad_ones_stay_in_the_form(database: Database, signed_in: SignIn) -> None:
    admin = signed_in("admin")
    sent = {part: f"{weight:g}" for part, weight in BUSINESS_WEIGHTS.items()} | {"seen_version": "0"}
    for bad, told in (("", "请填写"), ("很多", "不是数字"), ("-0.1", "0"), ("0.9", "最多为 1")):
        answer = admin.post(HERE, data=sent | {"region": bad})
        assert answer.status_code == 422
        assert f'value="{bad}"' in answer.text
        assert told in text_of(answer.text)
    assert admin.post(HERE, data=sent | {"region": "０．３"}).status_code == 303
    with database.read() as session:
        zone = session.exec(select(Zone.id).where(Zone.code == "changzhou")).one()
        assert session.get_one(ZoneWeights, zone).weights == {**BUSINESS_WEIGHTS, "region": 0.3}
    assert admin.post(HERE, data=sent).status_code == 303
    with database.read() as session:
        assert session.get_one(ZoneWeights, zone).weights["region"] == 0.3, "the form was older"
    admin.post(HERE, data=sent | {"seen_version": "1", "do": "usual"})
    with database.read() as session:
        assert session.get_one(ZoneWeights, zone).weights == dict(BUSINESS_WEIGHTS)


def test_contradictory_pairs_are_offered_for_a_second_look(database: Database, signed_in: SignIn) -> None:
    def say(login: str, grade: int) -> None:
        with database.write() as unit:
            session = unit.session
            person = session.exec(select(Person).where(Person.login == login)).one()
            zone = session.exec(select(Zone.id).where(Zone.code == "changzhou")).one()
            need, result = (
                session.exec(select(Listing).where(Listing.kind == kind, Listing.state == ListingState.PUBLISHED)).first()
                for kind in (ListingKind.NEED, ListingKind.RESULT)
            )
            assert need is not None
            assert result is not None
            session.add(
                Verdict(
                    zone_id=zone, need_id=need.id or 0, result_id=result.id or 0, grader_id=person.id or 0, need_revision=1,
                    result_revision=1, grade=grade, created_at=unit.now(),
                )
            )  # fmt: skip
            unit.commit()

    staff = signed_in("staff")
    say("broker", 3)
    assert "还没有多人评判过的配对" in text_of(staff.get(HERE).text)
    say("staff", 1)
    page = staff.get(HERE).text
    assert refused(page) == []
    assert "/desk/changzhou/compare?need=" in page
    assert "加权 kappa" in text_of(page)
    say("broker", 1)
    page = staff.get(HERE).text
    assert "/desk/changzhou/compare?need=" not in page, "looked at again"
    assert "没有待复核的配对" in text_of(page)
