"""The engine for more than one process, or more than about 200,000 listings: an Elasticsearch 8 server."""

from search.engines.elastic.engine import ElasticEngine
from search.engines.elastic.options import ElasticOptions

__all__ = ["ElasticEngine", "ElasticOptions"]
