"""What a bench prints: figures with median and spread over rounds, and the machine that made them. Also as JSON."""

import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any, Final, TypeVar

FLAGS: Final = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8")
"""What decides how fast an encoder can be."""
QUIET: Final = 2.5
"""One-minute load on two cores above which a run's figures are marked as disturbed."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of a table: a value a round. `aim` is what the issue asks, in words."""

    name: str
    values: tuple[float, ...]
    unit: str = ""
    aim: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass(slots=True)
class Report:
    """One bench: its figures in order of printing, what was measured, and remarks (profiles) below the table."""

    name: str
    setting: dict[str, Any]
    figures: list[Figure] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def add(self, name: str, values: float | Sequence[float], unit: str = "", aim: str = "") -> None:
        held = (float(values),) if isinstance(values, int | float) else tuple(float(each) for each in values)
        self.figures.append(Figure(name, held, unit, aim))

    def to_json(self) -> dict[str, Any]:
        return {
            "bench": self.name,
            "setting": self.setting,
            "figures": [
                {"name": each.name, "median": each.median, "min": min(each.values), "max": max(each.values), "unit": each.unit}
                | {"rounds": len(each.values)}
                | ({"aim": each.aim} if each.aim else {})
                for each in self.figures
            ],
            "remarks": self.remarks,
        }

    def print(self) -> None:
        setting = ", ".join(f"{name} {value}" for name, value in self.setting.items())
        print(f"\n## {self.name} ({setting})")
        print(f"{'':<58}{'median':>10}{'min':>10}{'max':>10}  unit")
        for each in self.figures:
            low, high = ("", "") if len(each.values) == 1 else (_number(min(each.values)), _number(max(each.values)))
            aim = f"   aim {each.aim}" if each.aim else ""
            print(f"{each.name:<58}{_number(each.median):>10}{low:>10}{high:>10}  {each.unit}{aim}")
        for remark in self.remarks:
            print(remark)


def _number(value: float) -> str:
    if value == int(value) and abs(value) >= 10:
        return f"{int(value)}"
    return f"{value:.4f}" if 0.9 < value < 1 else f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"


def timed(job: Callable[[], T]) -> tuple[float, T]:
    """Seconds and answer."""
    start = perf_counter()
    answer = job()
    return perf_counter() - start, answer


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile: a value that was measured."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def machine() -> dict[str, Any]:
    """Processor, the flags that matter, cores, versions. No host name, no path."""
    facts = _processor()
    held = set(facts.get("flags", "").split())
    return {
        "processor": facts.get("model name", platform.machine()),
        "flags": [flag for flag in FLAGS if flag in held],
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "torch": version("torch"),
        "numpy": version("numpy"),
    }


def _processor() -> dict[str, str]:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines) if key.strip()}


def load() -> float:
    """The one-minute load average."""
    return round(os.getloadavg()[0], 2)
