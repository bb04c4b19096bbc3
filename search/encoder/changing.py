"""An encoder in whose place another can be put while the process runs."""

import threading
from collections.abc import Sequence

from search.ports import Encoder, Health, Lane, Matrix, Role


class ChangingEncoder:
    """The port `Encoder` on another encoder, which it owns. Thread safe: who asks for a vector gets one of the encoder that
    holds at that moment; who stores it looks at the fingerprint before and after."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._lock = threading.Lock()
        self.problem = ""
        """Why the one that ought to hold does not; empty when it does."""

    def use(self, encoder: Encoder) -> None:
        """`encoder` holds from now on; the one before is closed, and who still waits for it gets `EncoderUnavailable`."""
        with self._lock:
            before, self._encoder = self._encoder, encoder
        if before is not encoder:
            before.close()

    @property
    def fingerprint(self) -> str:
        return self._encoder.fingerprint

    @property
    def dimension(self) -> int:
        return self._encoder.dimension

    def encode(self, texts: Sequence[str], role: Role, *, lane: Lane = "bulk", timeout: float | None = None) -> Matrix:
        return self._encoder.encode(texts, role, lane=lane, timeout=timeout)

    def health(self) -> Health:
        health = self._encoder.health()
        return Health(False, health.name, 0, self.problem) if self.problem else health

    def close(self) -> None:
        self._encoder.close()
