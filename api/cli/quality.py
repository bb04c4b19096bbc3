"""Search, matching and evaluation from the command line, on a read-only copy built from SQL."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from api.cli.shared import Json, migrated, settings, show
from api.engines import elastic_options, make_bare_engine
from api.wiring import assemble, make_encoder, means_for
from matching.access import SYSTEM
from matching.discovery import SearchRequest
from matching.reference import industries
from search.encoder.means import Means
from search.encoder.tuning import Lesson
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
        first_ten: Annotated[Path | None, typer.Option(help="judged pairs: what the switches of the first ten cost")] = None,
        queue: Annotated[
            Path | None, typer.Option(help="judged pairs: whether the pairs worth grading teach more than a random order")
        ] = None,
        train: Annotated[Path | None, typer.Option(help="judged pairs to learn the weights from, instead of the shipped")] = None,
        report: Annotated[Path | None, typer.Option(help="also write what the figures mean as a page to this file")] = None,
        folds: Annotated[int | None, typer.Option(help="also cross-validate what was chosen on such data")] = None,
        tune: Annotated[
            bool, typer.Option("--tune", help="with --folds: also teach the encoder for each fold with the others (minutes each)")
        ] = False,
        as_json: Json = False,
    ) -> None:
        """Measure the platform's own pair score on judged pairs, its search ranking on papers, or the floor of meaning."""
        options = _Options(folds, train, report, tune, as_json)
        on_a_folder = (
            (directory, _of_pairs),
            (search, _of_search),
            (quality, _of_need_quality),
            (exposure, _of_exposure),
            (first_ten, _of_first_ten),
            (queue, _of_queue),
        )
        on_own_texts = ((floor, _of_floor), (behaviour, _of_behaviour), (duplicates, _of_duplicates))
        chosen: list[Callable[[_Options], Any]] = [
            partial(measure, folder) for folder, measure in on_a_folder if folder is not None
        ]
        chosen += [measure for is_asked, measure in on_own_texts if is_asked]
        if len(chosen) != 1:
            raise typer.BadParameter(
                "give a folder of judged pairs, or one of --search, --quality, --exposure, --first-ten, --queue (with a folder), "
                "--floor, --behaviour, --duplicates"
            )
        if train is not None and (directory is None or folds is not None):
            raise typer.BadParameter("--train goes with a folder of judged pairs, and without --folds")
        if folds is not None and directory is None and search is None and not (floor or duplicates):
            raise typer.BadParameter("--folds goes with a folder of judged pairs, --search, --floor or --duplicates")
        if tune and (directory is None or folds is None):
            raise typer.BadParameter("--tune goes with a folder of judged pairs and --folds")
        show(chosen[0](options), as_json=as_json)


@dataclass(frozen=True, slots=True)
class _Options:
    """What goes with a measure, where it makes use of it."""

    folds: int | None
    train: Path | None
    report: Path | None
    tune: bool
    as_json: bool


# A measure gives its report. Each imports what it is made of when it is asked for: no other command should wait for that.


def _of_pairs(directory: Path, options: _Options) -> Any:
    from matching.evaluation import evaluate

    with _encoder(centred=False) as encoder:
        found = evaluate(
            directory, encoder, means=_means(), train=options.train, folds=options.folds, teach=_teach if options.tune else None
        )
    if options.report is not None:
        _write_report(options.report, found)
    return found


def _of_need_quality(directory: Path, _: _Options) -> Any:
    from matching.quality_evaluation import evaluate

    return evaluate(directory)


def _of_exposure(directory: Path, _: _Options) -> Any:
    from matching.exposure_evaluation import evaluate

    with _encoder(centred=False) as encoder:
        return evaluate(directory, encoder, means=_means())


def _of_first_ten(directory: Path, _: _Options) -> Any:
    from matching.first_ten_evaluation import evaluate

    with _encoder(centred=False) as encoder:
        return evaluate(directory, encoder, means=_means())


def _of_queue(directory: Path, _: _Options) -> Any:
    from matching.queue_evaluation import evaluate

    with _encoder(centred=False) as encoder:
        return evaluate(directory, encoder, means=_means())


def _of_behaviour(_: _Options) -> Any:
    from matching.behaviour_evaluation import evaluate

    with _encoder() as encoder:
        return evaluate(encoder)


def _of_duplicates(options: _Options) -> Any:
    from matching.duplicate_evaluation import evaluate

    with _encoder() as encoder:
        return evaluate(encoder, folds=options.folds)


def _of_floor(options: _Options) -> Any:
    from matching.floor_evaluation import evaluate

    with _encoder() as encoder, closing(LocalEngine(encoder.dimension, encoder.fingerprint)) as engine:
        return evaluate(encoder, engine, folds=options.folds)


def _encoder(*, centred: bool = True) -> closing[Encoder]:
    return closing(make_encoder(settings(), centred=centred))


@contextmanager
def _teach(lessons: Sequence[Lesson]) -> Iterator[Encoder]:
    from search.encoder.transformer import TransformerEncoder
    from search.encoder.tuning import Recipe, tune

    chosen = settings()
    with TemporaryDirectory() as name:
        folder = Path(name) / "taught"
        tune(chosen.encoder_folder, folder, lessons, Recipe(threads=chosen.threads))
        encoder = TransformerEncoder(folder, backend=chosen.encoder_backend, threads=chosen.threads)
        try:
            yield encoder
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

        with _encoder(centred=False) as encoder:
            content = json.dumps(to_json(fit_shipped(directory, encoder, _means())), indent=1)
        if write is None:
            print(content)
        else:
            write.write_text(content + "\n", encoding="utf-8")


def _means() -> Means | None:
    chosen = settings()
    return None if chosen.encoder == "hashing" else means_for(chosen)


def _of_search(directory: Path, options: _Options) -> Any:
    """On an index of the run's own, on the engine that the settings name; the baselines on the server that they name."""
    from matching.search_evaluation import Abstract, evaluate, lines
    from search.engines.elastic.plain import PlainIndex, forget

    chosen = settings()
    chosen = chosen.model_copy(update={"elasticsearch_prefix": f"{chosen.elasticsearch_prefix}-evaluated-{token_hex(4)}"})
    server = elastic_options(chosen)
    missing: list[str] = []
    with ExitStack() as stack:
        encoder = stack.enter_context(_encoder())
        engine = stack.enter_context(closing(make_bare_engine(chosen, encoder.dimension, encoder.fingerprint)))
        if chosen.is_on_elasticsearch:
            stack.callback(forget, server)

        def compare(held: Sequence[Abstract]) -> PlainIndex | None:
            try:
                plain = stack.enter_context(PlainIndex(server, encoder.dimension))
            except EngineUnavailable as problem:
                missing.append(
                    f"The four baselines are missing: {problem}. Start a server with `make elasticsearch`, "
                    "or name one in ELASTICSEARCH_URL."
                )
                return None
            plain.add((each.id, each.text, each.terms, each.vectors) for each in held)
            return plain

        report = evaluate(directory, encoder, engine, compare, folds=options.folds) | ({"missing": missing} if missing else {})
    return report if options.as_json else "\n".join(lines(report))
