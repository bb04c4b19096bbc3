"""A real Elasticsearch without a container: the server from its Maven artefact, as an unprivileged user, in a folder of ours.

    python tools/elastic_server.py start --data var [--port 9200] [--nodes 3] [--user zonematch --password-file FILE]
    python tools/elastic_server.py stop --data var

Standard library only. Starting what runs, and stopping what does not, does nothing. Tests use `Cluster` itself.
"""

import argparse
import base64
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

VERSION = "8.19.16"
ARTEFACT = f"org.elasticsearch.distribution.integ-test-zip:elasticsearch:{VERSION}:zip"
INSIDE = Path("org/elasticsearch/distribution/integ-test-zip/elasticsearch") / VERSION / f"elasticsearch-{VERSION}.zip"
HOST = "127.0.0.1"
PORT = 9200
TRANSPORT_APART = 100
START_SECONDS = 300
STOP_SECONDS = 30
LEAST_JAVA = 17


class CannotRun(Exception):
    """Why no server can be had here, and what to do about it."""


@dataclass(frozen=True)
class Cluster:
    """Nodes on this machine in one folder. `user` with `password` switches security on; without it nobody is asked."""

    folder: Path
    ports: tuple[int, ...] = (PORT,)
    heap: str = "512m"
    user: str = ""
    password: str = field(default="", repr=False)

    @property
    def urls(self) -> tuple[str, ...]:
        return tuple(f"http://{HOST}:{port}" for port in self.ports)

    @property
    def home(self) -> Path:
        return self.folder / f"elasticsearch-{VERSION}"

    def start(self) -> bool:
        """Start the nodes that do not run, and wait until each answers. False where all of them did already.

        Raises `CannotRun`.
        """
        idle = [index for index in range(len(self.ports)) if not self.is_answering(index)]
        if not idle:
            return False
        java = java_home()
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.home / "bin" / "elasticsearch").exists():
            unpack(artefact(), self.folder)
        account = unprivileged()
        for index in idle:
            self._write_settings(index, account)
        check_reachable(self.home, account)
        if self.user:
            self._add_user(idle, java, account)
        started = [(index, self._launch(index, java, account)) for index in idle]
        try:
            for index, process in started:
                self._wait(index, process)
        except CannotRun:
            for index, _ in started:
                self.stop_node(index)
            raise
        return True

    def stop(self) -> bool:
        """Stop every node; False where none ran."""
        stopped = [self.stop_node(index) for index in range(len(self.ports))]
        return any(stopped)

    def stop_node(self, index: int) -> bool:
        """Ask the node to end, and after a while make it."""
        pid = self.pid(index)
        if pid is None:
            return False
        os.kill(pid, signal.SIGCONT)  # a paused one would not hear
        for sign, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, 10)):
            os.kill(pid, sign)
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                if self.pid(index) is None:
                    return True
                time.sleep(0.1)
        raise CannotRun(f"process {pid} does not end")

    def pid(self, index: int = 0) -> int | None:
        """The process of a node that runs, whether it answers or not."""
        try:
            pid = int(self._pid_file(index).read_text())
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if str(self.node(index)).encode() in arguments else None  # the number may be another's by now

    def node(self, index: int) -> Path:
        return self.folder / f"node{index + 1}"

    def is_answering(self, index: int = 0) -> bool:
        """Whether this node takes part in a cluster."""
        return self.nodes_seen(index) > 0

    def nodes_seen(self, index: int = 0) -> int:
        """Of how many nodes the cluster is, as this node says; 0 where it (and not another program there) is silent."""
        if self.pid(index) is None:
            return 0
        request = urllib.request.Request(f"{self.urls[index]}/_cluster/health")  # noqa: S310  # our own address
        if self.user:
            told = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            request.add_header("Authorization", f"Basic {told}")
        try:
            with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310  # the same
                health: Mapping[str, object] = json.load(response)
        except (OSError, ValueError):
            return 0
        nodes = health.get("number_of_nodes")
        return nodes if isinstance(nodes, int) else 0

    def _pid_file(self, index: int) -> Path:
        return self.node(index) / "pid"

    def _write_settings(self, index: int, account: "Account | None") -> None:
        node = self.node(index)
        for name in ("config", "data", "logs", "temporary"):
            (node / name).mkdir(parents=True, exist_ok=True)
        for name in ("jvm.options", "log4j2.properties"):
            shutil.copyfile(self.home / "config" / name, node / "config" / name)
        transports = [port + TRANSPORT_APART for port in self.ports]
        lines = [
            f"cluster.name: zonematch-{self.ports[0]}",
            f"node.name: node{index + 1}",
            f"path.data: {json.dumps(str(node / 'data'))}",
            f"path.logs: {json.dumps(str(node / 'logs'))}",
            f"network.host: {HOST}",
            f"http.port: {self.ports[index]}",
            f"transport.port: {transports[index]}",
            f"xpack.security.enabled: {'true' if self.user else 'false'}",
            "xpack.ml.enabled: false",
            # A developer's disk is often nearly full; the server would make its indices read-only.
            "cluster.routing.allocation.disk.threshold_enabled: false",
        ]
        if len(self.ports) == 1:
            lines.append("discovery.type: single-node")
        else:
            names = [f"node{number + 1}" for number in range(len(self.ports))]
            lines.append(f"discovery.seed_hosts: {json.dumps([f'{HOST}:{port}' for port in transports])}")
            lines.append(f"cluster.initial_master_nodes: {json.dumps(names)}")
        (node / "config" / "elasticsearch.yml").write_text("\n".join(lines) + "\n")
        own(node, account)

    def _environment(self, index: int, java: Path) -> dict[str, str]:
        node = self.node(index)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ES_", "JAVA_", "CLI_"))}
        return kept | {
            "ES_JAVA_HOME": str(java),
            "ES_JAVA_OPTS": f"-Xms{self.heap} -Xmx{self.heap}",
            "ES_PATH_CONF": str(node / "config"),
            "ES_TMPDIR": str(node / "temporary"),
            "HOME": str(node),
        }

    def _add_user(self, nodes: Sequence[int], java: Path, account: "Account | None") -> None:
        """To the first of these nodes by the server's own program, to the others by copies: it takes seconds."""
        files = [[self.node(index) / "config" / name for name in ("users", "users_roles")] for index in nodes]
        for path in (path for of_node in files for path in of_node):
            path.touch()
            own(path, account)
        first, *others = files
        if f"{self.user}:" not in first[0].read_text():
            done = subprocess.run(
                [self.home / "bin" / "elasticsearch-users", "useradd", self.user, "-p", self.password, "-r", "superuser"],
                env=self._environment(nodes[0], java), capture_output=True, text=True, check=False, **as_account(account),
            )  # fmt: skip
            if done.returncode:
                raise CannotRun(f"the server's user cannot be made: {done.stdout.strip()} {done.stderr.strip()}")
        for of_node in others:
            for made, copied in zip(first, of_node, strict=True):
                copied.write_bytes(made.read_bytes())

    def _launch(self, index: int, java: Path, account: "Account | None") -> subprocess.Popen[bytes]:
        for port in (self.ports[index], self.ports[index] + TRANSPORT_APART):
            check_port(port)
        with (self.node(index) / "logs" / "start.log").open("wb") as log:
            return subprocess.Popen(
                [self.home / "bin" / "elasticsearch", "-d", "-p", self._pid_file(index)],
                env=self._environment(index, java), cwd=self.node(index), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True, **as_account(account),
            )  # fmt: skip

    def _wait(self, index: int, process: subprocess.Popen[bytes]) -> None:
        """Until the node answers. The launcher ends by itself once the server runs."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if process.poll():
                raise CannotRun(f"the server does not start: {self._last_words(index)}")
            if process.returncode == 0 and self.nodes_seen(index) == len(self.ports):
                return
            time.sleep(0.2)
        raise CannotRun(f"the server does not answer after {START_SECONDS} s: {self._last_words(index)}")

    def _last_words(self, index: int) -> str:
        lines = (self.node(index) / "logs" / "start.log").read_text(errors="replace").splitlines()
        return " ".join(line.strip() for line in lines[-12:]) or f"see {self.node(index) / 'logs'}"


@dataclass(frozen=True)
class Account:
    name: str
    user: int
    group: int


def unprivileged() -> Account | None:
    """Who the server runs as: ourselves, but for root, whom it refuses."""
    if os.geteuid() != 0:
        return None
    for name in ("elasticsearch", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise CannotRun("Elasticsearch does not run as root, and there is no user nobody: run this as another user")


def as_account(account: Account | None) -> dict[str, object]:
    return {} if account is None else {"user": account.user, "group": account.group, "extra_groups": []}


def own(folder: Path, account: Account | None) -> None:
    if account is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.user, account.group, follow_symlinks=False)


def check_reachable(path: Path, account: Account | None) -> None:
    """Raises `CannotRun` where a folder on the way keeps the account out."""
    if account is None:
        return
    for folder in (*reversed(path.absolute().parents), path.absolute()):
        found = folder.stat()
        bit = 0o100 if found.st_uid == account.user else 0o010 if found.st_gid == account.group else 0o001
        if not found.st_mode & bit:
            raise CannotRun(
                f"Elasticsearch does not run as root, and the user {account.name} cannot enter {folder}: "
                "take another data folder, as in  DATA=/srv/zonematch, or run this as an ordinary user"
            )


def check_port(port: int) -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as problem:
            raise CannotRun(
                f"Port {port} cannot be used ({problem.strerror}): stop what uses it, or take another one, as in  "
                f"make elasticsearch ES_PORT={PORT + 10}"
            ) from None


def java_home() -> Path:
    """ES_JAVA_HOME, JAVA_HOME, the java on the path: the first there is."""
    for name in ("ES_JAVA_HOME", "JAVA_HOME"):
        if (home := os.environ.get(name)) and (Path(home) / "bin" / "java").exists():
            return Path(home)
    found = shutil.which("java")
    if found is None:
        raise CannotRun("Java is missing. On Debian: sudo apt install default-jre-headless")
    told = subprocess.run([found, "-version"], capture_output=True, text=True, check=False).stderr
    version = told.split('"')[1].split(".")[0] if told.count('"') >= 2 else ""
    if version.isdigit() and int(version) < LEAST_JAVA:
        raise CannotRun(
            f"Java {version} is too old, {LEAST_JAVA} or newer is needed. On Debian 12: sudo apt install default-jre-headless"
        )
    return Path(found).resolve().parent.parent


def repositories() -> Iterator[Path]:
    """Where Maven may keep what it has downloaded."""
    yield Path(os.environ.get("MAVEN_REPO_LOCAL") or Path.home() / ".m2" / "repository")


def artefact_here() -> Path | None:
    """The server's archive, where Maven has it already."""
    return next((each / INSIDE for each in repositories() if zipfile.is_zipfile(each / INSIDE)), None)


