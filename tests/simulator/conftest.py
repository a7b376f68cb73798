"""An exchange for each test, and plain clients: requests and websocket-client."""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import websocket

from exchange_connector.simulator import SimulatedExchange

ROOT = Path(__file__).resolve().parents[2]
FIXTURES = ROOT.parent / "shared" / "fixtures"


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """A seeded exchange whose clock stands ten seconds into a minute."""
    with SimulatedExchange(seed=7) as running:
        running.skew_clock(10 - time.time() % 60)
        yield running


@pytest.fixture
def dial() -> Iterator[Callable[[str], websocket.WebSocket]]:
    """Open a websocket to a URL; closed at the end of the test."""
    opened: list[Any] = []

    def dial(url: str) -> websocket.WebSocket:
        socket = websocket.create_connection(url, timeout=5)
        opened.append(socket)
        return socket

    yield dial
    for socket in opened:
        socket.shutdown()


@pytest.fixture
def ask() -> Callable[..., Any]:
    """Send a control message and return its answer, passing over data."""

    def ask(socket: websocket.WebSocket, method: str, params: Any = None, id: Any = 1) -> Any:
        message = {"method": method, "id": id}
        if params is not None:
            message["params"] = params
        socket.send(json.dumps(message))
        while True:
            answer = json.loads(socket.recv())
            if "result" in answer or "code" in answer or "error" in answer:
                return answer

    return ask


@pytest.fixture
def data() -> Callable[[websocket.WebSocket], Any]:
    """The next message of a websocket, decoded."""

    def data(socket: websocket.WebSocket) -> Any:
        return json.loads(socket.recv())

    return data


@pytest.fixture
def frame() -> Callable[[Any], tuple[int, bytes]]:
    """The next frame of a websocket, control frames too: opcode and payload."""

    def frame(socket: Any) -> tuple[int, bytes]:
        opcode, payload = socket.recv_data(control_frame=True)
        return opcode, payload

    return frame


@pytest.fixture
def fixture_file() -> Callable[[str], Path]:
    """The path of a recorded or documented file; skips where there is none."""

    def find(name: str) -> Path:
        path = FIXTURES / name
        if not path.exists():
            pytest.skip(f"no recorded file {name} (../shared/fixtures is absent)")
        return path

    return find


@pytest.fixture
def examples(fixture_file: Callable[[str], Path]) -> Callable[[str, str], list[Any]]:
    """The documentation's JSON examples of the section that ends with a title."""

    def find(name: str, title: str) -> list[Any]:
        lines = [json.loads(line) for line in fixture_file(name).read_text("utf-8").splitlines()]
        return [json.loads(line["raw"]) for line in lines if line["section"].endswith(title)]

    return find


MILLISECONDS = range(10**12, 10**13)
DECIMAL = re.compile(r"-?[0-9]+\.([0-9]+)")
POSITIONAL = (int, float, bool)


def form(value: Any) -> str:
    """What a scalar of JSON looks like: its kind, and how many decimals or which unit it has."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "time in ms" if value in MILLISECONDS else "integer"
    if not isinstance(value, str):
        return type(value).__name__
    decimal = DECIMAL.fullmatch(value)
    if decimal is not None:
        return f"{len(decimal[1])} decimals"
    if re.fullmatch(r"-?[0-9]+", value):
        return "digits"
    return "constant" if re.fullmatch(r"[A-Z][A-Z0-9_]*", value) else "text"


@dataclass
class Comparison:
    """Compares answers with documented ones, field by field.

    `accepted` names differences by `<example>: <path> <what>` patterns and gives the reason of
    each; those that were met are in `met`.
    """

    accepted: dict[str, str]
    examples: int = 0
    seen: set[tuple[str, str]] = field(default_factory=set)
    differences: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    example: str = ""

    @property
    def fields(self) -> int:
        """How many documented fields were compared; a field of many rows counts once."""
        return len(self.seen)

    def compare(self, example: str, documented: Any, answered: Any) -> None:
        """Compare one answer."""
        self.example = example
        self.examples += 1
        self._value("$", documented, answered)

    def _value(self, path: str, documented: Any, answered: Any) -> None:
        if isinstance(documented, dict):
            self._object(path, documented, answered)
        elif isinstance(documented, list):
            self._array(path, documented, answered)
        else:
            self.seen.add((self.example, path))
            wanted, got = form(documented), form(answered)
            # a time that the documentation leaves at 0 or so is any integer there
            if wanted != got and (wanted, got) != ("integer", "time in ms"):
                self._differs(path, f"is {got}, documented {wanted}")

    def _object(self, path: str, documented: Any, answered: Any) -> None:
        if not isinstance(answered, dict):
            self._differs(path, f"is {type(answered).__name__}, documented object")
            return
        for name in documented.keys() - answered.keys():
            self._differs(f"{path}.{name}", "is missing")
        if documented:  # an empty one stands for whatever the documentation describes elsewhere
            for name in answered.keys() - documented.keys():
                self._differs(f"{path}.{name}", "is not documented")
        for name in documented.keys() & answered.keys():
            self._value(f"{path}.{name}", documented[name], answered[name])

    def _array(self, path: str, documented: Any, answered: Any) -> None:
        if not isinstance(answered, list):
            self._differs(path, f"is {type(answered).__name__}, documented array")
        elif documented and not answered:
            self._differs(path, "is empty")
        elif documented and isinstance(documented[0], dict) and "filterType" in documented[0]:
            rows = {row["filterType"]: row for row in answered}
            for row in documented:
                kind = row["filterType"]
                if kind in rows:
                    self._value(f"{path}[{kind}]", row, rows[kind])
                else:
                    self._differs(f"{path}[{kind}]", "is missing")
        elif documented and isinstance(documented[0], dict | list):
            for index, row in enumerate(answered):
                self._value(f"{path}[]", documented[min(index, len(documented) - 1)], row)
        elif any(isinstance(each, POSITIONAL) or form(each)[0].isdigit() for each in documented):
            if len(documented) != len(answered):
                self._differs(path, f"has {len(answered)} places, documented {len(documented)}")
            for index, (one, other) in enumerate(zip(documented, answered, strict=False)):
                self._value(f"{path}[{index}]", one, other)
        else:
            for each in answered:
                self._value(f"{path}[]", documented[0] if documented else each, each)

    def _differs(self, path: str, what: str) -> None:
        difference = f"{self.example}: {path} {what}"
        for pattern in self.accepted:
            if re.fullmatch(pattern, difference):
                self.met[pattern] += 1
                return
        if difference not in self.differences:
            self.differences.append(difference)


@pytest.fixture
def comparison() -> Callable[[dict[str, str]], Comparison]:
    """Begin a comparison with documented examples, given the accepted differences."""
    return Comparison


@pytest.fixture
def documented(fixture_file: Callable[[str], Path]) -> Callable[[str], list[tuple[str, Any]]]:
    """The documentation's JSON examples of a file in their order: title and value.

    The title is the last part of the section, and the number of the example in it.
    """

    def read(name: str) -> list[tuple[str, Any]]:
        counts: Counter[str] = Counter()
        found: list[tuple[str, Any]] = []
        for line in fixture_file(name).read_text("utf-8").splitlines():
            entry = json.loads(line)
            title = entry["section"].split(" > ")[-1]
            found.append((f"{title} {counts[title]}", json.loads(entry["raw"])))
            counts[title] += 1
        return found

    return read
