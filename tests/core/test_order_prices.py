"""May an order leave by a price of some age? What is old refuses nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.filters import check_filters
from exchange_connector.core.order_prices import (
    AGED,
    NEW,
    OLD,
    Kind,
    Priced,
    Verdict,
    judge,
    kinds_for,
    usable,
)
from exchange_connector.messages.enums import SymbolStatus
from exchange_connector.messages.errors import ValidationError
from exchange_connector.messages.instruments import (
    Filter,
    LotSize,
    MinNotional,
    Notional,
    PercentPrice,
    PercentPriceBySide,
    SymbolInfo,
)
from exchange_connector.messages.orders import PlaceOrder

D = Decimal
NOW = 1_000.0
USUAL = frozenset((Kind.REFERENCE, Kind.AVERAGE))
PERCENT = PercentPrice(D("1.1"), D("0.9"), 5)
WIDE = PercentPriceBySide(D(9), D(0), D(9), D(0), 1)
LAST = PercentPrice(D("1.1"), D("0.9"), 0)
LOT = LotSize(D(1), D(5), D(1))
WORTH = Notional(D(5), True, D(100), True, 5)


def symbol(*filters: Filter) -> SymbolInfo:
    """A symbol with these rules."""
    return SymbolInfo("BTCUSDT", SymbolStatus.TRADING, "BTC", "USDT", (), filters)


def limit(price: int, quantity: int = 1) -> PlaceOrder:
    """An order with a price."""
    return PlaceOrder("BTCUSDT", "BUY", "LIMIT", D(quantity), D(price))


MARKET = PlaceOrder("BTCUSDT", "BUY", "MARKET", D(1))
SPENDING = PlaceOrder("BTCUSDT", "BUY", "MARKET", quote_quantity=D(10))


HUNDRED = D(100)


def priced(age: float, prices: Any = HUNDRED, kinds: frozenset[Kind] = USUAL) -> Priced:
    """What was said so many seconds ago."""
    return Priced(NOW - age, kinds, prices)


def verdict(order: PlaceOrder, known: Priced | None, *rules: Filter, came: float = NOW) -> Any:
    """What becomes of it, or the rule that refuses it."""
    try:
        return judge(symbol(*rules), order, known, came=came, now=NOW)
    except ValidationError as error:
        return error.reason.partition(":")[0]


@pytest.mark.parametrize(
    ("order", "rules", "kinds"),
    [
        (limit(1), (PERCENT,), USUAL),
        (limit(1), (LAST,), {Kind.REFERENCE, Kind.LAST}),
        (limit(1), (LAST, PERCENT), set(Kind)),
        (limit(1), (PercentPrice(D(1), D(1)),), {Kind.REFERENCE}),
        (limit(1), (LOT, WORTH, MinNotional(D(1), True, 5)), set()),
        (MARKET, (PERCENT, WIDE), set()),
        (MARKET, (WORTH,), USUAL),
        (MARKET, (Notional(D(5), False, D(9), False, 5),), set()),
        (MARKET, (MinNotional(D(1), True, 0),), {Kind.REFERENCE, Kind.LAST}),
        (MARKET, (MinNotional(D(1), False, 0),), set()),
        (SPENDING, (WORTH, PERCENT), set()),
    ],
)
def test_only_what_an_order_is_compared_with_is_asked_for(
    order: PlaceOrder, rules: tuple[Filter, ...], kinds: set[Kind]
) -> None:
    """By the symbol's rules and by what the order says."""
    assert kinds_for(order, symbol(*rules)) == kinds


def test_of_an_unknown_symbol_the_usual_is_asked_for() -> None:
    """Unless no rule that there is could compare it."""
    assert kinds_for(limit(1), None) == kinds_for(MARKET, None) == USUAL
    assert kinds_for(SPENDING, None) == frozenset()


@pytest.mark.parametrize(
    ("age", "good", "bad"),
    [
        (0.0, Verdict.LEAVES, "PERCENT_PRICE"),
        (NEW, Verdict.LEAVES, "PERCENT_PRICE"),
        (NEW + 0.01, Verdict.LEAVES, Verdict.WAITS),
        (AGED, Verdict.LEAVES, Verdict.WAITS),
        (AGED + 0.01, Verdict.LEAVES_AGED, Verdict.WAITS),
        (OLD, Verdict.LEAVES_AGED, Verdict.WAITS),
        (OLD + 0.01, Verdict.WAITS, Verdict.WAITS),
    ],
)
def test_the_older_a_price_the_less_it_says(age: float, good: Verdict, bad: object) -> None:
    """First it refuses no more, then it is renewed, at last it is nothing."""
    assert verdict(limit(100), priced(age), PERCENT) is good
    assert verdict(limit(111), priced(age), PERCENT) == bad


