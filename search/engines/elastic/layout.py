"""What an index looks like: its mapping, and how documents and tombstones stand in it."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import orjson

from search.engines.attributes import attributes_of
from search.engines.elastic.options import ElasticOptions
from search.engines.fields import FIELD_WEIGHTS, weighted_terms
from search.ports import Audience, Document, DocumentId, DocumentState, Matrix, Passage, Tombstone, Vector

LAYOUT: Final = 1
"""Raise it when the mapping changes: an index of another one is not equal to what `Engine.begin` would make."""
_QUANTITIES: Final = ("price", "published", "expires")
"""Those of today's documents. Others are taken as well; each is one change of the mapping more."""
_PLAIN_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")

VECTORS: Final = "vectors"
LISTING: Final = "listing"
KEY: Final = "key"
STATE: Final = (LISTING, "revision", "state_hash", "deleted")


def index_body(options: ElasticOptions, meta: Mapping[str, object], dimension: int) -> dict[str, Any]:
    """Settings and mapping of a new index; unknown fields are refused, not guessed at."""
    keyword = {"type": "keyword"}
    column = {"type": "keyword", "index": False, "doc_values": True}
    signs = {"type": "text", "analyzer": "whitespace", "norms": False, "index_options": "positions"}
    span = {"properties": {"low": {"type": "double"}, "high": {"type": "double"}}}
    return {
        "settings": {
            "number_of_shards": options.shards,
            "auto_expand_replicas": options.replicas,
            # Every write is followed by a refresh of its own; this one is for a writer that died in between.
            "refresh_interval": "30s",
            # What was purged may be written again at any revision, at once.
            "gc_deletes": "0s",
        },
        "mappings": {
            "dynamic": "strict",
            "_meta": dict(meta),
            # The rest can be made anew from SQL; this is what `state` reads.
            "_source": {"includes": list(STATE)},
            "properties": {
                LISTING: keyword,
                KEY: keyword,
                "revision": {"type": "long"},
                "state_hash": column,
                "deleted": {"type": "boolean"},
                "attributes": keyword,
                "terms": {"type": "text", "analyzer": "whitespace", "index_options": "freqs"},
                "signs": {"type": "object", "dynamic": True, "properties": dict.fromkeys(FIELD_WEIGHTS, signs)},
                "spans": {"type": "object", "dynamic": True, "properties": dict.fromkeys(_QUANTITIES, span)},
                "count": {"type": "integer"},
                VECTORS: {"type": "binary", "doc_values": True},
                "passages": {
                    "type": "nested",
                    "dynamic": "strict",
                    "properties": {
                        "vector": {
                            "type": "dense_vector",
                            "dims": dimension,
                            "similarity": "dot_product",
                            "index": True,
                            "index_options": {"type": options.vector_index, **options.vector_parameters},
                        }
                    },
                },
            },
            "dynamic_templates": [
                {"signs": {"path_match": "signs.*", "mapping": signs}},
                {"ends": {"path_match": "spans.*", "match_mapping_type": "double", "mapping": {"type": "double"}}},
            ],
        },
    }


def field_name(name: str) -> str:
    """A name that stands for itself in a mapping, or one made of its bytes where it would not: points make objects."""
    return name if _PLAIN_NAME.fullmatch(name) else f"_{name.encode().hex()}"


def source(write: Document | Tombstone, *, with_vectors: bool) -> bytes:
    """The JSON of one document. Without vectors it is found by words alone."""
    held: dict[str, Any] = {LISTING: write.id.listing, KEY: str(write.id), "revision": write.revision}
    if isinstance(write, Tombstone):
        return orjson.dumps(held | {"state_hash": "", "deleted": True})
    passages = write.passages if with_vectors else ()
    held |= {
        "state_hash": write.state_hash,
        "deleted": False,
        "attributes": list(attributes_of(write)),
        "terms": " ".join(weighted_terms(write.fields)),
        "signs": {field_name(name): " ".join(signs) for name, signs in write.signs.items() if signs},
        "spans": {field_name(name): {"low": float(low), "high": float(high)} for name, (low, high) in write.spans.items()},
        "count": len(passages),
    }
    if passages:
        matrix = np.stack([each.vector for each in passages]).astype("<f4", copy=False)
        held[VECTORS] = base64.b64encode(matrix.tobytes()).decode("ascii")
        held["passages"] = [{"vector": vector} for vector in _of_unit_length(passages)]
    return orjson.dumps(held, option=orjson.OPT_SERIALIZE_NUMPY)


def _of_unit_length(passages: Sequence[Passage]) -> list[Vector]:
    """The server is stricter than the port about what unit length is."""
    matrix = np.stack([each.vector for each in passages])
    return list((matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32))


def vectors_of(encoded: str, dimension: int) -> Matrix:
    """All passages' vectors as they came, from what `source` wrote."""
    return np.frombuffer(base64.b64decode(encoded), dtype="<f4").reshape(-1, dimension)


def state_of(source_: Mapping[str, Any], audience: Audience) -> DocumentState:
    id_ = DocumentId(str(source_[LISTING]), audience)
    return DocumentState(id_, int(source_["revision"]), str(source_["state_hash"]), bool(source_["deleted"]))
