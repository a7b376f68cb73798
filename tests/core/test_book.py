"""An order book is what its snapshot and updates make of it, and knows how deep it is known."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector import OrderBook, OrderBookUpdate
from exchange_connector.core.book import Book, BookSide
from exchange_connector.messages.levels import Levels, PriceLevel

Pairs = Sequence[tuple[str, str]]
BID, ASK = 1, -1


def unread(*pairs: tuple[str, str]) -> Levels:
    """As they come from the exchange."""
    inner = ",".join(f'["{price}","{quantity}"]' for price, quantity in pairs)
    return Levels(f"[{inner}]".encode())


def prices(*each: str) -> Levels:
    """A quantity of 1 at each."""
    return unread(*((price, "1") for price in each))


def shown(side: BookSide, count: int = 99) -> list[tuple[str, str]]:
    """Digit by digit, best level first."""
    levels = Levels(side.top(count))
    return [(format(price, "f"), format(quantity, "f")) for price, quantity in levels]


def shown_prices(side: BookSide, count: int = 99) -> list[str]:
    """Best first."""
    return [price for price, _ in shown(side, count)]


def book(bids: Levels, asks: Levels, limit: int = 100, update_id: int = 1) -> Book:
    """Made of a snapshot."""
    return Book(OrderBook("there", "BTCUSDT", 0, 0, update_id, bids, asks), limit)


# a side against a model

ticks = st.integers(1, 30)
spelt = st.sampled_from(("{:d}.{:d}", "{:d}.{:d}0", "0{:d}.{:d}"))
tails = st.sampled_from(("", "", "", "0" * 18, "0" * 17 + "1", "0" * 17 + "2", "0" * 40 + "1"))
quantities = st.sampled_from(("0", "0.000", "1", "1.50", "2", "0." + "0" * 400 + "1"))


@st.composite
def some_levels(draw: st.DrawFn) -> Levels | tuple[PriceLevel, ...]:
    """Some with prices that only their 18th digit tells apart, or that are spelt otherwise."""
    pairs: list[tuple[str, str]] = []
    for _ in range(draw(st.integers(0, 8))):
        price = draw(spelt).format(*divmod(draw(ticks), 10)).lstrip("0")
        price = ("0" if price.startswith(".") else "") + price + draw(tails)
        pairs.append((price, draw(quantities)))
    levels = unread(*pairs)
    match draw(st.sampled_from(("unread", "read", "values"))):
        case "read":
            assert len(tuple(levels)) == len(pairs)
            return levels
        case "values":
            return tuple(levels)
        case _:
            return levels


class Model:
    """A side as a dictionary."""

    def __init__(self, sign: int, snapshot: Sequence[PriceLevel], limit: int) -> None:
        self._sign = sign
        self._levels: dict[Decimal, Decimal] = {}
        self._edge: Decimal | None = None
        self.apply(snapshot)
        if limit and len(snapshot) >= limit:
            self._edge = min((each.price for each in snapshot), key=self._rank)

    def apply(self, levels: Sequence[PriceLevel]) -> None:
        """Set each."""
        for price, quantity in levels:
            if self._edge is None or self._rank(price) >= self._rank(self._edge):
                self._levels[price] = quantity
        self._levels = {price: quantity for price, quantity in self._levels.items() if quantity}

    def prune(self, most: int) -> None:
        """The worst go."""
        if len(self._levels) > most:
            self._levels = dict(self.best()[:most])
            self._edge = min(self._levels, key=self._rank)

    def best(self) -> list[tuple[Decimal, Decimal]]:
        """All, best first."""
        return sorted(self._levels.items(), key=lambda level: self._rank(level[0]), reverse=True)

    def knows(self, count: int) -> bool:
        """Whether there is no doubt about so many."""
        return self._edge is None or len(self._levels) >= count

    def _rank(self, price: Decimal) -> Decimal:
        return price if self._sign > 0 else price.copy_negate()


@given(
    st.sampled_from((BID, ASK)),
    some_levels(),
    st.integers(0, 8),
    st.lists(st.tuples(some_levels(), st.integers(1, 12)), max_size=6),
)
def test_it_is_the_model(
    sign: int,
    snapshot: Sequence[PriceLevel],
    limit: int,
    updates: list[tuple[Sequence[PriceLevel], int]],
) -> None:
    """Whatever comes, sorted or not, read or not, however it is spelt."""
    side, model = BookSide(sign, snapshot, limit), Model(sign, tuple(snapshot), limit)
    for levels, most in [((), 99), *updates]:
        side.apply(levels)
        model.apply(tuple(levels))
        side.prune(most)
        model.prune(most)
        best = model.best()
        assert list(Levels(side.top(99))) == best
        assert list(Levels(side.top(3))) == best[:3]
        assert len(side) == len(best)
        assert side.best == (float(best[0][0]) if best else None)
        assert [side.knows(n) for n in range(9)] == [model.knows(n) for n in range(9)]


@given(some_levels(), st.integers(0, 8), some_levels(), st.integers(0, 8), some_levels())
def test_two_that_know_a_part_agree_about_it(
    start: Sequence[PriceLevel], deep: int, update: Sequence[PriceLevel], short: int, more: Levels
) -> None:
    """One that came from the best levels of the other, and went through the same."""
    whole = BookSide(BID, start)
    whole.apply(update)
    levels = Levels(whole.top(99))
    one, other = (
        BookSide(BID, levels[:limit] if limit else levels, limit) for limit in (deep, short)
    )
    assert one.agrees(other)
    one.apply(more)
    other.apply(more)
    assert one.agrees(other)
    assert other.agrees(one)


# by example


def test_levels_are_set_added_and_removed() -> None:
    """With the exchange's own digits; to remove what is not there changes nothing."""
    side = BookSide(BID, unread(("3.0", "1"), ("2.0", "2.50")))
    side.apply(unread(("2.0", "7.00"), ("2.5", "1"), ("3.0", "0.000"), ("9.9", "0")))
    assert shown(side) == [("2.5", "1"), ("2.0", "7.00")]
    assert shown(side, 1) == [("2.5", "1")]
    assert shown(side, 0) == []


