"""docker-compose.yml without a container engine: its shape, what it names, and that it gives nobody a password."""

import json
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import typer
import yaml
from pydantic import AliasChoices

from api.cli import serving, works
from api.settings import Settings
from tests.services import ROOT

SERVERS = {"postgres", "elasticsearch"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return read


@pytest.fixture(scope="module")
def schema() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads((Path(__file__).parent / "compose_schema.json").read_text("utf-8")))


def test_it_is_a_compose_file(compose: dict[str, Any], schema: jsonschema_rs.Draft202012Validator) -> None:
    assert [f"{list(each.instance_path)}: {each.message}" for each in schema.iter_errors(compose)] == []


@pytest.mark.parametrize(
    ("service", "wrong"),
    [
        ("app", {"ports": ["8000:8000"]}),
        ("app", {"helthcheck": {}}),
        ("worker", {"depends_on": {"postgres": {"condition": "healthy"}}}),
        ("postgres", {"healthcheck": {"test": ["pg_isready"]}}),
        ("elasticsearch", {"deploy": {"resources": {"limits": {"memory": "lots"}}}}),
        ("app", {"image": None, "build": None}),
    ],
)
def test_the_schema_refuses_what_compose_would(
    compose: dict[str, Any], schema: jsonschema_rs.Draft202012Validator, service: str, wrong: dict[str, Any]
) -> None:
    changed = compose | {"services": compose["services"] | {service: compose["services"][service] | wrong}}
    assert not schema.is_valid(changed)


def test_everything_that_is_mounted_or_waited_for_exists(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {"app", "worker", "embedder"} | SERVERS
    for name, service in services.items():
        assert {each.split(":")[0] for each in service.get("volumes", [])} <= set(compose["volumes"]), name
        assert set(service.get("secrets", [])) <= set(compose["secrets"]), name
        assert set(service.get("depends_on", {})) <= set(services), name
        assert all("healthcheck" in services[each] for each in service.get("depends_on", {})), name
        assert service["deploy"]["resources"]["limits"]["memory"], name
        if "build" in service:
            assert (ROOT / service["build"] / "Dockerfile").is_file()
        read = re.findall(r"/run/secrets/(\w+)", json.dumps(service))
        assert set(read) <= set(service["secrets"]), name
    assert "/readyz" in " ".join(services["app"]["healthcheck"]["test"])
    assert services["elasticsearch"]["image"].endswith(":8.19.16")
    folder = services["app"]["environment"]["ZONEMATCH_DATA"]
    for name in ("app", "worker"):
        assert f"data:{folder}" in services[name]["volumes"], "sheets are staged there by one and read by the other"


def names_of_settings() -> set[str]:
    prefix = str(Settings.model_config["env_prefix"])
    found = {f"{prefix}{name}".upper() for name in Settings.model_fields}
    for field in Settings.model_fields.values():
        if isinstance(field.validation_alias, AliasChoices):
            found |= {str(each) for each in field.validation_alias.choices}
    return found


def test_every_setting_that_it_names_exists_and_is_read(compose: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    given = {name: service["environment"] for name, service in compose["services"].items() if name not in SERVERS}
    for name, environment in given.items():
        assert set(environment) <= names_of_settings(), name
    for name, value in given["app"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:-(\w+)\}", r"\1", str(value)))
    chosen = Settings()
    assert (chosen.host, chosen.port, chosen.demo) == ("0.0.0.0", 8000, True)  # noqa: S104  # inside its container
    assert chosen.is_on_elasticsearch
    assert chosen.database_url.startswith("postgresql://")


def test_every_command_that_it_runs_exists(compose: dict[str, Any]) -> None:
    app = typer.Typer()
    for module in (serving, works):
        module.register(app)
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group
    told = " ".join(json.dumps(each.get("command", "")) for each in compose["services"].values())
    for command, options in re.findall(r"exec zonematch (\w+)((?: --[\w-]+)*)", told):
        offered = [name for each in known[command].params for name in (*each.opts, *each.secondary_opts)]
        assert set(options.split()) <= set(offered), command
    assert len(re.findall("exec zonematch", told)) == 3


def test_passwords_are_files_that_are_made_once_and_never_kept_here(compose: dict[str, Any], tmp_path: Path) -> None:
    assert re.findall(r"PASSWORD[\"']?\s*[:=]\s*[\"']?(?!\"?\$\$\()\w", (ROOT / "docker-compose.yml").read_text("utf-8")) == []
    (tmp_path / "tools").mkdir()
    shutil.copy(ROOT / "tools" / "secrets.sh", tmp_path / "tools")
    made = []
    for _ in range(2):
        subprocess.run(["sh", "tools/secrets.sh"], cwd=tmp_path, check=True, capture_output=True)
        made.append({each.name: each.read_text("utf-8") for each in (tmp_path / "secrets").iterdir()})
    assert made[0] == made[1]
    assert {f"./secrets/{name}" for name in made[0]} == {each["file"] for each in compose["secrets"].values()}
    assert all(re.fullmatch(r"[\w-]{32}", each) for each in made[0].values())
    assert len(set(made[0].values())) == 2
    assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "secrets/" in ignored
    assert "!secrets" not in (ROOT / ".dockerignore").read_text("utf-8")
