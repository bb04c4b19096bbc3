"""Search, matching and evaluation from the command line, on a read-only copy built from SQL."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from secrets import token_hex
from typing import Annotated, Any

import typer

from api.cli.shared import Json, migrated, settings, show
from api.engines import elastic_options, make_bare_engine
from api.wiring import assemble, make_encoder, means_for
from matching.access import SYSTEM
from matching.discovery import SearchRequest
from matching.reference import industries
from search.encoder.means import Means
from search.engines.local import LocalEngine
from search.errors import EngineUnavailable
from search.ports import Encoder


def register(app: typer.Typer) -> None:
    _fit(app)

    @app.command()
    def search(text: str, limit: int = 10, as_json: Json = False) -> None:
        """Search results and needs by words and meaning."""
        with assemble(migrated()) as parts:
            parts.projection.fill()
            page = parts.discovery.search(SYSTEM, SearchRequest(text, limit=limit))
        rows = [
            {
                "number": hit.content.number,
                "kind": hit.content.kind.value,
                "title": hit.content.title,
                "owner": hit.content.organisation.name,
                "words": list(hit.words),
                "meaning": hit.is_semantic,
            }
            for hit in page.hits
        ]
        if as_json:
            show({"total": page.total, "notice": page.notice, "hits": rows}, as_json=True)
        else:
            for row in rows:
                print(f"{row['number']}  {row['title']}  [{row['owner']}]  {'、'.join(row['words'])}")  # type: ignore[arg-type]  # a list of words
            print(f"{page.total} found")

    @app.command()
    def match(
        zone: Annotated[str, typer.Option(help="code of the zone, e.g. changzhou")],
        limit: int = 20,
        as_json: Json = False,
    ) -> None:
        """Match a zone from SQL without writing anything; prints the best pairs."""
        with assemble(migrated()) as parts:
            pairs = parts.matcher.preview(zone)
        rows: list[dict[str, Any]] = [
            {
                "need": each.need.title,
                "result": each.result.title,
                "score": round(each.scored.score, 4),
                "level": each.scored.level,
            }
            for each in pairs[:limit]
        ]
        if as_json:
            show({"zone": zone, "pairs": len(pairs), "best": rows}, as_json=True)
        else:
            for row in rows:
                print(f"{row['level']} {row['score']:.3f}  {row['need']}  ←  {row['result']}")
            print(f"{len(pairs)} pairs")

    @app.command("evaluate-industries")
    def evaluate_industries(
        benchmarks: Annotated[Path | None, typer.Argument(help="folder of the benchmarks; own texts alone without it")] = None,
        folds: Annotated[int | None, typer.Option(help="also choose the rule anew outside each fold")] = None,
        as_json: Json = False,
    ) -> None:
        """Recall and precision of the industry gate on texts labelled by hand, with this installation's industries."""
        from matching.industry_evaluation import evaluate

        with assemble(migrated()) as parts:
            with parts.database.read() as session:
                nodes = industries(session)
            report = evaluate(benchmarks, nodes, parts.encoder, folds=folds)
        show(report, as_json=as_json)

    @app.command("evaluate")
    def evaluate_command(
        directory: Annotated[
            Path | None, typer.Argument(help="judged pairs in the BEIR layout: how well pairs are scored")
        ] = None,
        search: Annotated[Path | None, typer.Option(help="papers (papers.jsonl): how well search finds an abstract")] = None,
        floor: Annotated[
            bool, typer.Option("--floor", help="own queries: from which nearness on meaning finds something")
        ] = False,
        quality: Annotated[
            Path | None, typer.Option(help="judged pairs: whether the quality of a need's text predicts a good match")
        ] = None,
        behaviour: Annotated[
            bool, typer.Option("--behaviour", help="own full texts: figures, passages, maturity, what is missing")
        ] = False,
        duplicates: Annotated[
            bool, typer.Option("--duplicates", help="own pairs of texts: how well near duplicates are told from others")
        ] = False,
        exposure: Annotated[Path | None, typer.Option(help="judged pairs: which share of the results anybody is shown")] = None,
        queue: Annotated[
            Path | None, typer.Option(help="judged pairs: whether the pairs worth grading teach more than a random order")
        ] = None,
        train: Annotated[Path | None, typer.Option(help="judged pairs to learn the weights from, instead of the shipped")] = None,
        report: Annotated[Path | None, typer.Option(help="also write what the figures mean as a page to this file")] = None,
        folds: Annotated[int | None, typer.Option(help="also cross-validate what was chosen on such data")] = None,
        as_json: Json = False,
    ) -> None:
        """Measure the platform's own pair score on judged pairs, its search ranking on papers, or the floor of meaning."""
        if quality is not None and (directory, search, floor, folds) == (None, None, False, None):
            from matching.quality_evaluation import evaluate as evaluate_quality

            show(evaluate_quality(quality), as_json=as_json)
            return
        given = (directory, search, exposure, queue)
        if sum(each is not None for each in given) + floor + behaviour + duplicates != 1:
            raise typer.BadParameter(
                "give a folder of judged pairs, or one of --search, --quality, --exposure, --queue (with a folder), --floor, "
                "--behaviour, --duplicates"
            )
        if train is not None and (directory is None or folds is not None):
            raise typer.BadParameter("--train goes with a folder of judged pairs, and without --folds")
        encoder = make_encoder(settings(), centred=directory is None and exposure is None and queue is None)
        try:
            if search is not None:
                _evaluate_search(search, encoder, folds=folds, as_json=as_json)
            elif queue is not None:
                from matching.queue_evaluation import evaluate as evaluate_queue

                show(evaluate_queue(queue, encoder, means=_means()), as_json=as_json)
            elif floor:
                _evaluate_floor(encoder, folds=folds, as_json=as_json)
            elif duplicates:
                from matching.duplicate_evaluation import evaluate as evaluate_duplicates

                show(evaluate_duplicates(encoder, folds=folds), as_json=as_json)
            elif exposure is not None:
                from matching.exposure_evaluation import evaluate as evaluate_exposure

                show(evaluate_exposure(exposure, encoder, means=_means()), as_json=as_json)
            elif behaviour:
                from matching.behaviour_evaluation import evaluate as evaluate_behaviour

                show(evaluate_behaviour(encoder), as_json=as_json)
            elif directory is not None:
                from matching.evaluation import evaluate  # scipy.stats takes a second that no other command should pay

                found = evaluate(directory, encoder, means=_means(), train=train, folds=folds)
                if report is not None:
                    _write_report(report, found)
                show(found, as_json=as_json)
        finally:
            encoder.close()


