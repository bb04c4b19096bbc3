"""Forms that were taken and numbers that were given: what must happen once though it is asked for twice."""

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from matching.errors import FieldError, InvalidInput
from matching.model import FormReceipt, NumberSeries
from matching.store.unit import UnitOfWork

TOKEN_LIMIT: Final = 40


def take_receipt(unit: UnitOfWork, person_id: int | None, token: str | None) -> FormReceipt | None:
    """Take a form's token. A receipt whose `target` is set was taken before: answer with what it made then; else the
    caller sets the target. A job that fails rolls its receipt back, so the mended form may carry the same token.

    None without a token, and for the system, which sends no forms. Raises `InvalidInput` for another person's token.
    """
    if not token or person_id is None:
        return None
    if len(token) > TOKEN_LIMIT:
        raise InvalidInput(FieldError("form_token", "too_long", {"limit": TOKEN_LIMIT, "length": len(token)}))
    session = unit.session
    receipt = session.get(FormReceipt, token)
    if receipt is None:
        receipt = FormReceipt(token=token, person_id=person_id, target="", created_at=unit.now())
        try:
            with session.begin_nested():
                session.add(receipt)
        except IntegrityError:  # the same form at the same moment, on a database that lets two write
            receipt = session.get_one(FormReceipt, token)
    if receipt.person_id != person_id:
        raise InvalidInput(FieldError("form_token", "foreign"))
    return receipt


def once(unit: UnitOfWork, person_id: int | None, token: str | None, make: Callable[[], str]) -> str:
    """What `make` gives: run for the form's first sending, remembered for any further one (`take_receipt`)."""
    receipt = take_receipt(unit, person_id, token)
    if receipt is None:
        return make()
    if not receipt.target:
        receipt.target = make()
    return receipt.target


def next_number(unit: UnitOfWork, prefix: str) -> str:
    """The next number of this year (Shanghai's) in a series: R-2026-0001. Gives none twice; a rollback gives it back."""
    return next_numbers(unit, prefix, 1)[0]


def next_numbers(unit: UnitOfWork, prefix: str, count: int) -> list[str]:
    """The next `count` numbers of a series, in order (`next_number`)."""
    session, year = unit.session, unit.today().year
    raised = (
        sa.update(NumberSeries)
        .where(col(NumberSeries.prefix) == prefix, col(NumberSeries.year) == year)
        .values(last=col(NumberSeries.last) + count)
        .returning(col(NumberSeries.last))
        .execution_options(synchronize_session=False)
    )
    last = session.execute(raised).scalar_one_or_none()
    if last is None:
        try:
            with session.begin_nested():
                session.add(NumberSeries(prefix=prefix, year=year, last=count))
            last = count
        except IntegrityError:  # somebody else opened the year meanwhile
            last = session.execute(raised).scalar_one()
    return [f"{prefix}-{year}-{each:04d}" for each in range(last - count + 1, last + 1)]
