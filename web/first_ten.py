"""The switches of the first ten as pages show them: their names in an address, what they do, and why a pair was moved."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final

from matching.pair_views import PairView
from matching.pairing.first_ten import DROP, LIFTS, Cause, Switches
from web import formats, i18n
from web.i18n import N_, gettext

FRESH: Final = "fresh"
DIVERSE: Final = "diverse"
NAMES: Final = {FRESH: N_("Newer entries higher"), DIVERSE: N_("Spread organisations and like titles")}
"""By parameter of the address, where `1` turns it on."""
_FRESH: Final = N_(
    "What was published within %(days)s days counts as %(places)s places higher, within %(later)s days as %(fewer)s, "
    "within %(latest)s days as %(least)s."
)
_DIVERSE: Final = N_(
    "What comes from the same organisation as an entry above it, or has much the same title, counts as %(n)s places lower "
    "for each of these."
)
_KEPT: Final = N_("Scores stay, and no pair passes one of another level; pairs without a mark only make room.")
_UP: Final = N_("Moved up by %(n)s: new, published %(day)s")
_DOWN: Final[dict[Cause, str]] = {
    "same_organisation": N_("Moved down by %(n)s: same organisation as above"),
    "alike": N_("Moved down by %(n)s: a title much like one above"),
}


def switches_of(one: Callable[[str], str], today: date) -> Switches:
    """Of a query or a form."""
    return Switches(today if one(FRESH) == "1" else None, one(DIVERSE) == "1")


def values(switches: Switches) -> dict[str, str]:
    """What an address carries of them."""
    return {name: "1" for name, is_on in ((FRESH, switches.fresh is not None), (DIVERSE, switches.diverse)) if is_on}


def toggled(switches: Switches, name: str) -> dict[str, str]:
    """What an address carries when one of them is turned the other way."""
    held = values(switches)
    return {each: "1" for each in NAMES if (each in held) is not (each == name)}


def name_of(name: str) -> str:
    return gettext(NAMES[name])


def have_moved(pairs: Sequence[PairView]) -> bool:
    return any(pair.move is not None and pair.move.places for pair in pairs)


def rules(switches: Switches) -> str:
    """What the switches that are on do, and what they never do."""
    (days, places), (later, fewer), (latest, least) = LIFTS
    found = []
    if switches.fresh is not None:
        counts = {"places": places, "days": days, "fewer": fewer, "later": later, "least": least, "latest": latest}
        found.append(gettext(_FRESH) % counts)
    if switches.diverse:
        found.append(gettext(_DIVERSE) % {"n": DROP})
    found.append(gettext(_KEPT))
    return ("" if i18n.current() == "zh_CN" else " ").join(found)


def note(pair: PairView, side: str) -> str:
    """Why the pair stands elsewhere than by its score; empty where it does not, or only makes room. `side` is the shown one."""
    move = pair.move
    if move is None or move.cause is None:
        return ""
    if move.cause != "new":
        return gettext(_DOWN[move.cause]) % {"n": -move.places}
    published = (pair.need if side == "need" else pair.result).published_at
    return gettext(_UP) % {"n": move.places, "day": formats.day_text(published) if published else ""}
