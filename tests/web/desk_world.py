"""A desk with something on it: the stock, and beside it more needs and results in the zone's industry, matched for real."""

from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, select

from matching import listings, reviews
from matching.access import SYSTEM
from matching.content import Indicator
from matching.drafts import ListingDraft
from matching.matcher import Matcher
from matching.model import Listing, ListingKind, Match, Verdict, Zone
from matching.projection import Projection, index_recipe
from matching.reactions import REACTIONS
from matching.store.database import Database
from matching.vectors import VectorStore
from search.encoder.hashing import HashingEncoder
from search.engines.local import LocalEngine
from tests import databases
from tests.web.stock import Stock

ZONE = "changzhou"
HOSTILE = '<img src=x onerror=alert(1)> 硅片隐裂 "检测"'
TEXTS = (
    (ListingKind.NEED, "crack", "硅片边缘隐裂在线检测", "硅片边缘隐裂漏检，求红外成像的在线检测办法，节拍 0.8 秒。"),
    (ListingKind.NEED, "lonely", "员工食堂排烟", "油烟异味扰民。"),
    (ListingKind.RESULT, "infrared", HOSTILE, "红外成像在线检测硅片边缘隐裂，漏检率低于 0.1 %，节拍 0.6 秒。"),
    (ListingKind.RESULT, "laser", "硅片隐裂激光检测装置", "激光扫描硅片边缘，检测隐裂与崩边。"),
    (ListingKind.RESULT, "paste2", "低温烧结银浆的玻璃粉", "含铅碲玻璃粉的正面银浆，低温烧结，接触电阻率低。"),
    (ListingKind.RESULT, "coating", "组件背板耐紫外涂层", "背板涂层耐老化。"),
)


@dataclass(frozen=True, slots=True)
class Pair:
    need: str
    result: str
    level: int
    score: float


def furnished(prepared: tuple[str, Stock], folder: Path) -> tuple[str, Stock]:
    """A copy of the prepared database with the texts above posted, published, indexed and matched; their ids in the stock."""
    source, base = prepared
    stock = Stock(dict(base.listings), dict(base.organisations))
    database = Database(databases.copied(source, folder), reactions=REACTIONS)
    with database.write() as unit:
        for kind, key, title, text in TEXTS:
            is_need = kind is ListingKind.NEED
            draft = ListingDraft(
                kind,
                title,
                organisation=stock.organisations["cells" if is_need else "university"],
                texts={"detail" if is_need else "summary": text},
                industries=("pv",),
                indicators=(Indicator("节拍", "<=", None, 0.8, "s"),) if key == "crack" else (),
            )
            saved = listings.save(unit, SYSTEM, draft)
            reviews.publish(unit, SYSTEM, saved.public_id)
            stock.listings[key] = saved.public_id
        unit.commit()
    rematch(database, [stock.listings[key] for _, key, _, _ in TEXTS])
    database.close()
    return database.url, stock


def rematch(database: Database, changed: list[str]) -> None:
    """What the worker does after a change: documents, then the zone's batch."""
    encoder = HashingEncoder()
    vectors = VectorStore(database, encoder)
    engine = LocalEngine(encoder.dimension, index_recipe(encoder.fingerprint))
    Projection(database, engine, vectors).bring(changed, lane="bulk")
    Matcher(database, vectors).match_zone(ZONE)
    engine.close()


def stored_pairs(database: Database, need: str) -> list[Pair]:
    """The matches of a need, best first, as they stand in SQL."""
    with database.read() as session:
        names = {row.id: row.public_id for row in session.exec(select(Listing))}
        rows = session.exec(select(Match).where(Match.zone_id == _zone_id(session)))
        pairs = [Pair(names[row.need_id], names[row.result_id], row.level, row.score) for row in rows]
    return sorted((pair for pair in pairs if pair.need == need), key=lambda pair: -pair.score)


def verdicts(database: Database) -> list[Verdict]:
    with database.read() as session:
        return list(session.exec(select(Verdict).order_by(Verdict.id)))  # type: ignore[arg-type]  # a column of the class


def _zone_id(session: Session) -> int:
    found = session.exec(select(Zone.id).where(Zone.code == ZONE)).one()
    assert found is not None
    return found
