"""The embedded engine: tantivy for words, numpy for meaning, everything in memory of one process."""

from search.engines.local.engine import LocalEngine

__all__ = ["LocalEngine"]
