"""Every recorded frame of Bybit through the whole connector: each event says what its frame says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import (
    BookTicker,
    ErrorOccurred,
    Kline,
    OrderBookUpdate,
    Side,
    Ticker,
    Trade,
)

TOPS = "bybit_v5/cf_20250613_linear_ob1.jsonl"
SPOT = "bybit_v5/cf_20260809_spot_ETHUSDT.jsonl"
LINEAR = "bybit_v5/cf_20260809_linear_SOL_DOGE.jsonl.gz"
RECORDINGS = {
    TOPS: {"BookTicker": 182},
    SPOT: {"Ticker": 40, "Trade": 9, "OrderBookUpdate": 250, "Kline": 10},
    LINEAR: {"Ticker": 357, "Trade": 248, "OrderBookUpdate": 763, "Kline": 39},
}
"""How many events of each kind there are; what is a repetition is none."""
MS = 1_000_000

Words = dict[str, Any]


def text(value: Decimal | None) -> str | None:
    """A number with its digits; `None` where there is none."""
    return None if value is None else f"{value:f}"


def levels(side: Any) -> list[list[str | None]]:
    """Levels in the exchange's own form."""
    return [[text(price), text(quantity)] for price, quantity in side]


def trade(event: Any) -> Words:
    """A trade."""
    return {
        "ts": event.event_time,
        "T": event.trade_time,
        "s": event.symbol,
        "S": {Side.BUY: "Buy", Side.SELL: "Sell"}[event.taker_side],
        "v": text(event.quantity),
        "p": text(event.price),
        "i": event.trade_id,
    }


def book_ticker(event: Any) -> Words:
    """A book of one level."""
    return {
        "cts": event.event_time,
        "s": event.symbol,
        "b": [[text(event.bid_price), text(event.bid_quantity)]],
        "a": [[text(event.ask_price), text(event.ask_quantity)]],
        "u": event.update_id,
    }


def update(event: Any) -> Words:
    """A snapshot or a delta."""
    assert event.first_update_id == event.last_update_id
    return {
        "cts": event.event_time,
        "type": "snapshot" if event.is_snapshot else "delta",
        "s": event.symbol,
        "b": levels(event.bids),
        "a": levels(event.asks),
        "u": event.last_update_id,
    }


TICKER = {
    "lastPrice": "last_price",
    "bid1Price": "bid_price",
    "bid1Size": "bid_quantity",
    "ask1Price": "ask_price",
    "ask1Size": "ask_quantity",
    "prevPrice24h": "open_price",
    "highPrice24h": "high_price",
    "lowPrice24h": "low_price",
    "volume24h": "volume",
    "turnover24h": "quote_volume",
    "price24hPcnt": "price_change_percent",
}


def ticker(event: Any) -> Words:
    """A ticker: of what the exchange does not send there is nothing."""
    assert event.last_quantity is event.price_change is None
    numbers = {word: text(getattr(event, name)) for word, name in TICKER.items()}
    return {"ts": event.event_time, "symbol": event.symbol, **numbers}


def kline(event: Any) -> Words:
    """A candle."""
    assert event.trade_count is None
    assert not event.recovered
    return {
        "symbol": event.symbol,
        "timestamp": event.event_time,
        "start": event.open_time,
        "end": event.close_time,
        "interval": {"1m": "1"}[event.interval],
        "open": text(event.open_price),
        "high": text(event.high_price),
        "low": text(event.low_price),
        "close": text(event.close_price),
        "volume": text(event.volume),
        "turnover": text(event.quote_volume),
        "confirm": event.is_closed,
    }


SAID: dict[type, Callable[[Any], Words]] = {
    Trade: trade,
    BookTicker: book_ticker,
    OrderBookUpdate: update,
    Ticker: ticker,
    Kline: kline,
}
TIMES = ("ts", "cts", "T", "timestamp", "start", "end")


def said(event: Any) -> Words:
    """What an event says in the exchange's own words, its instants in whole milliseconds."""
    words = SAID[type(event)](event)
    for name in TIMES:
        if name in words:
            words[name], rest = divmod(words[name], MS)
            assert rest == 0
    return words


def of_trades(frames: list[Words]) -> list[Words]:
    """What the frames of a topic say, read once more: each of a frame's trades."""
    names = ("T", "s", "S", "v", "p", "i")
    return [
        {"ts": frame["ts"], **{name: each[name] for name in names}}
        for frame in frames
        for each in frame["data"]
    ]