def test_asks_begin_with_the_lowest() -> None:
    """And bids with the highest."""
    asks, bids = BookSide(ASK, prices("1", "2")), BookSide(BID, prices("2", "1"))
    asks.apply(prices("0.5", "3"))
    bids.apply(prices("0.5", "3"))
    assert shown_prices(asks) == ["0.5", "1", "2", "3"]
    assert shown_prices(bids) == ["3", "2", "1", "0.5"]
    assert (asks.best, bids.best) == (0.5, 3.0)


def test_what_lies_behind_the_snapshot_is_not_shown() -> None:
    """There may be others before it: also when better levels are gone and there is room."""
    side = BookSide(BID, prices("5", "4", "3"), limit=3)
    side.apply(prices("2", "3.5"))
    assert shown_prices(side) == ["5", "4", "3.5", "3"]
    side.apply(unread(("3", "0"), ("3.5", "0"), ("5", "0"), ("2.9", "1")))
    assert shown_prices(side) == ["4"]
    assert side.knows(1)
    assert not side.knows(2)
    side.apply(prices("3"))
    assert shown_prices(side) == ["4", "3"]


def test_a_side_with_fewer_levels_than_asked_for_is_complete() -> None:
    """So what comes behind it is known."""
    side = BookSide(ASK, prices("1", "2"), limit=3)
    assert side.knows(99)
    side.apply(prices("7"))
    assert shown_prices(side) == ["1", "2", "7"]


def test_a_snapshot_with_zeros_is_as_deep_as_it_was_asked_for() -> None:
    """A level that is none counts: there may be others behind the last one."""
    side = BookSide(BID, unread(("5", "1"), ("4", "0"), ("3", "1")), limit=3)
    side.apply(prices("2"))
    assert shown_prices(side) == ["5", "3"]
    side = BookSide(BID, unread(("5", "0"), ("4", "0")), limit=2)
    side.apply(prices("3", "4.5"))
    assert shown_prices(side) == ["4.5"]
    assert not side.knows(2)


def test_a_snapshot_need_not_be_sorted() -> None:
    """Its edge is its worst level, wherever that stands."""
    side = BookSide(ASK, prices("2", "1", "3"), limit=3)
    side.apply(prices("4", "2.5"))
    assert shown_prices(side) == ["1", "2", "2.5", "3"]


def test_what_is_pruned_is_not_known_any_more() -> None:
    """A complete side is not complete after it."""
    side = BookSide(BID, prices("5", "4", "3"))
    side.prune(3)
    assert side.knows(99)
    side.prune(2)
    assert shown_prices(side) == ["5", "4"]
    assert side.knows(2)
    assert not side.knows(3)
    side.apply(unread(("3", "1"), ("4", "0")))
    assert shown_prices(side) == ["5"]


def test_prices_are_told_apart_by_their_last_digit() -> None:
    """As floats they would be one."""
    one, two, three = (f"0.6000000000000000{digit}" for digit in "123")
    assert float(one) == float(two) == float(three)
    side = BookSide(BID, prices(three, one), limit=2)
    side.apply(unread((two, "7")))
    assert shown(side) == [(three, "1"), (two, "7"), (one, "1")]
    side.apply(unread((one, "0")))
    assert shown_prices(side) == [three, two]


