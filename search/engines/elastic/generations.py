"""Which indices there are, and which of them serve: kept by aliases on the server, so that all processes agree.

Every audience of every generation is an index. An alias of the audience's name stands for the serving one, two more for
the one being built and the previous one; they are moved for all audiences in one action. Writers use an alias that each
index keeps for its life, and demand that it is one: a write to an index that is gone makes no new one by mistake.
"""

import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from elasticsearch import ApiError

from search.engines.elastic.connection import Connection, translated
from search.engines.elastic.layout import LAYOUT, index_body
from search.engines.elastic.options import ElasticOptions
from search.errors import EngineUnavailable
from search.ports import Audience, Generation

AUDIENCES: Final[tuple[Audience, ...]] = get_args(Audience)
Meta = Mapping[str, Any]
Role = Literal["serving", "building", "previous"]
_SUFFIX: Final[Mapping[Role, str]] = {"serving": "", "building": ".building", "previous": ".previous"}
_FIRST: Final = "first"
_KEPT_FOR: Final = 1.0
"""Seconds that `layout` may be old: readers go through aliases, and need it only to know the dimension."""


@dataclass(frozen=True, slots=True)
class Built:
    """One generation on the server."""

    prefix: str
    token: str
    fingerprint: str
    dimension: int
    layout: int

    def index(self, audience: Audience) -> str:
        return f"{self.prefix}-{audience}-{self.token}"

    def writes(self, audience: Audience) -> str:
        """The alias that this index keeps."""
        return f"{self.index(audience)}.writes"

    @property
    def indices(self) -> list[str]:
        return [self.index(each) for each in AUDIENCES]

    @property
    def told(self) -> str:
        """The fingerprint, marked where the index has the mapping of another version: it is not what would be built now."""
        return self.fingerprint if self.layout == LAYOUT else f"{self.fingerprint} layout {self.layout}"


@dataclass(frozen=True, slots=True)
class Layout:
    serving: Built
    building: Built | None = None
    previous: Built | None = None

    @property
    def written(self) -> tuple[Built, ...]:
        """What every write goes to."""
        return (self.serving,) if self.building is None else (self.serving, self.building)


