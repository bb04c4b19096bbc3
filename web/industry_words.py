"""Why an industry was suggested, in the reader's words."""

from typing import Final

from matching.content import IndustryTag
from web.formats import joined
from web.i18n import NP_, pgettext
from web.i18n import gettext as _

_WORDS_TOLD: Final = 6
_CLOSE: Final = 0.5


BANDS: Final = {
    "sure": NP_("confidence", "Quite sure"),
    "likely": NP_("confidence", "Likely"),
    "doubtful": NP_("confidence", "Doubtful"),
}


def band_name(band: str) -> str:
    """How sure a suggestion is."""
    return pgettext(*BANDS[band])


def reason(tag: IndustryTag) -> str:
    """The industry's key words that stand in the text, and how near its meaning is; nothing where a person named it."""
    words = [str(each) for each in held] if isinstance(held := tag.reason.get("words"), list) else []
    near = tag.reason.get("near")
    if words:
        told = joined([_("“%s”") % each for each in words[:_WORDS_TOLD]])
        return _("The text says %(words)s.") % {"words": told}
    if isinstance(near, int | float):
        return _("The text is close in meaning to this industry.") if near >= _CLOSE else _("Its meaning is among the nearest.")
    return ""