def test_prices_beyond_the_precision_of_arithmetic_are_told_apart() -> None:
    """`Decimal`'s arithmetic rounds to 28 digits; keys are not rounded."""
    one, two = ("0.3" + "0" * 40 + digit for digit in "12")
    for sign in (BID, ASK):
        side = BookSide(sign, prices(one))
        side.apply(unread((two, "7")))
        assert sorted(shown(side)) == [(one, "1"), (two, "7")]
        side.apply(unread((two, "0")))
        assert shown(side) == [(one, "1")]


def test_the_edge_is_told_apart_by_its_last_digit() -> None:
    """Also when its level is gone."""
    edge, worse = "0.60000000000000002", "0.60000000000000001"
    side = BookSide(BID, prices("0.7", edge), limit=2)
    side.apply(unread((edge, "0")))
    side.apply(prices(worse))
    assert shown_prices(side) == ["0.7"]
    side.apply(prices(edge))
    assert shown_prices(side) == ["0.7", edge]


def test_a_price_may_be_spelt_otherwise() -> None:
    """It is the same level; the latest digits are shown."""
    side = BookSide(BID, prices("1.0"))
    side.apply(unread(("1.00", "2")))
    assert shown(side) == [("1.00", "2")]
    side.apply(unread(("1", "0")))
    assert shown(side) == []


@pytest.mark.parametrize("source", [unread(("1", "1")), tuple(unread(("1", "1")))])
def test_levels_that_were_read_are_as_good(source: Sequence[PriceLevel]) -> None:
    """And plain ones."""
    tuple(source)
    side = BookSide(BID, source, limit=1)
    side.apply(source)
    assert shown(side) == [("1", "1")]


def test_what_was_shown_stays_as_it_was() -> None:
    """A book that was delivered does not change with the next update."""
    snapshot = prices("2", "1")
    side = BookSide(BID, snapshot)
    before = Levels(side.top(5))
    side.apply(unread(("2", "0"), ("3", "4")))
    assert before == snapshot == prices("2", "1")


# both sides


def test_a_book_takes_updates_in() -> None:
    """Both sides, and their last id."""
    whole = book(prices("1"), prices("2"), update_id=7)
    assert whole.update_id == 7
    whole.apply(OrderBookUpdate("there", "BTCUSDT", 0, 0, 8, 10, prices("1.5"), unread(("2", "0"))))
    assert whole.update_id == 10
    assert shown_prices(whole.bids) == ["1.5", "1"]
    assert shown_prices(whole.asks) == []


@pytest.mark.parametrize(
    ("bid", "ask", "is_crossed"),
    [
        ("1", "2", False),
        ("2", "2.00", True),
        ("3", "2", True),
        ("0.60000000000000001", "0.60000000000000002", False),
        ("0.60000000000000002", "0.60000000000000001", True),
    ],
)
def test_a_bid_that_is_no_less_than_an_ask_crosses(bid: str, ask: str, is_crossed: bool) -> None:
    """To the last digit."""
    assert book(prices(bid), prices(ask)).is_crossed is is_crossed


def test_crossing_is_seen_when_one_side_has_exact_keys() -> None:
    """0.1 as a float is more than 0.1."""
    whole = book(prices("0.1", "0.01000000000000000001", "0.01"), prices("0.1"))
    assert whole.is_crossed


def test_an_empty_side_crosses_nothing() -> None:
    """Nor do two."""
    assert not book(prices(), prices("1")).is_crossed
    assert not book(prices("1"), prices()).is_crossed
    empty = book(prices(), prices())
    assert not empty.is_crossed
    assert empty.knows(5000)
    empty.prune(10)
    assert shown(empty.bids) == shown(empty.asks) == []


def test_a_book_knows_what_both_sides_know() -> None:
    """And prunes both."""
    whole = book(prices("2", "1"), prices("3", "4", "5"), limit=3)
    assert whole.knows(3)
    assert not whole.knows(4)
    whole.prune(1)
    assert (len(whole.bids), len(whole.asks)) == (1, 1)
    assert not whole.knows(2)


def test_books_agree_as_far_down_as_both_are_known() -> None:
    """In value, not in spelling."""
    deep, short = book(prices("3", "2", "1"), prices()), book(prices("3.0", "2"), prices(), limit=2)
    assert deep.agrees(short)
    assert short.agrees(deep)
    assert not deep.agrees(book(prices("3", "2"), prices(), limit=3))
    assert not deep.agrees(book(prices("3", "1"), prices(), limit=2))
    assert not deep.agrees(book(unread(("3", "1"), ("2", "9")), prices(), limit=2))
    assert not deep.agrees(book(prices("3", "2", "1"), prices("4")))


def test_books_agree_though_one_has_exact_keys() -> None:
    """Both are compared exactly then."""
    near = prices("0.60000000000000002", "0.60000000000000001")
    one, other = book(near, prices()), book(prices("0.60000000000000002"), prices(), limit=1)
    assert one.agrees(other)
    assert other.agrees(one)
