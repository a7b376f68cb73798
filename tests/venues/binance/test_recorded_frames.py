"""What Binance really sent, and what its documentation shows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.core.sequence import NEXT, Continuity
from exchange_connector.messages.enums import Channel, Side
from exchange_connector.messages.market import MarketEvent
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.binance import DRIVER
from exchange_connector.venues.driver import StreamDecoder

Lines = Callable[[str], Iterator[dict[str, Any]]]

RECORDINGS = [
    "binance_spot/cf_20210417_combined_10sym.jsonl.gz",
    "binance_spot/cf_20211012_combined_4sym.jsonl.gz",
    "binance_spot/cf_us_20211012_combined_4sym.jsonl.gz",
    "binance_spot/hft_20240808_ETHUSDT.jsonl.gz",
]
CHANNELS = {
    "trade": Channel.TRADES,
    "bookTicker": Channel.BOOK_TICKER,
    "depth@100ms": Channel.ORDER_BOOK_UPDATES,
    "ticker": Channel.TICKER,
    "kline_1m": Channel.KLINES,
    "kline_8h": Channel.KLINES,
}
MILLISECOND = 1_000_000


def frame_in(line: dict[str, Any]) -> dict[str, Any]:
    """The frame in a line of a recording, if it is one."""
    frame: dict[str, Any] = json.loads(line["raw"]) if line["t"] == "ws" else {}
    return frame


def text(value: Decimal) -> str:
    """A number with its digits."""
    return f"{value:f}"


def said(event: Any) -> dict[str, Any]:
    """An event, in the exchange's own words."""
    return WORDS[type(event).__name__](event)


def levels(side: Any) -> list[list[str]]:
    """Levels in the exchange's own form."""
    return [[text(price), text(quantity)] for price, quantity in side]


def trade(event: Any) -> dict[str, Any]:
    """A trade."""
    return {
        "e": "trade",
        "E": event.event_time // MILLISECOND,
        "s": event.symbol,
        "t": int(event.trade_id),
        "p": text(event.price),
        "q": text(event.quantity),
        "T": event.trade_time // MILLISECOND,
        "m": event.taker_side is Side.SELL,
    }


def book_ticker(event: Any) -> dict[str, Any]:
    """A book ticker."""
    return {
        "u": event.update_id,
        "s": event.symbol,
        "b": text(event.bid_price),
        "B": text(event.bid_quantity),
        "a": text(event.ask_price),
        "A": text(event.ask_quantity),
    }


def update(event: Any) -> dict[str, Any]:
    """A diff."""
    return {
        "e": "depthUpdate",
        "E": event.event_time // MILLISECOND,
        "s": event.symbol,
        "U": event.first_update_id,
        "u": event.last_update_id,
        "b": levels(event.bids),
        "a": levels(event.asks),
    }


def book(event: Any) -> dict[str, Any]:
    """A partial book."""
    bids, asks = levels(event.bids), levels(event.asks)
    return {"lastUpdateId": event.update_id, "bids": bids, "asks": asks}


