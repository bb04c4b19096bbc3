"""What records there are, as data: tables, fields and rules. An editor, its pages and the API read them here.

Every code list is a kind of its own, `codes.<list>`: the lists are rows (of the list `code_list`), and so are the facts
that their values carry (the facts of that row: name of a fact → its type).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from sqlmodel import Session, SQLModel, col, select

from matching.errors import NotFound
from matching.model import CodeValue, Grouping, Industry, Region, SynonymGroup, Zone

FieldType = Literal["code", "region_code", "line", "text", "words", "number", "flag", "day", "one", "many"]
"""`words` is a list of short texts; `one` and `many` choose records of the kind `of` by their keys."""

LISTS: Final = "code_list"
CODES: Final = "codes."
_TRL: Final = (1, 13)


@dataclass(frozen=True, slots=True)
class RecordField:
    """`stored`: a column of its own, the id of another row, or a fact (JSON) of a code. `fixed` is set once, when the
    record is made; `bounds` are those of a number."""

    name: str
    type: FieldType
    limit: int = 0
    required: bool = False
    fixed: bool = False
    of: str = ""
    stored: Literal["column", "id", "fact"] = "column"
    column: str = ""
    bounds: tuple[int, int] = (0, 1_000_000)

    @property
    def attribute(self) -> str:
        return self.column or self.name


@dataclass(frozen=True, slots=True)
class RecordKind:
    """`version` is the column that counts a row's changes; `own_zone` says that a record is the zone that its staff write,
    `own_industry` that it belongs to an industry, whose zones' staff write it. `makes_keys`: nobody is asked for a code."""

    name: str
    table: type[SQLModel]
    fields: tuple[RecordField, ...]
    version: str = "version"
    tree: str = ""
    own_zone: bool = False
    own_industry: bool = False
    makes_keys: bool = False
    list_code: str = ""
    unique: tuple[str, ...] = field(default=())

    def field(self, name: str) -> RecordField | None:
        return next((each for each in self.fields if each.name == name), None)


def _key(limit: int = 30) -> RecordField:
    return RecordField("code", "code", limit, required=True, fixed=True)


def _names(limit: int, english: int) -> tuple[RecordField, RecordField]:
    return RecordField("name", "line", limit, required=True), RecordField("name_en", "line", english, required=True)


def _one(name: str, of: str, column: str, *, required: bool = False) -> RecordField:
    return RecordField(name, "one", of=of, stored="id", column=column, required=required)


_SOURCE: Final = RecordField("source", "line", 300)
_POSITION: Final = RecordField("position", "number")

FIXED_KINDS: Final = {
    each.name: each
    for each in (
        RecordKind(
            "zones", Zone,
            (
                _key(), *_names(80, 120), RecordField("level", "one", of="codes.zone_level"),
                _one("region", "regions", "region_id"), RecordField("city", "line", 40),
                RecordField("target_title", "one", of="codes.zone_title"), RecordField("pilots", "many", of="codes.zone_pilot"),
                _one("candidate", "industries", "candidate_industry_id"),
                RecordField("need_quality", "number", bounds=(0, 100)), RecordField("returns_vague", "flag"), _SOURCE,
                RecordField("place_source", "line", 300), _POSITION,
            ),
            own_zone=True, unique=("name",),
        ),
        RecordKind(
            "industries", Industry,
            (
                _key(), *_names(60, 100), _one("parent", "industries", "parent_id"), RecordField("keywords", "words", 40),
                RecordField("aliases", "words", 40), RecordField("description", "text", 500), RecordField("source", "line", 200),
                RecordField("ipc", "words", 20), RecordField("emerging", "words", 10), RecordField("link_source", "line", 200),
                _POSITION,
            ),
            tree="parent", unique=("name",),
        ),
        RecordKind(
            "regions", Region,
            (
                RecordField("code", "region_code", 6, required=True, fixed=True), RecordField("name", "line", 40, required=True),
                RecordField("name_en", "line", 80), _one("parent", "regions", "parent_id"), _SOURCE, _POSITION,
            ),
            tree="parent",
        ),
        RecordKind(
            "groupings", Grouping,
            (
                _key(), RecordField("kind", "one", of="codes.grouping_kind", required=True), *_names(80, 120),
                _one("zone", "zones", "zone_id"), _one("industry", "industries", "industry_id"),
                _one("region", "regions", "region_id"), RecordField("clause", "one", of="codes.clause"),
                RecordField("valid_from", "day"), _SOURCE, _POSITION,
            ),
            unique=("name",),
        ),
        RecordKind(
            "synonyms", SynonymGroup,
            (
                _key(), RecordField("name", "line", 40, required=True), RecordField("name_en", "line", 60),
                RecordField("words", "words", 40, required=True), RecordField("one_way", "flag"),
                _one("industry", "industries", "industry_id", required=True), _SOURCE, _POSITION,
            ),
            own_industry=True, makes_keys=True,
        ),
    )
}  # fmt: skip

