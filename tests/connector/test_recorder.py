"""The flight recorder of a real connector: what is in a file, who may read it, and when it is written."""

from __future__ import annotations

import json
import logging
import os
import re
import stat
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from exchange_connector import (
    ActorRestarted,
    CircuitBreakerStateChanged,
    CircuitState,
    ConnectorActor,
    ConnectorError,
    ErrorOccurred,
    ExchangeError,
    OrderBook,
    RecordingSaved,
    SaveRecording,
    Stopped,
    StreamGap,
    Trade,
    ValidationError,
    ask,
)
from exchange_connector.actors import recorder as recorders
from exchange_connector.simulator import SimulatedExchange

SIGNATURE = re.compile(r"signature=(?!\*)|[0-9a-f]{64}")
NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-binance-(gap|breaker|restart|gave-up)\.jsonl")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file is written without waiting for how it goes on."""
    monkeypatch.setattr(recorders, "AFTERMATH", 0.0)


def lines(path: Path) -> list[dict[str, Any]]:
    """What stands in a recording."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def files(folder: Path) -> list[Path]:
    """The recordings in a folder, oldest first."""
    return sorted(folder.glob("*.jsonl")) if folder.is_dir() else []


def wait_for_files(folder: Path, count: int) -> list[Path]:
    """Wait until so many are there."""
    deadline = time.monotonic() + 5.0
    while len(found := files(folder)) < count:
        assert time.monotonic() < deadline, found
        time.sleep(0.01)  # a file is no event
    return found


def lose_a_trade(exchange: SimulatedExchange, trades: Any) -> None:
    """One of the stream, behind some that came."""
    trades.wait_for(Trade, len(trades.of(Trade)) + 2)
    exchange.lose("btcusdt@trade")


def causes(folder: Path) -> list[str]:
    """What the recordings in a folder were written for."""
    return sorted(lines(path)[0]["cause"] for path in files(folder))


def test_a_recording_says_what_happened(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    record: Callable[[], Any],
    tmp_path: Path,
) -> None:
    """Frames as they came, commands, answers, gaps, subscriptions and changes of state, in order."""
    ref = start(exchange, recorder={"enabled": True})
    connector, trades, books = ref.proxy(), record(), record()
    connector.subscribe_trades("BTCUSDT", trades).get(timeout=5)
    connector.subscribe_order_book("ETHUSDT", books, depth=7).get(timeout=5)
    books.wait_for(OrderBook)
    lose_a_trade(exchange, trades)
    trades.wait_for(StreamGap)
    gap = trades.of(StreamGap)[0]
    exchange.corrupt("btcusdt@trade", how="not_utf8")
    trades.wait_for(StreamGap, 2)
    path = tmp_path / "on request.jsonl"
    saved = ask(ref, SaveRecording(str(path)))
    header, *notes = lines(path)
    counts = Counter(note["note"] for note in notes)
    assert saved == RecordingSaved(str(path), saved.seconds, counts["frame"])
    assert header["frames"] == counts["frame"] > 5
    assert 0.0 < saved.seconds < 30.0
    assert saved.seconds == pytest.approx((header["ended"] - header["began"]) / 1e9)
    assert header["config"]["connection"]["timeout"] == 3.0
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for note in notes:
        by_kind.setdefault(note.pop("note"), []).append(note)
    told = [each for each in by_kind["gap"] if each["channel"] == "trades"]
    assert told[0]["first_missed_id"] == gap.first_missed_id
    assert [each["reason"] for each in told] == ["missed", "rejected"]
    wanted = [(each["channel"], each["symbol"]) for each in by_kind["subscribed"]]
    assert wanted[:2] == [("trades", "BTCUSDT"), ("order_book", "ETHUSDT")]
    assert by_kind["subscribed"][1]["depth"] == 7
    assert '"btcusdt@trade"' in by_kind["sent"][0]["text"]
    (snapshot,) = [each for each in by_kind["rest"] if each["path"] == "/api/v3/depth"]
    assert json.loads(snapshot["body"])["lastUpdateId"] > 0
    assert [each for each in by_kind["frame"] if "base64" in each], "one was no text"
    states = [each["event"] for each in by_kind["event"]]
    assert any(each.get("subject") == "order_book:ETHUSDT" for each in states)
    times = [note["at"] for note in notes]
    assert times == sorted(times)


def test_a_recording_begins_with_how_things_stood(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    record: Callable[[], Any],
    tmp_path: Path,
) -> None:
    """What has left the ring is still known: what was wanted, and which connection stood."""
    ref = start(exchange, recorder={"enabled": True, "max_bytes": 6_000})
    trades = record()
    ref.proxy().subscribe_trades("BTCUSDT", trades).get(timeout=5)
    trades.wait_for(Trade, 100)
    path = tmp_path / "late.jsonl"
    ask(ref, SaveRecording(str(path)))
    header, *notes = lines(path)
    assert {note["note"] for note in notes} <= {"frame", "event"}
    assert [each["symbol"] for each in header["subscriptions"]] == ["BTCUSDT"]
    assert [each["session"] for each in header["connections"]] == ["session-0"]
    assert header["states"]["trades:BTCUSDT"] == "LIVE"
    assert all(note["at"] > header["began"] for note in notes)
    assert path.stat().st_size < 60_000


def test_nothing_secret_is_in_it_and_nobody_else_can_read_it(
    exchange: SimulatedExchange, start: Callable[..., Any], tmp_path: Path
) -> None:
    """Signed requests that succeed, fail and are refused with the key in the answer; a wide umask."""
    ref = start(exchange, recorder={"enabled": True}, connection={"timeout": 1.0})
    connector, account = ref.proxy(), "/api/v3/account"
    echo = json.dumps({"code": -1022, "msg": f"{exchange.api_key}:{exchange.api_secret}"})
    faults: list[Callable[[], object]] = [
        lambda: None,
        lambda: exchange.answer(account, status=400, body=echo, count=1),
        lambda: exchange.reset_rest(account, 1),
        lambda: exchange.step_clock(-60),
    ]
    for fault in faults:
        fault()
        with suppress(ConnectorError):
            connector.balances().get(timeout=5)
    exchange.answer("/api/v3/ping", status=400, body=echo, count=1)
    with pytest.raises(ExchangeError):
        connector.ping().get(timeout=5)
    before = os.umask(0)
    try:
        path = tmp_path / "recording.jsonl"
        path.write_text("older", "utf-8")
        path.chmod(0o666)
        connector.save_recording(str(path)).get(timeout=5)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["recording.jsonl"]
    text = path.read_text("utf-8")
    assert exchange.api_key not in text
    assert exchange.api_secret not in text
    assert not SIGNATURE.search(text)
    signed = [each for each in lines(path) if each.get("is_signed")]
    assert {each.get("status", 0) for each in signed} >= {0, 200, 400}
    assert all("body" not in each and "query" not in each for each in signed)
    assert "***:***" in text, "the ping's answer was recorded, without them"


@pytest.mark.usefixtures("at_once")
def test_a_gap_is_written_down_once_a_minute(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    record: Callable[[], Any],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The first has its file at once; those that follow say much the same."""
    caplog.set_level(logging.WARNING, logger="exchange_connector")
    folder = tmp_path / "made" / "for it"
    ref = start(exchange, recorder={"enabled": True, "folder": str(folder)})
    trades = record()
    ref.proxy().subscribe_trades("BTCUSDT", trades).get(timeout=5)
    for count in (1, 2, 3):
        lose_a_trade(exchange, trades)
        trades.wait_for(StreamGap, count)
    (path,) = wait_for_files(folder, 1)
    assert NAME.fullmatch(path.name)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert any(note["note"] == "gap" for note in lines(path))
    ref.stop(timeout=5)
    assert causes(folder) == ["gap"], "also the stop's own gaps have none"
    assert any(str(path) in each.getMessage() for each in caplog.records)


