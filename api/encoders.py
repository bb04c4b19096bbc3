"""Takes up the encoder that SQL names, in every process, while it runs; and what teaching a new one needs of this machine.

Taught encoders are folders among the data, with their means beside them. Where several hosts serve, they share that folder or
hold copies of it: a host without one goes on with the encoder it has, by words where that is not the index's, and says so.
"""

import shutil
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import structlog

from api.settings import Settings
from matching.demo import texts as demo_texts
from matching.documents import passages_of
from matching.encoder_learning import Teaching
from matching.rankers import encoder_in_force
from matching.seed import names_in_both
from matching.store.clock import SystemClock
from matching.store.database import Database
from search.encoder.changing import ChangingEncoder
from search.encoder.folder import read_folder
from search.encoder.means import load_means
from search.encoder.transformer import TransformerEncoder
from search.encoder.tuning import Recipe
from search.encoder.workshop import Made, Workshop
from search.errors import EncoderFileError, EncoderUnavailable
from search.ports import Encoder, Lane, Role

log = structlog.get_logger("encoder")

EVERY: Final = 2.0
"""Seconds between two looks at what SQL names."""
NICE: Final = 10
"""Of the thread that embeds for an encoder that nobody uses yet."""


class EncoderInForce:
    """Thread safe. `configured` makes the encoder of the settings, which holds where SQL names none."""

    def __init__(
        self, settings: Settings, database: Database, encoder: ChangingEncoder, configured: Callable[[], Encoder]
    ) -> None:
        self._settings = settings
        self._database = database
        self._encoder = encoder
        self._configured = configured
        self._held = ""
        """The folder that holds; empty for the encoder of the settings."""
        self.spread = 1.0
        """`LearnedEncoder.spread` of the one that holds."""
        self._lock = threading.Lock()
        self._looked = 0.0
        self._closed = threading.Event()

    def look(self) -> None:
        """Take up another encoder, where SQL names another one than holds here."""
        with self._lock:
            self._looked = time.monotonic()
            with self._database.read() as session:
                row = encoder_in_force(session)
                wanted = (row.folder, row.recipe, row.base_digest) if row is not None else ("", "", "")
                spread = row.spread if row is not None else 1.0
            if wanted[0] == self._held:
                self._tell("")
                return
            try:
                encoder = self._taught(*wanted) if wanted[0] else self._configured()
            except (EncoderUnavailable, EncoderFileError) as problem:
                self._tell(str(problem))
                return
            self._encoder.use(encoder)
            self._held, self.spread = wanted[0], spread
            self._tell("")
            log.info("encoder.taken_up", folder=wanted[0], recipe=encoder.fingerprint)

    def look_now_and_then(self) -> None:
        """`look`, but not more often than it is worth."""
        if time.monotonic() - self._looked >= EVERY:
            self.look()

    def before(self, look: Callable[[Sequence[Lane]], bool]) -> Callable[[Sequence[Lane]], bool]:
        """A worker's look that takes up the encoder in force first. A batch that is made for the one before is asked for again
        by whoever lacks its vectors."""

        def look_with_it(lanes: Sequence[Lane]) -> bool:
            self.look_now_and_then()
            return look(lanes)

        return look_with_it

    def watch(self) -> None:
        """Look from now on, on a thread of its own, until closed."""

        def loop() -> None:
            while not self._closed.wait(EVERY):
                try:
                    self.look_now_and_then()
                except Exception:
                    # The database may be away for a while: the process outlives it.
                    log.exception("encoder.look_failed")

        threading.Thread(target=loop, name="encoder-in-force", daemon=True).start()

    def close(self) -> None:
        self._closed.set()

    def _tell(self, problem: str) -> None:
        if problem and problem != self._encoder.problem:
            log.warning("encoder.not_taken_up", reason=problem)
        self._encoder.problem = problem

    def _taught(self, name: str, recipe: str, base: str) -> Encoder:
        if self._settings.encoder == "hashing" or read_folder(self._settings.encoder_folder).digest != base:
            raise EncoderUnavailable("The encoder that was learned belongs to another model than the settings name.")
        encoder = _opened(self._settings, name)
        if encoder.fingerprint != recipe:
            raise EncoderUnavailable(f"The folder {name} of taught encoders is not what was learned: copy it again.")
        return encoder


def _opened(settings: Settings, name: str, *, threads: int | None = None, nice: int = 0) -> TransformerEncoder:
    folder = settings.taught / name
    means = load_means(_means(settings, name))
    return TransformerEncoder(
        folder, means=means, backend=settings.encoder_backend, threads=threads or settings.threads, nice=nice
    )


def _means(settings: Settings, name: str) -> Path:
    """Beside the folder, for they name its digest."""
    return settings.taught / f"{name}.means.json"


def means_texts() -> dict[Role, list[str]]:
    """What means are taken from: the demonstration's passages as they are embedded; all titles as queries."""
    texts: dict[Role, list[str]] = {"result": [], "need": [], "query": []}
    for listing in demo_texts.listings(SystemClock().today()):
        for role, text in passages_of(listing.draft)[1]:
            texts[role].append(text)
        texts["query"].append(listing.draft.title)
    return texts


def teaching(settings: Settings) -> Teaching | None:
    """None where nothing can be taught: the hashing encoder knows no meaning."""
    if settings.encoder == "hashing":
        return None

    def keep(made: Made) -> tuple[str, Encoder]:
        name = read_folder(made.folder).digest[:16]
        settings.taught.mkdir(parents=True, exist_ok=True)
        drop(name)
        shutil.copyfile(made.means, _means(settings, name))
        shutil.move(made.folder, settings.taught / name)
        return name, _opened(settings, name, threads=1, nice=NICE)

    def drop(name: str) -> None:
        if name:
            shutil.rmtree(settings.taught / name, ignore_errors=True)
            _means(settings, name).unlink(missing_ok=True)

    return Teaching(
        Workshop(settings.taught / "work", settings.encoder_folder, Recipe(threads=1)),
        base=lambda: read_folder(settings.encoder_folder).digest,
        means_of=lambda: (means_texts(), names_in_both()),
        keep=keep,
        drop=drop,
        scratch=settings.data,
    )
