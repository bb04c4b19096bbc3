"""Addresses of the pages, in one place, and the rule for an address to go back to."""

from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from matching.discovery.language import FIELDS
from matching.model import ListingKind

HOME: Final = "/"
RESULTS: Final = "/results"
NEEDS: Final = "/needs"
ZONES: Final = "/zones"
SEARCH: Final = "/search"
SEARCH_SHEET: Final = "/search/hits.xlsx"
SUGGEST: Final = "/search/suggest"
ABOUT: Final = "/about"
SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"
LANGUAGE: Final = "/language"
MINE: Final = "/mine"
REVIEW: Final = "/review"
IMPORTS: Final = "/imports"
DESK: Final = "/desk"
WORK: Final = "/work"
REVIEW_INDUSTRIES: Final = "/review/industries"
REFERENCE: Final = "/reference"
ORGANISATIONS: Final = "/organisations"
PEOPLE: Final = "/people"
PASSWORD: Final = "/password"  # noqa: S105 - an address
TOKENS: Final = "/tokens"
INDEX: Final = "/search-index"
MODELS: Final = "/models"
API_DOCS: Final = "/api/docs"
POOL: Final = "/pool"
COMPARE: Final = "/compare"
DUPLICATES: Final = "/duplicates"
COMMON_NEEDS: Final = "/common-needs"
POST_RESULT: Final = "/results/new"
POST_NEED: Final = "/needs/new"


def listing_list(kind: str) -> str:
    return RESULTS if kind == ListingKind.RESULT else NEEDS


def listing(kind: str, public_id: str) -> str:
    return f"{listing_list(kind)}/{quote(public_id)}"


def similar(kind: str, public_id: str) -> str:
    """What is like a listing."""
    return f"{listing(kind, public_id)}/similar"


def edit(public_id: str) -> str:
    return f"/listings/{quote(public_id)}/edit"


def act(public_id: str, job: str) -> str:
    """Where a button sends what it does to a listing: `submit`, `withdraw`, `renew`, `industries`."""
    return f"/listings/{quote(public_id)}/{job}"


def form(key: str, job: str = "") -> str:
    """Where a form that is being typed is kept; `forget` throws it away."""
    return f"/forms/{quote(key)}" + (f"/{job}" if job else "")


def review(public_id: str) -> str:
    return f"{REVIEW}/{quote(public_id)}"


def work(public_id: str) -> str:
    return f"{WORK}/{quote(public_id)}"


def model(public_id: str) -> str:
    return f"{MODELS}/{quote(public_id)}"


def encoder(public_id: str) -> str:
    return f"{MODELS}/encoders/{quote(public_id)}"


def foreseen(zone: str, need: str = "") -> str:
    """A zone's desk by the encoder that waits."""
    return with_query(f"{DESK}/{quote(zone)}/foreseen", need=need or None)


def zone_model(code: str) -> str:
    """What a zone's pairs are scored by."""
    return f"{MODELS}/zones/{quote(code)}"


def zone(code: str) -> str:
    return f"{ZONES}/{quote(code)}"


def decide(code: str) -> str:
    return f"{zone(code)}/decide"


def records(kind: str) -> str:
    """The list of a kind of reference data."""
    return f"{REFERENCE}/{quote(kind)}"


def new_record(kind: str) -> str:
    """No key begins with a hyphen."""
    return f"{records(kind)}/-new"


def paste(kind: str) -> str:
    return f"{records(kind)}/-paste"


def record(kind: str, key: str) -> str:
    return f"{records(kind)}/{quote(key, safe='')}"


def organisation(public_id: str) -> str:
    return f"{ORGANISATIONS}/{quote(public_id)}"


def person(public_id: str) -> str:
    return f"{PEOPLE}/{quote(public_id)}"


def of_organisation(name: str) -> str:
    """The search for what an organisation has posted."""
    plain = name.replace('"', "")
    return with_query(SEARCH, q=f'{FIELDS["organisation"][0]}:"{plain}"')


def pool_need(public_id: str) -> str:
    return f"{POOL}/{quote(public_id)}"


def common_need(zone: str, public_id: str) -> str:
    """Where a decision on a common need goes."""
    return f"{COMMON_NEEDS}/{quote(zone)}/{quote(public_id)}"


def duplicate(one: str, other: str) -> str:
    """Two entries side by side that may be the same matter."""
    return f"{DUPLICATES}/{quote(one)}/{quote(other)}"


def desk(code: str) -> str:
    return f"{DESK}/{quote(code)}"


def queue(code: str) -> str:
    """The pairs of a zone that are worth grading today."""
    return f"{desk(code)}/queue"


def compare(zone: str, need: str, result: str) -> str:
    """Two texts of a pair side by side."""
    return with_query(f"{desk(zone)}/compare", need=need, result=result)


def explain(need: str, result: str, zone: str | None) -> str:
    """Any need and any result compared, as of now; in a zone, or where the need stands."""
    return with_query(COMPARE, need=need, result=result, zone=zone)


def with_query(path: str, **parameters: object) -> str:
    """`path` with the parameters that say something; tuples and sets give one pair a value, in order."""
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        if isinstance(value, tuple | list | frozenset | set):
            pairs += [(name, str(each)) for each in (value if isinstance(value, tuple | list) else sorted(value))]
        elif value not in (None, "", False):
            pairs.append((name, str(value)))
    return f"{path}?{urlencode(pairs)}" if pairs else path


def safe_return(target: str | None, default: str = HOME) -> str:
    """An address inside this site, or `default`: what a link says must not send people elsewhere."""
    if not target or len(target) > 2000 or not target.startswith("/") or target.startswith("//"):
        return default
    if any(each in target for each in "\\\r\n\t") or not target.isprintable():
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target