@pytest.mark.usefixtures("at_once")
def test_an_open_breaker_is_written_down(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    record: Callable[[], Any],
    tmp_path: Path,
) -> None:
    """With the answers that opened it."""
    ref = start(
        exchange,
        recorder={"enabled": True, "folder": str(tmp_path)},
        circuit_breaker={"max_failures": 2},
    )
    life = record()
    ref.proxy().subscribe_events(life).get(timeout=5)
    exchange.answer("/api/v3/ping", status=500, body="{}", count=2)
    for _ in range(2):
        with pytest.raises(ExchangeError):
            ref.proxy().ping().get(timeout=5)
    life.wait(
        lambda events: any(
            isinstance(each, CircuitBreakerStateChanged) and each.to_state == CircuitState.OPEN
            for each in events
        )
    )
    (path,) = wait_for_files(tmp_path, 1)
    header, *notes = lines(path)
    assert header["cause"] == "breaker"
    assert [each["status"] for each in notes if each.get("path") == "/api/v3/ping"] == [500, 500]


class Mortal(ConnectorActor):
    """A connector whose rooms can be killed."""

    def on_receive(self, message: Any) -> Any:
        """Kill the room of that name."""
        if isinstance(message, str):
            self._children[message].ref.stop(block=False)  # type: ignore[union-attr]
            return None
        return super().on_receive(message)


