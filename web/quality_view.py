"""How much a text says, as pages show it: score, parts, and questions in the reader's words with an example of a good answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from matching import quality
from matching.content import Content
from matching.quality import Part, Question, Rating, Writing
from matching.reference import ZoneView
from web.formats import spaced
from web.i18n import gettext
from web.listing_form import ListingForm
from web.listing_typed import read_draft
from web.wording import quality as words

CLEAR: Final = 70
"""From here on the page calls a text clear; below, its questions come first."""


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """Worded when it is read, in the language of that moment."""

    question: Question
    industries: tuple[str, ...]

    @property
    def field(self) -> str:
        """The form's field that an answer goes to."""
        return self.question.field

    @property
    def text(self) -> str:
        return spaced(gettext(words.QUESTIONS[self.question.code]) % self.question.params)

    @property
    def example(self) -> str:
        """Of a good answer, from the first of the industries that has one."""
        own = words.BY_INDUSTRY.get(self.question.part, {})
        return gettext(next((own[code] for code in self.industries if code in own), words.EXAMPLES[self.question.part]))


@dataclass(frozen=True, slots=True)
class Shown:
    rating: Rating
    questions: tuple[ShownQuestion, ...]

    @property
    def score(self) -> int:
        return self.rating.score

    @property
    def is_clear(self) -> bool:
        return self.score >= CLEAR

    def name(self, part: Part) -> str:
        return gettext(words.PARTS[f"{self.rating.kind.value}.{part.code}"])

    @property
    def reasons(self) -> Mapping[str, str]:
        """The questions as reasons to send a text back, by field, each with its example."""
        found: dict[str, list[str]] = {}
        for each in self.questions:
            example = gettext("For example: %(example)s") % {"example": each.example}
            found.setdefault(each.field, []).append(f"{each.text}\n{example}")
        return {field: "\n".join(texts) for field, texts in found.items()}


def of_form(form: ListingForm, suggested: tuple[str, ...] = (), zone: ZoneView | None = None) -> Shown:
    """Of what stands in the form, read as far as it can be read; `suggested` are industries proposed for the stored text."""
    draft, _ = read_draft(form)
    return shown(quality.of_draft(draft, suggested), zone)


def of_content(content: Content, zone: ZoneView | None = None) -> Shown:
    """Of what a reader may see of a listing. Where it names no industry, examples are those of the field of its zone."""
    return shown(quality.of_content(content), zone)


def shown(writing: Writing, zone: ZoneView | None = None) -> Shown:
    rating = quality.rate(writing)
    near = (zone.field.code,) if zone is not None and zone.field is not None else ()
    asked = (ShownQuestion(each, writing.industries or near) for each in quality.questions(rating))
    return Shown(rating, tuple(asked))
