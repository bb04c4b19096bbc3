"""The cues by which a text shows what it says: symptoms, settings, comparisons, products, in Chinese and English.

`data/writing_cues.json` holds the words (regular expressions), for the normal form of a text (`search.text.normalise`):
simplified characters, lower case, half width. They are cues, not grammar: each only ever speaks for a text, so that
more words never count against it.
"""

import json
import re
from importlib.resources import files
from typing import Final

_CUES: Final[dict[str, dict[str, list[str]]]] = json.loads(
    files("matching").joinpath("data/writing_cues.json").read_text("utf-8")
)


def _any(name: str) -> re.Pattern[str]:
    """English words begin where a word begins."""
    held = _CUES[name]["chinese"] + [f"(?<![a-z]){each}" for each in _CUES[name]["english"]]
    return re.compile("|".join(sorted(held, key=len, reverse=True)))


HARD: Final = _any("hard")
"""What goes wrong, concretely."""
SOFT: Final = _any("soft")
"""What is complained of without saying what happens."""
CAUSE: Final = _any("cause")
SETTING: Final = _any("setting")
NOW: Final = _any("now")
TRIED: Final = _any("tried")
BOAST: Final = _any("boast")
"""Sentences about the firm: their numbers say nothing of the matter."""
COMPARED: Final = _any("compared")
PROVEN: Final = _any("proven")
RIGHTS: Final = _any("rights")
WAYS: Final = _any("ways")
GENERIC: Final = frozenset(_CUES["generic"]["chinese"])
"""Words that stand in every such text and in none say anything."""
MONEY: Final = re.compile(
    r"(?:预算|投入|投资|经费|资金|费用|出资|控制在|上限|报价|budget|invest|fund|up to|spend)[^。；;\n]{0,14}?"
    r"\d[\d,.]{0,12}\s?(?:[~\-至到—]\s?\d[\d,.]{0,12}\s?)?(?:万|亿|百万|千万|元|k|rmb|cny|yuan|million)"
    r"|(?<!\d)\d[\d,.]{0,12}\s?(?:万|亿)元?[^。；;，,\n]{0,6}(?:预算|投入|投资|经费|资金|budget)"
)
_COUNT: Final = r"(?:(?<!\d)\d{1,4}(?:\.\d{1,4})?|[一二两三四五六七八九十半]+)"
DATE: Final = re.compile(
    rf"{_COUNT}\s?(?:个月|月|年|周|天|日|季度)(?:之内|以内|内|完成|交付|能|到位|上线|见效)"
    r"|(?:20\d\d|今|明|本|后)年?\s?(?:年底|年初|年中|底|末|初|\d{1,2}月|[一二三四]季度)?\s?(?:之前|以前|前|内)(?!后)"
    r"|年底前|月底前|年内|(?:工期|交期|期限|交付期|完成时间|上线时间|截止)[^。；;\n]{0,8}\d"
    r"|within \d{1,4} (?:day|week|month|year)|by (?:20\d\d|the end of|q[1-4]|january|february|march|april|may|june|july|august"
    r"|september|october|november|december)"
)
QUANTITY: Final = re.compile(
    r"(?<![a-z\d.])\d{1,12}(?:[.,]\d{1,12}){0,3}\s?(?:(?:×|x)10\^?\d{1,3}\s?)?(?:"
    r"%|‰|个点|°c|度|um|nm|mm|cm|dm|km|m[23]?(?![a-z])|us|ns|ms|s(?![a-z])|min|h(?![a-z])|hz|khz|mhz|ghz|mpa|gpa|kpa|pa(?![a-z])|bar|"
    r"mv|kv|v(?![a-z])|ma|ua|a(?![a-z])|mw|kw|gw|w(?![a-z])|kwh|mwh|mah|ah|mω|ω|db|ppm|ppb|mg|kg|ug|g(?![a-z])|t(?![a-z])|ml|l(?![a-z])|"
    r"cfu|hrc|hv|kn|n(?![a-z])|nm3|rpm|r/min|转|圈|次|小时|分钟|秒|毫秒|微米|毫米|厘米|米|公里|吨|公斤|千克|升|倍|趟|炉|片|支|枚|"
    r"hours?|cycles?|seconds?|minutes?|percent|times)"
    r"|[一二两三四五六七八九十]成(?!功|果|本|熟|员|立|品|像|型|分|套)|[百千万]分之[一二三四五六七八九十]|翻一?倍|减半"
)
VAGUE: Final = re.compile(
    r"(?:进一步|大幅|有效|显著|整体|综合|全面|切实)?"
    r"(?:提高|提升|改善|增强|增加|降低|减少|优化|改进|加快|缩短|延长|升级|完善|强化|稳定)(?!到|至|了|后|的|过|器|等|和|运行|可靠|改造|优化)"
    r"[^\s,，。.；;：:、!！?？()（）\d]{2,16}"
)
"""A wish: a verb of change and what is to change, without a figure."""
ENGLISH_WISH: Final = re.compile(r"(?<![a-z])(?:improve|increase|enhance|reduce|lower|optimi[sz]e|upgrade)(?: [a-z-]+){1,4}")

