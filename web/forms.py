"""What a form page shows again: what was typed, and what is wrong with it, field by field."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from matching.errors import FieldError, InvalidInput
from web.messages import field_error_text
from web.typed import Typed


@dataclass(frozen=True, slots=True)
class FormState:
    """`values` are as typed: a text, or a tuple of codes for checkboxes. Nothing typed is ever dropped.

    `form` is the short prefix of the ids in the page, for two forms on one page.
    """

    values: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()
    form: str = "f"

    def value(self, code: str) -> str:
        """As typed; a NUL, which no page can carry, as the sign for a damaged character."""
        value = self.values.get(code, "")
        return (value if isinstance(value, str) else "；".join(value)).replace("\0", "\ufffd")

    def chosen(self, code: str) -> tuple[str, ...]:
        value = self.values.get(code, ())
        return (value,) if isinstance(value, str) else tuple(value)

    def errors_of(self, code: str) -> tuple[str, ...]:
        """The wordings at one field."""
        return tuple(field_error_text(each) for each in self.errors if each.field == code)

    def id_of(self, code: str) -> str:
        return f"{self.form}-{code}"

    def with_errors(self, refused: InvalidInput | Iterable[FieldError]) -> "FormState":
        errors = refused.fields if isinstance(refused, InvalidInput) else tuple(refused)
        return FormState(self.values, tuple(errors), self.form)


def on_top(stored: Mapping[str, str], typed: Typed, names: Iterable[str]) -> tuple[FormState, dict[str, str]]:
    """What was typed, over what others stored since the form was shown, which its inputs `seen-<field>` tell.

    A field left as it was seen takes the stored value. Also the fields that others changed → what they wrote.
    """
    seen = {name: typed.one(f"seen-{name}") if f"seen-{name}" in typed else stored.get(name, "") for name in names}
    newer = {name: stored[name] for name, was in seen.items() if stored[name] != was}
    values = {name: newer[name] if name in newer and typed.one(name) == seen[name] else typed.one(name) for name in seen}
    return FormState(values), newer
