"""What Bybit really sent, and what its documentation shows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.messages.enums import Channel, Side
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.bybit import LINEAR, SPOT
from exchange_connector.venues.control import UNNUMBERED, DataFrame, Notice, Ponged
from exchange_connector.venues.driver import Driver, MalformedError, StreamDecoder

Lines = Callable[[str], Iterator[dict[str, Any]]]
Content = dict[str, Any]

KINDS = {"publicTrade": Channel.TRADES, "tickers": Channel.TICKER, "kline": Channel.KLINES}
INTERVALS = {"1": "1m", "5": "5m"}
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
}


def stream_of(topic: str) -> Stream | None:
    """The stream of a topic, read from the documentation once more."""
    kind, *rest = topic.split(".")
    if kind == "orderbook" and rest[0] == "1":
        return Stream(Channel.BOOK_TICKER, rest[1])
    if kind == "orderbook" and rest[0] in ("50", "200", "1000"):
        return Stream(Channel.ORDER_BOOK_UPDATES, rest[1], depth=int(rest[0]))
    if kind not in KINDS or rest[-1].count("-") > 1:  # an option
        return None
    return Stream(KINDS[kind], rest[-1], interval=INTERVALS[rest[0]] if kind == "kline" else "")


def text(value: Decimal | None) -> str:
    """A number with its digits."""
    return "" if value is None else f"{value:f}"


def assert_says(event: Any, content: Content, index: int = 0) -> None:
    """Everything that the event says is in the frame, with the same digits."""
    data = content["data"][index] if isinstance(content["data"], list) else content["data"]
    said, sent = WORDS[type(event).__name__](event, content, data)
    assert said == sent


def trade(event: Any, content: Content, data: Content) -> tuple[Any, Any]:
    """A trade."""
    side = "Buy" if event.taker_side is Side.BUY else "Sell"
    said = (event.symbol, event.trade_id, text(event.price), text(event.quantity), side)
    times = event.trade_time, event.event_time
    sent = tuple(data[name] for name in ("s", "i", "p", "v", "S"))
    return (said, times), (sent, (data["T"] * 1_000_000, content["ts"] * 1_000_000))


def book_ticker(event: Any, content: Content, data: Content) -> tuple[Any, Any]:
    """A best bid and ask."""
    bid, ask = (
        [[text(price), text(quantity)]] if price or quantity else []
        for price, quantity in (
            (event.bid_price, event.bid_quantity),
            (event.ask_price, event.ask_quantity),
        )
    )
    said = (event.symbol, event.update_id, event.event_time, bid, ask)
    return said, (data["s"], data["u"], content["cts"] * 1_000_000, data["b"], data["a"])


def update(event: Any, content: Content, data: Content) -> tuple[Any, Any]:
    """Levels."""
    sides = [
        [[text(number) for number in level] for level in side] for side in (event.bids, event.asks)
    ]
    ids = (event.first_update_id, event.last_update_id, event.is_snapshot)
    said = (event.symbol, event.event_time, ids, sides)
    sent_ids = (data["u"], data["u"], content["type"] == "snapshot")
    return said, (data["s"], content["cts"] * 1_000_000, sent_ids, [data["b"], data["a"]])


def ticker(event: Any, content: Content, data: Content) -> tuple[Any, Any]:
    """As much as the frame names."""
    said = {word: text(getattr(event, name)) for word, name in TICKER.items() if word in data}
    if "price24hPcnt" in data:
        said["price24hPcnt"] = text((event.price_change_percent / 100).normalize())
    sent = {word: data[word] for word in said}
    if "price24hPcnt" in data:
        sent["price24hPcnt"] = text(Decimal(data["price24hPcnt"]).normalize())
    return (event.event_time, said), (content["ts"] * 1_000_000, sent)


def kline(event: Any, content: Content, data: Content) -> tuple[Any, Any]:
    """A candle."""
    prices = (event.open_price, event.close_price, event.high_price, event.low_price)
    said = [text(each) for each in (*prices, event.volume, event.quote_volume)]
    names = ("open", "close", "high", "low", "volume", "turnover")
    times = (event.open_time, event.close_time, event.event_time)
    sent_times = tuple(data[name] * 1_000_000 for name in ("start", "end", "timestamp"))
    whole = (said, times, event.is_closed, INTERVALS[data["interval"]], event.trade_count)
    return whole, (
        [data[name] for name in names],
        sent_times,
        data["confirm"],
        event.interval,
        None,
    )


WORDS: dict[str, Callable[[Any, Content, Content], tuple[Any, Any]]] = {
    "Trade": trade,
    "BookTicker": book_ticker,
    "OrderBookUpdate": update,
    "Ticker": ticker,
    "Kline": kline,
}


@pytest.mark.parametrize(
    ("name", "driver", "frames", "events"),
    [
        (
            "bybit_v5/cf_20250613_linear_ob1.jsonl",
            LINEAR,
            {"book_ticker": 198, "notice": 4},
            {"book_ticker": 198},
        ),
        (
            "bybit_v5/cf_20260809_linear_SOL_DOGE.jsonl.gz",
            LINEAR,
            {"order_book_updates": 763, "ticker": 357, "trades": 74, "klines": 37, "notice": 17},
            {"order_book_updates": 763, "ticker": 357, "trades": 248, "klines": 39},
        ),
        (
            "bybit_v5/cf_20260809_spot_ETHUSDT.jsonl",
            SPOT,
            {"order_book_updates": 250, "ticker": 40, "trades": 7, "klines": 10, "notice": 7},
            {"order_book_updates": 250, "ticker": 40, "trades": 9, "klines": 10},
        ),
    ],
)
def test_every_recorded_frame_decodes_digit_by_digit(
    name: str, driver: Driver, frames: dict[str, int], events: dict[str, int], lines: Lines
) -> None:
    """None is refused, none has drifted, none loses a digit; what is no data is a notice."""
    decoders: dict[str, StreamDecoder] = {}
    came: Counter[str] = Counter()
    found: Counter[str] = Counter()
    for line in lines(name):
        if line["t"] != "ws":
            continue
        raw, content = line["raw"].encode(), json.loads(line["raw"])
        control = driver.control(raw)
        if not isinstance(control, DataFrame):
            assert isinstance(control, Notice)
            came["notice"] += 1
            continue
        topic = control.name.decode()
        stream = stream_of(topic)
        assert stream is not None
        assert driver.stream_name(stream) == topic
        decoder = decoders.setdefault(topic, driver.decoder(stream))
        decoded = decoder.decode(raw, 1)
        several = decoded if isinstance(decoded, tuple) else (decoded,)
        for index, event in enumerate(several):
            assert_says(event, content, index)
        came[stream.channel] += 1
        found[stream.channel] += len(several)
    assert dict(came) == frames
    assert dict(found) == events
    assert not any(decoder.drifted for decoder in decoders.values())


@pytest.mark.parametrize(
    "name",
    ["bybit_v5/cf_20260809_linear_SOL_DOGE.jsonl.gz", "bybit_v5/cf_20260809_spot_ETHUSDT.jsonl"],
)
def test_trades_came_in_the_order_of_their_times(name: str, lines: Lines) -> None:
    """What is fetched of them is put together by that; within a frame it is documented."""
    newest: dict[str, tuple[int, int]] = {}
    ids = list[str]()
    for line in lines(name):
        content = json.loads(line["raw"]) if line["t"] == "ws" else {}
        if not content.get("topic", "").startswith("publicTrade."):
            continue
        for row in content["data"]:
            place = row["T"], row["seq"]
            assert place >= newest.get(row["s"], place)
            newest[row["s"]] = place
            ids.append(row["i"])
    assert len(ids) == len(set(ids)) > 0


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        (
            "docs/bybit_ws_public.jsonl",
            {
                "order_book_updates": 1,
                "ticker": 1,
                "trades": 1,
                "klines": 1,
                "not ours": 6,
                "notice": 1,
            },
        ),
        (
            "samples/jkorf_bybit_v5_ws.jsonl",
            {"ticker": 2, "trades": 2, "not ours": 10, "refused": 6, "answered": 21},
        ),
    ],
)
def test_every_documented_frame_is_understood(
    name: str, counts: dict[str, int], lines: Lines
) -> None:
    """Ours decode, those of other topics are data all the same, and the rest is answers."""
    kinds: Counter[str] = Counter()
    for line in lines(name):
        content = json.loads(line["raw"])
        if line["t"] == "sent" or ("args" in content and "topic" not in content):
            continue
        if "reqId" in content:  # of the socket for orders, which is not used
            with pytest.raises(MalformedError, match="neither"):
                SPOT.control(line["raw"].encode())
            kinds["refused"] += 1
            continue
        control = SPOT.control(line["raw"].encode())
        if not isinstance(control, DataFrame):
            kinds["notice" if isinstance(control, Notice) else type(control).__name__.lower()] += 1
            continue
        stream = stream_of(control.name.decode())
        if stream is None:
            kinds["not ours"] += 1
            continue
        is_linear = "tickDirection" in content["data"]
        decoder = (LINEAR if is_linear else SPOT).decoder(stream)
        decoded: Any = decoder.decode(line["raw"].encode(), 1)
        assert_says(decoded, content)
        assert decoder.drifted == 0
        kinds[stream.channel] += 1
    assert kinds == Counter(counts)


def test_documented_pongs_are_pongs(lines: Lines) -> None:
    """Of every kind of socket."""
    pongs = [
        SPOT.control(line["raw"].encode())
        for line in lines("docs/bybit_ws_private.jsonl")
        if json.loads(line["raw"]).get("op") == "pong"
        or json.loads(line["raw"]).get("ret_msg") == "pong"
    ]
    assert len(pongs) == 5
    assert set(pongs) == {Ponged(UNNUMBERED)}


def test_recorded_update_ids_follow_each_other(lines: Lines) -> None:
    """Consecutive from the snapshot on, in each topic by itself."""
    last: dict[str, int] = {}
    for name in ("cf_20260809_linear_SOL_DOGE.jsonl.gz", "cf_20260809_spot_ETHUSDT.jsonl"):
        for line in lines(f"bybit_v5/{name}"):
            content = json.loads(line["raw"]) if line["t"] == "ws" else {}
            topic = content.get("topic", "")
            if topic.startswith("orderbook."):
                update_id = content["data"]["u"]
                assert content["type"] == "snapshot" or update_id == last[topic] + 1
                last[topic] = update_id
    assert len(last) == 3
