"""Plans: which faults happen when, read from TOML and checked as a whole. Pure.

A plan is a list of `[[fault]]` tables: the fields of the fault, and beside them when it begins
(`at`, and after what), how long it is at work (`for`), and how often it happens (`every`, `times`).
"""

from __future__ import annotations

import heapq
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from .kinds import Fault
from .reading import FaultError, check_value, checked, differing, name_of, read_fault

Start = Literal["start", "subscription"]
Later = Annotated[float, Meta(ge=0, le=1e9)]
Span = Annotated[float, Meta(gt=0, le=1e9)]
TIMES: dict[str, Any] = {
    "at": Later,
    "for": Span,
    "every": Annotated[float, Meta(ge=0.01, le=1e9)],
    "times": Annotated[int, Meta(ge=1)],
    "after": Start,
}


class PlanError(ValueError):
    """A plan cannot be read; `errors` says of each wrong entry and field what is wrong with it."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


@dataclass(frozen=True)
class PlannedFault:
    """One entry of a plan; times in seconds."""

    fault: Fault
    at: float = 0.0
    lasts: float | None = None
    every: float | None = None
    times: int | None = None
    after: Start = "subscription"

    def __post_init__(self) -> None:
        checked(self.fault)
        values = {
            "at": self.at,
            "for": self.lasts,
            "every": self.every,
            "times": self.times,
            "after": self.after,
        }
        given = {name: value for name, value in values.items() if value is not None}
        wrong = _wrong_times(given) or _combined(given, self.fault)
        if wrong:
            raise FaultError(wrong)

    def time_of(self, turn: int) -> float | None:
        """When it happens for the `turn`-th time, counted from 0; `None` if it does not."""
        if turn == 0:
            return self.at
        if self.every is None or (self.times is not None and turn >= self.times):
            return None
        return self.at + turn * self.every

    def __str__(self) -> str:
        told = [f"{name}={value}" for name, value in differing(self.fault).items()]
        lasting = [f"for {self.lasts:g} s"] if self.lasts is not None else []
        return " ".join([name_of(type(self.fault)), *told, *lasting])


@dataclass(frozen=True)
class Plan:
    """Faults that happen at their times."""

    faults: tuple[PlannedFault, ...] = ()

    @classmethod
    def of(cls, plan: Plan | str | Path | None) -> Plan:
        """The plan that is meant: itself, that of a file, or an empty one. Raises as `read` does."""
        if plan is None:
            return cls()
        return plan if isinstance(plan, Plan) else cls.read(plan)

    @classmethod
    def read(cls, path: str | Path) -> Plan:
        """Read a plan's file.

        Raises:
            OSError: if it cannot be read.
            PlanError: naming everything in it that is wrong.
        """
        try:
            return cls.parse(Path(path).read_text("utf-8"))
        except UnicodeDecodeError:
            raise PlanError(["not UTF-8"]) from None

    @classmethod
    def parse(cls, text: str) -> Plan:
        """Read a plan's text.

        Raises:
            PlanError: naming everything in it that is wrong.
        """
        try:
            tables = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PlanError([f"not TOML: {error}"]) from None
        errors = [f"{name}: a plan has only [[fault]]" for name in tables if name != "fault"]
        entries = _entries(tables.get("fault", []), errors)
        faults = [_read_entry(f"fault[{at}]", entry, errors) for at, entry in enumerate(entries)]
        if errors:
            raise PlanError(errors)
        return cls(tuple(fault for fault in faults if fault is not None))

    def schedule(self, after: Start) -> Schedule:
        """What happens when, of the faults that are counted from the same moment."""
        return Schedule([fault for fault in self.faults if fault.after == after])


class Schedule:
    """Hands out planned faults as their times come."""

    def __init__(self, faults: list[PlannedFault]) -> None:
        self._faults = faults
        self._next = [(fault.at, place, 0) for place, fault in enumerate(faults)]
        heapq.heapify(self._next)

    @property
    def next_at(self) -> float | None:
        """When the next one is due; `None` if there is none any more."""
        return self._next[0][0] if self._next else None

    def due(self, elapsed: float) -> list[PlannedFault]:
        """What is due `elapsed` seconds after the moment, in the order of its times."""
        due: list[PlannedFault] = []
        while self._next and self._next[0][0] <= elapsed:
            _, place, turn = heapq.heappop(self._next)
            fault = self._faults[place]
            due.append(fault)
            again = fault.time_of(turn + 1)
            if again is not None:
                heapq.heappush(self._next, (again, place, turn + 1))
        return due


def _entries(value: Any, errors: list[str]) -> list[dict[str, Any]]:
    try:
        return msgspec.convert(value, list[dict[str, Any]])
    except msgspec.ValidationError:
        errors.append("fault: write each fault as a [[fault]] table")
        return []


def _read_entry(where: str, entry: Mapping[str, Any], errors: list[str]) -> PlannedFault | None:
    wrong = _wrong_times(entry)
    fault: Fault | None = None
    try:
        fault = read_fault({name: value for name, value in entry.items() if name not in TIMES})
    except FaultError as error:
        wrong += error.errors
    wrong += _combined(entry, fault) if not wrong else []
    errors += [f"{where}.{text}" for text in wrong]
    if wrong or fault is None:
        return None
    return PlannedFault(
        fault,
        float(entry.get("at", 0.0)),
        entry.get("for"),
        entry.get("every"),
        entry.get("times"),
        entry.get("after", "subscription"),
    )


def _wrong_times(entry: Mapping[str, Any]) -> list[str]:
    return [
        text
        for name, kind in TIMES.items()
        if name in entry
        for text in check_value(name, entry[name], kind)
    ]


def _combined(entry: Mapping[str, Any], fault: Fault | None) -> list[str]:
    """What is wrong with fields that are right by themselves."""
    wrong: list[str] = []
    if "times" in entry and "every" not in entry:
        wrong.append("times: only with every")
    if "for" in entry and fault is not None and not fault.lasting:
        wrong.append(f"for: {name_of(type(fault))!r} is over at once")
    if "for" in entry and "every" in entry and entry["for"] >= entry["every"]:
        wrong.append("for: not shorter than every")
    return wrong
