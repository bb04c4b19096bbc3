"""What the process can do now: the same facts for `/readyz`, `doctor` and the search page's notice."""

from collections.abc import Mapping

from sqlmodel import text

from matching.store.database import Database
from search.engines.guard import GuardedEngine
from search.errors import EngineUnavailable
from search.ports import Encoder


class Readiness:
    """Thread safe."""

    def __init__(self, database: Database, engine: GuardedEngine, encoder: Encoder) -> None:
        self._database = database
        self._engine = engine
        self._encoder = encoder

    def report(self) -> Mapping[str, object]:
        """`ready` is true when nothing is degraded; the rest names each part's state."""
        parts: dict[str, str] = {}
        try:
            with self._database.read() as session:
                session.execute(text("SELECT 1"))
            parts["database"] = "ok"
        except Exception as problem:  # whatever the driver raises, it is down
            parts["database"] = type(problem).__name__
        parts["engine"] = self._of_engine()
        encoder = self._encoder.health()
        parts["encoder"] = "ok" if encoder.ok else encoder.detail
        return {"ready": all(state == "ok" for state in parts.values()), **parts}

    def _of_engine(self) -> str:
        """`ok`, `rebuilding` (another recipe serves, by words alone), or the code of what is wrong: the log has the details."""
        if not self._engine.filled.is_set():
            return "filling"
        try:
            health = self._engine.health()
            if not health.ok:
                return health.code or health.detail
            return self._engine.code or ("ok" if self._engine.is_comparable() else "rebuilding")
        except EngineUnavailable as problem:
            return problem.code
