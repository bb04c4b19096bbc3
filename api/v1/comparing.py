"""Any need and any result explained on demand: what the score rests on, what would raise it, what keeps the two apart."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.v1.call import Call, Reading, session_of
from api.v1.pairs import Part
from api.v1.shapes import Brief, Shape, Writer
from matching import comparisons
from matching.comparisons import MOST_TYPED, Comparison
from matching.errors import InvalidInput
from web import why
from web.messages import level_name, part_name
from web.names import Names, read_names
from web.reasons import reasons

router = APIRouter(tags=["Matches"])

Named = Annotated[str, Query(min_length=1, max_length=MOST_TYPED)]


class Rest(Shape):
    """One thing that the score rests on: a shared `term`, a `figure` that is asked (with what was found for it), the closest
    `passage` of a side, a `part`. `change` is what the score has by it, negative where it speaks against the pair; `level`
    the level without it."""

    kind: str
    name: str
    verdict: str
    change: float
    level: int


class Question(Shape):
    """A small change of one `side` that would raise the pair, as a question to its owner; `field` is of the entry. `score` and
    `level` are what it would reach by that alone."""

    side: str
    code: str
    field: str
    question: str
    score: float
    level: int


class Apart(Shape):
    """One thing that keeps the two apart, or counts for nothing; `side` where it is one side's."""

    code: str
    side: str
    text: str


class ExplainedPair(Shape):
    """As of now. `zone` is where the two are compared, null in the pool; `is_kept` says that the zone has them as a pair. Without
    a score one of the texts is not published, or not read yet: `apart` says so. `raises` are of the sides that you may be
    told of: the desk of both, an owner of the own."""

    zone: str | None
    need: Brief
    result: Brief
    is_kept: bool
    score: float | None
    level: int | None
    level_name: str
    reason: str
    missing: str
    parts: list[Part]
    rests_on: list[Rest]
    raises: list[Question]
    apart: list[Apart]


@router.get("/comparisons", response_model=ExplainedPair)
def explain_pair(call: Reading, need: Named, result: Named, zone: str = "") -> Response:
    with session_of(call) as session:
        today = call.services.database.clock.today()
        try:
            seen = comparisons.compare(session, call.actor, call.services.sides, need, result, place=zone, today=today)
        except InvalidInput as refused:
            raise InvalidInput(*(replace(each, field=f"query {each.field}") for each in refused.fields)) from refused
        writer, names = Writer(session), read_names(session)
        with call.speaking():
            return call.respond(_shape(call, writer, names, seen))


def _shape(call: Call, writer: Writer, names: Names, seen: Comparison) -> ExplainedPair:
    told = reasons(seen, names)
    scored = seen.scored
    return ExplainedPair(
        zone=seen.zone.code if seen.zone else None,
        need=writer.brief(seen.need),
        result=writer.brief(seen.result),
        is_kept=seen.pair is not None,
        score=scored.score if scored else None,
        level=scored.level if scored else None,
        level_name=level_name(scored.level) if scored else "",
        reason=told.sentence,
        missing=told.missing,
        parts=[
            Part(code=each.code, name=part_name(each.code), value=each.value, weight=each.weight, points=each.points)
            for each in (scored.parts if scored else ())
        ],
        rests_on=[
            Rest(kind=each.kind, name=each.name, verdict=each.verdict, change=each.change, level=each.level)
            for each in seen.reasons
        ],
        raises=[
            Question(
                side=each.side, code=each.code, field=each.field_code, question=why.question(each, names), score=each.score,
                level=each.level,
            )
            for each in seen.raising.edits
            if each.side in seen.raises
        ],
        apart=[Apart(code=each.code, side=each.side, text=why.barrier(each, seen, names)) for each in seen.barriers],
    )  # fmt: skip
