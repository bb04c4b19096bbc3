"""The reading of an upload in a process of its own, with limits that the system holds: whatever a file does to its reader, it
does to nobody else.

The child (`python -m matching.imports.apart`) writes lines of JSON: a sheet, its rows one a line, the next sheet; or why not.
"""

import json
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Final

from matching.errors import UnusableFile
from matching.imports.sheet import Limits, Row, Table, Tables, open_tables

MEMORY: Final = 1 << 30
"""Bytes of address space of the reader. The largest sheet within the limits of `container` takes half of it."""
SECONDS: Final = 60
"""Of processor and of the clock. The largest sheet within the limits takes a quarter of it on a slow machine."""
_NO_MEMORY: Final = 77
_TOO_MUCH: Final = UnusableFile("file_too_complex")


def read_apart(path: Path, file_name: str, limits: Limits, *, memory: int = MEMORY, seconds: int = SECONDS) -> Tables:
    """`sheet.open_tables`, from the child. Raises also `file_too_complex`: over memory or time."""
    command = [sys.executable, "-m", __name__, str(path), file_name, json.dumps(asdict(limits)), str(memory), str(seconds)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as child:  # noqa: S603 - our own program
        late = threading.Timer(seconds, child.kill)
        late.daemon = True
        late.start()
        try:
            yield from _tables(child)
        finally:
            late.cancel()
            child.kill()


@dataclass(slots=True)
class _Lines:
    """The child's answers one by one; a sheet's line that came while rows were read waits in `ahead`."""

    child: "subprocess.Popen[bytes]"
    output: IO[bytes]
    ahead: Mapping[str, Any] | None = None

    def next(self) -> Any:
        line = self.output.readline()
        if line.endswith(b"\n"):
            return json.loads(line)
        code = self.child.wait()
        # Killed by a limit or by the allocator; an ordinary end says what was wrong.
        raise _TOO_MUCH if code < 0 or code == _NO_MEMORY else UnusableFile("file_unreadable")

    def rows(self) -> Iterator[tuple[int, Row]]:
        while self.ahead is None:
            answer = self.next()
            if isinstance(answer, list):
                yield answer[0], tuple(answer[1])
            elif "refused" in answer:
                raise UnusableFile(answer["refused"], **answer["params"])
            else:
                self.ahead = answer

    def sheet(self) -> Mapping[str, Any] | None:
        """The next one; what is left of the one before is passed over, its refusal included. None at the end."""
        while self.ahead is None:
            answer = self.next()
            if isinstance(answer, dict) and "refused" not in answer:
                self.ahead = answer
        found, self.ahead = self.ahead, None
        return found or None


def _tables(child: "subprocess.Popen[bytes]") -> Tables:
    if child.stdout is None:
        raise UnusableFile("file_unreadable")
    lines = _Lines(child, child.stdout)
    while sheet := lines.sheet():
        yield Table(sheet["sheet"], lines.rows(), _cells(sheet["broken"]), _cells(sheet["merged"]), sheet["pictures"])


def _cells(listed: list[list[Any]]) -> dict[tuple[int, int], Any]:
    return {(row, column): value for row, column, value in listed}


def _main(path: str, file_name: str, limits: str, memory: str, seconds: str) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds), int(seconds)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        _write(Path(path), file_name, Limits(**json.loads(limits)))
    except MemoryError:
        return _NO_MEMORY
    return 0


def _write(path: Path, file_name: str, limits: Limits) -> None:
    try:
        for table in open_tables(path, file_name, limits):
            _say(
                {
                    "sheet": table.name,
                    "broken": [[*at, code] for at, code in table.broken.items()],
                    "merged": [[*at, first] for at, first in table.merged.items()],
                    "pictures": table.pictures,
                }
            )
            try:
                for row in table.rows:
                    _say(row)
            except UnusableFile as refused:
                _say({"refused": refused.code, "params": refused.params})
        _say({})
    except UnusableFile as refused:
        _say({"sheet": "", "broken": [], "merged": [], "pictures": 0})
        _say({"refused": refused.code, "params": refused.params})
        _say({})


def _say(answer: object) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
