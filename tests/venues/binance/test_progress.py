"""What proves that a silent stream has missed something, and what does not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from exchange_connector import BookTicker, Kline, OrderBook, Ticker
from exchange_connector.messages.enums import Channel
from exchange_connector.venues.binance.progress import PROBES, Day

MINUTE = 60_000_000_000
ONE, TWO, NONE = Decimal(1), Decimal(2), Decimal("0.00000000")


def is_behind(channel: Channel, seen: Any, answer: Any) -> bool:
    """As the exchange's answer has it."""
    probe = PROBES[channel]
    return probe.is_behind(probe.seen(seen), probe.present(answer))


def kline(trades: int, *, is_closed: bool = False) -> Kline:
    begin, end = MINUTE, 2 * MINUTE - 1_000_000
    prices = ONE, ONE, ONE, ONE, ONE, ONE
    return Kline("binance", "S", 0, 0, "1m", begin, end, *prices, trades, is_closed)


@pytest.mark.parametrize(
    ("seen", "answer", "expected"),
    [
        (kline(5), (MINUTE, 5), False),
        (kline(5), (MINUTE, 6), True),
        (kline(6), (MINUTE, 5), False),  # the answer is older than what has come
        (kline(5), (2 * MINUTE, 0), False),
        (kline(5), (2 * MINUTE, 1), True),
        (kline(5, is_closed=True), (MINUTE, 5), False),
        (kline(5, is_closed=True), (2 * MINUTE, 0), False),
        (kline(5, is_closed=True), (2 * MINUTE, 1), True),
        (kline(5, is_closed=True), (9 * MINUTE, 0), False),
    ],
)
def test_candles(seen: Kline, answer: tuple[int, int], expected: bool) -> None:
    """Between one that has closed and the first trade of another there is nothing to miss."""
    assert is_behind(Channel.KLINES, seen, answer) is expected


@pytest.mark.parametrize(
    ("price", "volume", "expected"),
    [(ONE, ONE, False), (TWO, ONE, True), (ONE, TWO, True), (ONE, NONE, False)],
)
def test_the_day_s_statistics(price: Decimal, volume: Decimal, expected: bool) -> None:
    """A trade that leaves the day by its age is no trade."""
    seen = Ticker("binance", "S", 0, 0, *(ONE,) * 13)
    assert is_behind(Channel.TICKER, seen, Day(price, volume, 1)) is expected


@pytest.mark.parametrize(
    ("update_id", "bids", "expected"),
    [
        (7, ((ONE, ONE),), False),
        (8, ((ONE, ONE),), False),  # something else in the book has changed
        (8, ((ONE, TWO),), True),
        (6, ((ONE, TWO),), False),  # the answer is older than what has come
        (8, (), True),
    ],
)
def test_the_top_of_the_book(update_id: int, bids: Any, expected: bool) -> None:
    """Its id tells which is newer."""
    seen = BookTicker("binance", "S", 0, 0, 7, ONE, ONE, NONE, NONE)
    book = OrderBook("binance", "S", 0, 0, update_id, bids, ())
    assert is_behind(Channel.BOOK_TICKER, seen, book) is expected


def test_a_side_without_orders() -> None:
    """A book has no level there, and a book ticker zeros."""
    seen = BookTicker("binance", "S", 0, 0, 7, NONE, NONE, NONE, NONE)
    assert not is_behind(Channel.BOOK_TICKER, seen, OrderBook("binance", "S", 0, 0, 9, (), ()))
