"""Recorded order books through the whole connector, against figures that were computed elsewhere."""

from __future__ import annotations

import hashlib
import heapq
import json
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from exchange_connector import BookTicker, OrderBook, OrderBookUpdate, PriceLevel, StreamGap
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.venues import DRIVERS

FIXTURES = Path(__file__).resolve().parents[2].parent / "shared" / "fixtures"
DEPTH = 1000
"""Of the recorded snapshots."""

pytestmark = pytest.mark.skipif(
    not FIXTURES.is_dir(), reason=f"no recordings: there is no {FIXTURES.parent.name}/fixtures"
)


def sequences() -> dict[str, dict[str, Any]]:
    """What is expected of each recording and symbol."""
    if not FIXTURES.is_dir():
        return {}
    found: dict[str, dict[str, Any]] = json.loads(
        (FIXTURES / "expected_depth.json").read_text("utf-8")
    )["sequences"]
    return {name: of for name, of in found.items() if name.startswith("binance")}


LAST_ID = 10**15
LAST = f'{{"u":{LAST_ID},"s":"%s","b":"1","B":"1","a":"2","A":"1"}}'
"""A book ticker behind all others, and of no book."""


def digits(number: Decimal) -> str:
    """Without an exponent and without zeros at the end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def words(levels: Any) -> list[list[str]]:
    """Levels as texts."""
    return [[digits(price), digits(quantity)] for price, quantity in levels]


class Told:
    """Everything that the updates said, kept as simply as can be: what the connector must equal.

    Levels beyond the first book's edge are those of which no snapshot ever spoke.
    """

    def __init__(self, first: OrderBook) -> None:
        self.sides = {"bids": dict(first.bids), "asks": dict(first.asks)}
        self._edges = {
            name: (min, max)[name == "asks"](side) if len(side) >= DEPTH else None
            for name, side in self.sides.items()
        }

    def apply(self, update: OrderBookUpdate) -> None:
        """Set levels; 0 removes one."""
        for name, levels in (("bids", update.bids), ("asks", update.asks)):
            side = self.sides[name]
            for price, quantity in levels:
                side[price] = quantity
                if not quantity:
                    del side[price]

    def known(self, name: str, most: int = 1_000_000) -> tuple[PriceLevel, ...]:
        """The best levels of a side, none beyond its edge."""
        side, edge = self.sides[name], self._edges[name]
        best = heapq.nsmallest(most, side) if name == "asks" else heapq.nlargest(most, side)
        known = best if edge is None else best[: self._until(best, edge, name)]
        return tuple(PriceLevel(price, side[price]) for price in known)

    @staticmethod
    def _until(prices: list[Decimal], edge: Decimal, name: str) -> int:
        sign = (-1, 1)[name == "asks"]
        return bisect_right(prices, edge * sign, key=lambda price: price * sign)

    @property
    def beyond(self) -> int:
        """How many levels lie beyond the edges."""
        return sum(len(side) - len(self.known(name)) for name, side in self.sides.items())

    def hash(self) -> str:
        """Of all levels, as the expected figures have it."""
        lines = [
            f"{mark} {digits(price)} {digits(quantity)}\n"
            for mark, side, is_reverse in (("b", "bids", True), ("a", "asks", False))
            for price, quantity in sorted(self.sides[side].items(), reverse=is_reverse)
        ]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


@pytest.mark.parametrize("name", sequences())
def test_recorded_books_are_the_exchanges(
    name: str,
    start: Callable[..., Any],
    record: Callable[[], Any],
    monkeypatch: pytest.MonkeyPatch,
    figure: Callable[[str, object], None],
) -> None:
    """Every book that is delivered, at every update id, and each book ticker of the same id."""
    monkeypatch.setitem(
        DRIVERS, ("binance", "spot"), replace(DRIVERS["binance", "spot"], snapshots=(DEPTH,))
    )
    expected, path = sequences()[name], FIXTURES / name
    received = {symbol: (record(), record(), record()) for symbol in expected}
    with SimulatedExchange(replay=path, speed=0) as exchange:
        exchange.hold()
        connector = start(exchange).proxy()
        for symbol, (books, updates, tickers) in received.items():
            connector.subscribe_order_book_updates(symbol, updates).get(timeout=10)
            connector.subscribe_book_ticker(symbol, tickers).get(timeout=10)
            connector.subscribe_order_book(symbol, books, depth=5000).get(timeout=10)
            books.wait_for(OrderBook)
        exchange.release()
        for symbol, (books, updates, _) in received.items():
            updates.wait_for(OrderBookUpdate, expected[symbol]["events"], seconds=60)
            books.wait_for(OrderBook, expected[symbol]["applied"] + 1, seconds=60)
        assert exchange.replay_done.wait(10)
        for symbol, (_, _, tickers) in received.items():
            exchange.publish(f"{symbol.lower()}@bookTicker", LAST % symbol)
            tickers.wait(lambda events: events and events[-1].update_id == LAST_ID, seconds=60)
        events = {
            symbol: [list(each.events) for each in recorders]
            for symbol, recorders in received.items()
        }
    states = beyond = compared = 0
    for symbol, (books, updates, tickers) in events.items():
        told = _check(expected[symbol], books, updates)
        compared += _check_tickers(books, tickers)
        states += len(books)
        beyond += told.beyond
    same = sum(each["book_ticker_same_u"]["equal"] for each in expected.values())
    assert compared >= same
    title = f"recorded books of {name.partition('/')[2].partition('.')[0]}"
    figure(title, f"{len(expected)} symbols, {states} states, {compared} tickers, all equal")
    figure(f"{title}: levels beyond the edge, not delivered", beyond)


def _check(expected: dict[str, Any], books: list[Any], updates: list[OrderBookUpdate]) -> Told:
    """Each book equals what was told until then, down to where it is known."""
    assert not [event for event in books if isinstance(event, StreamGap)]
    first, *others = books
    assert first.update_id == expected["lastUpdateId"]
    told, applied, checkpoints = Told(first), 0, []
    by_id = {book.update_id: book for book in others}
    assert len(by_id) == len(others) == expected["applied"]
    for update in updates:
        if update.last_update_id <= first.update_id:
            continue
        told.apply(update)
        applied += 1
        book = by_id[update.last_update_id]
        assert book.bids[:20] == told.known("bids", 20)
        assert book.asks[:20] == told.known("asks", 20)
        if applied % 250 == 0:
            tops = words(book.bids[:1])[0] + words(book.asks[:1])[0]
            checkpoints.append([book.update_id, *tops])
            assert (book.bids, book.asks) == (told.known("bids"), told.known("asks"))
    last = others[-1]
    assert checkpoints == expected["checkpoints"]
    assert last.update_id == expected["final_u"]
    assert words(last.bids[:10]) == expected["final"]["bids"]
    assert words(last.asks[:10]) == expected["final"]["asks"]
    assert (last.bids, last.asks) == (told.known("bids"), told.known("asks"))
    assert told.hash() == expected["final"]["sha256"]
    return told


def _check_tickers(books: list[OrderBook], tickers: list[BookTicker]) -> int:
    """How many had the id of a book; each says what it says."""
    by_id = {book.update_id: book for book in books}
    found = [ticker for ticker in tickers if ticker.update_id in by_id]
    for ticker in found:
        book = by_id[ticker.update_id]
        assert book.bids[0] == (ticker.bid_price, ticker.bid_quantity)
        assert book.asks[0] == (ticker.ask_price, ticker.ask_quantity)
    return len(found)
