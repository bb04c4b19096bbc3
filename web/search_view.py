"""The search page as values: filters with their counts, chips that take something away, and the addresses behind them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from matching.discovery import Asked, Part, SearchPage
from matching.discovery.advice import Relief
from matching.discovery.asking import address_of
from matching.discovery.filters import BY_NAME, EXPIRY_DAYS, FILTERS, PRICE_BANDS, Chosen, Filter, Vocabulary
from matching.discovery.language import FIELDS, Problem, named
from matching.organisation_search import KIND, OrganisationHits
from web import formats, i18n, paths
from web.i18n import gettext as _
from web.i18n import ngettext, pgettext
from web.paging import Paging
from web.wording import searching as words

SHOWN: Final = 6
"""Values of a filter that are seen at once; the others behind "more"."""
UNFOLDED: Final = ("kind", "industry", "maturity", "mode", "price_from", "zone")
"""Filters that are open from the beginning."""
VIEWS: Final = ("list", "compact")
OWN: Final = ("zone", "owner")
"""Filters that organisations have, too."""
_ONE_SCALE: Final = "local"
"""Of the maturities those of one scale are offered: they find what was told in another by its level."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`count` is None where it is not known. `depth` is the level in a tree."""

    code: str
    label: str
    count: int | None
    is_chosen: bool
    depth: int = 0
    href: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A filter as it is offered: what is seen at once, and the rest."""

    name: str
    label: str
    choices: tuple[Choice, ...]
    more: tuple[Choice, ...]
    is_open: bool

    @property
    def chosen(self) -> int:
        return sum(each.is_chosen for each in (*self.choices, *self.more))


@dataclass(frozen=True, slots=True)
class Chip:
    """Something that restricts the search, and the address of the search without it."""

    label: str
    href: str
    is_typed: bool = False


@dataclass(frozen=True, slots=True)
class View:
    """One search page: `href` and its kin are addresses of other faces of the same search. Organisations stand above the hits,
    or `alone`; `with_organisations` where they were chosen as a kind."""

    page: SearchPage
    sort: str
    view: str
    number: int
    size: int
    organisations: OrganisationHits
    with_organisations: bool
    alone: bool

    @property
    def asked(self) -> Asked:
        return self.page.asked

    @property
    def paging(self) -> Paging:
        total = self.organisations.total if self.alone else self.page.total
        return Paging(total, self.number, paths.SEARCH, self._parameters() | {"list": self.page.token}, self.size)

    @property
    def has_block(self) -> bool:
        """Whether organisations stand above these hits."""
        is_wanted = self.with_organisations or not self.asked.kinds
        return is_wanted and not self.alone and self.number == 1 and bool(self.organisations.items)

    @property
    def organisations_href(self) -> str:
        """Organisations alone, for the same words; of the filters those that are theirs too."""
        return self._without({name: self.asked.chosen[name] for name in OWN if name in self.asked.chosen}, (KIND,))

    def _parameters(self, asked: Asked | None = None, **other: str | None) -> dict[str, object]:
        asked = asked or self.asked
        told: dict[str, object] = {"q": asked.text, **self._with_kind(address_of(asked))}
        told["sort"] = self.sort if self.sort != "relevance" else None
        told["exact"] = "1" if asked.literal else None
        told["view"] = self.view if self.view != VIEWS[0] else None
        return told | other

    def href(self, asked: Asked | None = None, **other: str | None) -> str:
        """The first page of this search, with other parameters or of another question."""
        return paths.with_query(paths.SEARCH, **self._parameters(asked, **other))

    def typed(self, name: str) -> str:
        """The one value of a filter that has but one, as it stands in its box."""
        return self.asked.chosen.get(name, ("",))[0]

    @property
    def sheet_href(self) -> str:
        return paths.with_query(paths.SEARCH_SHEET, **self._parameters(view=None))

    @property
    def need_href(self) -> str:
        """The form of a need with what was looked for: a short question as its title."""
        text = self.asked.words or self.asked.text
        title = text if len(text) <= _LONGEST_TITLE and "\n" not in text else None
        return paths.with_query(paths.POST_NEED, title=title, text=text)

    def groups(self) -> list[Group]:
        """The filters that have something to choose, in their order."""
        offered = ("kind", *OWN) if self.alone else tuple(each.name for each in FILTERS if each.name != "price_to")
        found = (_group(self, each) for each in FILTERS if each.name in offered)
        is_counted = bool(self.page.counts)
        groups = [each for each in found if each.choices or (each.name == "price_from" and is_counted)]
        if self.organisations.total or self.with_organisations:
            choice = Choice(KIND, _("Organisations"), self.organisations.total, self.with_organisations)
            kinds = next((each for each in groups if each.name == "kind"), Group("kind", filter_name("kind"), (), (), True))
            rest = [each for each in groups if each.name != "kind"]
            groups = [replace(kinds, choices=(*kinds.choices, choice)), *rest]
        return groups

    def chips(self) -> list[Chip]:
        """What was chosen, each value by itself, and after it what was typed as a command."""
        asked, chips = self.asked, []
        if self.with_organisations:
            chips.append(Chip(_("Organisations"), self._without(asked.chosen, ())))
        for name, values in asked.chosen.items():
            if self.alone and name not in OWN:
                continue
            if BY_NAME[name].type == "codes":
                for value in values:
                    rest = {**asked.chosen, name: tuple(each for each in values if each != value)}
                    label = value_name(self.page.vocabulary, name, value)
                    told = _("not %s") % label if BY_NAME[name].is_without else label
                    chips.append(Chip(told, self._without(rest)))
        sums = {name: asked.chosen[name][0] for name in ("price_from", "price_to") if name in asked.chosen}
        if sums and not self.alone:
            told = price_text(sums.get("price_from"), sums.get("price_to"))
            chips.append(Chip(told, self._without(_less(asked.chosen, *sums))))
        if "expiring" in asked.chosen and not self.alone:
            days = int(asked.chosen["expiring"][0])
            chips.append(Chip(_("ends within %s") % days_text(days), self._without(_less(asked.chosen, "expiring"))))
        chips += [
            Chip(part_text(self.page.vocabulary, each), self.href(q=asked.parsed.without(each.piece)), is_typed=True)
            for each in asked.parts
            if not self.alone or each.piece.field in (KIND, *OWN)
        ]
        return chips

    def _with_kind(self, chosen: Chosen, organisations: tuple[str, ...] | None = None) -> Chosen:
        """Filters as an address has them: among them the kind that is none of the index's, which is kept where it was chosen."""
        kept = organisations if organisations is not None else (KIND,) * self.with_organisations
        return {**chosen, "kind": (*chosen.get("kind", ()), *kept)}

    def _without(self, chosen: Chosen, organisations: tuple[str, ...] | None = None) -> str:
        chosen = self._with_kind(chosen, organisations)
        kept = {each.name: chosen.get(each.name) or None for each in FILTERS}
        return paths.with_query(paths.SEARCH, **(self._parameters() | kept))

    def relief_href(self, relief: Relief) -> str:
        """The search without what costs it its hits."""
        if relief.part is not None:
            return self.href(q=self.asked.parsed.without(relief.part.piece))
        if not relief.filter:
            return paths.with_query(paths.SEARCH, q=self.asked.words)
        dropped = ("price_from", "price_to") if relief.filter.startswith("price") else (relief.filter,)
        return self._without(_less(self.asked.chosen, *dropped))

    def relief_text(self, relief: Relief) -> str:
        """What it is, named with its values."""
        if relief.part is not None:
            return part_text(self.page.vocabulary, relief.part)
        if not relief.filter:
            return _("all filters and commands")
        chosen = self.asked.chosen
        if relief.filter.startswith("price"):
            told = price_text(*(chosen.get(each, (None,))[0] for each in ("price_from", "price_to")))
        elif relief.filter == "expiring":
            told = days_text(int(chosen["expiring"][0]))
        else:
            told = formats.joined([value_name(self.page.vocabulary, relief.filter, each) for each in chosen[relief.filter]])
        return _("%(name)s: %(values)s") % {"name": filter_name(relief.filter), "values": told}

    def band_href(self, band: tuple[int | None, int | None]) -> str:
        low, high = (str(each) if each is not None else None for each in band)
        return self.href(price_from=low, price_to=high)

    def total_text(self) -> str:
        """What was counted, and of what."""
        page = self.page
        if self.alone:
            total = self.organisations.total
            return ngettext("%(num)s organisation", "%(num)s organisations", total) % {"num": formats.number(total)}
        if page.notice == "titles_only":
            return ngettext("%(num)s title holds the words", "%(num)s titles hold the words", page.total) % {"num": page.total}
        shown = formats.number(page.matched)
        if not self.asked.words:
            told = [ngettext("%(num)s entry", "%(num)s entries", page.matched) % {"num": shown}]
        else:
            told = [ngettext("%(num)s holds a word of yours", "%(num)s hold a word of yours", page.matched) % {"num": shown}]
            if page.near:
                told.append(ngettext("%(num)s more is near in meaning", "%(num)s more are near in meaning", page.near)
                            % {"num": formats.number(page.near)})  # fmt: skip
        if page.total < page.matched:
            by_day = _("the %s that end soonest are listed") if self.sort == "expiring" else _("the newest %s are listed")
            told.append((_("the best %s are listed") if self.asked.words else by_day) % formats.number(page.total))
        return pgettext("between counts", ", ").join(told)


