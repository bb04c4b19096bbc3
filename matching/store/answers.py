"""Requests that must happen once though they are sent twice: an idempotency key, claimed before the work and answered with it.

The claim is a transaction of its own, so that a second request at the same moment finds it; the answer is written in the
transaction of the work itself, so that neither can be there without the other. A request that was refused gives its key
back. A claim that nobody answered (the process died) lapses. All processes share the rows (law 10).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from matching.errors import KeyInUse, KeyReused
from matching.model import ApiAnswer
from matching.store.unit import UnitOfWork, fresh_token

KEPT: Final = timedelta(hours=24)
LAPSES: Final = timedelta(minutes=5)
KEY_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Claim:
    person_id: int
    key: str
    token: str


@dataclass(frozen=True, slots=True)
class Answered:
    status: int
    headers: Mapping[str, str]
    body: str


def request_digest(*parts: bytes) -> str:
    """Of everything that makes a request the same one."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def claim(unit: UnitOfWork, person_id: int, key: str, digest: str) -> Claim | Answered:
    """Claim the key, or the answer that it got before. The caller commits at once, before the work.

    Raises `KeyReused` for another request under the same key, `KeyInUse` while the first is still worked on.
    """
    session, now = unit.session, unit.now()
    session.execute(
        sa.delete(ApiAnswer).where(
            (col(ApiAnswer.created_at) <= now - KEPT)
            | (col(ApiAnswer.status).is_(None) & (col(ApiAnswer.created_at) <= now - LAPSES)),
            col(ApiAnswer.person_id) == person_id,
        )
    )
    made = Claim(person_id, key, fresh_token())
    held = session.get(ApiAnswer, (person_id, key))
    if held is None:
        try:
            with session.begin_nested():
                session.add(
                    ApiAnswer(person_id=person_id, key=key, request_digest=digest, claim=made.token, created_at=now, body="")
                )
            return made
        except IntegrityError:  # the same key at the same moment, on a database that lets two write
            held = session.get_one(ApiAnswer, (person_id, key))
    if held.request_digest != digest:
        raise KeyReused()
    if held.status is None:
        raise KeyInUse()
    return Answered(held.status, held.headers, held.body)


def answer(unit: UnitOfWork, made: Claim, answered: Answered) -> None:
    """Write the answer down, in the transaction of the work. Raises `KeyInUse` when the claim has lapsed meanwhile and
    somebody else holds the key: then the work must not be committed."""
    done = unit.session.execute(
        sa.update(ApiAnswer)
        .where(*_of(made))
        .values(status=answered.status, headers=dict(answered.headers), body=answered.body)
        .execution_options(synchronize_session=False)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
        raise KeyInUse()


def release(unit: UnitOfWork, made: Claim) -> None:
    """The work was refused and nothing written: the mended request may carry the same key."""
    unit.session.execute(sa.delete(ApiAnswer).where(*_of(made), col(ApiAnswer.status).is_(None)))


def sweep_answers(unit: UnitOfWork) -> int:
    """Forget what is older than a day. Returns how many rows went."""
    return unit.session.exec(sa.delete(ApiAnswer).where(col(ApiAnswer.created_at) <= unit.now() - KEPT)).rowcount


def _of(made: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(ApiAnswer.person_id) == made.person_id,
        col(ApiAnswer.key) == made.key,
        col(ApiAnswer.claim) == made.token,
    )
