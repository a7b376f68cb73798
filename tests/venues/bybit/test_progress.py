"""What proves that a silent stream has missed something, and what does not."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import BookTicker, Kline, OrderBook, OrderBookUpdate, Ticker, Trade
from exchange_connector.messages.base import Request
from exchange_connector.messages.enums import Channel, Side
from exchange_connector.messages.streams import Stream
from exchange_connector.venues.bybit import LINEAR, SPOT
from exchange_connector.venues.bybit.progress import (
    PROBES,
    Day,
    GetCandle,
    GetDay,
    GetLastTrade,
)
from exchange_connector.venues.driver import MalformedError

MINUTE = 60_000_000_000
ONE, TWO, NONE = Decimal(1), Decimal(2), Decimal("0.00000000")
Levels = Any


def is_behind(channel: Channel, seen: Any, answer: Any) -> bool:
    """As the exchange's answer has it."""
    probe = PROBES[channel]
    return probe.is_behind(probe.seen(seen), probe.present(answer))


def stood_still(channel: Channel, earlier: Any, answer: Any) -> bool:
    """Where no event has come, an earlier answer is compared."""
    probe = PROBES[channel]
    return not probe.is_behind(probe.present(earlier), probe.present(answer))


def kline(volume: Decimal, *, is_closed: bool = False) -> Kline:
    prices = (ONE, ONE, ONE, ONE, volume, ONE)
    ends = 2 * MINUTE - 1_000_000
    return Kline("bybit", "S", 0, 0, "1m", MINUTE, ends, *prices, None, is_closed)


@pytest.mark.parametrize(
    ("seen", "answer", "expected"),
    [
        (kline(ONE), (MINUTE, ONE), False),
        (kline(ONE), (MINUTE, TWO), True),
        (kline(TWO), (MINUTE, ONE), False),  # the answer is older than what has come
        (kline(ONE), (2 * MINUTE, NONE), False),
        (kline(ONE), (2 * MINUTE, ONE), True),
        (kline(ONE, is_closed=True), (MINUTE, TWO), False),
        (kline(ONE, is_closed=True), (2 * MINUTE, NONE), False),
        (kline(ONE, is_closed=True), (2 * MINUTE, ONE), True),
    ],
)
def test_candles(seen: Kline, answer: tuple[int, Decimal], expected: bool) -> None:
    """A candle without a trade is one that nobody has to be told of."""
    assert is_behind(Channel.KLINES, seen, answer) is expected


@pytest.mark.parametrize(
    ("price", "volume", "expected"),
    [(ONE, ONE, False), (TWO, ONE, True), (ONE, TWO, True), (ONE, NONE, False)],
)
def test_the_day_s_statistics(price: Decimal, volume: Decimal, expected: bool) -> None:
    """A trade that leaves the day by its age is no trade."""
    seen = Ticker("bybit", "S", 0, 0, *(ONE,) * 13)
    assert is_behind(Channel.TICKER, seen, Day(price, volume)) is expected
    bare = Ticker("bybit", "S", 0, 0, ONE)
    assert is_behind(Channel.TICKER, bare, Day(price, volume)) is (price != ONE)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((5, "a"), False),
        ((5, "b"), False),  # several of one moment have no order
        ((6, "b"), True),
        ((6, "a"), False),
        ((4, "b"), False),
        ((0, ""), False),
    ],
)
def test_trades(answer: tuple[int, str], expected: bool) -> None:
    """A later one with another id."""
    seen = Trade("bybit", "S", 0, 0, "a", ONE, ONE, Side.BUY, 5)
    assert is_behind(Channel.TRADES, seen, answer) is expected


def book(time: int, bids: Levels, asks: Levels) -> OrderBook:
    """Of an id that is another stream's."""
    return OrderBook("bybit", "S", time, 0, 1, bids, asks)


@pytest.mark.parametrize(
    ("time", "bids", "expected"),
    [
        (7, ((ONE, TWO),), False),
        (8, ((ONE, ONE),), False),
        (8, ((ONE, TWO),), True),
        (6, ((ONE, TWO),), False),
        (8, (), True),
    ],
)
def test_the_top_of_the_book(time: int, bids: Levels, expected: bool) -> None:
    """Its time tells which is newer."""
    seen = BookTicker("bybit", "S", 7, 0, 99, ONE, ONE, NONE, NONE)
    assert is_behind(Channel.BOOK_TICKER, seen, book(time, bids, ())) is expected


FIFTY = tuple((Decimal(100 - number), ONE) for number in range(50))


@pytest.mark.parametrize(
    ("time", "bids", "asks", "expected"),
    [
        (8, ((ONE, ONE),), ((TWO, ONE),), False),  # all levels that were seen are as they were
        (8, ((ONE, ONE), (NONE, ONE)), ((TWO, ONE),), False),  # another level proves nothing
        (8, ((ONE, TWO),), ((TWO, ONE),), True),
        (8, ((ONE, ONE),), (), True),
        (7, ((ONE, TWO),), (), False),  # of the same moment
        (6, ((ONE, TWO),), (), False),
        (8, FIFTY, ((TWO, ONE),), False),  # it stands behind those that were asked for
        (8, FIFTY[:49], ((TWO, ONE),), True),
    ],
)
def test_a_level_that_has_changed(time: int, bids: Levels, asks: Levels, expected: bool) -> None:
    """The stream would have told it."""
    seen = OrderBookUpdate("bybit", "S", 7, 0, 5, 5, ((ONE, ONE),), ((TWO, ONE),))  # type: ignore[arg-type]
    assert is_behind(Channel.ORDER_BOOK_UPDATES, seen, book(time, bids, asks)) is expected