def of_books(frames: list[Words]) -> list[Words]:
    """Each is an event."""
    return [
        {name: frame[name] for name in ("cts", "type")}
        | {name: frame["data"][name] for name in ("s", "b", "a", "u")}
        for frame in frames
    ]


def of_tops(frames: list[Words]) -> list[Words]:
    """Those with a new id; all are snapshots."""
    found = [{k: v for k, v in words.items() if k != "type"} for words in of_books(frames)]
    ids = [None, *(words["u"] for words in found)]
    return [words for words, before in zip(found, ids, strict=False) if words["u"] != before]


def of_tickers(frames: list[Words]) -> list[Words]:
    """The state after each frame: a snapshot replaces it, a delta changes what it names."""
    state: dict[str, str] = {}
    found = []
    for frame in frames:
        state = (state if frame["type"] == "delta" else {}) | frame["data"]
        words: Words = {name: state.get(name) or None for name in TICKER}
        words["price24hPcnt"] = text(Decimal(state["price24hPcnt"]) * 100)
        found.append({"ts": frame["ts"], "symbol": state["symbol"], **words})
    return found


def of_klines(frames: list[Words]) -> list[Words]:
    """Each of a frame's; only the topic has the symbol."""
    return [
        {"symbol": frame["topic"].rpartition(".")[2], **candle}
        for frame in frames
        for candle in frame["data"]
    ]


CHANNELS: dict[str, tuple[str, Words, Callable[[list[Words]], list[Words]]]] = {
    "publicTrade": ("trades", {}, of_trades),
    "orderbook.1": ("book_ticker", {}, of_tops),
    "orderbook.200": ("order_book_updates", {"depth": 200}, of_books),
    "tickers": ("ticker", {}, of_tickers),
    "kline.1": ("klines", {"interval": "1m"}, of_klines),
}
"""By topic: how a user asks for it, and what its frames say."""


@pytest.mark.parametrize("delivery", ["thread", "inline"])
@pytest.mark.parametrize("name", RECORDINGS)
def test_every_event_says_what_its_frame_says(
    name: str,
    delivery: str,
    recording: Callable[[str], Any],
    connect_to: Callable[[Any], tuple[Any, Any]],
    record: Callable[[], Any],
    until: Callable[..., Any],
    figure: Callable[[str, object], None],
) -> None:
    """All of them, in order, digit by digit; none is refused, and none has what is unknown."""
    recorded = recording(name)
    server, ref = connect_to(recorded)
    connector, life = ref.proxy(), record()
    connector.subscribe_events(life).get(timeout=5)
    received = {topic: record() for topic in recorded.topics}
    for topic, recorder in received.items():
        channel, _, symbol = topic.rpartition(".")
        method, more, _ = CHANNELS[channel]
        subscribe = getattr(connector, f"subscribe_{method}")
        subscribe(symbol, subscriber=recorder, delivery=delivery, **more).get(timeout=10)
    assert sorted(server.subscribed) == sorted(recorded.topics)
    assert recorded.asked >= set(server.subscribed)
    server.play(recorded.frames)
    kinds: Counter[str] = Counter()
    for topic, frames in recorded.topics.items():
        expected = CHANNELS[topic.rpartition(".")[0]][2](frames)
        events = received[topic].wait_for(object, len(expected))
        for event, words in zip(events, expected, strict=True):
            assert said(event) == words
            assert event.exchange == "bybit"
            kinds[type(event).__name__] += 1
    assert kinds == RECORDINGS[name]
    _prove_that_the_unknown_is_counted(recorded, server, ref, until)
    assert sum(len(recorder.events) for recorder in received.values()) == kinds.total()
    assert life.of(ErrorOccurred) == []
    title = f"recorded events of {name.partition('/')[2].partition('.')[0]}, {delivery}"
    figure(title, ", ".join(f"{count} {kind}" for kind, count in kinds.items()))


def _prove_that_the_unknown_is_counted(recorded: Any, server: Any, ref: Any, until: Any) -> None:
    """The last frame comes again, with a field that nobody knows: the only one, and no event."""
    frame = next(f for f in reversed(recorded.frames) if '"topic"' in f)
    server.play([frame[:-1] + ',"unheard-of":1}'])
    health = until(ref, lambda health: health.unknown_fields)
    assert health.unknown_fields == 1
    assert health.rejected_frames == 0
    assert health.dead_letters == 0
