"""A small filled platform for the pages' tests: three organisations, their people, texts in every state, and pairs."""

from dataclasses import dataclass, field
from datetime import date

from sqlmodel import select

from matching import listings, people, reviews
from matching.access import SYSTEM
from matching.content import Indicator, IpRight
from matching.documents import name_key
from matching.drafts import ListingDraft, known_codes
from matching.matcher import Matcher
from matching.model import Listing, ListingKind, Organisation, Role, Zone
from matching.people import Grant
from matching.projection import Projection, index_recipe
from matching.store.database import Database
from matching.store.unit import UnitOfWork
from matching.tagging import Suggestion
from matching.vectors import VectorStore
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine

PASSWORD = "correct horse 9"
HOSTILE = '<script>alert("1")</script> 减速器 & <b>精度</b>'
MANY = 23
MARKET_SECRET = "年需求约三千吨，客户名单另附"
BASIS_SECRET = "已有两条丝网印刷线可供试验"


@dataclass
class Stock:
    """Public ids by the names that tests use."""

    listings: dict[str, str] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)


def fill(database: Database) -> Stock:
    """Everything in, indexed, and the zones of Changzhou and Kunshan matched."""
    stock = Stock()
    with database.write() as unit:
        _organisations(unit, stock)
        _people(unit, stock)
        _listings(unit, stock)
        unit.commit()
    encoder = HashingEncoder()
    vectors = VectorStore(database, encoder)
    engine = LocalEngine(encoder.dimension, index_recipe(encoder.fingerprint))
    Projection(database, engine, vectors).bring(list(stock.listings.values()), lane="bulk")
    for zone in ("changzhou", "kunshan"):
        Matcher(database, vectors).match_zone(zone)
    engine.close()
    return stock


def _organisations(unit: UnitOfWork, stock: Stock) -> None:
    zones = {row.code: row.id for row in unit.session.exec(select(Zone)).all()}
    for key, name, name_en, kind, zone, city in (
        ("university", "测试理工大学", "Test University of Technology", "university", None, "南京"),
        ("cells", "常州测试光伏有限公司", "Changzhou Test Photovoltaics", "enterprise", "changzhou", "常州"),
        ("robots", "昆山测试机器人有限公司", "", "enterprise", "kunshan", "昆山"),
    ):
        row = Organisation(
            name=name, name_key=name_key(name), name_en=name_en, kind=kind, zone_id=zones.get(zone or ""), city=city,
            created_at=unit.now(),
        )  # fmt: skip
        unit.session.add(row)
        unit.session.flush()
        stock.organisations[key] = row.public_id


def _people(unit: UnitOfWork, stock: Stock) -> None:
    grants = {
        "provider": Grant(Role.PROVIDER, organisation=stock.organisations["university"]),
        "seeker": Grant(Role.SEEKER, organisation=stock.organisations["cells"]),
        "staff": Grant(Role.ZONE_STAFF, zone="changzhou"),
        "broker": Grant(Role.BROKER, zone="changzhou"),
        "admin": Grant(Role.ADMINISTRATOR),
    }
    for login, grant in grants.items():
        people.add_person(unit, SYSTEM, login=login, name=f"{login} 王", password=PASSWORD, grants=[grant])


def _listings(unit: UnitOfWork, stock: Stock) -> None:
    known = known_codes(unit.session)

    def add(key: str, owner: str, draft: ListingDraft, *, publish: bool = True) -> None:
        owned = ListingDraft(**{each: getattr(draft, each) for each in draft.__slots__} | {"organisation": owner})
        saved = listings.save(unit, SYSTEM, owned, known=known)
        if publish:
            reviews.publish(unit, SYSTEM, saved.public_id, known=known)
        stock.listings[key] = saved.public_id

    university, cells, robots = (stock.organisations[each] for each in ("university", "cells", "robots"))
    add("paste", university, _paste())
    add("draft", university, ListingDraft(ListingKind.RESULT, "尚未写完的成果"), publish=False)
    add("hostile", university, _result(HOSTILE, "谐波减速器柔轮的齿形优化，回差 < 8″。", ("robotics",)))
    add("suggested", university, _result("车间粉尘浓度在线监测", "激光散射法，量程 0–100 mg/m³。", ()))
    add("silver", cells, _silver())
    add("joint", robots, ListingDraft(
        ListingKind.NEED, "协作机器人关节减速器回差超差", texts={"detail": "柔轮用半年后回差增大，求齿形优化办法。"},
        industries=("robotics",), need_type="01",
    ))  # fmt: skip
    for number in range(MANY):
        add(
            f"many-{number}", university, _result(f"膜组件清洗工艺 {number}", f"第 {number} 号工艺的清洗周期。", ("environment",))
        )
    row = unit.session.exec(select(Listing).where(Listing.public_id == stock.listings["suggested"])).one()
    suggestion = Suggestion(industry_id=known.industries["safety"], confidence=0.7, words=("粉尘",), near=0.6)
    listings.suggest_industries(unit, row.id or 0, [suggestion])


def _result(title: str, summary: str, industries: tuple[str, ...]) -> ListingDraft:
    return ListingDraft(ListingKind.RESULT, title, texts={"summary": summary}, industries=industries, maturity="lab")


def _paste() -> ListingDraft:
    return ListingDraft(
        ListingKind.RESULT,
        "含铅碲玻璃粉的低温烧结导电银浆及其接触机理",
        texts={
            "summary": "用于 TOPCon 电池正面，650 ℃ 烧结即可形成接触，接触电阻率 1.2 mΩ·cm²。",
            "advantage": "比常用银浆低 100 ℃，钝化层不受损伤。",
            "market": MARKET_SECRET,
            "keywords": "银浆；TOPCon；低温烧结",
        },
        indicators=(Indicator("接触电阻率", "<=", None, 1.2, "mΩ·cm²", "第三方检测"), Indicator("烧结温度", "=", 650, 650, "℃")),
        ip=(IpRight("invention", "一种低温银浆", "ZL202310123456.7", "granted", "H01B 1/22"),),
        modes=("02", "03"),
        industries=("pv",),
        maturity="pilot",
        price_min_fen=60_000_000,
        price_max_fen=120_000_000,
        completed_on=date(2026, 3, 1),
    )


def _silver() -> ListingDraft:
    return ListingDraft(
        ListingKind.NEED,
        "TOPCon 电池正面银浆低温烧结与降耗",
        texts={
            "detail": "现用正面银浆需 760 ℃ 以上烧结，损伤钝化层；希望在 680 ℃ 以下烧结时接触电阻率 < 1.5 mΩ·cm²。",
            "basis": BASIS_SECRET,
        },
        indicators=(Indicator("接触电阻率", "<", None, 1.5, "mΩ·cm²"), Indicator("单片银耗", "<=", None, 70, "mg")),
        modes=("02", "03"),
        industries=("pv",),
        maturity="pilot",
        price_max_fen=180_000_000,
        need_type="00",
    )
