"""How much a shared word says. Weights in (0, 1], from a small shipped table, so that a pair's score depends on nothing but
the pair and the recipe: never on what else happens to be in the pool.

The table holds inverse document frequencies over the demonstration texts, `idf = ln(1 + (N - df + 0.5) / (df + 0.5))`, over
the idf of a word that was never seen. Two hundred texts know little of the words of other fields, so words that were
never seen weigh most, and the words of which titles of results and needs are made whatever their subject (`FRAME`) weigh
little by decree. `python -m matching.pairing.weights` computes the table again.
"""

import functools
import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final

from search.text import is_quantity, terms, tokeniser_version

FORMAT: Final = 1
TABLE: Final = "idf.json"
FRAME_WEIGHT: Final = 0.1
LEAST_WEIGHT: Final = 0.11
"""A word that stands in nearly every text still weighs a little more than one that says nothing."""

_FRAME: Final = """
    技术 高新技术 关键技术 核心技术 技术开发 研究 研发 研制 开发 试制 攻关 应用 推广 示范 项目 课题 工程 产业 产业化
    工业 工业化 成果 转化 系统 装置 设备 装备 方法 工艺 制备 制造 制作 生产 加工 产品 平台 集成 设计 优化 改进 改善 改造
    升级 提升 提高 新型 高效 高性能 先进 关键 核心 综合 利用 综合利用 用于 实现 建设 服务 管理 解决 方案 解决方案 企业
    公司 领域 行业 功能 性能 质量 水平 成本 效率 需求 问题 难题 合作 需要 满足 达到 使用 具备 主要 国内 国外 国际 及其
    新 高 型 technology technologies system systems method methods research development device equipment application
    applications process based novel new high performance using improved improvement production product products project
    solution
"""
_UNITS: Final = """
    mm cm um nm m km m2 m3 mm2 cm2 cm3 mg g kg ug ng t mg/l ug/l g/l mg/m3 mg/g g/cm3 ml l ul mpa kpa gpa pa kn n n·m w kw mw gw
    kwh mwh gwh v mv kv a ma mah hz khz mhz ghz db min h s ms us ns °c °f k ppm ppb rpm r/min mol mmol/l m/s m/min
    小时 分钟 万元 元
"""
FRAME: Final = frozenset(_FRAME.split()) | frozenset(_UNITS.split())
"""Words that name the kind of work and not its subject (general knowledge of how such titles are written), and units,
all as `search.text.terms` gives them."""

_NUMBER: Final = re.compile(r"[\d.,%+\-/~]+")
_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")


def _is_figure(word: str) -> bool:
    return _NUMBER.fullmatch(word) is not None or is_quantity(word)


def has_han(words: Iterable[str]) -> bool:
    return any(_HAN.search(word) for word in words)


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class TermWeights:
    """`words` and `characters` give the weight of those that were seen; all others weigh 1. `frame` holds the words that
    say nothing of the subject."""

    words: Mapping[str, float]
    characters: Mapping[str, float]
    frame: frozenset[str] = FRAME

    def word(self, word: str) -> float:
        """`FRAME_WEIGHT` for frame words and for numbers, bare or with a unit: figures are compared as indicators."""
        if word in self.frame or _is_figure(word):
            return FRAME_WEIGHT
        return max(self.words.get(word, 1.0), LEAST_WEIGHT)

    def character(self, character: str) -> float:
        return max(self.characters.get(character, 1.0), LEAST_WEIGHT)

    def signs(self, words: Iterable[str]) -> frozenset[str]:
        """The Han characters of the words that speak of the subject: what 机械臂 and 机器人 have in common."""
        return frozenset(c for word in words if word not in self.frame for c in word if _HAN.fullmatch(c))


def idf(documents: int, df: int) -> float:
    """Lucene's inverse document frequency of what stands in `df` of so many documents."""
    return math.log(1 + (documents - df + 0.5) / (df + 0.5))


def from_counts(documents: int, words: Mapping[str, int], chars: Mapping[str, int]) -> TermWeights:
    """Weights from document frequencies in `documents` texts; at least one document."""
    most = idf(documents, 0)
    return TermWeights(
        {word: idf(documents, df) / most for word, df in words.items()},
        {character: idf(documents, df) / most for character, df in chars.items()},
    )


def count(texts: Iterable[str]) -> tuple[int, Counter[str], Counter[str]]:
    """How many texts, and in how many of them each word and each character of a subject word occurs."""
    documents, words, chars = 0, Counter[str](), Counter[str]()
    bare = TermWeights({}, {})
    for text in texts:
        distinct = frozenset(terms(text))
        documents += 1
        words.update(distinct)
        chars.update(bare.signs(distinct))
    return documents, words, chars


@functools.lru_cache(maxsize=1)
def shipped() -> TermWeights:
    """The table that comes with ZoneMatch."""
    content: dict[str, Any] = json.loads(resources.files(__package__).joinpath(TABLE).read_text(encoding="utf-8"))
    return from_counts(content["documents"], content["words"], content["characters"])


def demonstration_texts() -> list[str]:
    """Title, key words and texts of every demonstration listing, in the order of their keys."""
    folder = resources.files("matching.demo").joinpath("texts")
    listings = [
        listing
        for file in folder.iterdir()
        if file.name.startswith(("results-", "needs-"))
        for listing in json.loads(file.read_text(encoding="utf-8"))
    ]
    return [
        "\n".join((each["title"], each.get("keywords") or "", *each["texts"].values()))
        for each in sorted(listings, key=lambda each: str(each["key"]))
    ]


def table(texts: Iterable[str]) -> str:
    """The table as JSON. Words of a single text are left out: their weight is next to that of a word never seen."""
    documents, words, chars = count(texts)
    content = {
        "format": FORMAT,
        "command": "python -m matching.pairing.weights",
        "terms": tokeniser_version(),
        "documents": documents,
        "words": {word: df for word, df in sorted(words.items()) if df > 1 and word not in FRAME and not _is_figure(word)},
        "characters": {character: df for character, df in sorted(chars.items()) if df > 1},
    }
    return json.dumps(content, ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name(TABLE).write_text(table(demonstration_texts()), encoding="utf-8")
