"""Real kills: whenever the process dies, starting again leads to the same index and the same matches (law 2)."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlmodel import select

from api.boot import prepare
from api.settings import Settings
from api.wiring import Parts, assemble
from matching.model import Job, Listing, Match
from matching.store.outbox import recover
from matching.work import run_once
from search.encoder.hashing import HashingEncoder

KILLS = 50
LONGEST_LIFE = 1.5
"""Seconds that a process may work before it is killed; the moment is drawn evenly from it."""


def live_and_die(data: Path, seed: int, chance: random.Random, acknowledged: dict[str, str]) -> None:
    """Start the child, let it work for a random while, kill it, and keep what it had acknowledged."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.kills.child", str(data), str(seed)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    first = child.stdout.readline()
    assert first == "ready\n", child.communicate()[1]
    time.sleep(chance.uniform(0, LONGEST_LIFE))
    child.send_signal(signal.SIGKILL)
    output, errors = child.communicate()
    assert child.returncode == -signal.SIGKILL, errors
    lines = output.split("\n")
    for line in lines[:-1]:  # the last one is empty, or cut by the kill
        public_id, state = line.split()
        acknowledged[public_id] = state


def drain(parts: Parts) -> None:
    """Do everything that is due or will be, but for the daily job."""
    recover(parts.database)
    while True:
        with parts.database.write() as unit:
            unit.session.execute(sa.update(Job).where(sa.column("kind") != "expire").values(available_at=unit.now()))
            left = unit.session.exec(select(sa.func.count()).select_from(Job).where(Job.kind != "expire")).one()
            unit.commit()
        if left == 0:
            return
        run_once(parts.runtime, ("interactive", "bulk"))


def matches(parts: Parts) -> dict[tuple[int, int, int], tuple[float, int, int, int]]:
    with parts.database.read() as session:
        return {
            (row.zone_id, row.need_id, row.result_id): (row.score, row.level, row.need_revision, row.result_revision)
            for row in session.exec(select(Match))
        }


@pytest.mark.timeout(1500)
def test_the_same_index_and_matches_after_fifty_kills(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, encoder="hashing", demo=False)
    prepare(settings)
    chance = random.Random(20261123)
    acknowledged: dict[str, str] = {}
    for seed in range(KILLS):
        live_and_die(tmp_path, seed, chance, acknowledged)
    assert len(acknowledged) > KILLS, "the children did too little for the kills to mean anything"

    with assemble(settings, encoder=HashingEncoder()) as parts:
        parts.projection.fill()
        drain(parts)
        with parts.database.read() as session:
            stored = {row.public_id: row.state.value for row in session.exec(select(Listing))}
        lost = {id_: state for id_, state in acknowledged.items() if stored.get(id_) != state}
        assert not lost, "acknowledged writes that are not in the database"
        assert not parts.gate.compare(), "index and database differ"
        kept = matches(parts)
        assert kept
        # From nothing: the same rows again.
        with parts.database.write() as unit:
            unit.session.execute(sa.delete(Match))
            unit.commit()
        parts.matcher.match_zone("changzhou")
        assert matches(parts) == kept
