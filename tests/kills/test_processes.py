"""Several real processes on one PostgreSQL and one Elasticsearch: what one is told another finds, and a kill loses nothing."""

import json
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from sqlmodel import select

from api.boot import prepare
from api.settings import Settings
from api.wiring import make_database
from matching import people, tokens
from matching.access import SYSTEM, actor_of
from matching.documents import name_key
from matching.model import AuditEntry, Listing, Match, Organisation, Person, Role, StoredVector, Zone
from matching.people import Grant
from matching.tokens import SCOPES
from tests import databases
from tests.api.serving import Serving, environment_of, wait_until_quiet
from tests.elastic import Elastic

pytestmark = [pytest.mark.needs("postgresql", "elasticsearch"), pytest.mark.timeout(900)]

PATIENCE = 300.0
"""Seconds: the leases of a process that was killed lapse after two minutes."""
BODIES = (
    "银浆烧结温度",
    "硅片隐裂检测",
    "背板涂层耐候",
    "钙钛矿封装水汽",
    "焊带镀层附着",
    "胶膜交联度",
    "电池片钝化",
    "逆变器散热",
)


class Installation:
    """A database, an index, a folder, and people with tokens."""

    def __init__(self, folder: Path, url: str, elastic: Elastic, **more: str) -> None:
        self.folder = folder
        self.more = {
            "ZONEMATCH_DATABASE_URL": url,
            "ELASTICSEARCH_URL": ",".join(elastic.server.hosts),
            "ELASTICSEARCH_USER": elastic.server.user,
            "ELASTICSEARCH_PASSWORD": elastic.server.password,
            "ELASTICSEARCH_PREFIX": elastic.prefix,
            **more,
        }
        prepare(Settings(data=folder, database_url=url, encoder="hashing", demo=False))
        self.database = make_database(Settings(data=folder, database_url=url))
        self.secrets: dict[str, str] = {}
        with self.database.write() as unit:
            zone = unit.session.exec(select(Zone).where(Zone.code == "changzhou")).one()
            firm = Organisation(
                name="测试光伏公司", name_key=name_key("测试光伏公司"), kind="enterprise", zone_id=zone.id, created_at=unit.now()
            )
            unit.session.add(firm)
            unit.session.flush()
            for login, grant in (
                ("seeker", Grant(Role.SEEKER, organisation=firm.public_id)),
                ("provider", Grant(Role.PROVIDER, organisation=firm.public_id)),
                ("admin", Grant(Role.ADMINISTRATOR)),
            ):
                people.add_person(unit, SYSTEM, login=login, name=login, password="correct horse 9", grants=[grant])
                person = unit.session.exec(select(Person).where(Person.login == login)).one()
                _, self.secrets[login] = tokens.create(unit, actor_of(unit.session, person), name="test", scopes=SCOPES, days=7)
            unit.commit()
        with self.database.engine.begin() as connection:
            # Every claim, seen by the database itself.
            connection.exec_driver_sql(
                "CREATE TABLE claim_log (job integer, kind text, taken_over boolean, at timestamptz DEFAULT now())"
            )
            connection.exec_driver_sql(
                "CREATE FUNCTION log_claim() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " INSERT INTO claim_log (job, kind, taken_over) VALUES (NEW.id, NEW.kind, OLD.lease IS NOT NULL);"
                " RETURN NEW; END $$"
            )
            connection.exec_driver_sql(
                "CREATE TRIGGER log_claim AFTER UPDATE OF lease ON job FOR EACH ROW"
                " WHEN (NEW.lease IS NOT NULL AND NEW.lease IS DISTINCT FROM OLD.lease) EXECUTE FUNCTION log_claim()"
            )

    def web(self) -> Serving:
        return Serving(self.folder, demo=False, more=self.more, arguments=["--no-worker"])

    @contextmanager
    def worker(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        """A process that is told to end, unless it is dead already."""
        process = subprocess.Popen(
            [sys.executable, "-m", "api", "worker", *arguments],
            env=environment_of(self.folder, demo=False, more=self.more), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        assert any("ready" in line for line in process.stdout), process.communicate()[1]
        try:
            yield process
        finally:
            process.terminate()
            _, errors = process.communicate(timeout=60)
            assert "Traceback" not in errors, errors

    def ask(self, web: Serving, method: str, path: str, login: str, body: Any = None, **headers: str) -> Any:
        request = urllib.request.Request(
            f"{web.address}/api/v1{path}", method=method, data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {self.secrets[login]}", "Content-Type": "application/json", **headers},
        )  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer) | {"etag": answer.headers["ETag"]}
        except urllib.error.HTTPError as refused:
            raise AssertionError(f"{method} {path}: {refused.code} {refused.read().decode()}") from refused

    def post(self, webs: list[Serving], number: int) -> str:
        """Written on one process and published on another; the public id."""
        is_need = number % 2 == 0
        body = BODIES[number % len(BODIES)]
        draft = {
            "title": f"{body}课题{number}", "texts": {"detail" if is_need else "summary": f"{body}，第 {number} 项。"},
            "industries": ["pv"], "then": "submit",
        }  # fmt: skip
        kind, login = ("needs", "seeker") if is_need else ("results", "provider")
        made = self.ask(webs[number % len(webs)], "POST", f"/{kind}", login, draft)
        other = webs[(number + 1) % len(webs)]
        self.ask(other, "POST", f"/{kind}/{made['id']}/publish", "admin", {}, **{"If-Match": made["etag"]})
        return str(made["id"])

    def found(self, web: Serving, words: str) -> set[str]:
        return {each["listing"]["id"] for each in self.ask(web, "GET", f"/search?q={quote(words)}&limit=50", "admin")["items"]}

    def claims(self) -> list[tuple[int, str, bool]]:
        """Job, kind, and whether it was taken from somebody who had not given it back."""
        with self.database.engine.connect() as connection:
            rows = connection.exec_driver_sql(
                "SELECT job, kind, taken_over FROM claim_log WHERE kind <> 'expire' ORDER BY at"
            ).all()
        return [(row[0], row[1], row[2]) for row in rows]


@contextmanager
def installation(folder: Path, elastic: Elastic, **more: str) -> Iterator[Installation]:
    url = databases.new(folder, databases.POSTGRESQL)
    made = Installation(folder, url, elastic, **more)
    try:
        yield made
    finally:
        made.database.close()
        databases.drop(url)


def test_what_one_process_is_told_the_others_find_and_no_job_is_done_twice(tmp_path: Path, elastic: Elastic) -> None:
    with installation(tmp_path, elastic) as made, made.web() as one, made.web() as two, made.worker(), made.worker():
        posted: dict[int, str] = {}
        problems: list[BaseException] = []

        def post(numbers: range) -> None:
            try:
                for number in numbers:
                    posted[number] = made.post([one, two], number)
            except BaseException as problem:
                problems.append(problem)

        threads = [threading.Thread(target=post, args=(range(start, 24, 3),)) for start in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not problems, problems
        wait_until_quiet(made.more["ZONEMATCH_DATABASE_URL"], PATIENCE)
        for number, body in enumerate(BODIES):
            for web in (one, two):
                assert posted[number] in made.found(web, f"{body}课题{number}")
        claims = made.claims()
        assert [each for each in claims if each[2]] == [], "a job was taken from a process that had it in hand"
        indexed = [job for job, kind, _ in claims if kind == "index"]
        assert len(indexed) == len(set(indexed)) >= 24, "a listing's job was done twice"
        with made.database.read() as session:
            numbers = [each.number for each in session.exec(select(Listing))]
            assert len(set(numbers)) == len(numbers) == 24
            published = session.exec(select(AuditEntry.subject_id).where(AuditEntry.action == "listing.publish")).all()
            assert len(set(published)) == len(published) == 24
            assert session.exec(select(Match)).first() is not None


def test_a_killed_worker_loses_nothing(tmp_path: Path, elastic: Elastic) -> None:
    with installation(tmp_path, elastic) as made, made.web() as web, ExitStack() as workers:
        stopped, _ = workers.enter_context(made.worker()), workers.enter_context(made.worker())
        posted = [made.post([web], number) for number in range(8)]
        # Paused first, so that it dies with what it has in hand, whatever that is.
        until = time.monotonic() + 60
        while time.monotonic() < until:
            stopped.send_signal(signal.SIGSTOP)
            with made.database.read() as session:
                held = session.execute(sa.text("SELECT count(*) FROM job WHERE lease IS NOT NULL")).scalar_one()
            if held:
                break
            stopped.send_signal(signal.SIGCONT)
            posted.append(made.post([web], len(posted)))
        stopped.kill()
        stopped.send_signal(signal.SIGCONT)
        posted += [made.post([web], number) for number in range(len(posted), len(posted) + 4)]
        wait_until_quiet(made.more["ZONEMATCH_DATABASE_URL"], PATIENCE)
        for number, public_id in enumerate(posted):
            assert public_id in made.found(web, f"{BODIES[number % len(BODIES)]}课题{number}")
        with made.database.read() as session:
            assert session.exec(select(Match)).first() is not None


def test_vectors_are_made_by_a_process_that_sees_only_the_database(tmp_path: Path, elastic: Elastic) -> None:
    with installation(tmp_path, elastic, ZONEMATCH_EMBEDDING="elsewhere") as made, made.web() as web, made.worker():
        posted = [made.post([web], number) for number in range(4)]
        time.sleep(3)
        with made.database.read() as session:
            assert session.exec(select(StoredVector)).all() == []
        alone = Installation.__new__(Installation)
        alone.folder = tmp_path / "another host"
        alone.more = {"ZONEMATCH_DATABASE_URL": made.more["ZONEMATCH_DATABASE_URL"]}
        with alone.worker("--embed"):
            wait_until_quiet(made.more["ZONEMATCH_DATABASE_URL"], PATIENCE)
        for number, public_id in enumerate(posted):
            assert public_id in made.found(web, f"{BODIES[number]}课题{number}")
        kinds = [kind for _, kind, _ in made.claims()]
        assert kinds.count("embed") >= 4
        assert list(alone.folder.iterdir()) == [], "it keeps nothing of its own"


def test_who_has_to_be_alone_refuses_company(tmp_path: Path, elastic: Elastic) -> None:
    with installation(tmp_path, elastic) as made, made.web():
        embedded = made.more | {"ZONEMATCH_ENGINE": "embedded", "ZONEMATCH_DATA": str(tmp_path / "other")}
        refused = subprocess.run(
            [sys.executable, "-m", "api", "serve", "--port", "0"],
            env=environment_of(tmp_path, demo=False, more=embedded), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert refused.returncode == 2
        assert "one only" in refused.stderr