HEAD: Final = re.compile(
    "(?:"
    + "|".join(sorted(map(re.escape, _CUES["heads"]["chinese"]), key=len, reverse=True))
    + r"|[\u4e00-\u9fff](?<![有时动随危司投契转停])机(?![制会构关械理遇器溶])|[\u4e00-\u9fff](?<![仪武])器(?!官)"
    + r"|[\u4e00-\u9fff][泵阀膜剂]|[\u4e00-\u9fff](?<![炼小])钢"
    + r"|(?<![a-z])ct(?![a-z]))(?:产品|设备|系统|材料|装置|装备|组件|模块|套件|管件|薄膜)?"
)
"""Nouns that name a thing; what a development is about is one of them with the words before it."""
ENGLISH_HEAD: Final = re.compile(
    r"(?<![a-z])(?:[a-z]+[- ]){0,2}(?:batter(?:y|ies)|cells?|modules?|sensors?|detectors?|pumps?|valves?|bearings?|"
    r"gears?|membranes?|films?|steel|alloys?|resins?|fib(?:er|re)s?|coatings?|wafers?|chips?|lasers?|robots?|arms?|motors?|catheters?|vaccines?|antibod(?:y|ies)|enzymes?|"
    r"catalysts?|reactors?|furnaces?|pipes?|blades?|towers?|gangways?|bridges?|vessels?|carbon|electrodes?|algorithms?|software|"
    r"wastewater|sludge|exhaust|cables?|drives?|inverters?|antennas?|radars?|cameras?|tools?|dies|mo(?:u)?lds?|seals?|gaskets?)(?![a-z])"
)
_BEFORE_HEAD: Final = re.compile(
    r"^.*(?:提高|提升|降低|改善|增强|减少|优化|改进|研发|研制|开发|解决|寻求|寻找|征集|实现|一种|一批|新型|新一代|现有|目前|我司|我厂|公司|我们|生产|采用|使用|利用|基于|针对|希望|"
    r"缩短|延长|替代|如何|怎么|去年|今年|每年|升级|制备|关于|进行|需要|需求|用于|的|和|与|及|在|对|把|将|从|后|前|时|是|有(?![机色限源])|为|由|等|其|该|这|那|想|求|要|不|了|着|被|让|到)"
)
LONGEST_LEAD: Final = 12
"""Characters before a noun that may belong to its name."""


def product_before(lead: str, head: str) -> str:
    """The head with the words right before it in its clause, without what only leads to them."""
    own = _BEFORE_HEAD.sub("", lead).strip(" -/").lstrip("的中上下内里")
    return own + head if len(own) <= LONGEST_LEAD else head
