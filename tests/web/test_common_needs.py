"""Common needs on their page: offered to staff, drafted by one press, and nothing done by a press that nobody knows."""

from sqlmodel import col, select

from matching.model import CommonNeed, CommonNeedSource, CommonState, Listing, Zone
from matching.store.database import Database
from tests.web.conftest import SignIn
from tests.web.markup import text_of
from tests.web.test_duplicates import other_firms


def _common(database: Database) -> CommonNeed:
    held = [other_firms(database, name=name) for name in ("甲钢丝厂", "乙钢丝厂")]
    with database.write() as unit:
        zone = unit.session.exec(select(Zone.id).where(Zone.code == "changzhou")).one()
        made = CommonNeed(zone_id=zone or 0, state=CommonState.OPEN, words=["收线", "张力"], found_at=unit.now())
        unit.session.add(made)
        unit.session.flush()
        ids = unit.session.exec(select(Listing.id).where(col(Listing.public_id).in_(held))).all()
        unit.session.add_all(CommonNeedSource(common_id=made.id or 0, listing_id=id_ or 0) for id_ in ids)
        unit.commit()
    return made


def test_staff_read_it_and_only_a_known_press_decides(database: Database, signed_in: SignIn) -> None:
    common = _common(database)
    admin = signed_in("admin")
    page = admin.get("/common-needs?zone=changzhou")
    assert "收线、张力" in text_of(page.text)
    assert "2 家企业提出" in text_of(page.text)
    address = f"/common-needs/changzhou/{common.public_id}"
    assert admin.post(address, data={"do": "merge"}).status_code == 422
    assert admin.post(address, data={"do": "accept", "organisation": "nobody"}).status_code == 422
    assert signed_in("broker").post(address, data={"do": "dismiss"}).status_code == 403
    with database.read() as session:
        assert session.exec(select(CommonNeed)).one().state == CommonState.OPEN
    assert admin.post(address, data={"do": "dismiss"}).status_code == 303
    with database.read() as session:
        assert session.exec(select(CommonNeed)).one().state == CommonState.DISMISSED
    assert "收线、张力" not in text_of(admin.get("/common-needs?zone=changzhou").text)