@pytest.mark.parametrize(
    ("price", "bids", "expected"),
    [
        (Decimal(60), FIFTY, True),  # removed, and there again
        (Decimal(101), FIFTY, False),
        (Decimal(50), FIFTY, False),  # behind the fifty
        (Decimal("60.5"), FIFTY, False),
    ],
)
def test_a_level_that_was_removed(price: Decimal, bids: Levels, expected: bool) -> None:
    """If it is there now, it has come back."""
    removed = ((price, NONE),)
    seen = OrderBookUpdate("bybit", "S", 7, 0, 5, 5, removed, ())  # type: ignore[arg-type]
    assert is_behind(Channel.ORDER_BOOK_UPDATES, seen, book(8, bids, ())) is expected


def test_where_no_event_has_come_answers_are_compared() -> None:
    """The marks are of one kind."""
    whole = book(7, FIFTY, ())
    assert stood_still(Channel.ORDER_BOOK_UPDATES, whole, book(9, FIFTY, ()))
    assert stood_still(
        Channel.ORDER_BOOK_UPDATES, whole, book(9, ((Decimal(101), ONE), *FIFTY[:49]), ())
    )
    assert not stood_still(Channel.ORDER_BOOK_UPDATES, whole, book(9, FIFTY[1:], ()))
    assert not stood_still(Channel.TRADES, (5, "a"), (6, "b"))
    assert not stood_still(Channel.TICKER, Day(ONE, ONE), Day(TWO, ONE))
    assert not stood_still(Channel.BOOK_TICKER, whole, book(8, FIFTY[1:], ()))


def test_only_a_book_ticker_has_to_tick() -> None:
    """It comes once more after three seconds without a change."""
    assert [channel for channel, probe in PROBES.items() if probe.ticks] == [Channel.BOOK_TICKER]
    stream = Stream(Channel.BOOK_TICKER, "S")
    assert PROBES[Channel.BOOK_TICKER].request(stream).depth == 1  # type: ignore[attr-defined]


def reply(request: Request[Any], result: Any) -> Any:
    """What both drivers make of a result."""
    body = json.dumps({"retCode": 0, "retMsg": "OK", "result": result, "time": 1}).encode()
    one, other = (
        driver.endpoints[type(request)].decode(body, request, 7) for driver in (SPOT, LINEAR)
    )
    assert one == other
    return one


def test_answers() -> None:
    """As documented, in short."""
    day = {"symbol": "BTCUSDT", "lastPrice": "20533.13", "volume24h": "6.5", "bid1Price": "2"}
    assert reply(GetDay("btcusdt"), {"category": "spot", "list": [day]}) == Day(
        Decimal("20533.13"), Decimal("6.5")
    )
    trade = {"execId": "2100", "symbol": "BTCUSDT", "price": "1", "time": "1672052955758"}
    assert reply(GetLastTrade("BTCUSDT"), {"list": [trade]}) == (1672052955758_000_000, "2100")
    assert reply(GetLastTrade("BTCUSDT"), {"list": []}) == (0, "")
    candle = ["1670608800000", "1", "1", "1", "1", "6.5", "7"]
    rows = {"symbol": "BTCUSDT", "list": [candle]}
    assert reply(GetCandle("BTCUSDT", "1m"), rows) == (1670608800000_000_000, Decimal("6.5"))
    assert reply(GetCandle("BTCUSDT", "1m"), {**rows, "list": []}) == (0, 0)


@pytest.mark.parametrize(
    ("request_", "result"),
    [
        (GetDay("A"), {"list": []}),
        (GetDay("A"), {"list": [{"symbol": "B", "lastPrice": "1", "volume24h": "1"}]}),
        (GetDay("A"), {"list": [{"symbol": "A", "lastPrice": "", "volume24h": "1"}]}),
        (GetDay("A"), {"list": [{"symbol": "A", "lastPrice": "1", "volume24h": "NaN"}]}),
        (GetLastTrade("A"), {"list": [{"execId": "1", "symbol": "B", "time": "1"}]}),
        (GetLastTrade("A"), {"list": [{"execId": "", "symbol": "A", "time": "1"}]}),
        (GetLastTrade("A"), {"list": [{"execId": "1", "symbol": "A", "time": 1}]}),
        (GetCandle("A", "1m"), {"symbol": "B", "list": []}),
        (GetCandle("A", "1m"), {"symbol": "A", "list": [["1", "1", "1", "1", "1", "x", "1"]]}),
    ],
)
def test_answers_that_are_none(request_: Request[Any], result: Any) -> None:
    """Refused."""
    with pytest.raises(MalformedError):
        reply(request_, result)
