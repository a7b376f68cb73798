"""What was measured, in a file: each part as soon as it is there."""

from __future__ import annotations

import json
import os
import platform
import time
from pathlib import Path
from typing import Any

from .parts import Plan
from .process import ROOT
from .rounds import Figures

RESULTS = ROOT / "bench" / "results.json"


class Store:
    """The figures of earlier runs and of this one, by part.

    Attributes:
        content: `{part: {"figures": …, "messages": …, "rounds": …, "machine": …, "when": …}}`
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.content: dict[str, Any] = {}
        if file.exists():
            self.content = json.loads(file.read_text("utf-8"))

    def keep(self, part: str, plan: Plan, figures: Figures) -> None:
        """Keep a part in place of what was there."""
        self.content[part] = {
            "figures": figures,
            "messages": plan.messages,
            "rounds": plan.rounds,
            "machine": machine(),
            "when": time.strftime("%Y-%m-%d"),
        }
        new = self._file.with_suffix(".new")
        new.write_text(json.dumps(self.content, indent=1), "utf-8")
        new.replace(self._file)


def lines(figures: Figures, indent: str) -> list[str]:
    """Figures, one way a line, without the versions."""
    found: list[str] = []
    for name, value in figures.items():
        told: Figures = value
        if any(isinstance(each, dict) for key, each in told.items() if key != "versions"):
            found += [f"{indent}{name}", *lines(told, f"{indent}  ")]
            continue
        shown = (f"{key} {short(each)}" for key, each in told.items() if key != "versions")
        found.append(f"{indent}{name:18} {'  '.join(shown)}")
    return found


def short(value: object) -> str:
    """A figure with as many digits as mean something."""
    if isinstance(value, float):
        return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"
    return str(value)


def machine() -> dict[str, Any]:
    """This machine, in general words."""
    return {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
