"""Engine contract: order of both rankings, ties, passages, audiences, empty cases."""

import random

import numpy as np
import pytest

from search.ports import Document, Engine, Query, Rankings, Tombstone
from search.text import terms
from tests.search.engine_contract_data import DIMENSION, document, identity, listings, unit, vector_of

FILLER = "系统设计研究与工程实践说明"


class SearchContract:
    def test_an_empty_index_answers_empty(self, engine: Engine) -> None:
        assert engine.rank(Query("public", terms("电池"), unit(1))) == Rankings()
        assert engine.rank(Query("registered")) == Rankings()
        assert engine.facets(Query("public")) == {}
        assert engine.scan() == ()
        assert engine.health().ok
        assert engine.health().documents == 0
        assert engine.health().code == ""

    def test_an_index_emptied_again_answers_empty(self, engine: Engine) -> None:
        engine.apply([document("a", "电池")], ())
        engine.apply((), [Tombstone(identity("a"), 2)])
        assert engine.rank(Query("public", terms("电池"), unit(1))) == engine.rank(Query("public")) == Rankings()

    def test_no_terms_no_lexical_no_vector_no_semantic(self, engine: Engine) -> None:
        engine.apply([document("a", "电池"), document("b", "轴承")], ())
        words = engine.rank(Query("public", terms=terms("电池")))
        meaning = engine.rank(Query("public", vector=vector_of("a")))
        assert listings(words.lexical) == ["a"]
        assert words.semantic == meaning.lexical == ()
        assert len(meaning.semantic) == 2

    def test_with_neither_all_come_by_id(self, engine: Engine) -> None:
        names = ["c", "a", "b10", "b9", "区"]
        engine.apply([document(name, "电池") for name in names], ())
        rankings = engine.rank(Query("public"))
        assert listings(rankings.lexical) == sorted(names)
        assert {hit.score for hit in rankings.lexical} == {0.0}
        assert rankings.semantic == ()
        assert listings(engine.rank(Query("public", limit=2)).lexical) == ["a", "b10"]

    def test_unknown_terms_find_nothing_and_do_no_harm(self, engine: Engine) -> None:
        engine.apply([document("a", "电池")], ())
        assert engine.rank(Query("public", ("没有这个词",))).lexical == ()
        assert listings(engine.rank(Query("public", ("没有这个词", "电池"))).lexical) == ["a"]

    @pytest.mark.parametrize("limit", [0, 1, 3, 7, 1000])
    def test_limit(self, engine: Engine, limit: int) -> None:
        engine.apply([document(str(n), "电池") for n in range(7)], ())
        rankings = engine.rank(Query("public", terms("电池"), unit(1), limit=limit))
        assert len(rankings.lexical) == len(rankings.semantic) == min(limit, 7)
        assert rankings.matched == 7
        unranked = engine.rank(Query("public", limit=limit))
        assert (len(unranked.lexical), unranked.matched) == (min(limit, 7), 7)
        assert engine.rank(Query("public", vector=unit(1), limit=limit)).matched == 0

    def test_related_terms_find_too_and_are_worth_half(self, engine: Engine) -> None:
        names = ("battery", "cell", "both", "neither")
        texts = ("电池", "轴承", "电池轴承", "薄膜")
        engine.apply([document(name, text) for name, text in zip(names, texts, strict=True)], ())

        def scores(*words: str, related: tuple[str, ...] = ()) -> dict[str, float]:
            found = engine.rank(Query("public", words, related=related))
            assert found.matched == len(found.lexical)
            return {hit.listing: hit.score for hit in found.lexical}

        assert scores(related=("轴承",)) == dict.fromkeys(names, 0.0)
        asked, related = scores("电池"), scores("轴承")
        both = scores("电池", related=("轴承",))
        assert both["battery"] == pytest.approx(asked["battery"], abs=2e-4)
        assert both["cell"] == pytest.approx(related["cell"] / 2, abs=2e-4)
        assert both["both"] == pytest.approx(asked["both"] + related["both"] / 2, abs=2e-4)
        assert "neither" not in both
        assert scores("电池", related=("电池", "轴承", "轴承", "没有这个词")) == pytest.approx(both, abs=2e-4)
        assert scores("没有这个词", related=("轴承",)) == pytest.approx({n: s / 2 for n, s in related.items()}, abs=2e-4)
        assert engine.facets(Query("public", ("电池",), related=("轴承",)))["kind"] == {"result": 3}

    def test_a_term_asked_for_twice_counts_twice(self, engine: Engine) -> None:
        engine.apply([document("a", "电池"), document("b", "轴承"), document("c", "薄膜")], ())
        once, twice = (
            {h.listing: h.score for h in engine.rank(Query("public", words)).lexical} for words in (("电池",), ("电池",) * 2)
        )
        assert twice == pytest.approx({name: 2 * score for name, score in once.items()}, abs=2e-4)

    def test_words_in_the_title_count_more_than_in_the_body(self, engine: Engine) -> None:
        engine.apply([document("a", FILLER, body="电池"), document("b", "电池", body=FILLER)], ())
        hits = engine.rank(Query("public", terms("电池"))).lexical
        assert listings(hits) == ["b", "a"]
        assert hits[0].score > hits[1].score > 0

    def test_keywords_count_more_than_body(self, engine: Engine) -> None:
        engine.apply([document("a", body="电池", keywords=FILLER), document("b", keywords="电池", body=FILLER)], ())
        low, high = ({h.listing: h.score for h in engine.rank(Query("public", terms("电池"))).lexical}[n] for n in "ab")
        assert high > low

    def test_rare_words_count_more_than_common_ones(self, engine: Engine) -> None:
        common = [document(f"n{n}", "电池") for n in range(20)]
        engine.apply([*common, document("rare", "轴承")], ())
        assert engine.rank(Query("public", terms("电池轴承"))).lexical[0].listing == "rare"

    def test_more_words_of_the_query_count_more(self, engine: Engine) -> None:
        engine.apply([document("a", "电池"), document("b", "电池轴承"), document("c", "轴承")], ())
        assert engine.rank(Query("public", terms("电池轴承"))).lexical[0].listing == "b"

    def test_equal_scores_come_by_listing_id(self, engine: Engine) -> None:
        names = [f"{n:03d}" for n in range(300)]
        random.Random(5).shuffle(names)
        for start in range(0, 300, 50):
            part = names[start : start + 50]
            engine.apply([document(name, "电池", vectors=[unit(1, 2, 3, 4, 5)]) for name in part], ())
        rankings = engine.rank(Query("public", terms("电池"), unit(5, 4, 3, 2, 1), limit=10))
        assert listings(rankings.lexical) == listings(rankings.semantic) == sorted(names)[:10]
        assert len({hit.score for hit in rankings.lexical}) == len({hit.score for hit in rankings.semantic}) == 1

    def test_ties_at_the_limit_are_cut_by_listing_id(self, engine: Engine) -> None:
        tied = [document(f"t{n:03d}", "轴承", vectors=[unit(0, 1)]) for n in reversed(range(100))]
        engine.apply([*tied, document("z", "轴承轴承", vectors=[unit(1)])], ())
        rankings = engine.rank(Query("public", terms("轴承"), unit(1, 0.5), limit=3))
        assert listings(rankings.lexical) == listings(rankings.semantic) == ["z", "t000", "t001"]

    def test_meaning_is_the_exact_cosine_of_the_best_passage(self, engine: Engine) -> None:
        random_state = np.random.default_rng(7)
        documents: dict[str, list[np.ndarray]] = {
            f"{n:03d}": [unit(*random_state.standard_normal(DIMENSION)) for _ in range(n % 5)] for n in range(200)
        }
        engine.apply([document(name, vectors=vectors) for name, vectors in documents.items()], ())
        wanted = unit(*random_state.standard_normal(DIMENSION))
        scores = {name: [float(v @ wanted) for v in vectors] for name, vectors in documents.items() if vectors}
        best = sorted(scores, key=lambda name: -max(scores[name]))[:50]
        hits = engine.rank(Query("public", vector=wanted, limit=50)).semantic
        assert listings(hits) == best
        assert [hit.score for hit in hits] == pytest.approx([max(scores[name]) for name in best], abs=1e-5)
        assert [hit.passage for hit in hits] == [int(np.argmax(scores[name])) for name in best]

    def test_of_equal_passages_the_first_is_named(self, engine: Engine) -> None:
        engine.apply([document("a", vectors=[unit(0, 1), unit(1), unit(1)])], ())
        (hit,) = engine.rank(Query("public", vector=unit(1))).semantic
        assert (hit.passage, round(hit.score, 4)) == (1, 1.0)
        assert engine.rank(Query("public", terms=("x",), vector=unit(1))).semantic == (hit,)

    def test_opposite_vectors_are_ranked_too(self, engine: Engine) -> None:
        engine.apply([document("a", vectors=[unit(-1)]), document("b", vectors=[unit(0, 1)])], ())
        assert [(h.listing, round(h.score, 4)) for h in engine.rank(Query("public", vector=unit(1))).semantic] == [
            ("b", 0.0),
            ("a", -1.0),
        ]

    @pytest.mark.parametrize("vector", [np.ones(DIMENSION + 1, dtype=np.float32) / 3, unit(1) * np.float32(0.5)])
    def test_a_query_vector_of_another_recipe_is_an_error_of_the_caller(self, engine: Engine, vector: np.ndarray) -> None:
        engine.apply([document("a", "电池")], ())
        with pytest.raises(ValueError, match="query's vector"):
            engine.rank(Query("public", vector=vector))

    def test_audiences_do_not_see_each_other(self, engine: Engine) -> None:
        open_text = document("a", "电池", zones=["nanjing"], vectors=[unit(1)])
        registered = document("a", "电池轴承", audience="registered", zones=["wuxi"], vectors=[unit(0, 1)])
        engine.apply([open_text, registered, document("b", "轴承", audience="registered")], ())
        assert engine.rank(Query("public", terms("轴承"))).lexical == ()
        assert listings(engine.rank(Query("registered", terms("轴承"))).lexical) == ["b", "a"]
        assert listings(engine.rank(Query("public", vector=unit(0, 1))).semantic) == ["a"]
        assert engine.rank(Query("public", vector=unit(0, 1))).semantic[0].score == pytest.approx(0, abs=1e-6)
        assert engine.facets(Query("public"))["zone"] == {"nanjing": 1}
        engine.apply((), [Tombstone(identity("a"), 2)])
        assert set(listings(engine.rank(Query("registered")).lexical)) == {"a", "b"}

    def test_not_even_document_frequencies_carry_over(self, engine: Engine) -> None:
        def scores() -> dict[str, float]:
            return {hit.listing: hit.score for hit in engine.rank(Query("public", terms("电池轴承"))).lexical}

        public: list[Document] = [document("a", "电池"), document("b", "轴承"), document("c", "电池回收")]
        engine.apply(public, ())
        alone = scores()
        engine.apply([document(f"r{n}", "轴承", audience="registered") for n in range(50)], ())
        assert len(alone) == 3
        assert scores() == alone
