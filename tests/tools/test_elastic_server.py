"""tools/elastic_server.py: what it says where something is missing. That it starts servers, every Elasticsearch test sees."""

import os
import socket
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.elastic import free_ports
from tests.services import ROOT, elastic_server

TOOL = ROOT / "tools" / "elastic_server.py"


def run(*arguments: object, path: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in ("JAVA_HOME", "ES_JAVA_HOME")}
    given = kept | ({"PATH": str(path)} if path else {}) | environment
    return subprocess.run(
        [sys.executable, TOOL, *map(str, arguments)], env=given, capture_output=True, text=True, timeout=60, check=False
    )


def program(folder: Path, name: str, body: str) -> None:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_java_missing_is_said_with_the_package_that_brings_it(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    done = run("start", "--data", tmp_path, path=tmp_path / "bin")
    assert done.returncode == 1
    assert "Java is missing" in done.stderr
    assert "default-jre-headless" in done.stderr


def test_java_too_old_is_said(tmp_path: Path) -> None:
    program(tmp_path / "bin", "java", "echo 'openjdk version \"11.0.2\" 2019' >&2")
    done = run("start", "--data", tmp_path, path=tmp_path / "bin")
    assert done.returncode == 1
    assert "Java 11 is too old" in done.stderr


def test_maven_missing_is_said_where_the_archive_is_not_there_yet(tmp_path: Path) -> None:
    program(tmp_path / "bin", "java", "echo 'openjdk version \"17.0.2\" 2022' >&2")
    done = run("start", "--data", tmp_path, path=tmp_path / "bin", MAVEN_REPO_LOCAL=str(tmp_path / "empty"))
    assert done.returncode == 1
    assert "Maven is missing" in done.stderr
    assert "apt install maven" in done.stderr


def test_what_maven_says_is_passed_on(tmp_path: Path) -> None:
    program(tmp_path / "bin", "java", "echo 'openjdk version \"17.0.2\" 2022' >&2")
    program(tmp_path / "bin", "mvn", "echo 'no such host'; exit 1")
    done = run("start", "--data", tmp_path, path=tmp_path / "bin", MAVEN_REPO_LOCAL=str(tmp_path / "empty"))
    assert done.returncode == 1
    assert "no such host" in done.stderr


def test_stopping_what_does_not_run_does_nothing(tmp_path: Path) -> None:
    done = run("stop", "--data", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "No Elasticsearch" in done.stdout
    assert run("status", "--data", tmp_path).returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_an_archive_is_unpacked_whole_or_not_at_all(tmp_path: Path) -> None:
    archive, folder = tmp_path / "server.zip", tmp_path / "there"
    folder.mkdir()
    top = f"elasticsearch-{elastic_server.VERSION}"
    with zipfile.ZipFile(archive, "w") as file:
        entry = zipfile.ZipInfo(f"{top}/bin/elasticsearch")
        entry.external_attr = 0o100755 << 16
        file.writestr(entry, "#!/bin/sh\n")
        file.writestr(f"{top}/config/jvm.options", "-Xmx1g\n")
    elastic_server.unpack(archive, folder)
    assert [each.name for each in folder.iterdir()] == [top]
    assert os.access(folder / top / "bin" / "elasticsearch", os.X_OK)
    assert stat.S_IMODE((folder / top / "config" / "jvm.options").stat().st_mode) == 0o644
    archive.write_bytes(archive.read_bytes()[:100])
    with pytest.raises(zipfile.BadZipFile):
        elastic_server.unpack(archive, tmp_path)
    assert not (tmp_path / top).exists()


def test_a_folder_that_the_servers_user_cannot_enter_is_named(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    account = elastic_server.Account("somebody", os.geteuid() + 4242, os.getegid() + 4242)
    with pytest.raises(elastic_server.CannotRun, match="somebody cannot enter"):
        elastic_server.check_reachable(closed, account)
    elastic_server.check_reachable(closed, None)


def test_a_port_in_use_is_said_with_another_one_to_take() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        port = held.getsockname()[1]
        with pytest.raises(elastic_server.CannotRun, match=f"Port {port}.*ES_PORT="):
            elastic_server.check_port(port)


def test_a_number_in_the_file_that_is_another_programs_is_no_server(tmp_path: Path) -> None:
    cluster = elastic_server.Cluster(tmp_path, free_ports())
    cluster.node(0).mkdir()
    (cluster.node(0) / "pid").write_text(str(os.getpid()))
    assert cluster.pid() is None
    assert not cluster.is_answering()
    assert not cluster.stop()
