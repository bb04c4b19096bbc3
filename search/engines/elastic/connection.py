"""The client, and what its failures mean to whoever asked. The only module that makes a client."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from elasticsearch import ApiError, ConnectionTimeout, Elasticsearch, OrjsonSerializer, TransportError

from search.engines.elastic.options import ElasticOptions
from search.errors import EngineUnavailable

KNOWN_MAJOR: Final = 8
"""The server's major version that the client speaks and the suite runs on."""
_CONNECTIONS: Final = 40
"""As many as there are request threads."""
_MISSING: Final = ("index_not_found_exception", "aliases_not_found_exception", "alias_not_found_exception")

# The client tells of every failed attempt with a stack of frames; whoever asked is told once, by what is raised.
logging.getLogger("elastic_transport").setLevel(logging.CRITICAL)


class Connection:
    """Never asks the server anything by being made; the first call through `reads` or `writes` looks at its version."""

    def __init__(self, options: ElasticOptions) -> None:
        secured: dict[str, Any] = {"ca_certs": options.ca} if options.ca else {}
        client = Elasticsearch(
            list(options.hosts),
            basic_auth=(options.user, options.password) if options.user else None,
            serializers={OrjsonSerializer.mimetype: OrjsonSerializer()},
            connections_per_node=_CONNECTIONS,
            # Another host at once; and a connection that the server closed meanwhile is no failure.
            max_retries=max(2, len(options.hosts)),
            retry_on_status=(502, 503),
            retry_on_timeout=False,
            **secured,
        )
        self._reads = client.options(request_timeout=options.read_timeout)
        self._writes = client.options(request_timeout=options.write_timeout)
        self._client = client
        self._lock = threading.Lock()
        self._known = False
        self._closed = False

    def reads(self) -> Elasticsearch:
        """Raises `EngineUnavailable`: closed, or a server of a version that is not known to work."""
        self._require()
        return self._reads

    def writes(self) -> Elasticsearch:
        """As `reads`, with the patience that writing needs."""
        self._require()
        return self._writes

    def close(self) -> None:
        with self._lock:
            if not self._closed:
                self._closed = True
                self._client.close()

    @property
    def is_closed(self) -> bool:
        return self._closed

    def _require(self) -> None:
        if self._closed:
            raise EngineUnavailable("the connection to Elasticsearch is closed", "closed")
        if self._known:
            return
        with translated():
            found = self._reads.nodes.info(metric="_none", filter_path="nodes.*.version")
        for version in sorted({str(node["version"]) for node in found.get("nodes", {}).values()}):
            if version.split(".")[0] != str(KNOWN_MAJOR):
                raise EngineUnavailable(f"the server is Elasticsearch {version}; {KNOWN_MAJOR}.x is needed", "version")
        self._known = True


class IndexMissing(EngineUnavailable):
    """An index or alias that ought to be there is not: whoever reads the state anew may know better."""

    def __init__(self, message: str) -> None:
        super().__init__(message, "mapping")


@contextmanager
def translated() -> Iterator[None]:
    """Whatever the client raises becomes `EngineUnavailable` with the code that says what to mend."""
    try:
        yield
    except ApiError as error:
        raise unavailable(error.status_code, reason_of(error.body), str(error.error)) from error
    except ConnectionTimeout as error:
        raise EngineUnavailable(f"Elasticsearch did not answer in time: {error.message}", "slow") from error
    except TransportError as error:
        raise EngineUnavailable(f"Elasticsearch cannot be reached: {error.message}", "down") from error


def unavailable(status: int, reason: str, kind: str = "") -> EngineUnavailable:
    """What an answer with this status means. `kind` is the server's own name of the error."""
    told = f"Elasticsearch answered {status}: {reason}"
    if status == 404 and kind in _MISSING:
        return IndexMissing(told)
    return EngineUnavailable(told, _code(status, reason, kind))


def _code(status: int, reason: str, kind: str) -> str:
    told = f"{kind} {reason}"
    if "cluster_block_exception" in told:
        return "down" if "no master" in told or "recovered" in told else "read_only"
    if "UnsupportedProductError" in told or "media_type_header_exception" in told:
        return "version"
    if status in (401, 403):
        return "refused"
    if status in (408, 429, 504):
        return "slow"
    return "mapping" if status in (400, 404) else "down"


def reason_of(body: Any) -> str:
    """The innermost reason of an error's body, with its kind, on one line."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return " ".join(str(error).split())[:500]
    causes = [error]
    while isinstance(cause := causes[-1].get("caused_by"), dict):
        causes.append(cause)
    if roots := error.get("root_cause"):
        causes.append(roots[0])
    told = dict.fromkeys(f"{each.get('type', 'error')}: {each.get('reason', '')}" for each in causes)
    return " ".join("; ".join(told).split())[:500]