def artefact() -> Path:
    """The server's archive, fetched by Maven (104 MB) where it is not there."""
    if found := artefact_here():
        return found
    maven = shutil.which("mvn")
    if maven is None:
        raise CannotRun(
            "Maven is missing, which fetches the Elasticsearch server (104 MB, once). On Debian: sudo apt install maven"
        )
    say(f"Fetching Elasticsearch {VERSION} with Maven (104 MB, once) …")
    done = subprocess.run(
        [
            maven, "-q", "-B", f"-Dmaven.repo.local={next(repositories())}",
            "dependency:get", "-Dtransitive=false", f"-Dartifact={ARTEFACT}",
        ],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if found := artefact_here():
        return found
    raise CannotRun(f"Maven could not fetch {ARTEFACT}: {(done.stdout + done.stderr).strip()[-800:]}")


def unpack(archive: Path, folder: Path) -> None:
    """Whole or not at all: a start that is cut off leaves nothing that looks finished."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="unpacking-") as beside:
        with zipfile.ZipFile(archive) as file:
            file.extractall(beside)
            modes = {each.filename: each.external_attr >> 16 for each in file.infolist()}
        top = Path(beside) / f"elasticsearch-{VERSION}"
        for name, mode in modes.items():
            path = Path(beside) / name
            path.chmod(0o755 if path.is_dir() or mode & 0o111 else 0o644)
        top.chmod(0o755)
        (top / "logs").mkdir(exist_ok=True)
        (top / "plugins").mkdir(exist_ok=True)
        top.rename(folder / top.name)


def say(line: str) -> None:
    print(f"  {line}", flush=True)


def guard(cluster: Cluster, pid: int) -> None:
    """Once the process is gone, stop the cluster and remove its folder."""
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.5)
    cluster.stop()
    shutil.rmtree(cluster.folder, ignore_errors=True)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="Start or stop an Elasticsearch of this machine's own.")
    parser.add_argument("what", choices=("start", "stop", "status", "guard"))
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--data", type=Path, help="the data folder; the server keeps to elasticsearch/ in it")
    place.add_argument("--folder", type=Path, help="the server's own folder")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--heap", default="512m")
    parser.add_argument("--user", default="")
    parser.add_argument("--password-file", type=Path)
    parser.add_argument("--of", type=int, help="guard: stop the server and remove its folder once this process is gone")
    given = parser.parse_args(arguments)
    password = given.password_file.read_text().strip() if given.password_file else ""
    ports = tuple(range(given.port, given.port + given.nodes))
    folder = given.folder or (given.data / "elasticsearch").resolve()
    cluster = Cluster(folder, ports, given.heap, given.user, password)
    try:
        if given.what == "start":
            fresh = cluster.start()
            say(f"Elasticsearch {VERSION} {'is ready' if fresh else 'runs already'}: {', '.join(cluster.urls)}")
        elif given.what == "guard":
            guard(cluster, given.of)
        elif given.what == "stop":
            say("Elasticsearch is stopped." if cluster.stop() else "No Elasticsearch of this data folder was running.")
        elif not all(cluster.is_answering(index) for index in range(given.nodes)):
            return 1
    except CannotRun as problem:
        print(f"Elasticsearch cannot be started:\n  - {problem}" if given.what == "start" else str(problem), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
