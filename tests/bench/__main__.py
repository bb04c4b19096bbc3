"""`python -m tests.bench [NAME|all] [--size small|full] [--json]`: see `BENCHES` and the modules of these names."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from api.settings import Settings
from tests.bench.report import QUIET, Report, load, machine


def _encoder(chosen: argparse.Namespace) -> Report:
    from tests.bench import encoder

    return encoder.run(chosen.size, Path(chosen.encoder))


def _candidates(chosen: argparse.Namespace) -> Report:
    from tests.bench import candidates

    return candidates.run(chosen.size)


def _lanes(chosen: argparse.Namespace) -> Report:
    from tests.bench import lanes

    return lanes.run(chosen.size)


def _import(chosen: argparse.Namespace) -> Report:
    from tests.bench import importing

    return importing.run(chosen.size, chosen.encoder, rows=chosen.rows)


def _latency(chosen: argparse.Namespace) -> Report:
    from tests.bench import latency

    return latency.run(chosen.size, chosen.encoder, rows=chosen.rows)


def _embedded(chosen: argparse.Namespace) -> Report:
    from tests.bench import embedded

    return embedded.run(chosen.size, listings=chosen.rows)


def _elastic(chosen: argparse.Namespace) -> Report:
    from tests.bench import elastic

    return elastic.run(chosen.size, listings=chosen.rows)


def _writers(chosen: argparse.Namespace) -> Report:
    from tests.bench import writers

    return writers.run(chosen.size)


def _suggestions(chosen: argparse.Namespace) -> Report:
    from tests.bench import suggestions

    return suggestions.run(chosen.size, listings=chosen.rows)


def _search(chosen: argparse.Namespace) -> Report:
    from tests.bench import searching

    return searching.run(chosen.size, chosen.encoder, listings=chosen.rows)


def _growth(chosen: argparse.Namespace) -> Report:
    from tests.bench import growth

    return growth.run(chosen.size, rows=chosen.rows)


def _desk(chosen: argparse.Namespace) -> Report:
    from tests.bench import desk

    return desk.run(chosen.size)


BENCHES: dict[str, Callable[[argparse.Namespace], Report]] = {
    "encoder": _encoder,
    "candidates": _candidates,
    "lanes": _lanes,
    "growth": _growth,
    "desk": _desk,
    "import": _import,
    "latency": _latency,
    "embedded": _embedded,
    "elastic": _elastic,
    "writers": _writers,
    "suggestions": _suggestions,
    "search": _search,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Ratios measured side by side in one run.")
    parser.add_argument("bench", nargs="?", default="all", choices=[*BENCHES, "all"])
    parser.add_argument("--size", default="full", choices=["small", "full"])
    parser.add_argument("--rows", type=int, help="rows of the imported sheets or listings of the engine, not the size's own")
    parser.add_argument("--encoder", default=str(Settings().encoder_folder), help="a folder, or `hashing` to find overheads")
    parser.add_argument("--json", action="store_true", help="print JSON only")
    chosen = parser.parse_args()
    facts = machine()
    if not chosen.json:
        print(f"{facts['processor']}, {facts['cores']} cores, {' '.join(facts['flags']) or 'no flag of interest'}")
        print(f"python {facts['python']}, torch {facts['torch']}, numpy {facts['numpy']}")
    reports = []
    for name in BENCHES if chosen.bench == "all" else [chosen.bench]:
        if name == "encoder" and chosen.encoder == "hashing":
            continue  # nothing to compare
        before = load()
        report = BENCHES[name](chosen)
        after = load()
        report.setting |= {"size": chosen.size, "load before": before, "after": after}
        if before > QUIET:
            report.remarks.append(f"Disturbed: the machine was busy before this bench began (load {before}).")
        reports.append(report)
        if not chosen.json:
            report.print()
            sys.stdout.flush()
    if chosen.json:
        print(json.dumps({"machine": facts, "reports": [each.to_json() for each in reports]}, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()
