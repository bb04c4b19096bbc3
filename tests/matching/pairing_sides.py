"""Sides of pairs for tests: from texts by the hashing encoder, and any at all by hypothesis."""

import random
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal

import numpy as np
from hypothesis import strategies as st

from matching.pairing.score import Context
from matching.pairing.sides import OPS, Indicator, IpRight, Op, Side
from search.encoder.hashing import HashingEncoder
from search.text import chunks, terms

TODAY = date(2026, 11, 23)
ENCODER = HashingEncoder(64)


def side(listing: str, kind: Literal["need", "result"], title: str, body: str = "", **more: Any) -> Side:
    rows = ENCODER.encode([title, *(f"{title}\n{chunk}" for chunk in chunks(body))], kind)
    return Side(listing, kind, title, terms(title), terms(body), rows[0], rows, **more)


def need(title: str, body: str = "", listing: str = "n", **more: Any) -> Side:
    return side(listing, "need", title, body, **more)


def result(title: str, body: str = "", listing: str = "r", **more: Any) -> Side:
    return side(listing, "result", title, body, **more)


@cache
def context(industry: str | None = "pv") -> Context:
    return Context(today=TODAY, industry=industry, ancestors=frozenset({"new-energy"} if industry == "pv" else ()))


WORDS = (
    "银浆",
    "烧结",
    "电池",
    "光伏",
    "组件",
    "机器人",
    "减速器",
    "技术",
    "研究",
    "topcon",
    "perc",
    "680",
    "焊带",
    "涂层",
    "疲劳",
)
CODES = ("pv", "new-energy", "nano", "robotics")
UNITS = ("℃", "K", "mg", "g", "%", "h", "min", "", "件/h")


def money() -> st.SearchStrategy[tuple[int | None, int | None]]:
    def ordered(ends: tuple[int | None, int | None]) -> tuple[int | None, int | None]:
        low, high = ends
        return (high, low) if low is not None and high is not None and low > high else ends

    amounts = st.none() | st.integers(0, 10**10)
    return st.tuples(amounts, amounts).map(ordered)


def levels() -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(1, 13), st.integers(1, 13)).map(lambda ends: (min(ends), max(ends)))


def indicators() -> st.SearchStrategy[Indicator]:
    values = st.none() | st.floats(-1e6, 1e6)
    return st.builds(
        Indicator,
        st.sampled_from(("烧结温度", "接触电阻", "单片银耗", "疲劳寿命", "冲击功-20 ℃")),
        st.sampled_from(sorted(OPS)),
        values,
        values,
        st.sampled_from(UNITS),
    )


@st.composite
def sides(draw: st.DrawFn, kind: Literal["need", "result"]) -> Side:
    words = st.lists(st.sampled_from(WORDS), max_size=8)
    title = "".join(draw(words))
    body = "，".join(draw(words))
    count = draw(st.integers(1, 4))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    rows = random.normal(size=(count, 16)) + draw(st.floats(0, 2))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    days = st.none() | st.dates(date(2026, 1, 1), date(2028, 1, 1))
    rights = st.builds(
        IpRight, st.just("invention"), st.sampled_from(("granted", "valid", "examining", "filed", "")), st.booleans()
    )
    return Side(
        draw(st.text("abcdef0123456789", min_size=6, max_size=6)),
        kind,
        title,
        terms(title),
        terms(body),
        rows[0],
        rows,
        industries=draw(st.frozensets(st.sampled_from(CODES), max_size=2)),
        ancestors=draw(st.frozensets(st.sampled_from(CODES), max_size=1)),
        confirmed=draw(st.booleans()),
        indicators=tuple(draw(st.lists(indicators(), max_size=3))),
        trl=draw(st.none() | levels()),
        modes=draw(st.frozensets(st.sampled_from(("00", "01", "02", "03", "05", "07")), max_size=3)),
        price=draw(st.none() | money()),
        ip=tuple(draw(st.lists(rights, max_size=2))) if kind == "result" else (),
        open_until=draw(days),
        wanted_by=draw(days) if kind == "need" else None,
        city=draw(st.none() | st.sampled_from(("常州", "苏州"))),
        zones=draw(st.frozensets(st.sampled_from(("changzhou", "suzhou")), max_size=1)),
    )


def some(chance: random.Random, kind: Literal["need", "result"]) -> Side:
    """Any side, as `sides` gives them, by a seed: for thousands of pairs, of which hypothesis would make much work."""

    def drawn(pool: tuple[str, ...], most: int) -> frozenset[str]:
        return frozenset(chance.sample(pool, chance.randint(0, most)))

    def perhaps(value: Any) -> Any:
        return value if chance.random() < 0.7 else None

    def figures() -> Indicator:
        names = ("烧结温度", "接触电阻", "单片银耗", "疲劳寿命", "冲击功-20 ℃")
        low, high = perhaps(chance.uniform(-1000, 1000)), perhaps(chance.uniform(-1000, 1000))
        op: Op = chance.choice(("<=", "<", ">=", ">", "=", "range"))
        return Indicator(chance.choice(names), op, low, high, chance.choice(UNITS))

    title = "".join(chance.choices(WORDS, k=chance.randint(0, 8)))
    body = "，".join(chance.choices(WORDS, k=chance.randint(0, 8)))
    rows = np.random.default_rng(chance.getrandbits(32)).normal(size=(chance.randint(1, 4), 16)) + chance.uniform(0, 2)
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    first, second = sorted((chance.randint(1, 9), chance.randint(1, 9)))
    rights = [IpRight("invention", chance.choice(("granted", "examining", "filed", "")), chance.random() < 0.5) for _ in range(2)]
    day = TODAY + timedelta(days=chance.randint(-30, 200))
    return Side(
        f"{chance.getrandbits(40):010x}",
        kind,
        title,
        terms(title),
        terms(body),
        rows[0],
        rows,
        industries=drawn(CODES, 2),
        ancestors=drawn(CODES, 1),
        confirmed=chance.random() < 0.5,
        indicators=tuple(figures() for _ in range(chance.randint(0, 3))),
        trl=perhaps((first, second)),
        modes=drawn(("00", "01", "02", "03", "05", "07"), 3),
        price=perhaps((chance.randint(0, 10**9), chance.randint(10**9, 10**10))),
        ip=tuple(rights[: chance.randint(0, 2)]) if kind == "result" else (),
        open_until=perhaps(day),
        wanted_by=perhaps(day + timedelta(days=chance.randint(-20, 20))) if kind == "need" else None,
        city=perhaps(chance.choice(("常州", "苏州"))),
        zones=drawn(("changzhou", "suzhou"), 1),
    )
