"""Both rankings of a query in one request: words as the server scores them, meaning by exact cosines of a window."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from search.engines.elastic.asking import Asking, hits_of, total_of
from search.engines.elastic.layout import LISTING, VECTORS, vectors_of
from search.engines.elastic.options import ElasticOptions
from search.engines.elastic.questions import Body, matching, under
from search.engines.fields import term_weights
from search.engines.restrictions import Restrictions, restrictions_of
from search.ports import Hit, Query, Rankings, Vector

_SCORE_DIGITS: Final = 4
_COSINE_DIGITS: Final = 6
"""As in the local engine: what agrees this far is a tie, and goes by listing."""
_BEYOND: Final = 32
"""How many more are asked for than wanted, so that ties at the end are seen."""
_PAGE: Final = 10_000
"""The most that the server gives at once, and the most neighbours it looks at."""
_WIDEST: Final = 2_000
"""The most documents whose vectors are fetched to tell ties apart. Beyond, some of the tied ones come, whichever."""
_FULL: Final = 100
"""At least as many neighbours are looked at, however few are wanted."""


class Ranker:
    def __init__(self, asking: Asking, options: ElasticOptions) -> None:
        self._asking = asking
        self._options = options

    def rank(self, query: Query, index: str, dimension: int) -> Rankings:
        """`index` is the alias of the query's audience. No meaning where its vectors have another dimension."""
        restrictions = restrictions_of(query)
        weights = term_weights(query)
        vector = query.vector if query.vector is not None and len(query.vector) == dimension else None
        if not weights and query.vector is not None:
            bodies: list[Body] = []
        elif weights:
            bodies = [_by_words(weights, restrictions, min(max(query.limit, 0) + _BEYOND, _PAGE) if query.limit > 0 else 0)]
        else:
            bodies = [_by_listing(restrictions, min(max(query.limit, 0), _PAGE))]
        lexical_bodies = len(bodies)
        if vector is not None and query.limit > 0:
            bodies += [self._by_meaning(vector, restrictions, self._window(query.limit)), _how_many(restrictions)]
        answers = self._asking.ask(index, bodies)
        lexical: tuple[Hit, ...] = ()
        matched = 0
        if lexical_bodies:
            matched = total_of(answers[0])
            lexical = self._lexical(index, bodies[0], answers[0], query.limit, scored=bool(weights))
        semantic: tuple[Hit, ...] = ()
        if len(bodies) > lexical_bodies and vector is not None:
            near, existing = answers[lexical_bodies:]
            semantic = self._semantic(index, vector, restrictions, query.limit, near, total_of(existing))
        return Rankings(lexical, semantic, matched)

    def _lexical(self, index: str, body: Body, answer: Mapping[str, Any], limit: int, *, scored: bool) -> tuple[Hit, ...]:
        """Sorted by score and listing on the server; asked on while scores that differ beyond the digits straddle the end."""
        if limit < 1:
            return ()
        raw = hits_of(answer)
        while len(raw) >= body["size"] and _is_open(raw, limit, scored=scored):
            body = body | {"search_after": raw[-1]["sort"], "size": _PAGE, "track_total_hits": False}
            more = hits_of(self._asking.ask(index, [body])[0])
            if not more:
                break
            raw = [*raw, *more]
        scores = [(-round(float(hit["sort"][0]), _SCORE_DIGITS) if scored else 0.0, str(hit["sort"][-1])) for hit in raw]
        return tuple(Hit(listing, -score if score else 0.0) for score, listing in sorted(scores)[:limit])

    def _by_meaning(self, vector: Vector, restrictions: Restrictions, k: int) -> Body:
        candidates = min(max(self._options.candidates * k, _FULL), _PAGE)
        knn = {
            "field": "passages.vector",
            "query_vector": vector.tolist(),
            "k": k,
            "num_candidates": candidates,
            "filter": under(restrictions),
        }
        return {"knn": knn, "size": k, "track_total_hits": False, **_with_vectors()}

    @staticmethod
    def _window(limit: int) -> int:
        """How many are scored exactly: the order of quantised vectors is not quite the real one."""
        return min(limit + max(limit // 2, _BEYOND), _PAGE)

    def _semantic(
        self, index: str, vector: Vector, restrictions: Restrictions, limit: int, near: Mapping[str, Any], existing: int
    ) -> tuple[Hit, ...]:
        window = self._window(limit)
        while True:
            hits = hits_of(near)
            found = best_passages(hits, vector)
            enough = len(found) >= min(limit, existing)
            all_seen = len(found) >= existing
            if all_seen or (enough and (not _ties_at_the_end(found, limit) or window >= max(_WIDEST, self._window(limit)))):
                return tuple(found[:limit])
            if window >= min(_PAGE, 4 * existing):
                # The graph does not lead to all of them: look at every one.
                return tuple(self._every(index, vector, restrictions)[:limit])
            window = min(4 * window, _PAGE)
            near = self._asking.ask(index, [self._by_meaning(vector, restrictions, window)])[0]

    def _every(self, index: str, vector: Vector, restrictions: Restrictions) -> list[Hit]:
        hits: list[dict[str, Any]] = []
        body = {"query": _with_passages(restrictions), "size": 1000, "sort": [{LISTING: "asc"}], "track_total_hits": False}
        body |= _with_vectors()
        while page := hits_of(self._asking.ask(index, [body])[0]):
            hits += page
            body = body | {"search_after": page[-1]["sort"]}
        return best_passages(hits, vector)


def best_passages(hits: Sequence[Mapping[str, Any]], vector: Vector) -> list[Hit]:
    """By the exact cosine of each one's best passage, the first of equal ones; ties by listing."""
    if not hits:
        return []
    matrices = [vectors_of(hit["fields"][VECTORS][0], len(vector)) for hit in hits]
    cosines = np.round(np.concatenate(matrices) @ vector, _COSINE_DIGITS)
    found: list[Hit] = []
    start = 0
    for hit, matrix in zip(hits, matrices, strict=True):
        own = cosines[start : start + len(matrix)]
        start += len(matrix)
        best = int(np.argmax(own))
        found.append(Hit(str(hit["fields"][LISTING][0]), float(own[best]), best))
    return sorted(found, key=lambda hit: (-hit.score, hit.listing))


def _ties_at_the_end(found: Sequence[Hit], limit: int) -> bool:
    """Whether the last one wanted is as near as the last one seen: others as near may not have been seen."""
    return len(found) >= limit and found[limit - 1].score <= found[-1].score


def _is_open(raw: Sequence[Mapping[str, Any]], limit: int, *, scored: bool) -> bool:
    """Whether there may be more that belong before the end: too few yet, or another score that rounds to the same."""
    if len(raw) < limit:
        return True
    if not scored:
        return False
    last, end = float(raw[limit - 1]["sort"][0]), float(raw[-1]["sort"][0])
    return last != end and round(last, _SCORE_DIGITS) == round(end, _SCORE_DIGITS)


def _by_words(weights: Mapping[str, float], restrictions: Restrictions, size: int) -> Body:
    return {"query": matching(weights, restrictions), "sort": [{"_score": "desc"}, {LISTING: "asc"}], **_bare(size)}


def _by_listing(restrictions: Restrictions, size: int) -> Body:
    return {"query": under(restrictions), "sort": [{LISTING: "asc"}], **_bare(size)}


def _how_many(restrictions: Restrictions) -> Body:
    return {"query": _with_passages(restrictions), **_bare(0)}


def _with_passages(restrictions: Restrictions) -> Body:
    return {"bool": {"filter": [under(restrictions), {"range": {"count": {"gt": 0}}}]}}


def _bare(size: int) -> Body:
    """Nothing of the documents: what is needed stands in the values they are sorted by."""
    return {"size": size, "track_total_hits": True, "_source": False, "stored_fields": "_none_"}


def _with_vectors() -> Body:
    return {"_source": False, "stored_fields": "_none_", "docvalue_fields": [LISTING, VECTORS]}