NEEDS_SOURCE: Final = "needs_source"
"""A fact of a list's own row: its values want a source."""


def kind_of(session: Session, name: str) -> RecordKind:
    """Raises `NotFound` for a kind, or a code list, that does not exist."""
    found = FIXED_KINDS.get(name)
    if found is not None:
        return found
    list_code = name.removeprefix(CODES)
    row = _list_row(session, list_code) if name.startswith(CODES) else None
    values = session.exec(select(CodeValue.facts).where(CodeValue.list_code == list_code)).all()
    if row is None and list_code != LISTS and not (name.startswith(CODES) and values):
        raise NotFound(kind="record_kind")
    return _code_kind(list_code, row.facts if row is not None else {}, values)


def code_lists(session: Session) -> list[str]:
    """The codes of all code lists, those that have a name first, in their order."""
    named = session.exec(select(CodeValue.code).where(CodeValue.list_code == LISTS).order_by(col(CodeValue.position))).all()
    used = session.exec(select(CodeValue.list_code).distinct().order_by(col(CodeValue.list_code))).all()
    return list(dict.fromkeys([*named, *used]))


def _list_row(session: Session, list_code: str) -> CodeValue | None:
    return session.exec(select(CodeValue).where(CodeValue.list_code == LISTS, CodeValue.code == list_code)).first()


def _code_kind(
    list_code: str, declared: Mapping[str, int | str | bool], values: Iterable[Mapping[str, int | str | bool]]
) -> RecordKind:
    facts: dict[str, RecordField] = {}
    if list_code != LISTS:  # whose facts are the types of others': written by the seed and by whoever makes a list
        types = {name: str(type_) for name, type_ in declared.items() if name != NEEDS_SOURCE}
        for each in values:
            types = {name: _type_of(value) for name, value in each.items()} | types
        facts = {name: _fact(name, type_) for name, type_ in types.items()}
    source = RecordField("source", "line", 300, required=bool(declared.get(NEEDS_SOURCE)))
    return RecordKind(
        CODES + list_code,
        CodeValue,
        (
            _key(), RecordField("name", "line", 80, required=True), RecordField("name_en", "line", 120), *facts.values(),
            RecordField("aliases", "words", 40), RecordField("description", "text", 2000),
            RecordField("description_en", "text", 2000), source, RecordField("version", "line", 20, required=True),
            RecordField("valid_from", "day"), _POSITION,
        ),
        version="row_version", list_code=list_code,
    )  # fmt: skip


def _type_of(value: int | str | bool) -> str:
    return "flag" if isinstance(value, bool) else "number" if isinstance(value, int) else "line"


def _fact(name: str, type_: str) -> RecordField:
    if type_ == "flag":
        return RecordField(name, "flag", stored="fact")
    if type_ == "trl":
        return RecordField(name, "number", stored="fact", bounds=_TRL)
    if type_ == "number":
        return RecordField(name, "number", stored="fact")
    if type_ in FIXED_KINDS or type_.startswith(CODES):
        return RecordField(name, "one", of=type_, stored="fact")
    return RecordField(name, "line", 200, stored="fact")
