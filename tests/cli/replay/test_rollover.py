"""A recording in which one connection took another's place, or what was missed was fetched."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exchange_connector import (
    GapReason,
    GetHealth,
    HealthState,
    RolledOver,
    SaveRecording,
    SessionReplaced,
    StreamGap,
    Trade,
    ask,
)
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.venues import DRIVERS

PATIENCE = 10.0
PAST = "/api/v3/historicalTrades"
Replay = Callable[..., tuple[int, Any]]


class Bot:
    """Follows trades, a ticker and a book of a connector, and its life."""

    def __init__(self, ref: Any) -> None:
        self.ref, self.proxy = ref, ref.proxy()
        self.trades: list[Any] = []
        self.life: list[Any] = []
        self.proxy.subscribe_events(self.life.append).get(timeout=5)
        self.proxy.subscribe_trades("BTCUSDT", self.trades.append).get(timeout=5)
        self.proxy.subscribe_ticker("BTCUSDT", lambda _: None).get(timeout=5)
        self.proxy.subscribe_order_book("ETHUSDT", lambda _: None).get(timeout=5)
        self.until(lambda: self.is_live("order_book:ETHUSDT"))
        self.more_trades()

    def until(self, is_so: Callable[[], object]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline
            time.sleep(0.005)

    def is_live(self, subject: str) -> bool:
        """Whether a stream or a book is."""
        part = ask(self.ref, GetHealth()).streams.get(subject)
        return part is not None and part.state is HealthState.LIVE

    def more_trades(self, count: int = 10) -> None:
        """Wait for so many."""
        end = len(self.trades) + count
        self.until(lambda: len(self.trades) >= end)

    def gaps(self, reason: str) -> int:
        """How many of them were told of the trades."""
        return sum(type(each) is StreamGap and each.reason == reason for each in self.trades)

    def save(self, folder: Path) -> Path:
        """What was recorded, and a second behind it."""
        end = self.trades[-1].received_time + 1_000_000_000
        self.until(lambda: self.trades[-1].received_time > end)
        path = folder / "recording.jsonl"
        ask(self.ref, SaveRecording(str(path)))
        return path


def notes(path: Path) -> list[dict[str, Any]]:
    """The lines of a recording."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def of(path: Path, kind: str) -> list[dict[str, Any]]:
    """Those of a kind."""
    return [note for note in notes(path) if note["note"] == kind]


def is_the_same(outcome: tuple[int, Any]) -> None:
    """Nothing was different, and everything could be played."""
    code, what = outcome
    found = what["differences"], what["obstacles"], what["not_compared"]
    assert (code, *found) == (0, [], [], []), found


def test_a_rollover_on_request(
    exchange: SimulatedExchange, start: Callable[..., Any], replay: Replay, tmp_path: Path
) -> None:
    """Twice, then a frame is lost: the second connection's gap is the replay's as well."""
    bot = Bot(start())
    for _ in range(2):
        assert bot.proxy.roll_over().get(timeout=10) == RolledOver(1)
        bot.more_trades()
    exchange.lose("btcusdt@trade", 2)
    bot.until(lambda: bot.gaps(GapReason.MISSED))
    path = bot.save(tmp_path)
    assert [len(of(path, kind)) for kind in ("opened", "closed")] == [3, 2]
    assert of(path, "closed")[0]["reason"] == "another connection carries on"
    is_the_same(replay(path))


def test_frames_of_a_second_connection_are_recorded_once(
    exchange: SimulatedExchange, start: Callable[..., Any], tmp_path: Path
) -> None:
    """When they were read, however long they were held then."""
    bot = Bot(start())
    assert bot.proxy.roll_over().get(timeout=10) == RolledOver(1)
    path = bot.save(tmp_path)
    frames = [(each["connection"], each["raw"]) for each in of(path, "frame")]
    trades = [each for each in frames if "btcusdt@trade" in each[1] and '"e":"trade"' in each[1]]
    assert len(set(trades)) == len(trades)
    assert len({connection for connection, _ in trades}) == 2
    ids = sorted({json.loads(raw)["data"]["t"] for _, raw in trades})
    assert ids == list(range(ids[0], ids[0] + len(ids)))


def test_a_rollover_that_replaces_nothing_is_a_difference(
    exchange: SimulatedExchange, start: Callable[..., Any], replay: Replay, tmp_path: Path
) -> None:
    """Where the first connection never ends, the second one never delivers."""
    bot = Bot(start())
    assert bot.proxy.roll_over().get(timeout=10) == RolledOver(1)
    path = bot.save(tmp_path)
    lines = path.read_text("utf-8").splitlines(keepends=True)
    (end,) = (at for at, line in enumerate(lines) if '"note":"closed"' in line)
    path.write_text("".join(lines[:end] + lines[end + 1 :]), "utf-8")
    code, outcome = replay(path)
    assert code == 1
    assert "sessions: decision 1 was one was replaced; nothing in the replay" in str(outcome)