def ticker(event: Any) -> dict[str, Any]:
    """A ticker."""
    names = {
        "p": "price_change",
        "P": "price_change_percent",
        "c": "last_price",
        "Q": "last_quantity",
        "b": "bid_price",
        "B": "bid_quantity",
        "a": "ask_price",
        "A": "ask_quantity",
        "o": "open_price",
        "h": "high_price",
        "l": "low_price",
        "v": "volume",
        "q": "quote_volume",
    }
    numbers = {word: text(getattr(event, name)) for word, name in names.items()}
    return {"e": "24hrTicker", "E": event.event_time // MILLISECOND, "s": event.symbol, **numbers}


def kline(event: Any) -> dict[str, Any]:
    """A candlestick, without what is not read."""
    candle = {
        "t": event.open_time // MILLISECOND,
        "T": event.close_time // MILLISECOND,
        "s": event.symbol,
        "i": event.interval,
        "o": text(event.open_price),
        "c": text(event.close_price),
        "h": text(event.high_price),
        "l": text(event.low_price),
        "v": text(event.volume),
        "n": event.trade_count,
        "x": event.is_closed,
        "q": text(event.quote_volume),
    }
    return {"e": "kline", "E": event.event_time // MILLISECOND, "s": event.symbol, "k": candle}


WORDS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "Trade": trade,
    "BookTicker": book_ticker,
    "OrderBookUpdate": update,
    "OrderBook": book,
    "Ticker": ticker,
    "Kline": kline,
}


def assert_says(event: object, payload: dict[str, Any]) -> None:
    """Everything that the event says is in the payload, with the same digits."""
    assert isinstance(event, MarketEvent)
    words = said(event)
    candle = words.pop("k", None)
    assert words == {name: payload[name] for name in words}
    if candle:
        assert candle == {name: payload["k"][name] for name in candle}


@pytest.mark.parametrize("name", RECORDINGS)
def test_every_recorded_frame_decodes_digit_by_digit(name: str, lines: Lines) -> None:
    """No frame is refused, none has drifted, and none loses a digit."""
    decoders: dict[str, StreamDecoder] = {}
    kinds: Counter[Channel] = Counter()
    for line in lines(name):
        frame = frame_in(line)
        symbol, _, suffix = frame.get("stream", "").partition("@")
        if suffix not in CHANNELS:
            continue
        channel = CHANNELS[suffix]
        stream = Stream(channel, symbol.upper(), interval=suffix.partition("_")[2])
        decoder = decoders.setdefault(frame["stream"], DRIVER.decoder(stream))
        assert_says(decoder.decode(line["raw"].encode(), 1), frame["data"])
        kinds[channel] += 1
    assert len(kinds) >= 3
    assert not any(decoder.drifted for decoder in decoders.values())


def test_recorded_ids_follow_the_rules(lines: Lines) -> None:
    """Trades and diffs are consecutive, book tickers only grow; nothing was missed."""
    rules = {channel: Continuity(rule) for channel, rule in DRIVER.rules.items()}
    for line in lines(RECORDINGS[-1]):
        frame = frame_in(line)
        data = frame.get("data", {})
        match frame.get("stream", "").partition("@")[2]:
            case "trade":
                assert rules[Channel.TRADES].check(data["t"], data["t"]) is NEXT
            case "bookTicker":
                assert rules[Channel.BOOK_TICKER].check(data["u"], data["u"]) is NEXT
            case "depth@100ms":
                assert rules[Channel.ORDER_BOOK_UPDATES].check(data["U"], data["u"]) is NEXT
            case _:
                pass


@pytest.mark.parametrize(
    ("section", "suffix"),
    [
        ("Trade Streams", "trade"),
        ("Kline/Candlestick Streams for UTC", "kline_1m"),
        ("Individual Symbol Ticker Streams", "ticker"),
        ("Individual Symbol Book Ticker Streams", "bookTicker"),
        ("Diff. Depth Stream", "depth@100ms"),
    ],
)
def test_every_documented_payload_decodes(section: str, suffix: str, lines: Lines) -> None:
    """As the page of the market streams shows it."""
    found = 0
    for line in lines("docs/binance_ws_streams.jsonl"):
        if line["section"].endswith(f"> {section}") and "Payload" in line["label"]:
            payload = json.loads(line["raw"])
            symbol = payload.get("s", "BNBBTC")
            frame = f'{{"stream":"{symbol.lower()}@{suffix}","data":{line["raw"]}}}'
            interval = suffix.partition("_")[2]
            decoder = DRIVER.decoder(Stream(CHANNELS[suffix], symbol, interval=interval))
            assert_says(decoder.decode(frame.encode(), 1), payload)
            assert decoder.drifted == 0
            found += 1
    assert found


def test_samples_of_another_library_decode(lines: Lines) -> None:
    """They are older: a trade still had its orders' ids, which count as drift."""
    drifted: Counter[Channel] = Counter()
    seen: set[Channel] = set()
    for line in lines("samples/jkorf_binance_spot_ws.jsonl"):
        frame = frame_in(line)
        suffix = frame.get("stream", "").partition("@")[2]
        if suffix not in CHANNELS:
            continue
        channel, data = CHANNELS[suffix], frame["data"]
        interval = data["k"]["i"] if "k" in data else ""
        decoder = DRIVER.decoder(Stream(channel, data.get("s", "BTCUSDT"), interval=interval))
        assert_says(decoder.decode(line["raw"].encode(), 1), data)
        drifted[channel] += decoder.drifted
        seen.add(channel)
    assert len(seen) == 4
    assert drifted[Channel.TRADES] == drifted.total() == 1
