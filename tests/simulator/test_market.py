"""The seeded market by itself: the same seed, the same market, and everything in it agrees."""

from __future__ import annotations

from itertools import pairwise

import pytest

from exchange_connector.simulator.market.books import Book
from exchange_connector.simulator.market.events import TopOfBook, Trade
from exchange_connector.simulator.market.fixed import parse, product, text
from exchange_connector.simulator.market.market import Kept, SymbolMarket
from exchange_connector.simulator.market.reference import ReferencePrice
from exchange_connector.simulator.market.symbols import assets, listing, normalised

STEPS = 2_000


def market(seed: int = 1, symbol: str = "BTCUSDT") -> SymbolMarket:
    return SymbolMarket(listing(symbol), seed)


def test_a_seed_gives_the_same_market() -> None:
    """Step by step, every trade, top and id is the same; another seed's is not."""
    one, two, other = market(3), market(3), market(4)
    for step in range(200):
        assert one.step(step) == two.step(step)
    assert one.book.view() == two.book.view()
    assert one.book.view() != other.book.view()


@pytest.mark.parametrize("symbol", ["BTCUSDT", "ETHUSDT", "ETHBTC", "ANYCOIN"])
def test_the_market_stays_sound(symbol: str) -> None:
    """It trades in each step, never crosses, keeps its depth and stays near its price."""
    one = market(symbol=symbol)
    start = one.listing.start_price
    for step in range(STEPS):
        events = one.step(step)
        assert any(isinstance(event, Trade) for event in events)
        assert one.book.best("bid") < one.book.best("ask")
    assert 150 < len(one.book.bids.prices) < 1_000
    assert 150 < len(one.book.asks.prices) < 1_000
    assert 0.8 * start < one.book.best("bid") < 1.2 * start
    assert all(trade.quantity % one.listing.step == 0 < trade.quantity for trade in one.trades)
    assert all(later.trade_id == earlier.trade_id + 1 for earlier, later in pairwise(one.trades))


def test_trades_take_what_the_book_holds() -> None:
    """A trade is at the best price of its side, and the top is told whenever it changes."""
    one = market()
    for step in range(200):
        top = one.top()
        for event in one.step(step):
            if isinstance(event, TopOfBook):
                assert event != top
                top = event
            elif isinstance(event, Trade):
                best = top.bid_price if event.buyer_is_maker else top.ask_price
                assert event.price == best
        now = one.top()
        assert (top.bid_price, top.ask_price) == (now.bid_price, now.ask_price)


def test_the_book_remembers_what_it_was() -> None:
    """Rewound to an earlier update id it is the book that stood then."""
    one = market()
    seen = [one.book.view()]
    for step in range(50):
        one.step(step)
        seen.append(one.book.view())
    assert [one.book.at(view.update_id) for view in seen] == seen
    with pytest.raises(LookupError):
        one.book.at(one.book.update_id + 1)
    with pytest.raises(LookupError):
        one.book.at(1)


def test_each_update_id_changes_one_level() -> None:
    """A set level, a changed and a removed one; an id each."""
    book = Book("X", 10)
    assert [book.set("bid", 5, quantity) for quantity in (7, 9, 0)] == [0, 7, 9]
    assert book.update_id == 13
    assert book.at(12).bids == (("0.00000005", "0.00000009"),)
    assert book.view().bids == ()


def test_a_difference_holds_the_last_quantity_of_each_level() -> None:
    """Its ids follow on the one asked from; nothing has changed since the newest."""
    book = Book("X", 10)
    book.set("bid", 5, 7)
    book.set("ask", 6, 1)
    book.set("bid", 5, 9)
    book.set("ask", 6, 0)
    assert book.since(10) == (11, 14, {5: 9}, {6: 0})
    assert book.since(12) == (13, 14, {5: 9}, {6: 0})
    assert book.since(14) is None


def test_a_hundred_thousand_updates_are_remembered() -> None:
    """The book can be rewound so far and no farther, though its memory has been run over."""
    one = market()
    first = one.book.update_id
    while one.book.update_id < first + 60_000:
        one.step(0)
    seen = one.book.view()
    while one.book.update_id < first + 150_000:
        one.step(0)
    assert one.book.at(seen.update_id) == seen
    oldest = one.book.update_id - 100_000
    assert one.book.at(oldest).update_id == oldest
    with pytest.raises(LookupError):
        one.book.at(oldest - 1)


def test_many_symbols_remember_less_each() -> None:
    """So that a thousand of them fit into one machine."""
    few, many = Kept.by(2), Kept.by(1_000)
    assert few == Kept()
    assert (few.updates, many.updates) == (100_000, 10_000)
    assert many.trades == 1_000
    assert many.minutes < few.minutes


def test_the_reference_price_is_the_average_of_ten_seconds() -> None:
    """Of every trade alike; it is null where there was none for so long."""
    reference = ReferencePrice()
    for second, price in ((0, 100), (0, 101), (5, 200), (9, 300)):
        reference.add(second * 1_000_000, price)
    assert reference.at(9_999_999) == (100 + 101 + 200 + 300) // 4
    assert reference.at(10_000_000) == (200 + 300) // 2
    assert reference.at(19_000_000) is None


def test_numbers_are_written_with_eight_decimals() -> None:
    """Exact in both directions, negative changes included."""
    assert text(parse("67000.01")) == "67000.01000000"
    assert text(-parse("0.5")) == "-0.50000000"
    assert text(product(parse("4.00000100"), parse("12"))) == "48.00001200"


def test_symbols_have_assets() -> None:
    """The quote asset is found at the end of the name."""
    assert assets("ETHBTC") == ("ETH", "BTC")
    assert assets("BTCFDUSD") == ("BTC", "FDUSD")
    assert normalised("btcusdt") == "BTCUSDT"
    with pytest.raises(ValueError, match="no symbol"):
        normalised("BTC/USDT")
