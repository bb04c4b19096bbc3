"""Every page with who reads it: the pictures are taken of these, and the test of every page opens them.

Names are those of the pictures. What needs rows that the demonstration has not (a text that waits, a need of nobody's
zone, works, imports) is made here, in the site's own database.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from matching import listings, reviews
from matching.access import SYSTEM, Actor, actor_of
from matching.drafts import ListingDraft
from matching.model import Listing, Organisation, Person, ShadowPair, Zone
from search.text import comparison_key
from tests.browser.messy import imports, untagged
from tests.browser.site import Site
from tests.browser.works import works
from tests.matching.graded import waiting_encoder, waiting_model
from tests.matching.world import need

UNIVERSITY = "演示江南工业大学"
CELLS = "演示常州晶曜光伏有限公司"

NOT_PAGES: Mapping[str, str] = {
    "/language": "sends back to the page that was open",
    "/listings/{public_id}/industries": "a part of the listing's page",
    "/work/bar": "a part of every page",
    "/search/suggest": "a part of every page",
    "/desk": "sends on to one's own desk; a page only for who has several",
    "/desk/{zone}/export": "a sheet",
    "/search/hits.xlsx": "a sheet",
    "/imports/template/{kind}.xlsx": "a sheet",
    "/imports/{public_id}/errors.xlsx": "a sheet",
}
"""Addresses that answer GET and are no page of their own, and why."""


def pages(site: Site) -> Mapping[str | None, Mapping[str, str]]:
    """Who reads → name of the page → address."""
    pair = site.best_pair(_zone(site))
    asking, planned = imports(site, "changzhou")
    done, undone = untagged(site, "changzhou")
    work = works(site, "changzhou")
    result, own = site.own_listing(UNIVERSITY), site.own_listing(CELLS)
    made = _made(site)
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
            "search-kept": "/search?q=银浆&kind=need&zone=changzhou",
            "search-none": "/search?q=zzzz",
            "search-exact": "/search?q=“减速器” -医疗 产业:机器人 区:长州&kind=result&price_from=10",
            "search-few": "/search?q=减速器&zone=wuxi&kind=need&maturity=pilot",
            "search-compact": "/search?kind=need&view=compact&sort=expiring",
            "search-organisations": "/search?q=演示",
            "search-organisations-alone": "/search?q=演示&kind=organisation",
            "search-organisations-none": "/search?q=zzzz&kind=organisation",
            "similar": f"/results/{result}/similar",
            "similar-needs": f"/needs/{own}/similar",
            "about": "/about",
            "api": "/api/docs",
            "sign-in": "/sign-in",
            "missing": "/nothing-here",
        },
        "gaoxiao": {
            "own-result": f"/results/{result}",
            "tokens": "/tokens",
            "mine": "/mine",
            "post-result": "/results/new",
            "copy": f"/results/new?from={result}",
            "edit-result": f"/listings/{result}/edit",
        },
        "qiye": {
            "own-need": f"/needs/{own}",
            "own-waiting": f"/needs/{made['waiting']}",
            "mine-needs": "/mine?kind=need",
            "post-need": "/needs/new",
            "edit-need": f"/listings/{own}/edit",
            "withdraw": f"/listings/{own}/withdraw",
        },
        "jingjiren": {
            "broker-home": "/",
            "broker-desk": "/desk/changzhou",
            "broker-pool": "/pool",
            "compare-form": "/compare?zone=changzhou",
            "why-not": f"/compare?need={pair[0]}&result={result}&zone=changzhou",
        },
        "changzhou": {
            "staff-home": "/",
            "zone-staff": "/zones/changzhou",
            "desk": "/desk/changzhou",
            "desk-need": f"/desk/changzhou?need={pair[0]}",
            "desk-outside": "/desk/changzhou?lane=outside_result",
            "desk-outside-need": "/desk/changzhou?lane=outside_need",
            "desk-first-ten": f"/desk/changzhou?need={pair[0]}&fresh=1&diverse=1",
            "desk-filtered": "/desk/changzhou?level=2&age=7&show=waiting",
            "desk-judged": "/desk/changzhou?show=judged",
            "queue": "/desk/changzhou/queue",
            "compare": f"/desk/changzhou/compare?need={pair[0]}&result={pair[1]}",
            "pool": "/pool",
            "duplicates": "/duplicates",
            "common-needs": "/common-needs",
            "duplicate": f"/duplicates/{made['one']}/{made['other']}",
            "pool-need": f"/pool/{made['pool']}",
            "staff-post-result": "/results/new",
            "review": "/review",
            "review-one": f"/review/{made['waiting']}",
            "review-industries": "/review/industries",
            "imports": "/imports",
            "import-columns": f"/imports/{asking}/columns",
            "import-plan": f"/imports/{planned}",
            "import-flagged": f"/imports/{planned}?verdict=flagged",
            "import-errors": f"/imports/{planned}?verdict=error",
            "import-done": f"/imports/{done}",
            "import-undone": f"/imports/{undone}",
            "work": "/work",
            "work-one": f"/work/{work}",
        },
        "guanli": {
            "reference": "/reference",
            "records": "/reference/industries",
            "record": "/reference/zones/wujin",
            "record-new": "/reference/codes.undecided_choice/-new",
            "record-code": "/reference/codes.maturity/pilot",
            "records-empty": "/reference/codes.plan_source",
            "records-paste": "/reference/codes.plan_source/-paste",
            "decide": "/zones/wujin/decide",
            "organisations": "/organisations",
            "organisation": f"/organisations/{made['organisation']}",
            "organisations-found": "/search?kind=organisation",
            "organisation-new": "/organisations/-new",
            "people": "/people",
            "person": f"/people/{made['person']}",
            "person-new": "/people/-new",
            "password": "/password",
            "models": "/models",
            "model": f"/models/{made['model']}",
            "encoder": f"/models/encoders/{made['encoder']}",
            "foreseen": f"/desk/{made['encoder-zone']}/foreseen",
            "foreseen-need": f"/desk/{made['encoder-zone']}/foreseen?need={made['encoder-need']}",
            "model-zone": "/models/zones/changzhou",
            "work-all": "/work",
            "search-index": "/search-index",
            "admin-review": "/review",
            "admin-review-all": "/review?scope=all",
            "admin-desk": "/desk",
            "desk-undecided": "/desk/wujin",
            "desk-other": "/desk/kunshan",
        },
    }


def _zone(site: Site) -> int:
    with site.parts.database.read() as session:
        return session.exec(select(Zone.id).where(Zone.code == "changzhou")).one() or 0


def _person(session: Session, login: str) -> Person:
    return session.exec(select(Person).where(Person.login == login)).one()


def _actor(session: Session, login: str) -> Actor:
    return actor_of(session, _person(session, login))


def _made(site: Site) -> dict[str, str]:
    """Public ids by name: what waits for the staff, a need in the pool, a work, an organisation, a person."""
    with site.parts.database.write() as unit:
        session = unit.session
        firm = session.exec(select(Organisation).where(Organisation.name == CELLS)).one()
        owner = _actor(session, "qiye")
        waiting = listings.save(unit, owner, _need(firm, "钝化膜沉积后隐裂在线检出", "漏检率低于万分之二。"))
        listings.submit(unit, owner, waiting.public_id)
        zoneless = Organisation(
            name="演示盐城滩涂光伏运维有限公司",
            name_key=comparison_key("演示盐城滩涂光伏运维有限公司"),
            kind="enterprise",
            city="盐城",
            demo=True,
            created_at=unit.now(),
        )
        session.add(zoneless)
        session.flush()
        pooled = listings.save(unit, SYSTEM, _need(zoneless, "滩涂光伏板盐雾与鸟粪清洗", "不停电、少用淡水，每兆瓦一天。"))
        reviews.publish(unit, SYSTEM, pooled.public_id)
        told = "钝化膜沉积以后硅片隐裂要在线检出，节拍0.5 s一片，漏检率低于0.02%，误报不超过1%，不碰片面。"
        twins = [
            listings.save(unit, SYSTEM, _need(owner_, title, text))
            for owner_, title, text in (
                (firm, "镀膜后硅片隐裂在线检测", told),
                (zoneless, "镀膜之后硅片隐裂的在线检测", told.replace("0.5 s", "500 ms") + "最好能区分隐裂和脏污。"),
            )
        ]
        for each in twins:
            reviews.publish(unit, SYSTEM, each.public_id)
        found = {
            "one": twins[0].public_id,
            "other": twins[1].public_id,
            "waiting": waiting.public_id,
            "pool": pooled.public_id,
            "organisation": firm.public_id,
            "person": _person(session, "qiye").public_id,
            "model": waiting_model(session, unit.now()).public_id,
            **_encoder(session, unit.now()),
        }
        unit.commit()
    site.settle()
    return found


def _encoder(session: Session, now: datetime) -> dict[str, str]:
    """A taught encoder that waits, the zone whose desk it would change, and the need."""
    encoder = waiting_encoder(session, now)
    zone, need = session.exec(
        select(Zone.code, Listing.public_id)
        .join(ShadowPair, col(ShadowPair.zone_id) == col(Zone.id))
        .join(Listing, col(Listing.id) == col(ShadowPair.need_id))
        .where(ShadowPair.encoder_id == encoder.id)
    ).one()
    return {"encoder": encoder.public_id, "encoder-zone": zone, "encoder-need": need}


def _need(owner: Organisation, title: str, detail: str) -> ListingDraft:
    return need(organisation=owner.public_id, title=title, texts={"detail": detail})