class Generations:
    """Reads and moves them. Thread safe, any number of processes; one of two that move at the same moment fails."""

    def __init__(self, connection: Connection, options: ElasticOptions, dimension: int, fingerprint: str) -> None:
        self._connection = connection
        self._options = options
        self._dimension = dimension
        self._fingerprint = fingerprint
        self._lock = threading.Lock()
        self._cached: tuple[float, Layout] | None = None

    def alias(self, audience: Audience, role: Role = "serving") -> str:
        return f"{self._options.prefix}-{audience}{_SUFFIX[role]}"

    def told(self) -> Generation:
        layout = self.fresh()
        building, previous = layout.building, layout.previous
        return Generation(layout.serving.told, building.told if building else None, previous.told if previous else None)

    def layout(self) -> Layout:
        """As it was at most a second ago."""
        cached = self._cached
        if cached is not None and time.monotonic() - cached[0] < _KEPT_FOR:
            return cached[1]
        return self.fresh()

    def are_there(self) -> bool:
        """Asks, and makes nothing."""
        return self._read() is not None

    def fresh(self) -> Layout:
        """As it is now; the first indices are made where there are none."""
        now = time.monotonic()
        found = self._read()
        if found is None:
            with self._lock:
                found = self._read() or self._make_first()
        self._cached = (now, found)
        return found

    def written(self, *, building: bool) -> tuple[Built, ...]:
        """What a write goes to, as it is now. Raises ValueError where only the one being built is meant and there is none."""
        layout = self.fresh()
        if not building:
            return layout.written
        if layout.building is None:
            raise ValueError("no generation is being built")
        return (layout.building,)

    def begin(self, fingerprint: str) -> None:
        self.fresh()
        made = Built(self._options.prefix, _new_token(), fingerprint, self._dimension, LAYOUT)
        leftovers = sorted({*self._with_role("building"), *self._orphans()})
        for audience in AUDIENCES:
            self._create(made, audience, {})
        self._move(
            [
                *({"add": {"index": made.index(each), "alias": self.alias(each, "building")}} for each in AUDIENCES),
                *({"remove_index": {"index": each}} for each in leftovers),
            ]
        )

    def promote(self) -> None:
        layout = self.fresh()
        building = layout.building
        if building is None:
            raise ValueError("no generation is being built")
        with translated():
            self._connection.writes().indices.refresh(index=building.indices)
        self._move(
            [
                *self._change(layout.serving, "serving", "previous"),
                *self._change(building, "building", "serving"),
                *self._removal(layout.previous),
            ]
        )

    def revert(self) -> None:
        layout = self.fresh()
        previous = layout.previous
        if previous is None:
            raise ValueError("no previous generation is kept")
        self._move([*self._change(layout.serving, "serving", "previous"), *self._change(previous, "previous", "serving")])

    def drop(self) -> None:
        self._move(list(self._removal(self.fresh().previous)))

    def abort(self) -> None:
        self._move([{"remove_index": {"index": each}} for each in self._with_role("building")])

    def _change(self, built: Built, old: Role, new: Role) -> Iterable[dict[str, Any]]:
        for each in AUDIENCES:
            yield {"remove": {"index": built.index(each), "alias": self.alias(each, old), "must_exist": True}}
            yield {"add": {"index": built.index(each), "alias": self.alias(each, new)}}

    @staticmethod
    def _removal(built: Built | None) -> Iterable[dict[str, Any]]:
        return ({"remove_index": {"index": each}} for each in (built.indices if built else ()))

    def _move(self, actions: list[dict[str, Any]]) -> None:
        """All of the actions in one step for readers, or none."""
        self._cached = None
        if actions:
            with translated():
                self._connection.writes().indices.update_aliases(actions=actions)
        self._cached = None

    def _described(self) -> dict[str, dict[str, Any]]:
        """Aliases and `_meta` of every index whose name begins as ours do, by name."""
        with translated():
            found = self._connection.reads().indices.get(
                index=f"{self._options.prefix}-*",
                features=["aliases", "mappings"],
                filter_path="*.aliases,*.mappings._meta",
            )
        return {
            name: each | {"_meta": meta}
            for name, each in found.body.items()
            if (meta := each.get("mappings", {}).get("_meta", {})).get("zonematch") == self._options.prefix
        }

    def _with_role(self, role: Role) -> list[str]:
        aliases = {self.alias(each, role) for each in AUDIENCES}
        return [name for name, each in self._described().items() if aliases & each.get("aliases", {}).keys()]

    def _orphans(self) -> list[str]:
        """Made by who died before they got a part to play."""
        aliases = {self.alias(each, role) for each in AUDIENCES for role in _SUFFIX}
        return [name for name, each in self._described().items() if not aliases & each.get("aliases", {}).keys()]

    def _read(self) -> Layout | None:
        """None where no generation serves every audience. Of two that are being built the younger one counts."""
        described = self._described()
        whole: dict[Role, Built] = {}
        for role in _SUFFIX:
            found = _parts(described, {each: self.alias(each, role) for each in AUDIENCES})
            tokens = [token for token, held in found.items() if len(held) == len(AUDIENCES)]
            if tokens:
                whole[role] = self._built(next(iter(found[max(tokens)].values())))
        serving = whole.get("serving")
        return None if serving is None else Layout(serving, whole.get("building"), whole.get("previous"))

    def _built(self, meta: Meta) -> Built:
        token, fingerprint = str(meta["token"]), str(meta["fingerprint"])
        return Built(self._options.prefix, token, fingerprint, int(meta["dimension"]), int(meta["layout"]))

    def _make_first(self) -> Layout:
        """Make what serves, or what of it was lost. One name for all who may try at once: the second finds it made."""
        described = self._described()
        parts = _parts(described, {each: self.alias(each) for each in AUDIENCES})
        if parts:
            made = self._built(next(iter(parts[max(parts)].values())))
        else:
            is_new = all(each["_meta"]["token"] != _FIRST for each in described.values())
            token = _FIRST if is_new else _new_token()
            made = Built(self._options.prefix, token, self._fingerprint, self._dimension, LAYOUT)
        for audience in AUDIENCES:
            self._create(made, audience, {self.alias(audience): {}})
        found = self._read()
        if found is None:
            raise EngineUnavailable(f"no index of {self._options.prefix} serves every audience", "mapping")
        return found

    def _create(self, built: Built, audience: Audience, aliases: Mapping[str, Any]) -> None:
        meta = {
            "zonematch": self._options.prefix,
            "audience": audience,
            "token": built.token,
            "fingerprint": built.fingerprint,
            "dimension": built.dimension,
            "layout": built.layout,
        }
        body = index_body(self._options, meta, built.dimension)
        body["aliases"] = {**aliases, built.writes(audience): {}}
        with translated():
            try:
                self._connection.writes().indices.create(index=built.index(audience), **body)
            except ApiError as error:
                if error.error != "resource_already_exists_exception":
                    raise


def _new_token() -> str:
    """Younger ones sort after older ones."""
    return f"{int(time.time()):x}{secrets.token_hex(3)}"


def _parts(described: Mapping[str, Mapping[str, Any]], aliases: Mapping[Audience, str]) -> dict[str, dict[Audience, Meta]]:
    """The generations that hold these aliases, by token, each with the `_meta` of the audiences it holds them for."""
    found: dict[str, dict[Audience, Meta]] = {}
    for each in described.values():
        meta = each["_meta"]
        if aliases.get(meta["audience"], "") in each.get("aliases", {}):
            found.setdefault(str(meta["token"]), {})[meta["audience"]] = meta
    return found
