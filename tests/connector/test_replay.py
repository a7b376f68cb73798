"""Recordings of the real exchange, replayed over real sockets into a subscriber, digit by digit."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_connector import (
    BookTicker,
    Kline,
    OrderBookUpdate,
    PriceLevel,
    Side,
    Ticker,
    Trade,
)
from exchange_connector.simulator import SimulatedExchange

FIXTURES = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures"
RECORDINGS = {
    "cf_20210417_combined_10sym": {"depth": 614, "bookTicker": 570, "kline_1m": 20},
    "cf_20211012_combined_4sym": {"depth": 177, "bookTicker": 84, "kline_1m": 2},
    "cf_us_20211012_combined_4sym": {"depth": 336, "bookTicker": 128, "kline_1m": 5},
    "hft_20240808_ETHUSDT": {"depth": 3434, "bookTicker": 24077, "trade": 6106},
}
SUBSCRIBE = {
    "trade": "subscribe_trades",
    "bookTicker": "subscribe_book_ticker",
    "depth": "subscribe_order_book_updates",
    "ticker": "subscribe_ticker",
}

recorded = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason=f"no recordings: there is no {FIXTURES.parent.name}/fixtures"
)


def frames(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each recorded frame's stream name and payload."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            entry = json.loads(line)
            if entry["t"] == "ws":
                frame = json.loads(entry["raw"])
                yield frame["stream"], frame["data"]


def levels(pairs: list[list[str]]) -> tuple[PriceLevel, ...]:
    """Recorded levels as the connector gives them."""
    return tuple(PriceLevel(Decimal(price), Decimal(quantity)) for price, quantity in pairs)


def facts(event: Any) -> tuple[Any, ...]:
    """What an event says, without the time of receipt; the digits as text."""
    match event:
        case Trade():
            side = event.taker_side is Side.SELL
            numbers = digits(event.price, event.quantity)
            return event.symbol, int(event.trade_id), *numbers, side, event.event_time
        case BookTicker():
            bid = digits(event.bid_price, event.bid_quantity)
            return event.symbol, event.update_id, *bid, *digits(event.ask_price, event.ask_quantity)
        case OrderBookUpdate():
            ids = event.first_update_id, event.last_update_id
            sides = [[digits(*level) for level in side] for side in (event.bids, event.asks)]
            return event.symbol, *ids, event.event_time, *sides
        case Kline():
            prices = digits(event.open_price, event.high_price, event.low_price, event.close_price)
            volumes = digits(event.volume, event.quote_volume)
            times = event.open_time, event.close_time, event.event_time
            more = event.interval, event.trade_count, event.is_closed
            return event.symbol, *times, *prices, *volumes, *more
        case _:
            raise AssertionError(f"not expected: {event}")


def digits(*numbers: Decimal) -> tuple[str, ...]:
    """The digits as they were sent."""
    return tuple(f"{number:f}" for number in numbers)


def expected(kind: str, data: dict[str, Any]) -> tuple[Any, ...]:
    """The same of a recorded payload."""
    if kind == "trade":
        return (data["s"], data["t"], data["p"], data["q"], data["m"], data["E"] * 1_000_000)
    if kind == "bookTicker":
        return (data["s"], data["u"], data["b"], data["B"], data["a"], data["A"])
    if kind == "depth":
        sides = [[tuple(level) for level in data[side]] for side in "ba"]
        return (data["s"], data["U"], data["u"], data["E"] * 1_000_000, *sides)
    k, ms = data["k"], 1_000_000
    times = k["t"] * ms, k["T"] * ms, data["E"] * ms
    return (data["s"], *times, *(k[x] for x in "ohlcvq"), k["i"], k["n"], k["x"])


@recorded
@pytest.mark.parametrize("name", RECORDINGS)
def test_a_recording_arrives_digit_by_digit(
    name: str,
    start: Callable[..., Any],
    record: Callable[[], Any],
    figure: Callable[[str, object], None],
) -> None:
    """Every trade, book ticker, book update and kline of a recording, in order, none else."""
    path = FIXTURES / "binance_spot" / f"{name}.jsonl.gz"
    sent: dict[str, list[tuple[Any, ...]]] = {}
    counts: Counter[str] = Counter()
    for stream, data in frames(path):
        kind = stream.partition("@")[2].partition("@")[0]
        if kind != "aggTrade":
            sent.setdefault(stream, []).append(expected(kind, data))
            counts[kind] += 1
    assert counts == RECORDINGS[name]

    with SimulatedExchange(replay=path, speed=0) as exchange:
        exchange.hold()
        connector = start(exchange).proxy()
        received = {stream: record() for stream in sent}
        for stream, subscriber in received.items():
            subscribe(connector, stream, subscriber)
        exchange.release()
        for stream, subscriber in received.items():
            subscriber.wait_for(object, len(sent[stream]), seconds=60)
        assert exchange.replay_done.wait(10)
        for stream, subscriber in received.items():
            assert [facts(event) for event in subscriber.events] == sent[stream], stream
    figure(f"replayed {name}, equal digit by digit", dict(counts))


def subscribe(connector: Any, stream: str, subscriber: Any) -> None:
    """Subscribe to a recorded stream."""
    symbol, _, channel = stream.partition("@")
    kind = channel.partition("@")[0]
    if kind.startswith("kline_"):
        interval = kind.removeprefix("kline_")
        connector.subscribe_klines(symbol, interval, subscriber).get(timeout=10)
    else:
        options = {"overflow": "drop_oldest", "max_pending": 100_000}
        getattr(connector, SUBSCRIBE[kind])(symbol, subscriber, **options).get(timeout=10)


@recorded
@pytest.mark.parametrize(
    "file", ["docs/binance_ws_streams.jsonl", "samples/jkorf_binance_spot_ws.jsonl"]
)
def test_a_documented_ticker_arrives_digit_by_digit(
    file: str, start: Callable[..., Any], record: Callable[[], Any]
) -> None:
    """The documented example of a 24-hour ticker."""
    with SimulatedExchange(replay=FIXTURES / file, speed=0) as exchange:
        exchange.hold()
        connector = start(exchange).proxy()
        subscriber = record()
        connector.subscribe_ticker("BNBBTC", subscriber).get(timeout=10)
        exchange.release()
        (ticker,) = subscriber.wait_for(Ticker)
        assert len(subscriber.events) == 1
    numbers = {
        "last_price": "0.0025", "last_quantity": "10", "bid_price": "0.0024",
        "bid_quantity": "10", "ask_price": "0.0026", "ask_quantity": "100",
        "open_price": "0.0010", "high_price": "0.0025", "low_price": "0.0010",
        "volume": "10000", "quote_volume": "18", "price_change": "0.0015",
        "price_change_percent": "250.00",
    }  # fmt: skip
    assert {name: f"{getattr(ticker, name):f}" for name in numbers} == numbers
    assert ticker.symbol == "BNBBTC"
    assert ticker.event_time == 1672515782136 * 1_000_000