@pytest.mark.parametrize("which", ["old", "new"])
def test_one_of_two_connections_is_cut(
    which: str,
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    replay: Replay,
    tmp_path: Path,
) -> None:
    """Before the old one has answered: the new one carries on, or the old one and then a third."""
    bot = Bot(start())
    (old,) = exchange.connection_ids
    rolled = bot.proxy.roll_over()
    bot.until(lambda: len(exchange.connection_ids) == 2 and len(exchange.streams) == 3)
    (new,) = set(exchange.connection_ids) - {old}
    exchange.cut(connection=old if which == "old" else new)
    if which == "old":
        rolled.get(timeout=10)
    bot.until(lambda: any(type(each) is SessionReplaced for each in bot.life))
    bot.more_trades()
    path = bot.save(tmp_path)
    assert len(of(path, "opened")) == (2 if which == "old" else 3)
    is_the_same(replay(path))


def test_an_announced_shutdown(
    exchange: SimulatedExchange, start: Callable[..., Any], replay: Replay, tmp_path: Path
) -> None:
    """The announcement is among the frames, and has another connection dialled again."""
    bot = Bot(start())
    (old,) = exchange.connection_ids
    exchange.announce_shutdown()
    bot.until(lambda: any(type(each) is SessionReplaced for each in bot.life))
    exchange.close(connection=old)
    bot.more_trades()
    exchange.lose("btcusdt@trade", 1)
    bot.until(lambda: bot.gaps(GapReason.MISSED))
    path = bot.save(tmp_path)
    assert any("serverShutdown" in each["raw"] for each in of(path, "frame"))
    is_the_same(replay(path))


def test_what_was_missed_was_fetched(
    exchange: SimulatedExchange, start: Callable[..., Any], replay: Replay, tmp_path: Path
) -> None:
    """After a cut and after lost frames; the replay asks for the same, and gets the same."""
    bot = Bot(start())
    exchange.lose("btcusdt@trade", 3)
    bot.until(lambda: bot.gaps(GapReason.MISSED))
    bot.more_trades()
    exchange.cut()
    bot.until(lambda: bot.gaps(GapReason.DISCONNECTED))
    bot.more_trades()
    bot.until(lambda: bot.is_live("order_book:ETHUSDT"))
    path = bot.save(tmp_path)
    assert sum(type(each) is Trade and each.recovered for each in bot.trades) >= 3
    (gap,) = (
        each
        for each in of(path, "gap")
        if each["reason"] == "disconnected"
        and "BTC" in each["symbol"]
        and each["channel"] == "trades"
    )
    (told,) = (
        each for each in bot.trades if type(each) is StreamGap and each.reason == "disconnected"
    )
    assert gap["first_missed_id"] == told.first_missed_id
    assert [each["path"] for each in of(path, "rest")].count(PAST) >= 1
    is_the_same(replay(path))


@pytest.mark.parametrize("change", ["nothing", "refused"])
def test_what_was_fetched_decides(
    change: str,
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    replay: Replay,
    tmp_path: Path,
) -> None:
    """Another answer than the recorded one, and something is missing for good."""
    bot = Bot(start())
    exchange.lose("btcusdt@trade", 3)
    bot.until(lambda: any(getattr(each, "recovered", False) for each in bot.trades))
    path = bot.save(tmp_path)
    lines = notes(path)
    for note in lines:
        if note["note"] == "rest" and note["path"] == PAST:
            note |= {"body": "[]"} if change == "nothing" else {"status": 400, "body": "{}"}
    path.write_text("".join(f"{json.dumps(note)}\n" for note in lines), "utf-8")
    code, outcome = replay(path)
    assert code == 1
    found = outcome["differences"] if change == "refused" else outcome["obstacles"]
    assert ("unrecovered" if change == "refused" else "no answer was recorded") in str(found)


def test_what_could_not_be_had(
    exchange: SimulatedExchange, start: Callable[..., Any], replay: Replay, tmp_path: Path
) -> None:
    """The exchange answered too late: that went by the clock, and is what the replay comes to, too."""
    bot = Bot(start(recovery={"timeout": 0.5}))
    exchange.delay(PAST, 5.0)
    exchange.lose("btcusdt@trade", 3)
    bot.until(lambda: bot.gaps(GapReason.UNRECOVERED))
    path = bot.save(tmp_path)
    is_the_same(replay(path))


def test_several_sessions(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    replay: Replay,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each of two is replaced by one that carries the same streams."""
    driver = DRIVERS["binance", "spot"]
    limits = dataclasses.replace(driver.limits, streams=2)
    monkeypatch.setitem(DRIVERS, ("binance", "spot"), dataclasses.replace(driver, limits=limits))
    bot = Bot(start())
    assert bot.proxy.roll_over().get(timeout=10) == RolledOver(2)
    bot.more_trades()
    exchange.lose("btcusdt@trade", 2)
    bot.until(lambda: bot.gaps(GapReason.MISSED))
    path = bot.save(tmp_path)
    assert len(of(path, "opened")) == 4
    is_the_same(replay(path))


def test_a_session_that_fell_silent(
    exchange: SimulatedExchange, start: Callable[..., Any], replay: Replay, tmp_path: Path
) -> None:
    """What was found out by asking the exchange is not compared, and that is said; the rest is."""
    bot = Bot(start(health={"suspect_after": 1.0, "stale_after": 4.0}))
    exchange.stall()
    bot.until(lambda: bot.gaps(GapReason.STALLED))
    bot.until(lambda: any(type(each) is SessionReplaced for each in bot.life))
    exchange.resume()
    bot.more_trades()
    code, outcome = replay(bot.save(tmp_path))
    assert (code, outcome["differences"], outcome["obstacles"]) == (0, [], [])
    assert "trades:BTCUSDT: the stream was found silent" in outcome["not_compared"]
