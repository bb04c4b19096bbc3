"""Passages a second of the setting that serves (`backend=auto`) against torch fp32 in batches of 8, in alternating rounds.

The reference is `SentenceTransformer.encode(batch_size=8)` of the same folder in fp32, nothing subtracted. Ours goes through
the port, with its queue and its sorting. Cosines compare the same texts: as the models give them, and centred by the shipped
means, which is what is stored and where a difference weighs more.
"""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from search.encoder.folder import read_folder
from search.encoder.means import shipped_means
from search.encoder.transformer import TransformerEncoder, centred
from search.ports import Matrix
from tests.bench.report import Report, percentile, timed
from tests.bench.texts import PASSAGE, passages, queries

SIZES: Final = {"small": (2, 16, 10), "full": (5, 64, 60)}
"""Rounds, passages a round, queries."""
BATCH: Final = 8

Encode = Callable[[list[str]], Matrix]


def reference(folder: Path) -> Any:
    """The plain model in fp32."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    quiet: Any = logging  # its functions have no types
    quiet.disable_progress_bar()
    return SentenceTransformer(str(folder), device="cpu", local_files_only=True, model_kwargs={"dtype": torch.float32}).eval()


def run(size: str, folder: Path) -> Report:
    rounds, count, asked = SIZES[size]
    info = read_folder(folder)
    means = shipped_means(info.digest)
    chosen, model = TransformerEncoder(folder), reference(folder)

    def ours(texts: list[str]) -> Matrix:
        return chosen.encode(texts, "result")

    def theirs(texts: list[str]) -> Matrix:
        rows: Matrix = model.encode(texts, prompt=info.passage_prompt, batch_size=BATCH, show_progress_bar=False)
        return rows

    def ask(text: str) -> Matrix:
        return chosen.encode([text], "query", lane="interactive")

    def ask_theirs(text: str) -> Matrix:
        rows: Matrix = model.encode([text], prompt=info.query_prompt, show_progress_bar=False)
        return rows

    report = Report("encoder", {"passages a round": count, "characters": PASSAGE})
    routes: tuple[tuple[Encode, list[float]], ...] = ((ours, []), (theirs, []))
    plain, moved = [], []
    try:
        for encode, _ in routes:
            encode(passages(BATCH, seed=99))
        for number in range(rounds):
            texts = passages(count, seed=number)
            rows = []
            for encode, held in routes:
                seconds, found = timed(lambda: encode(texts))  # noqa: B023  # called at once
                held.append(count / seconds)
                rows.append(found)
            plain.append(_least(*rows))
            if means is not None:
                moved.append(_least(*(centred(each, means.vectors["result"]) for each in rows)))
        texts = queries(asked)
        waits = {"chosen": _waits(ask, texts), "torch fp32": _waits(ask_theirs, texts)}
        waits["chosen, while passages are embedded"] = _while_busy(chosen, lambda: _waits(ask, texts))
    finally:
        chosen.close()
    report.setting |= {"chosen": chosen.backend}
    ratios = [a / b for a, b in zip(routes[0][1], routes[1][1], strict=True)]
    report.add("chosen setting / torch fp32 batch 8", ratios, "times", "1.6 where the processor allows")
    report.add(f"chosen setting ({chosen.backend})", routes[0][1], "passages/s")
    report.add("torch fp32 batch 8", routes[1][1], "passages/s")
    report.add("least cosine of both", plain, "", "0.995")
    if moved:
        report.add("least cosine of both, centred", moved)
    for name, values in waits.items():
        for share in (0.5, 0.95):
            report.add(f"one query, {name}, p{share * 100:.0f}", percentile(values, share), "ms")
    return report


def _least(ours: Matrix, theirs: Matrix) -> float:
    return float(np.min(np.sum(ours.astype(np.float64) * theirs.astype(np.float64), axis=1)))


def _waits(ask: Callable[[str], Matrix], texts: list[str]) -> list[float]:
    """Milliseconds of each query, one after the other."""
    return [1e3 * timed(lambda: ask(text))[0] for text in texts]  # noqa: B023  # called at once


def _while_busy(chosen: TransformerEncoder, job: Callable[[], list[float]]) -> list[float]:
    """`job` while the bulk lane always has passages waiting."""
    ended = threading.Event()

    def flood() -> None:
        while not ended.is_set():
            chosen.encode(passages(4 * BATCH), "result", lane="bulk")

    bulk = threading.Thread(target=flood, daemon=True)
    bulk.start()
    try:
        return job()
    finally:
        ended.set()
        bulk.join(60)
