"""What the process can do now: the same facts for `/readyz`, `doctor` and the search page's notice."""

import threading
from collections.abc import Mapping

from sqlmodel import text

from matching.store.database import Database
from search.errors import SearchError
from search.ports import Encoder, Engine


class Readiness:
    """Thread safe. `filled` is set once the engine holds what SQL holds."""

    def __init__(self, database: Database, engine: Engine, encoder: Encoder) -> None:
        self._database = database
        self._engine = engine
        self._encoder = encoder
        self.filled = threading.Event()

    def report(self) -> Mapping[str, object]:
        """`ready` is true when nothing is degraded; the rest names each part's state."""
        parts: dict[str, str] = {}
        try:
            with self._database.read() as session:
                session.execute(text("SELECT 1"))
            parts["database"] = "ok"
        except Exception as problem:  # whatever the driver raises, it is down
            parts["database"] = type(problem).__name__
        try:
            engine = self._engine.health()
            parts["engine"] = ("ok" if self.filled.is_set() else "filling") if engine.ok else engine.detail
        except SearchError as problem:
            parts["engine"] = str(problem)
        encoder = self._encoder.health()
        parts["encoder"] = "ok" if encoder.ok else encoder.detail
        return {"ready": all(state == "ok" for state in parts.values()), **parts}
