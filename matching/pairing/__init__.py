"""The pair score: features of a pair in; parts, score, level and reasons out. Pure: no SQL, HTTP, clock or random.

`score.score_pair` scores one pair, `batch.match` a zone; `clauses.clauses` says it in words. Modules are imported by name.
"""
