"""Vectors in a mapped file: equal to what was given, reused when let go, and gone with the process."""

import subprocess
import sys
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.vector_file import VectorFile
from search.ports import Matrix

DIMENSION = 24


def _rows(count: int, seed: int = 1) -> Matrix:
    return np.random.default_rng(seed).standard_normal((count, DIMENSION)).astype(np.float32)


def test_what_is_kept_is_read_back_whatever_is_let_go(tmp_path: Path) -> None:
    file = VectorFile(DIMENSION, tmp_path)
    given_ = [_rows(count, count) for count in range(1, 40)]
    kept = [file.keep(each) for each in given_]
    file.let_go()
    assert all((a == b).all() for a, b in zip(kept, given_, strict=True))
    assert not kept[0].flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        kept[0][0, 0] = 1


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=60))
def test_rows_that_somebody_holds_are_never_written_over(steps: list[tuple[int, bool]]) -> None:
    """Also when only a part of them is held, as a side holds its title's."""
    file = VectorFile(DIMENSION)
    held: list[tuple[Matrix, Matrix]] = []
    for seed, (count, forget) in enumerate(steps):
        if forget and held:
            held.pop(0)
        rows = _rows(count, seed)
        kept = file.keep(rows)
        held.append((kept[:1], rows[:1]) if seed % 3 == 0 else (kept, rows))
        del kept
    assert all((a == b).all() for a, b in held)


def test_places_of_what_nobody_holds_are_used_again(tmp_path: Path) -> None:
    file = VectorFile(DIMENSION, tmp_path)
    sizes = []
    for round_ in range(6):
        kept = [file.keep(_rows(1 + at % 7, round_)) for at in range(100)]
        sizes.append(file.size)
        assert len(kept) == 100
        del kept
    assert set(sizes[1:]) == {sizes[0]}
    assert file.keep(_rows(1 << 14)).base is not None
    assert file.size > sizes[0] > 0


def test_the_file_has_no_name_and_needs_no_folder_that_stays(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    file = VectorFile(DIMENSION, folder)
    kept = file.keep(_rows(5))
    assert list(folder.iterdir()) == []
    folder.rmdir()
    assert (file.keep(_rows(5000, 2)) == _rows(5000, 2)).all()
    assert (kept == _rows(5)).all()


def test_without_a_place_on_disk_vectors_stay_in_memory(tmp_path: Path) -> None:
    file = VectorFile(DIMENSION, tmp_path / "missing")
    assert (file.keep(_rows(5)) == _rows(5)).all()
    assert file.size == 0


def test_threads_do_not_get_the_same_place() -> None:
    file = VectorFile(DIMENSION)
    wrong: list[int] = []

    def work(seed: int) -> None:
        kept = [(file.keep(_rows(1 + at % 5, seed * 1000 + at)), at) for at in range(60)]
        wrong.extend(at for rows, at in kept if (rows != _rows(1 + at % 5, seed * 1000 + at)).any())

    threads = [Thread(target=work, args=(seed,)) for seed in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert wrong == []


_GROWING = """
import os, sys
import numpy as np
from matching.vector_file import VectorFile
file = VectorFile(256)
block = np.ones((16, 256), np.float32)
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
held = [file.keep(block)]
before = resident()
for step in range(4000):
    held.append(file.keep(block))
    if step % 500 == 0:
        file.let_go()
file.let_go()
print(file.size, resident() - before)
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="resident memory is told by Linux")
def test_memory_does_not_grow_with_the_vectors() -> None:
    told = subprocess.run([sys.executable, "-c", _GROWING], capture_output=True, text=True, check=True).stdout.split()
    written, grown = int(told[0]), int(told[1])
    assert written > 60_000_000
    assert grown < written / 5
