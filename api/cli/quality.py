"""Search, matching and evaluation from the command line, on a read-only copy built from SQL."""

from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.shared import Json, migrated, settings, show
from api.wiring import assemble, make_encoder
from matching.access import SYSTEM
from matching.discovery import SearchRequest
from matching.reference import industries
from search.engines.local import LocalEngine
from search.ports import Encoder


def register(app: typer.Typer) -> None:
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
        folds: Annotated[int | None, typer.Option(help="also cross-validate by need what was chosen on judged pairs")] = None,
        as_json: Json = False,
    ) -> None:
        """Measure the platform's own pair score on judged pairs, or its own search ranking on papers."""
        if (directory is None) == (search is None):
            raise typer.BadParameter("give a folder of judged pairs, or one of papers with --search")
        encoder = make_encoder(settings())
        try:
            if search is not None:
                _evaluate_search(search, encoder, as_json=as_json)
            elif directory is not None:
                from matching.evaluation import evaluate  # scipy.stats takes a second that no other command should pay

                show(evaluate(directory, encoder, folds=folds), as_json=as_json)
        finally:
            encoder.close()


def _evaluate_search(directory: Path, encoder: Encoder, *, as_json: bool) -> None:
    from matching.search_evaluation import evaluate, lines

    engine = LocalEngine(encoder.dimension, encoder.fingerprint)
    try:
        report = evaluate(directory, encoder, engine, lambda _: None)
    finally:
        engine.close()
    if not report["baselines"]:
        report["missing"] = ["The baselines need an Elasticsearch: start one with `make elasticsearch`."]
    if as_json:
        show(report, as_json=True)
    else:
        print("\n".join(lines(report)))
