"""Which engine the settings name, made without asking it anything."""

from typing import TYPE_CHECKING

from api.settings import Settings
from matching.errors import NotReady
from search.engines.local import LocalEngine
from search.ports import Engine

if TYPE_CHECKING:
    from search.engines.elastic import ElasticOptions


def make_bare_engine(settings: Settings, dimension: int, fingerprint: str) -> Engine:
    """The embedded engine, empty, or Elasticsearch with whatever its indices hold.

    Raises `NotReady("elasticsearch_settings", why=…)` where an address or a file that they name is none.
    """
    if not settings.is_on_elasticsearch:
        return LocalEngine(dimension, fingerprint)
    from search.engines.elastic import ElasticEngine  # a client that the embedded engine has no use for

    return ElasticEngine(elastic_options(settings), dimension, fingerprint)


def elastic_options(settings: Settings) -> "ElasticOptions":
    """How to reach the servers that the settings name, or the one that `make elasticsearch` starts. Raises as above."""
    from search.engines.elastic import ElasticOptions

    try:
        return ElasticOptions(
            hosts=settings.elasticsearch_hosts,
            user=settings.elasticsearch_user,
            password=settings.elasticsearch_secret(),
            ca=str(settings.elasticsearch_ca or ""),
            prefix=settings.elasticsearch_prefix,
            read_timeout=settings.elasticsearch_timeout,
            write_timeout=settings.elasticsearch_write_timeout,
            shards=settings.elasticsearch_shards,
            replicas=settings.elasticsearch_replicas,
            vector_index=settings.elasticsearch_vectors,
            vector_parameters=settings.elasticsearch_vector_parameters,
        )
    except (ValueError, OSError) as problem:
        raise NotReady("elasticsearch_settings", why=str(problem)) from problem
