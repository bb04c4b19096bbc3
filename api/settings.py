"""Typed settings from the environment (`ZONEMATCH_…`): the only place that reads it."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

# OpenMP's threads spin while they wait for one another. On cores that others use too they spin away the time of whom they
# wait for: a tenth of the passages a second, measured beside a test run. To be said before torch loads its runtime.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

ROOT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """All settings with their defaults. Times are in seconds."""

    model_config = SettingsConfigDict(env_prefix="ZONEMATCH_", extra="ignore")

    data: Path = Field(default=ROOT / "var", description="the one folder that holds everything: database, encoder, uploads, lock")
    database_url: str = Field(default="", description="SQLAlchemy URL; empty means SQLite in the data folder")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    demo: bool = Field(default=True, description="load the demonstration on first start and offer its accounts")
    encoder: str = Field(
        default="", description="a sentence-transformers folder; empty means the embedded one; `hashing` is for unit tests only"
    )
    encoder_backend: Literal["auto", "fp32", "bf16"] = "auto"
    encoder_threads: int | None = Field(default=None, ge=1)
    query_deadline: float = Field(
        default=1.5, gt=0, description="how long a search waits for its query vector before it goes by words"
    )
    upload_limit: int = Field(default=20 * 1024 * 1024, gt=0, description="bytes of an uploaded sheet")
    row_limit: int = Field(default=20_000, gt=0, description="rows of an uploaded sheet")
    secure_cookies: bool = Field(default=False, description="set behind HTTPS")
    log_json: bool = False

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite:///{(self.data / 'zonematch.db').resolve()}"

    @property
    def encoder_folder(self) -> Path:
        return Path(self.encoder) if self.encoder else self.data / "encoder"

    @property
    def means_file(self) -> Path:
        return self.data / "means.json"

    @property
    def uploads(self) -> Path:
        return self.data / "uploads"

    @property
    def lock_file(self) -> Path:
        return self.data / "serve.lock"
