"""The seeded database that fuzzed cells are read against."""

from tests.matching.conftest import template, words

__all__ = ["template", "words"]
