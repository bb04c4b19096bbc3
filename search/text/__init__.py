"""Text as people search it: normal form, terms, passages, comparison keys, highlighting.

Pure: no SQL, HTTP, clock or random. Chinese is cut here, once, and every engine gets the same terms (law 4).
"""

from search.text.beginnings import LONGEST_KEY, beginnings, typed_keys
from search.text.cutting import TOKENISER_VERSION, add_words, terms, terms_among, tokeniser_version
from search.text.highlight import snippet, spans
from search.text.normal import comparison_key, normalise, number_key
from search.text.passages import chunks
from search.text.signs import signs
from search.text.units import is_quantity, unit_spellings

__all__ = [
    "LONGEST_KEY",
    "TOKENISER_VERSION",
    "add_words",
    "beginnings",
    "chunks",
    "comparison_key",
    "is_quantity",
    "normalise",
    "number_key",
    "signs",
    "snippet",
    "spans",
    "terms",
    "terms_among",
    "tokeniser_version",
    "typed_keys",
    "unit_spellings",
]