def test_what_was_asked_for_since_an_order_came_is_new() -> None:
    """However long the answer took: else the order would wait for ever."""
    late = priced(30.0)
    assert verdict(limit(111), late, PERCENT, came=NOW - 30.0) == "PERCENT_PRICE"
    assert verdict(limit(100), late, PERCENT, came=NOW - 30.0) is Verdict.LEAVES


def test_other_rules_refuse_by_themselves() -> None:
    """Whatever the price is, and whether there is one."""
    for known in (None, priced(0.0), priced(30.0), priced(90.0), priced(0.0, None)):
        assert verdict(limit(200, 6), known, LOT) == "LOT_SIZE"
        refused = verdict(limit(200, 6), known, PERCENT, LOT)
        is_new = known is not None and known.prices is not None and known.asked == NOW
        assert refused == ("PERCENT_PRICE" if is_new else "LOT_SIZE")


def test_without_a_price_an_order_leaves() -> None:
    """The exchange decides; after a while it is asked again, and at last waited for."""
    assert verdict(limit(500), priced(1.0, None), PERCENT) is Verdict.LEAVES
    assert verdict(limit(500), priced(20.0, None), PERCENT) is Verdict.LEAVES_AGED
    assert verdict(limit(500), priced(90.0, None), PERCENT) is Verdict.WAITS
    assert verdict(limit(500), None, PERCENT) is Verdict.WAITS
    assert verdict(limit(500), None, LOT) is Verdict.LEAVES


def test_another_average_says_nothing() -> None:
    """Of one that was not asked for it is waited; one that was not told is not known."""
    averages = {5: D(100)}
    assert verdict(limit(500), priced(0.0, averages), LAST) is Verdict.WAITS
    assert verdict(limit(500), priced(0.0, averages, frozenset(Kind)), LAST) is Verdict.LEAVES
    assert verdict(limit(500), priced(0.0, averages), PERCENT) == "PERCENT_PRICE"
    assert verdict(limit(500), priced(0.0), LAST) == "PERCENT_PRICE"  # all measure by a reference


@pytest.mark.parametrize("absurd", [D(0), D("9" * 400), D("1e-100"), D("NaN"), None])
def test_by_an_absurd_price_nothing_is_measured(absurd: Decimal | None) -> None:
    """It is as if there were none."""
    assert usable(absurd) is None
    assert usable(D("67000.01")) == D("67000.01")


prices = st.integers(1, 300).map(D)
known = st.none() | st.builds(
    Priced,
    st.floats(NOW - 100, NOW),
    st.frozensets(st.sampled_from(Kind)),
    st.none() | prices | st.dictionaries(st.sampled_from([0, 1, 5]), prices, min_size=1),
)
rules = st.lists(st.sampled_from([PERCENT, WIDE, LAST, LOT, WORTH]), max_size=4)
orders = st.sampled_from([MARKET, SPENDING]) | st.builds(
    limit, st.integers(1, 300), st.integers(1, 9)
)


@given(orders, known, rules, st.floats(NOW - 100, NOW))
def test_no_order_is_refused_by_an_old_price_and_none_leaves_against_it(
    order: PlaceOrder, known: Priced | None, filters: list[Filter], came: float
) -> None:
    """Nor does one wait for ever: what is asked for when it came judges it."""
    told = None if known is None else known.prices

    def result(of: Priced | None) -> Verdict | str:
        try:
            return judge(symbol(*filters), order, of, came=came, now=NOW)
        except ValidationError as error:
            return error.reason

    def refusal(reference: Any) -> str | None:
        try:
            check_filters(symbol(*filters), order, reference_price=reference)
        except ValidationError as error:
            return error.reason
        return None

    first = result(known)
    if isinstance(first, str):
        is_new = known is not None and (known.asked >= came or NOW - known.asked <= NEW)
        assert first in {refusal(None), refusal(told) if is_new else None}
    elif first is Verdict.WAITS:
        assert refusal(None) is None
        again = Priced(came, kinds_for(order, symbol(*filters)), told)
        assert result(again) == (refusal(told) or Verdict.LEAVES)
    else:
        assert refusal(told) is None