@pytest.mark.usefixtures("at_once")
def test_a_lost_part_is_written_down(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    record: Callable[[], Any],
    tmp_path: Path,
) -> None:
    """And so is it when the connector gives up, though it stops then."""
    recorder = {"enabled": True, "folder": str(tmp_path)}
    ref = start(exchange, actor=Mortal, recorder=recorder, supervision={"max_restarts": 1})
    life = record()
    ref.proxy().subscribe_events(life).get(timeout=5)
    ref.tell("clock")
    life.wait_for(ActorRestarted)
    (path,) = wait_for_files(tmp_path, 1)
    assert lines(path)[0]["cause"] == "restart"
    assert any(note.get("event", {}).get("type") == "ActorRestarted" for note in lines(path)[1:])
    ref.tell("clock")
    life.wait_for(Stopped)
    assert ref.actor_stopped.wait(5)
    assert causes(tmp_path) == ["gave-up", "restart"]
    last = lines(files(tmp_path)[-1])
    assert any("lost too often" in json.dumps(note) for note in last[1:])


def test_what_is_due_at_the_end_is_written_still(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    record: Callable[[], Any],
    tmp_path: Path,
) -> None:
    """Without waiting for an aftermath that will not come."""
    ref = start(exchange, recorder={"enabled": True, "folder": str(tmp_path)})
    trades = record()
    ref.proxy().subscribe_trades("BTCUSDT", trades).get(timeout=5)
    lose_a_trade(exchange, trades)
    trades.wait_for(StreamGap)
    began = time.monotonic()
    ref.stop(timeout=5)
    assert time.monotonic() - began < 1.5
    assert causes(tmp_path) == ["gap"]


@pytest.mark.usefixtures("at_once")
def test_old_files_make_room(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    record: Callable[[], Any],
    tmp_path: Path,
) -> None:
    """The oldest of this exchange's; nothing else is ever removed."""
    old = [f"20200101T00000{n}.000000Z-binance-gap.jsonl" for n in range(3)]
    others = ["20200101T000000.000000Z-bybit-gap.jsonl", "my own.jsonl", f"{old[0]}.bak"]
    for name in (*old, *others):
        (tmp_path / name).touch()
    ref = start(exchange, recorder={"enabled": True, "folder": str(tmp_path), "max_files": 2})
    trades = record()
    ref.proxy().subscribe_trades("BTCUSDT", trades).get(timeout=5)
    lose_a_trade(exchange, trades)
    trades.wait_for(StreamGap)
    ref.stop(timeout=5)
    names = {path.name for path in tmp_path.iterdir()}
    assert names >= {old[2], *others}
    assert not names & {old[0], old[1]}
    assert len(names) == 2 + len(others)


@pytest.mark.usefixtures("at_once")
def test_a_file_that_cannot_be_written_is_told(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    record: Callable[[], Any],
    tmp_path: Path,
) -> None:
    """To whoever asked for it, or as an event; the connector goes on."""
    blocked = tmp_path / "file"
    blocked.touch()
    ref = start(exchange, recorder={"enabled": True, "folder": str(blocked)})
    life, trades = record(), record()
    ref.proxy().subscribe_events(life).get(timeout=5)
    ref.proxy().subscribe_trades("BTCUSDT", trades).get(timeout=5)
    with pytest.raises(ValidationError) as caught:
        ask(ref, SaveRecording(str(blocked / "x.jsonl")))
    assert caught.value.field == "path"
    lose_a_trade(exchange, trades)
    (error,) = [each.error for each in life.wait_for(ErrorOccurred)]
    assert isinstance(error, ValidationError)
    assert error.field == "recorder.folder"
    trades.wait_for(Trade, len(trades.of(Trade)) + 2)
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_without_a_recorder_there_is_nothing_to_save(
    exchange: SimulatedExchange, start: Callable[..., Any], tmp_path: Path
) -> None:
    """It has to be switched on before something happens."""
    ref = start(exchange)
    with pytest.raises(ValidationError) as caught:
        ask(ref, SaveRecording(str(tmp_path / "x.jsonl")))
    assert caught.value.field == "recorder.enabled"
    assert not list(tmp_path.iterdir())
