"""What a text shows, as sets: what is said twice counts once, and what is added takes nothing away. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from matching.content import Indicator
from matching.proposals import propose
from matching.quality import words
from matching.quality.writing import Writing
from search.text import normalise, terms

LONGEST: Final = 12_000
"""Characters of one field that are read: a sheet pasted whole says what it says in its beginning."""
PHRASE: Final = 16
"""Characters of a text that a question quotes."""
_SENTENCE: Final = re.compile(r"[。；;！？!?\n]|\.(?:\s|$)")
_LINES: Final = re.compile(r"[\r\n]+")
_CELLS: Final = re.compile(r"[\t|｜]+")
_CLAUSE: Final = re.compile(r"[,、:()（）“”\"\[\]①-⑩]|—+|\s(?![a-z])|(?<![a-z])\s")
_NEGATIONS: Final = "不无难缺达"
_QUIET: Final = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Signs:
    """`named` are figures with a name (value and unit), `numbers` all quantities; the others are the words found. `own` is how
    many telling words a field holds."""

    product: str
    symptom: str
    wish: str
    figure: str
    named: frozenset[str]
    numbers: frozenset[str]
    hard: frozenset[str]
    soft: frozenset[str]
    settings: frozenset[str]
    proofs: frozenset[str]
    has: frozenset[str]
    own: dict[str, int]


def read(writing: Writing) -> Signs:
    """What title and texts show, and the figures of rows."""
    fields = {"title": _clean(writing.title), **{code: _clean(text) for code, text in writing.texts.items()}}
    sentences = [(code, one) for code, text in fields.items() for one in _sentences(text)]
    found: dict[str, set[str]] = {name: set() for name in ("hard", "soft", "settings", "proofs", "numbers", "has")}
    for code, sentence in sentences:
        _read_sentence(sentence, found, is_title=code == "title")
    for each in writing.indicators:
        found["proofs"] |= set(words.PROVEN.findall(normalise(each.evidence[:LONGEST])))
    named, shown = _figures(writing, fields)
    products = [product for _, one in sentences if (product := _product(one))]
    symptoms = [symptom for _, one in sentences if (symptom := _symptom(one))]
    wishes = [wish for _, one in sentences if (wish := _wish(one))]
    said = " ".join((writing.title, *writing.texts.values()))
    return Signs(
        product=_as_written(products, said), symptom=_as_written(symptoms, said), wish=_as_written(wishes, said), figure=shown,
        named=frozenset(named), numbers=frozenset(found["numbers"] | named), hard=frozenset(found["hard"]),
        soft=frozenset(found["soft"]), settings=frozenset(found["settings"]), proofs=frozenset(found["proofs"]),
        has=frozenset(found["has"]), own={code: len(_telling(text)) for code, text in fields.items()},
    )  # fmt: skip


def _clean(text: str) -> str:
    """Cells of a pasted table become words of one line, and breaks that a program has spelt out are breaks."""
    return _CELLS.sub(" ", "\n".join(_LINES.split(text[:LONGEST].replace("\\n", "\n"))))


def _sentences(text: str) -> Iterator[str]:
    """In normal form, each once."""
    held = dict.fromkeys(normalise(each).strip() for each in _SENTENCE.split(text))
    return (each for each in held if each)


def _read_sentence(sentence: str, found: dict[str, set[str]], *, is_title: bool) -> None:
    hard, settings = set(words.HARD.findall(sentence)), set(words.SETTING.findall(sentence))
    found["hard"] |= hard
    found["soft"] |= set(words.SOFT.findall(sentence))
    found["settings"] |= settings
    found["proofs"] |= set(words.PROVEN.findall(sentence))
    is_boast = words.BOAST.search(sentence) is not None
    numbers = set() if is_boast else {_QUIET.sub("", each[0]) for each in words.QUANTITY.finditer(sentence)}
    found["numbers"] |= numbers
    tells = {
        "cause": hard and words.CAUSE.search(sentence),
        "extent": hard and numbers,
        "now": not is_boast and not is_title and words.NOW.search(sentence),
        "now_figure": not is_boast and numbers and words.NOW.search(sentence),
        "tried": not is_title and words.TRIED.search(sentence),
        "compared": not is_title and words.COMPARED.search(sentence),
        "compared_figure": numbers and words.COMPARED.search(sentence),
        "rights": words.RIGHTS.search(sentence),
        "way": not is_title and words.WAYS.search(sentence),
        "money": not is_boast and words.MONEY.search(sentence),
        "date": not is_title and words.DATE.search(sentence),
    }
    found["has"] |= {name for name, told in tells.items() if told}


def _figures(writing: Writing, fields: dict[str, str]) -> tuple[set[str], str]:
    """Rows with a number and figures that the texts name, as value and unit; and the name of the first."""
    rows = [each for each in writing.indicators if each.name.strip() and (each.low is not None or each.high is not None)]
    told = [each.indicator for text in fields.values() for each in propose(_of_the_matter(text))]
    keys: dict[str, Indicator] = {}
    for each in (*rows, *(each for each in told if each.unit not in ("元", "万元", "亿元"))):
        for value in (each.low, each.high):
            if value is not None:
                keys.setdefault(_QUIET.sub("", normalise(f"{value:g}{each.unit}")), each)
    first = next(iter(keys.values()), None)
    return set(keys), first.name if first is not None else ""


def _of_the_matter(text: str) -> str:
    """Without the sentences about the firm."""
    return "\n".join(each for each in _SENTENCE.split(text) if words.BOAST.search(each) is None)


def _product(sentence: str) -> str:
    found = words.HEAD.search(sentence)
    if found is not None:
        lead = sentence[_clause_start(sentence, found.start()) : found.start()]
        return words.product_before(lead, found[0])
    english = words.ENGLISH_HEAD.search(sentence)
    return english[0].strip() if english is not None else ""


def _symptom(sentence: str) -> str:
    """The clause that tells what goes wrong, or of a long one the words around it."""
    found = words.HARD.search(sentence)
    if found is None:
        return ""
    start = _clause_start(sentence, found.start())
    rest = _CLAUSE.search(sentence, found.end())
    end = rest.start() if rest is not None else len(sentence)
    if end - start <= PHRASE + 4:
        return sentence[start:end].strip()
    return sentence[found.start() : min(end, found.start() + PHRASE)] if found[0][0] in _NEGATIONS else found[0]


def _clause_start(sentence: str, at: int) -> int:
    return max((each.end() for each in _CLAUSE.finditer(sentence, 0, at)), default=0)


def _wish(sentence: str) -> str:
    for clause in re.split(r"[,、:]", sentence):
        found = words.VAGUE.search(clause) or words.ENGLISH_WISH.search(clause)
        if found is not None and words.QUANTITY.search(clause) is None:
            return found[0].strip()[:PHRASE] if found.re is words.VAGUE else found[0]
    return ""


def _as_written(phrases: list[str], said: str) -> str:
    """The first of them, in the case in which the text has it."""
    if not phrases:
        return ""
    found = re.search(re.escape(phrases[0]), said[: 2 * LONGEST], re.IGNORECASE)
    return found[0] if found is not None else phrases[0]


def _telling(text: str) -> set[str]:
    """The words of a text that say something: not those that stand in every text, and no words of one sign."""
    return {each for each in terms(text) if len(each) > 1 and each not in words.GENERIC and not each.isdigit()}
