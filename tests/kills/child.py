"""The process that gets killed: a worker, the embedded engine, and somebody who posts, edits, tags and withdraws listings.

Run as `python -m tests.kills.child DATA SEED`. After each commit it prints what it was told, so that the test knows which
writes were acknowledged. It goes on until it is killed.
"""

import random
import sys
from functools import partial
from pathlib import Path

from api.settings import Settings
from api.wiring import Parts, assemble
from api.worker import Worker
from matching import listings, organisations, reviews
from matching.access import SYSTEM
from matching.drafts import ListingDraft
from matching.model import ListingKind
from matching.organisations import OrganisationDraft
from matching.store.unit import UnitOfWork
from matching.work import run_once
from search.encoder.hashing import HashingEncoder

SUBJECTS = ("光伏银浆烧结", "硅片隐裂检测", "组件背板涂层", "钙钛矿封装", "焊带镀层", "胶膜交联", "电池片钝化", "逆变器散热")
DEEDS = ("降低成本", "提高寿命", "在线检测", "替代进口", "缩短节拍", "减少碎片")
INDUSTRIES = (("pv",), ("new-energy",), ("robotics",), ())


def owners(parts: Parts) -> dict[str, str]:
    """A firm in the zone and a university, made once; public ids."""
    found: dict[str, str] = {}
    for kind, name, zone in (("enterprise", "测试常州光伏有限公司", "changzhou"), ("university", "测试理工大学", None)):
        with parts.database.write() as unit:
            held = organisations.find(unit.session, name=name)
            if held is None:
                held = organisations.add(unit, SYSTEM, OrganisationDraft(name, kind, zone=zone))
                unit.commit()
            found[kind] = held.public_id
    return found


def draft(chance: random.Random, kind: ListingKind, owner: str) -> ListingDraft:
    subject, deed = chance.choice(SUBJECTS), chance.choice(DEEDS)
    body = "，".join(chance.choice(SUBJECTS) + chance.choice(DEEDS) for _ in range(chance.randint(3, 30)))
    return ListingDraft(
        kind=kind,
        title=f"{subject}{deed}{chance.randint(1, 999)}",
        organisation=owner,
        texts={"detail" if kind == ListingKind.NEED else "summary": body},
        industries=chance.choice(INDUSTRIES),
    )


def act(unit: UnitOfWork, chance: random.Random, owner: dict[str, str], known: list[str]) -> tuple[str, str]:
    """One random deed; what is to be acknowledged once it is committed: public id and the state it must be in."""
    if known and chance.random() < 0.4:
        public_id = chance.choice(known)
        if chance.random() < 0.3:
            known.remove(public_id)
            return public_id, listings.withdraw(unit, SYSTEM, public_id).state
        chosen = (("confirmed", ["pv"], []) if chance.random() < 0.5 else ("rejected", [], ["pv"]))[1:]
        listings.decide_industries(unit, SYSTEM, public_id, confirmed=chosen[0], rejected=chosen[1])
        return public_id, "published"
    kind = chance.choice((ListingKind.NEED, ListingKind.RESULT))
    saved = listings.save(unit, SYSTEM, draft(chance, kind, owner["enterprise" if kind == ListingKind.NEED else "university"]))
    reviews.publish(unit, SYSTEM, saved.public_id, lane=chance.choice(("interactive", "bulk")))
    known.append(saved.public_id)
    return saved.public_id, "published"


def main() -> None:
    data, seed = Path(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(seed)
    encoder = HashingEncoder()
    with assemble(Settings(data=data, encoder="hashing"), encoder=encoder) as parts:
        owner = owners(parts)
        parts.projection.fill()
        Worker(partial(run_once, parts.runtime)).start()
        print("ready", flush=True)
        known: list[str] = []
        while True:
            with parts.database.write() as unit:
                public_id, state = act(unit, chance, owner, known)
                unit.commit()
            print(f"{public_id} {state}", flush=True)


if __name__ == "__main__":
    main()
