"""How to reach the servers, and what to choose where they leave a choice."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

USUAL_PORT: Final = 9200


@dataclass(frozen=True, slots=True)
class ElasticOptions:
    """Times are in seconds. What concerns the index takes effect with the next generation."""

    hosts: tuple[str, ...]
    """Addresses, `http://host:9200`: all of one cluster; whoever answers is asked."""
    user: str = ""
    password: str = field(default="", repr=False)
    ca: str = ""
    """A file of certificates to trust; empty means the system's."""
    prefix: str = "zonematch"
    """What the names of all indices and aliases begin with: several installations may share a cluster."""
    read_timeout: float = 5.0
    write_timeout: float = 60.0
    patience: float = 60.0
    """How long a write is tried again while the server says that it has too much to do."""
    shards: int = 1
    replicas: str = "0-1"
    """As many as there are nodes for, within these bounds."""
    vector_index: str = "int8_hnsw"
    vector_parameters: Mapping[str, float] = field(default_factory=dict)
    """`m`, `ef_construction`, `confidence_interval`: the server's defaults where they are absent."""
    candidates: int = 10
    """How many neighbours a shard looks at for each one that is asked for."""
    bulk_documents: int = 500
    bulk_bytes: int = 8 * 1024 * 1024
    """The most that one request carries; a single larger document goes alone."""

    def __post_init__(self) -> None:
        """Raises ValueError for what cannot be right: a mistyped setting is said at once, a server that is down is not."""
        if not self.hosts:
            raise ValueError("no Elasticsearch address is given")
        if self.ca and not Path(self.ca).is_file():
            raise ValueError(f"{self.ca} is no file of certificates")
        object.__setattr__(self, "hosts", tuple(_with_port(each) for each in self.hosts))


def _with_port(address: str) -> str:
    parts = urlsplit(address if "://" in address else f"http://{address}")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{address!r} is no address of an Elasticsearch server: http://host:9200 is one")
    if parts.username or parts.password:
        raise ValueError("name user and password of Elasticsearch by themselves, not in its address")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}:{parts.port or USUAL_PORT}{parts.path.rstrip('/')}"
