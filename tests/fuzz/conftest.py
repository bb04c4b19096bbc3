"""The seeded database that fuzzed cells are read against."""

from tests.matching.conftest import template

__all__ = ["template"]
