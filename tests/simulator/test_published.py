"""The record of what the market said, whoever got it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

TRADES, DEPTH = "btcusdt@trade", "btcusdt@depth@100ms"


@pytest.fixture
def recorded() -> Iterator[SimulatedExchange]:
    """An exchange that keeps the newest thousand events of each stream."""
    with SimulatedExchange(rate=50.0, keep_published=1_000) as exchange:
        yield exchange


def ids(exchange: SimulatedExchange) -> list[int]:
    """Of the trades that were said."""
    return [json.loads(each.payload)["t"] for each in exchange.published(TRADES)]


def has_said(count: int, exchange: SimulatedExchange) -> bool:
    """Whether there were so many trades."""
    return len(exchange.published(TRADES)) >= count


def test_what_nobody_got_is_in_it(recorded: SimulatedExchange, dial: Callable[[str], Any]) -> None:
    """During a stall, by lost frames, and while nobody was subscribed."""
    socket = dial(f"{recorded.stream_url}/ws/{TRADES}/{DEPTH}")
    socket.recv()
    for make in (recorded.stall, recorded.resume, lambda: recorded.lose(TRADES, 3), socket.close):
        make()
        more = len(recorded.published(TRADES)) + 10
        assert recorded.wait_until(partial(has_said, more))
    own = [trade.trade_id for trade in recorded.trades("BTCUSDT")]
    found = ids(recorded)
    assert found == list(range(found[0], found[0] + len(found)))
    assert found[-1] in own
    assert own[-1] - found[-1] < 50
    last = None
    for each in recorded.published(DEPTH):
        update = json.loads(each.payload)
        assert last is None or update["U"] == last + 1
        last = update["u"]
    assert last is not None
    times = [each.time for each in recorded.published(TRADES)]
    assert times == sorted(times)
    assert times[-1] <= time.monotonic()


def test_it_is_bounded(dial: Callable[[str], Any]) -> None:
    """The newest are kept."""
    with SimulatedExchange(rate=50.0, keep_published=5) as exchange:
        exchange.hold()
        socket = dial(f"{exchange.stream_url}/ws/{TRADES}")
        exchange.wait_until(lambda exchange: exchange.streams == {TRADES})
        exchange.advance(10)
        found = ids(exchange)
        socket.close()
        assert len(found) == 5
        assert found[-1] == exchange.trades("BTCUSDT")[-1].trade_id


def test_without_being_asked_for_it_is_empty(
    exchange: SimulatedExchange, dial: Callable[[str], Any]
) -> None:
    """It costs memory."""
    dial(f"{exchange.stream_url}/ws/{TRADES}").recv()
    assert exchange.published(TRADES) == []


def test_below_zero() -> None:
    with pytest.raises(ValueError, match="keep_published"):
        SimulatedExchange(keep_published=-1)


def test_what_one_connection_is_told_is_a_beginning(dial: Callable[[str], Any]) -> None:
    """The first of a stream is said to all; what others are told when they come, to nobody else."""
    topic = "orderbook.50.BTCUSDT"
    with SimulatedExchange(exchange="bybit", keep_published=1_000) as exchange:
        exchange.hold()
        for _ in range(2):
            socket = dial(f"{exchange.stream_url}/v5/public/spot")
            socket.send(json.dumps({"op": "subscribe", "args": [topic]}))
            socket.recv()  # the answer
            assert json.loads(socket.recv())["type"] == "snapshot"
        (first,) = exchange.published(topic)
        both = exchange.published(topic, beginnings=True)
        assert [each.is_beginning for each in both] == [False, True]
        assert both[0] == first
        assert json.loads(both[1].payload)["data"] == json.loads(first.payload)["data"]
