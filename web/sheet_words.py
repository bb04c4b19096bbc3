"""The words of our own sheets in the reader's language."""

from matching.imports.headings import find_headings
from matching.imports.templates import HEADINGS, TemplateWords
from matching.model import ListingKind
from web import i18n
from web.i18n import gettext, pgettext
from web.import_view import target_name
from web.wording import sheets


def template_words(kind: ListingKind) -> TemplateWords:
    """With the meanings of the headings for those who read English."""
    found = find_headings([(1, tuple(HEADINGS[kind]))], kind)
    meanings = [(each.heading, target_name(each.target, kind)) for each in found.columns] if found else []
    return TemplateWords(
        pgettext(*sheets.SHEETS[kind.value]),
        pgettext(*sheets.GUIDE),
        [gettext(line) for line in sheets.LINES],
        [(gettext(sheets.HEADING), gettext(sheets.MEANING)), *meanings] if i18n.current() == "en" else (),
    )


def error_heads() -> tuple[str, str]:
    return gettext(sheets.NUMBER), gettext(sheets.REASONS)