_LONGEST_TITLE: Final = 60


def _less(chosen: Chosen, *names: str) -> Chosen:
    return {name: values for name, values in chosen.items() if name not in names}


def filter_name(name: str) -> str:
    return pgettext(*words.FILTERS[name])


def sort_name(sort: str) -> str:
    return pgettext(*words.SORTS[sort])


def value_name(vocabulary: Vocabulary, name: str, code: str) -> str:
    return formats.named(vocabulary.value(name, code))


def days_text(days: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", days) % {"num": days}


def price_text(low: str | None, high: str | None) -> str:
    """Sums in 万元, as they stand in the address."""
    if low is not None and high is not None:
        return _("%(low)s to %(high)s (10,000 yuan)") % {"low": low, "high": high}
    if low is not None:
        return _("from %s (10,000 yuan)") % low
    return _("up to %s (10,000 yuan)") % (high or "")


def part_text(vocabulary: Vocabulary, part: Part) -> str:
    """How a command was read."""
    piece = part.piece
    if piece.kind == "phrase":
        told = _("“%s” as it stands") % piece.text
        return _("without “%s”") % piece.text if piece.negated else told
    value = formats.joined([value_name(vocabulary, part.filter, each) for each in part.codes]) if part.codes else piece.text
    told = _("%(name)s: %(values)s") % {"name": filter_name(piece.field), "values": value}
    return _("not %s") % told if piece.negated else told


def problem_text(vocabulary: Vocabulary, problem: Problem) -> str:
    """What was not understood, and what may have been meant."""
    field = filter_name(problem.field) if problem.field else ""
    told = _(words.PROBLEMS[problem.code]) % {"text": problem.text, "field": field}
    if problem.code == "unknown_field":
        near = [f"{each}:" for each in problem.near]
    else:
        near = [value_name(vocabulary, problem.field, each) for each in problem.near]
    if not near:
        return told
    asked = _(words.NEAR) % {"near": formats.joined(near)}
    return f"{told} {asked}" if i18n.current() == "en" else f"{told}{asked}"


def prose_text() -> str:
    return _(words.PROSE)


def commands() -> list[tuple[str, str]]:
    """What may be written beside words: an example, and what it does."""
    english = i18n.current() == "en"
    told = [(_(sign), _(meaning)) for sign, meaning in words.HELP]
    colon = ":" if english else "："
    for field in ("organisation", "number", "zone", "industry", "maturity", "kind"):
        told.append((f"{named(field, english=english)}{colon}", filter_name(field)))
    return told


def other_fields() -> str:
    """The fields that the short help leaves out."""
    english = i18n.current() == "en"
    return formats.joined([named(each, english=english) for each in FIELDS])


def _group(view: View, each: Filter) -> Group:
    page, chosen = view.page, view.asked.chosen.get(each.name, ())
    counts = page.counts.get(each.name, {})
    if each.name == "price_from":
        choices = _bands(view, counts)
    elif each.type == "days":
        picked = int(chosen[0]) if chosen else 0
        choices = [
            _days_choice(view, days, counts.get(str(days)), days == picked)
            for days in EXPIRY_DAYS
            if counts.get(str(days)) or days == picked
        ]
    else:
        choices = _values(page.vocabulary, each, counts, chosen)
    cut = SHOWN if len(choices) > SHOWN + 1 else len(choices)
    first = [*choices[:cut], *(choice for choice in choices[cut:] if choice.is_chosen)]
    rest = [choice for choice in choices[cut:] if not choice.is_chosen]
    is_used = bool(chosen) or (each.name == "price_from" and "price_to" in view.asked.chosen)
    return Group(each.name, filter_name(each.name), tuple(first), tuple(rest), each.name in UNFOLDED or is_used)


def _values(vocabulary: Vocabulary, each: Filter, counts: Mapping[str, int], chosen: tuple[str, ...]) -> list[Choice]:
    """Those that would find something, and those that are chosen."""
    codes: list[str] = list(vocabulary.of(each.name))
    if each.source == "years":
        codes = sorted({*counts, *chosen}, reverse=True)
    if each.name == "maturity":
        stages = vocabulary.lists.get("maturity", {})
        codes = [code for code in codes if stages[code].facts.get("scale", _ONE_SCALE) == _ONE_SCALE or code in chosen]
    return [
        Choice(code, value_name(vocabulary, each.name, code), counts.get(code, 0), code in chosen, _depth(vocabulary, each, code))
        for code in codes
        if counts.get(code) or code in chosen
    ]


def _depth(vocabulary: Vocabulary, each: Filter, code: str) -> int:
    parent, depth = vocabulary.value(each.name, code).parent, 0
    while parent is not None and depth < 3:
        parent, depth = vocabulary.value(each.name, parent).parent, depth + 1
    return depth


def _bands(view: View, counts: Mapping[str, int]) -> list[Choice]:
    found = []
    asked = tuple(view.asked.chosen.get(each, (None,))[0] for each in ("price_from", "price_to"))
    for at, band in enumerate(PRICE_BANDS):
        low, high = (str(each) if each is not None else None for each in band)
        if counts.get(str(at)):
            is_chosen = asked == (low, high)
            href = view.href(price_from=None, price_to=None) if is_chosen else view.band_href(band)
            found.append(Choice(str(at), price_text(low, high), counts.get(str(at)), is_chosen, href=href))
    return found


def _days_choice(view: View, days: int, count: int | None, is_chosen: bool) -> Choice:
    return Choice(str(days), days_text(days), count, is_chosen, href=view.href(expiring=None if is_chosen else str(days)))
