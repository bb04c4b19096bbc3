"""docs/api.md, run: a reader with a shell and curl comes from nothing to the pairs of a result, against a real `serve`."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.serving import Serving
from tests.services import ROOT

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
MARK = "=== block"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with Serving(tmp_path_factory.mktemp("served"), demo=True) as serving:
        serving.wait_until_quiet()
        yield serving


@pytest.mark.needs("curl")
def test_the_document_works_as_it_stands(served: Serving, tmp_path: Path) -> None:
    blocks = BLOCK.findall((ROOT / "docs" / "api.md").read_text("utf-8"))
    assert len(blocks) >= 8
    script = "set -u\n" + "".join(f"echo '{MARK} {at}'\n{block}\necho\n" for at, block in enumerate(blocks))
    script = script.replace("BASE=http://127.0.0.1:8000", f"BASE={served.address}")
    done = subprocess.run(["sh", "-e"], input=script, cwd=tmp_path, capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = [part.partition("\n")[2].strip() for part in done.stdout.split(MARK)[1:]]
    answers = [_answers(part) for part in told]
    assert all(each.get("status") in (None, 422) for part in answers for each in part if "code" in each and "detail" in each)
    refused = [each for part in answers for each in part if each.get("status") == 422]
    assert [error["pointer"] for error in refused[0]["errors"]] == ["#/title"]
    published = [each for part in answers for each in part if each.get("state") == "published"]
    assert published[-1]["number"].startswith("R-")
    pairs: dict[str, Any] = json.loads((tmp_path / "pairs.json").read_text("utf-8"))
    assert pairs["items"], "no pair was found"
    assert len(pairs["items"][0]["parts"]) == 10
    assert answers[-2][-1]["state"] == "withdrawn"
    batch = json.loads((tmp_path / "import.json").read_text("utf-8"))
    assert (batch["kind"], batch["total_rows"]) == ("result", 1)


def _answers(text: str) -> list[dict[str, Any]]:
    """The JSON values that stand one after the other in the output of a block."""
    found: list[dict[str, Any]] = []
    decoder, at = json.JSONDecoder(), 0
    while (at := text.find("{", at)) >= 0:
        value, at = decoder.raw_decode(text, at)
        found.append(value)
    return found
