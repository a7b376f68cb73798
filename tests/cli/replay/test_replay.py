"""A recording runs through the same actors once more, and they decide the same, or it is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange_connector import (
    GetHealth,
    HealthState,
    SaveRecording,
    StreamGap,
    Trade,
    Unsubscribe,
    ask,
)
from exchange_connector.cli import run
from exchange_connector.simulator import SimulatedExchange

PATIENCE = 10.0


class Subscriber:
    """Keeps what it gets."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def __call__(self, event: Any) -> None:
        self.events.append(event)


def until(is_so: Callable[[], object]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def is_live(ref: Any, subject: str) -> bool:
    """Whether a stream or a book is."""
    part = ask(ref, GetHealth()).streams.get(subject)
    return part is not None and part.state is HealthState.LIVE


def misfortunes(exchange: SimulatedExchange, ref: Any, folder: Path) -> Path:
    """The recording of a connector that a frame was lost to, one spoiled, a link cut, a book lost."""
    proxy, trades, books = ref.proxy(), Subscriber(), Subscriber()
    proxy.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    proxy.subscribe_klines("BTCUSDT", "1m", Subscriber()).get(timeout=5)
    proxy.subscribe_order_book("ETHUSDT", books).get(timeout=5)

    def more_trades(count: int = 3) -> None:
        begin = len(trades.events)
        until(lambda: sum(type(each) is Trade for each in trades.events[begin:]) >= count)

    def gaps(events: list[Any], count: int) -> Callable[[], bool]:
        return lambda: sum(type(each) is StreamGap for each in events) >= count

    until(lambda: is_live(ref, "order_book:ETHUSDT"))
    more_trades()
    exchange.lose("btcusdt@trade", 2)
    until(gaps(trades.events, 1))
    more_trades()
    exchange.cut()
    until(gaps(trades.events, 2))
    until(lambda: is_live(ref, "order_book:ETHUSDT"))
    more_trades()
    exchange.corrupt("btcusdt@trade", how="garbled")
    until(gaps(trades.events, 3))
    more_trades()
    exchange.corrupt("btcusdt@trade", how="not_utf8")
    until(gaps(trades.events, 4))
    exchange.lose("ethusdt@depth@100ms")
    until(gaps(books.events, 2))
    until(lambda: is_live(ref, "order_book:ETHUSDT"))
    more_trades(150)  # what happens within the last half second is not compared
    path = folder / "recording.jsonl"
    ask(ref, SaveRecording(str(path)))
    return path


def test_the_same_decisions(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    replay: Callable[..., tuple[int, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Lost frames, a cut, spoiled frames and a book that was lost twice: gap by gap, id by id."""
    path = misfortunes(exchange, start(), tmp_path)
    code, outcome = replay(path)
    assert (code, outcome["differences"], outcome["obstacles"]) == (0, [], [])
    assert outcome["decisions"] >= 4 + 2 + 2 + 2 + 4 + 3
    assert run(["replay", str(path)]) == 0
    assert capsys.readouterr().out.endswith("same decisions\n")


def test_other_decisions(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    replay: Callable[..., tuple[int, Any]],
    tmp_path: Path,
) -> None:
    """A recording from which something was taken away is not what happened."""
    path = misfortunes(exchange, start(), tmp_path)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    trades = [at for at, line in enumerate(lines) if '"frame"' in line and "btcusdt@trade" in line]
    snapshots = [at for at, line in enumerate(lines) if '"/api/v3/depth"' in line]
    books = [at for at, line in enumerate(lines) if '"frame"' in line and "ethusdt@depth" in line]
    kept = [at for at in books if at > snapshots[-1]]
    gaps = [at for at, line in enumerate(lines) if '"gap"' in line]
    for gone, about in (
        (trades[2], "trades:BTCUSDT"),
        (kept[2], "order_book"),
        (gaps[0], "trade"),
    ):
        path.write_text("".join(lines[:gone] + lines[gone + 1 :]), "utf-8")
        code, outcome = replay(path)
        assert code == 1
        assert any(about in each for each in outcome["differences"]), outcome


def test_a_recording_that_begins_in_the_middle(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    replay: Callable[..., tuple[int, Any]],
    tmp_path: Path,
) -> None:
    """The beginning of the connection, of the book and of a subscription are no longer in it."""
    ref, path = start(seconds=2.0), tmp_path / "late.jsonl"
    proxy, trades = ref.proxy(), Subscriber()

    def has_forgotten() -> bool:
        ask(ref, SaveRecording(str(path)))
        header = json.loads(path.read_text("utf-8").splitlines()[0])
        return bool(header["connections"] and header["states"].get("order_book:BTCUSDT"))

    early = proxy.subscribe_trades("ETHUSDT", Subscriber()).get(timeout=5)
    proxy.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    proxy.subscribe_order_book("BTCUSDT", Subscriber()).get(timeout=5)
    until(has_forgotten)
    exchange.lose("btcusdt@trade")
    until(lambda: any(type(each) is StreamGap for each in trades.events))
    ask(ref, Unsubscribe(early.subscription_id))
    proxy.subscribe_trades("ETHUSDT", Subscriber()).get(timeout=5)
    exchange.close(1001)
    until(lambda: sum(type(each) is StreamGap for each in trades.events) == 2)
    until(lambda: is_live(ref, "order_book:BTCUSDT"))
    count = len(trades.events) + 30
    until(lambda: len(trades.events) > count)
    assert has_forgotten()
    code, outcome = replay(path)
    assert (code, outcome["differences"], outcome["obstacles"]) == (0, [], [])
    assert outcome["decisions"] >= 6


def test_at_the_pace_of_the_recording(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    replay: Callable[..., tuple[int, Any]],
    tmp_path: Path,
) -> None:
    """`--speed 1` takes as long as it took."""
    ref, trades = start(), Subscriber()
    ref.proxy().subscribe_trades("BTCUSDT", trades).get(timeout=5)
    until(lambda: len(trades.events) > 50)
    path = tmp_path / "recording.jsonl"
    saved = ask(ref, SaveRecording(str(path)))
    began = time.monotonic()
    code, outcome = replay(path, "--speed", "1")
    assert (code, outcome["frames"]) == (0, saved.frames)
    assert time.monotonic() - began > 0.9 * saved.seconds


HEADER: dict[str, Any] = {
    "note": "header", "format": 1, "version": "0", "exchange": "binance", "cause": "request",
    "began": 1, "ended": 2, "frames": 0, "config": {}, "subscriptions": [], "connections": [],
    "states": {},
}  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "line 1 is no header"),
        ([{}], "line 1 is no header"),
        ([{"note": "frame", "at": 1, "connection": 1}], "line 1 is no header"),
        ([HEADER, {}], "line 2 is no note"),
        ([HEADER, {"note": "dream", "at": 1}], "line 2 is no note"),
        ([HEADER | {"format": 99}], "its format is 99"),
        ([HEADER | {"exchange": "mars"}], "the exchange 'mars' is not supported"),
    ],
)
def test_what_is_no_recording_is_told(
    lines: list[Any], reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a line, with the code for what was asked wrongly."""
    path = tmp_path / "file.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), "utf-8")
    assert run(["replay", str(path)]) == 2
    assert reason in capsys.readouterr().err


def test_a_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As every wrong argument."""
    assert run(["replay", str(tmp_path / "absent")]) == 2
    assert "cannot be read" in capsys.readouterr().err