def _write_report(file: Path, found: dict[str, Any]) -> None:
    from matching.pairing.ranker import shipped, to_json
    from matching.quality_report import markdown

    file.write_text(markdown(found, to_json(shipped())), encoding="utf-8")


def _fit(app: typer.Typer) -> None:
    @app.command()
    def fit(
        directory: Annotated[Path, typer.Argument(help="judged pairs in the BEIR layout")],
        write: Annotated[Path | None, typer.Option(help="file to write the weights to")] = None,
    ) -> None:
        """Learn the weights of the pair score and the thresholds of its levels from judged pairs."""
        from matching.pairing.ranker import to_json
        from matching.shipped_fit import fit_shipped

        encoder = make_encoder(settings(), centred=False)
        try:
            content = json.dumps(to_json(fit_shipped(directory, encoder, _means())), indent=1)
        finally:
            encoder.close()
        if write is None:
            print(content)
        else:
            write.write_text(content + "\n", encoding="utf-8")


def _means() -> Means | None:
    chosen = settings()
    return None if chosen.encoder == "hashing" else means_for(chosen)


def _evaluate_floor(encoder: Encoder, *, folds: int | None, as_json: bool) -> None:
    from matching.floor_evaluation import evaluate

    engine = LocalEngine(encoder.dimension, encoder.fingerprint)
    try:
        show(evaluate(encoder, engine, folds=folds), as_json=as_json)
    finally:
        engine.close()


def _evaluate_search(directory: Path, encoder: Encoder, *, folds: int | None, as_json: bool) -> None:
    """On an index of the run's own, on the engine that the settings name; the baselines on the server that they name."""
    from matching.search_evaluation import Abstract, evaluate, lines
    from search.engines.elastic.plain import PlainIndex, forget

    chosen = settings()
    chosen = chosen.model_copy(update={"elasticsearch_prefix": f"{chosen.elasticsearch_prefix}-evaluated-{token_hex(4)}"})
    options = elastic_options(chosen)
    engine = make_bare_engine(chosen, encoder.dimension, encoder.fingerprint)
    missing: list[str] = []
    with ExitStack() as stack:
        stack.callback(engine.close)
        if chosen.is_on_elasticsearch:
            stack.callback(forget, options)

        def compare(held: Sequence[Abstract]) -> PlainIndex | None:
            try:
                plain = stack.enter_context(PlainIndex(options, encoder.dimension))
            except EngineUnavailable as problem:
                missing.append(
                    f"The four baselines are missing: {problem}. Start a server with `make elasticsearch`, "
                    "or name one in ELASTICSEARCH_URL."
                )
                return None
            plain.add((each.id, each.text, each.terms, each.vectors) for each in held)
            return plain

        report = evaluate(directory, encoder, engine, compare, folds=folds) | ({"missing": missing} if missing else {})
    if as_json:
        show(report, as_json=True)
    else:
        print("\n".join(lines(report)))
