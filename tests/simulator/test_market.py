"""The seeded market by itself: the same seed, the same market, and everything in it agrees."""

from __future__ import annotations

from itertools import pairwise

import pytest

from exchange_connector.simulator.market.books import Book, Change
from exchange_connector.simulator.market.candles import Candles, close_time, open_time
from exchange_connector.simulator.market.fixed import parse, product, text
from exchange_connector.simulator.market.market import SymbolMarket, TopOfBook, Trade
from exchange_connector.simulator.market.symbols import assets, listing, normalised

STEPS = 2_000


def market(seed: int = 1, symbol: str = "BTCUSDT") -> SymbolMarket:
    return SymbolMarket(listing(symbol), seed)


def test_a_seed_gives_the_same_market() -> None:
    """Step by step, every change, trade and id is the same; another seed's is not."""
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
    assert book.set("bid", 5, 7) == Change("bid", 5, 7, 0)
    assert book.set("bid", 5, 9) == Change("bid", 5, 9, 7)
    assert book.set("bid", 5, 0) == Change("bid", 5, 0, 9)
    assert book.update_id == 13
    assert book.at(12).bids == (("0.00000005", "0.00000009"),)
    assert book.view().bids == ()


def test_candles_are_sums_of_trades() -> None:
    """Every interval counts every trade; an empty minute repeats the last close."""
    candles = Candles()
    for number, minute in enumerate((0, 0, 1, 4)):
        candles.trade(minute * 60_000 + number, number, 100 + number, 10, number % 2 == 0)
    minutes, fives = candles.of("1m"), candles.of("5m")
    assert [candle.count for candle in minutes] == [2, 1, 0, 0, 1]
    assert [candle.close for candle in minutes] == [101, 102, 102, 102, 103]
    assert [(candle.open, candle.high, candle.low, candle.close) for candle in fives] == [
        (100, 103, 100, 103)
    ]
    assert (fives[0].first_id, fives[0].last_id, fives[0].count) == (0, 3, 4)


@pytest.mark.parametrize(
    ("interval", "time", "opens", "closes"),
    [
        ("1m", 1_700_000_045_000, 1_700_000_040_000, 1_700_000_099_999),
        ("1d", 1_700_000_045_000, 1_699_920_000_000, 1_700_006_399_999),
        ("1w", 1_700_000_045_000, 1_699_833_600_000, 1_700_438_399_999),  # from a Monday
        ("1M", 1_700_000_045_000, 1_698_796_800_000, 1_701_388_799_999),  # November 2023
    ],
)
def test_when_candles_open_and_close(interval: str, time: int, opens: int, closes: int) -> None:
    """Intervals are aligned to UTC, weeks to Monday, months to their first day."""
    assert open_time(time, interval) == opens
    assert close_time(opens, interval) == closes


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
    with pytest.raises(ValueError, match="not a symbol"):
        normalised("BTC/USDT")
