"""Typed settings from the environment (`ZONEMATCH_…`): the only place that reads it."""

import os
from datetime import time
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from matching.store.database import is_shared, with_password

# OpenMP's threads spin while they wait for one another. On cores that others use too they spin away the time of whom they
# wait for: a tenth of the passages a second, measured beside a test run. To be said before torch loads its runtime.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

ROOT = Path(__file__).resolve().parent.parent


def elastic(name: str, default: Any, **more: Any) -> Any:
    """A setting known by the name that Elasticsearch's own tools use, and by ours."""
    return Field(
        default=default, validation_alias=AliasChoices(f"ELASTICSEARCH_{name}", f"ZONEMATCH_ELASTICSEARCH_{name}"), **more
    )


class Settings(BaseSettings):
    """All settings with their defaults. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="ZONEMATCH_", extra="ignore", populate_by_name=True)

    data: Path = Field(default=ROOT / "var", description="the one folder that holds everything: database, encoder, uploads, lock")
    database_url: str = Field(default="", description="postgresql://user@host/name; empty means SQLite in the data folder")
    database_password_file: Path | None = Field(default=None, description="holds the password that the URL leaves out")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    demo: bool = Field(default=True, description="load the demonstration on first start and offer its accounts")
    encoder: str = Field(
        default="", description="a sentence-transformers folder; empty means the embedded one; `hashing` is for unit tests only"
    )
    encoder_backend: Literal["auto", "fp32", "bf16"] = "auto"
    encoder_threads: int | None = Field(
        default=None, ge=1, description="of one process; left out: all cores, half of them where several processes may run"
    )
    embedding: Literal["here", "elsewhere"] = Field(
        default="here", description="elsewhere: this process leaves listings to `zonematch worker --embed`"
    )
    query_deadline: float = Field(
        default=1.5, gt=0, description="how long a search waits for its query vector before it goes by words"
    )
    upload_limit: int = Field(default=20 * 1024 * 1024, gt=0, description="bytes of an uploaded sheet")
    row_limit: int = Field(default=20_000, gt=0, description="rows of an uploaded sheet")
    engine: Literal["", "embedded", "elasticsearch"] = Field(
        default="", description="empty means elasticsearch where its address is given, else embedded"
    )
    elasticsearch_url: str = elastic("URL", "", description="http://host:9200, several of one cluster with commas between")
    elasticsearch_user: str = elastic("USER", "")
    elasticsearch_password: SecretStr = elastic("PASSWORD", SecretStr(""))
    elasticsearch_password_file: Path | None = elastic("PASSWORD_FILE", None, description="read instead of the password")
    elasticsearch_ca: Path | None = elastic("CA", None, description="certificates to trust, where the system does not")
    elasticsearch_prefix: str = elastic("PREFIX", "zonematch", description="what the names of its indices begin with")
    elasticsearch_timeout: float = elastic("TIMEOUT", 3.0, gt=0, description="how long an answer is waited for")
    elasticsearch_write_timeout: float = elastic("WRITE_TIMEOUT", 60.0, gt=0)
    elasticsearch_shards: int = elastic("SHARDS", 1, ge=1, description="from the next generation of the index on")
    elasticsearch_replicas: str = elastic("REPLICAS", "0-1", description="as many as there are nodes for, within these bounds")
    elasticsearch_vectors: str = elastic("VECTORS", "int8_hnsw", description="kind of the vectors' index")
    elasticsearch_vector_parameters: dict[str, float] = elastic(
        "VECTOR_PARAMETERS", {}, description='its parameters as JSON: {"m": 16, "ef_construction": 100}'
    )
    index_grace_days: int = Field(default=7, ge=0, description="how long the index before the newest one is kept, to go back to")
    gate_at: time = Field(
        default=time(3, 30), description="time of the day in Shanghai from which index and database are compared"
    )
    secure_cookies: bool = Field(default=False, description="set behind HTTPS")
    log_json: bool = False

    @property
    def url(self) -> str:
        """Raises OSError where the file that holds the password cannot be read."""
        if not self.database_url:
            return f"sqlite:///{(self.data / 'zonematch.db').resolve()}"
        if self.database_password_file is None:
            return self.database_url
        return with_password(self.database_url, self.database_password_file.read_text("utf-8").strip())

    @property
    def is_shared(self) -> bool:
        """Whether several processes may run on this: with PostgreSQL and Elasticsearch, which are processes themselves."""
        return is_shared(self.url) and self.is_on_elasticsearch

    @property
    def threads(self) -> int | None:
        """The encoder's: a web process and a worker on one machine share its cores rather than fight for them."""
        return self.encoder_threads or (max(1, (os.cpu_count() or 1) // 2) if self.is_shared else None)

    @property
    def encoder_folder(self) -> Path:
        return Path(self.encoder) if self.encoder else self.data / "encoder"

    @property
    def means_file(self) -> Path:
        return self.data / "means.json"

    @property
    def taught(self) -> Path:
        """Encoders that were taught with verdicts, a folder each."""
        return self.data / "encoders"

    @property
    def uploads(self) -> Path:
        return self.data / "uploads"

    @property
    def lock_file(self) -> Path:
        return self.data / "serve.lock"

    @property
    def is_on_elasticsearch(self) -> bool:
        return self.engine == "elasticsearch" or (not self.engine and bool(self.elasticsearch_url))

    @property
    def elasticsearch_hosts(self) -> tuple[str, ...]:
        """This machine's own where none is named."""
        return tuple(each.strip() for each in self.elasticsearch_url.split(",") if each.strip()) or ("http://127.0.0.1:9200",)

    def elasticsearch_secret(self) -> str:
        """Raises OSError where the file that holds it cannot be read."""
        if self.elasticsearch_password_file is not None:
            return self.elasticsearch_password_file.read_text("utf-8").strip()
        return self.elasticsearch_password.get_secret_value()
