"""Orders against the rules of their symbol, and against a second, naive reading of them."""

from __future__ import annotations

import re
from decimal import ROUND_UP, Context, Decimal, Inexact, localcontext
from fractions import Fraction
from math import ceil
from typing import Any

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from exchange_connector.core.filters import check_filters
from exchange_connector.messages.account import Order
from exchange_connector.messages.enums import OrderType, SymbolStatus
from exchange_connector.messages.errors import ValidationError
from exchange_connector.messages.instruments import (
    Filter,
    LotSize,
    MarketLotSize,
    MaxAsset,
    MaxPosition,
    MinNotional,
    Notional,
    OrderCountLimit,
    OtherFilter,
    PercentPrice,
    PercentPriceBySide,
    PriceFilter,
    SymbolInfo,
    TrailingDelta,
)
from exchange_connector.messages.orders import PlaceOrder

D = Decimal
STOPS = [kind for kind in OrderType if kind.startswith(("STOP", "TAKE"))]


def symbol(*filters: Filter) -> SymbolInfo:
    """A symbol with these rules."""
    return SymbolInfo("BTCUSDT", SymbolStatus.TRADING, "BTC", "USDT", (), filters)


def place(side: str = "BUY", type: str = "LIMIT", **fields: Any) -> PlaceOrder:
    """An order; numbers as texts."""
    values: dict[str, Any] = {
        name: D(value) if isinstance(value, str) else value for name, value in fields.items()
    }
    return PlaceOrder(symbol="BTCUSDT", side=side, type=type, **values)


def opened(
    type: str = "LIMIT",
    symbol: str = "BTCUSDT",
    side: str = "BUY",
    executed: str = "0",
    shown: str | None = None,
) -> Order:
    """An open order, of 1."""
    return Order(
        *("an-exchange", symbol, 1, 1, "1", "a", side, type, "NEW"),
        *(D(10), D(1), D(executed), D(executed) * 10, None, "GTC", 1),
        iceberg_quantity=None if shown is None else D(shown),
    )


def refusal(order: PlaceOrder, *filters: Filter, **known: Any) -> ValidationError | None:
    """What is raised."""
    try:
        check_filters(symbol(*filters), order, **known)
    except ValidationError as error:
        return error
    return None


PRICE = PriceFilter(D("1"), D("100"), D("0.05"))
LOT = LotSize(D("0.1"), D("9"), D("0.1"))
MARKET = MarketLotSize(D("0.1"), D("2"), D(0))
SIDES = PercentPriceBySide(D("1.2"), D("0.5"), D("2"), D("0.9"))
TRAILING = TrailingDelta(10, 200, 20, 2000)


@pytest.mark.parametrize(
    ("order", "rule", "known", "field", "reason"),
    [
        (
            *(place(price="0.99"), PRICE, {}, "price"),
            "PRICE_FILTER: must be 1 or more; the nearest is 1.00",
        ),
        (
            *(place(price="101"), PRICE, {}, "price"),
            "PRICE_FILTER: must be 100 or less; the nearest is 100.00",
        ),
        (
            *(place(price="10.03"), PRICE, {}, "price"),
            "PRICE_FILTER: must be a multiple of 0.05; the nearest is 10.05",
        ),
        (
            *(place(type="STOP_LOSS", stop_price="10.02"), PRICE, {}, "stop_price"),
            "PRICE_FILTER: must be a multiple of 0.05; the nearest is 10.00",
        ),
        (
            *(place(quantity="0.15"), LOT, {}, "quantity"),
            "LOT_SIZE: must be a multiple of 0.1; the nearest is 0.1",
        ),
        (
            *(place(quantity="1", iceberg_quantity="0.01"), LOT, {}, "iceberg_quantity"),
            "LOT_SIZE: must be 0.1 or more; the nearest is 0.1",
        ),
        (
            *(place(type="MARKET", quantity="2.1"), MARKET, {}, "quantity"),
            "MARKET_LOT_SIZE: must be 2 or less; the nearest is 2",
        ),
        (
            *(place(price="1"), PriceFilter(D("1.01"), D("1.02"), D("0.1")), {}, "price"),
            "PRICE_FILTER: must be 1.01 or more",
        ),
        (
            *(place(price="10", quantity="0.4"), MinNotional(D(5), True), {}, "quantity"),
            "MIN_NOTIONAL: price times quantity must be 5 or more, is 4.0",
        ),
        (
            *(place(type="MARKET", quantity="1"), MinNotional(D(5), True)),
            *({"reference_price": D(4)}, "quantity"),
            "MIN_NOTIONAL: price times quantity must be 5 or more, is 4",
        ),
        (
            *(place(type="MARKET", quote_quantity="4"), MinNotional(D(5), True)),
            *({}, "quote_quantity"),
            "MIN_NOTIONAL: must be 5 or more; the nearest is 5",
        ),
        (
            *(place(price="10", quantity="3"), Notional(D(5), False, D(20), False)),
            *({}, "quantity"),
            "NOTIONAL: price times quantity must be 20 or less, is 30",
        ),
        (
            *(place(price="13"), SIDES, {"reference_price": D(10)}, "price"),
            "PERCENT_PRICE_BY_SIDE: must be 5.0 to 12.0; the nearest is 12.0",
        ),
        (
            *(place("SELL", price="8"), SIDES, {"reference_price": D(10)}, "price"),
            "PERCENT_PRICE_BY_SIDE: must be 9.0 to 20; the nearest is 9.0",
        ),
        (
            *(place(price="8"), PercentPrice(D("1.1"), D("0.9")), {"reference_price": D(10)}),
            *("price", "PERCENT_PRICE: must be 9.0 to 11.0; the nearest is 9.0"),
        ),
        (
            *(place(quantity="1", iceberg_quantity="0.1"), OrderCountLimit("ICEBERG_PARTS", 9)),
            *({}, "iceberg_quantity"),
            "ICEBERG_PARTS: the quantity would be in more than 9 parts",
        ),
        (
            *(place(), OrderCountLimit("MAX_NUM_ORDERS", 1), {"open_orders": [opened()]}),
            *("symbol", "MAX_NUM_ORDERS: 1 are open, 1 may be"),
        ),
        (
            *(place(type="TAKE_PROFIT"), OrderCountLimit("MAX_NUM_ALGO_ORDERS", 1)),
            *({"open_orders": [opened(), opened("STOP_LOSS")]}, "symbol"),
            "MAX_NUM_ALGO_ORDERS: 1 are open, 1 may be",
        ),
        (
            *(place(), OrderCountLimit("EXCHANGE_MAX_NUM_ORDERS", 2)),
            *({"open_orders": [opened(), opened(symbol="ETHUSDT")]}, "symbol"),
            "EXCHANGE_MAX_NUM_ORDERS: 2 are open, 2 may be",
        ),
        (
            *(place(type="STOP_LOSS", trailing_delta=201), TRAILING, {}, "trailing_delta"),
            "TRAILING_DELTA: must be 10 to 200; the nearest is 200",
        ),
        (
            *(place("SELL", "STOP_LOSS", trailing_delta=10), TRAILING, {}, "trailing_delta"),
            "TRAILING_DELTA: must be 20 to 2000; the nearest is 20",
        ),
        (
            *(place(quantity="2"), MaxPosition(D(4))),
            *({"holding": D("1.5"), "open_orders": [opened(), opened(side="SELL")]}, "quantity"),
            "MAX_POSITION: with 2.5 there may be 4; the nearest is 1.5",
        ),
        (
            *(place(quantity="2"), MaxPosition(D(3))),
            *({"holding": D("1"), "open_orders": [opened(executed="0.75")]}, "quantity"),
            "MAX_POSITION: with 1.25 there may be 3; the nearest is 1.75",
        ),
        (
            *(place(iceberg_quantity="1"), OrderCountLimit("MAX_NUM_ICEBERG_ORDERS", 1)),
            *({"open_orders": [opened(), opened(shown="0.1")]}, "symbol"),
            "MAX_NUM_ICEBERG_ORDERS: 1 are open, 1 may be",
        ),
        (
            *(place(iceberg_quantity="1"), OrderCountLimit("EXCHANGE_MAX_NUM_ICEBERG_ORDERS", 1)),
            *({"open_orders": [opened(symbol="ETHUSDT", shown="0.1")]}, "symbol"),
            "EXCHANGE_MAX_NUM_ICEBERG_ORDERS: 1 are open, 1 may be",
        ),
        (
            *(place(quantity="3"), MaxAsset("BTC", D("2.5")), {}, "quantity"),
            "MAX_ASSET: must be 2.5 or less; the nearest is 2.5",
        ),
        (
            *(place(quantity="3", price="10"), MaxAsset("USDT", D(29)), {}, "quantity"),
            "MAX_ASSET: price times quantity must be 29 or less, is 30",
        ),
        (
            *(place(type="MARKET", quote_quantity="30"), MaxAsset("USDT", D(29))),
            *({}, "quote_quantity"),
            "MAX_ASSET: must be 29 or less; the nearest is 29",
        ),
        (
            *(place(price="13"), msgspec.structs.replace(SIDES, average_minutes=5)),
            *({"reference_price": {0: D(11), 5: D(10)}}, "price"),
            "PERCENT_PRICE_BY_SIDE: must be 5.0 to 12.0; the nearest is 12.0",
        ),
        (
            *(place(type="MARKET", quantity="1"), MinNotional(D(5), True, 0)),
            *({"reference_price": {0: D(4), 5: D(9)}}, "quantity"),
            "MIN_NOTIONAL: price times quantity must be 5 or more, is 4",
        ),
    ],
)
def test_a_refusal_names_the_rule_and_what_would_do(
    order: PlaceOrder, rule: Filter, known: dict[str, Any], field: str, reason: str
) -> None:
    """And the field."""
    error = refusal(order, rule, **known)
    assert error is not None
    assert (error.field, error.reason) == (field, reason)


def test_with_a_step_the_nearest_quantity_of_enough_value_is_known() -> None:
    """Whole steps of the quantity, the fewest or the most."""
    little = refusal(place(price="10", quantity="0.4"), LOT, MinNotional(D("5.5"), True))
    assert little is not None
    assert little.reason.endswith("; the nearest is 0.6")
    even = refusal(place(price="10", quantity="0.4"), LOT, MinNotional(D(5), True))
    assert even is not None
    assert even.reason.endswith("; the nearest is 0.5")
    much = refusal(place(price="10", quantity="3"), LOT, Notional(D(0), True, D("25.5"), True))
    assert much is not None
    assert much.reason.endswith("; the nearest is 2.5")
    parts = OrderCountLimit("ICEBERG_PARTS", 4)
    many = refusal(place(quantity="1", iceberg_quantity="0.2"), LOT, parts)
    assert many is not None
    assert many.reason.endswith("; the nearest is 0.3")


@pytest.mark.parametrize(
    ("order", "rules", "known"),
    [
        (place(price="10.05", quantity="0.3"), (PRICE, LOT, MARKET, SIDES, TRAILING), {}),
        (place(price="7"), (PriceFilter(D(0), D(0), D(0)),), {}),
        (place(type="MARKET", quantity="0.1"), (MinNotional(D(5), True),), {}),
        (
            *(place(type="MARKET", quantity="0.1"), (MinNotional(D(5), False),)),
            {"reference_price": D(1)},
        ),
        (
            *(place(type="MARKET", quote_quantity="1"), (Notional(D(5), False, D(6), True),)),
            {},
        ),
        (place("SELL", quantity="9"), (MaxPosition(D(1)),), {"holding": D(1)}),
        (place(quantity="9"), (MaxPosition(D(1)),), {}),
        (place(), (OrderCountLimit("MAX_NUM_ORDERS", 1),), {}),
        (
            *(place(), (OrderCountLimit("MAX_NUM_ORDERS", 1),)),
            {"open_orders": [opened(symbol="ETHUSDT")]},
        ),
        (
            *(place(), (OrderCountLimit("MAX_NUM_ALGO_ORDERS", 1),)),
            {"open_orders": [opened("STOP_LOSS")] * 2},
        ),
        (place(), (OrderCountLimit("MAX_NUM_ICEBERG_ORDERS", 0),), {"open_orders": [opened()]}),
        (place(quantity="1", iceberg_quantity="0.1"), (OrderCountLimit("ICEBERG_PARTS", 10),), {}),
        (place(price="1"), (OtherFilter("A_NEW_ONE", {"limit": "0"}),), {}),
        (
            *(place(quantity="9"), (OrderCountLimit("MAX_NUM_ICEBERG_ORDERS", 1),)),
            {"open_orders": [opened(shown="0.1")] * 2},
        ),
        (
            *(place(iceberg_quantity="1"), (OrderCountLimit("MAX_NUM_ICEBERG_ORDERS", 1),)),
            {"open_orders": [opened(), opened(symbol="ETHUSDT", shown="0.1")]},
        ),
        (place(quantity="3"), (MaxAsset("ETH", D(1)), MaxAsset("BTC", D(3))), {}),
        (
            *(place(type="MARKET", quantity="9"), (MaxAsset("USDT", D(1)),)),
            {"reference_price": D(10)},
        ),
        (
            *(place(price="99"), (msgspec.structs.replace(SIDES, average_minutes=1), SIDES)),
            {"reference_price": {5: D(10), 0: D(10)}},
        ),
    ],
)
def test_what_keeps_the_rules_or_may_passes(
    order: PlaceOrder, rules: tuple[Filter, ...], known: dict[str, Any]
) -> None:
    """What cannot be known is not refused."""
    assert refusal(order, *rules, **known) is None


@pytest.mark.parametrize(
    ("order", "field"),
    [
        (place(price=1.5), "price"),
        (place(quantity=D("NaN")), "quantity"),
        (place(quote_quantity=D(-1)), "quote_quantity"),
        (place(stop_price=True), "stop_price"),
        (place(iceberg_quantity=D("1e61")), "iceberg_quantity"),
        (place(trailing_delta=1.5), "trailing_delta"),
    ],
)
def test_what_is_no_number_is_refused_first(order: PlaceOrder, field: str) -> None:
    """Naming the field."""
    error = refusal(order, PRICE, LOT, TRAILING)
    assert error is not None
    assert error.field == field


def test_a_rule_beyond_all_measure_is_refused_not_rounded() -> None:
    """Exact or not at all."""
    absurd = PriceFilter(D(0), D(0), D(1).scaleb(-2000))
    error = refusal(place(price="1"), absurd)
    assert error is not None
    assert error.field == "symbol"


digits = st.integers(1, 400)
steps = st.sampled_from([D("0.01"), D("0.05"), D("0.1"), D("0.25"), D(1), D(3), D(0)])
numbers = st.builds(lambda count: D(count).scaleb(-2), digits)
bounds = st.just(D(0)) | numbers
sides = st.sampled_from(["BUY", "SELL"])
rules = st.one_of(
    st.builds(PriceFilter, bounds, bounds, steps),
    st.builds(LotSize, bounds, bounds, steps),
    st.builds(MarketLotSize, bounds, bounds, steps),
    st.builds(MinNotional, numbers, st.booleans()),
    st.builds(Notional, numbers, st.booleans(), bounds, st.booleans()),
    st.builds(PercentPrice, numbers, numbers),
    st.builds(PercentPriceBySide, numbers, numbers, numbers, numbers),
    st.builds(OrderCountLimit, st.just("ICEBERG_PARTS"), st.integers(1, 20)),
    st.builds(MaxPosition, numbers),
    st.builds(MaxAsset, st.sampled_from(["BTC", "USDT", "ETH"]), numbers),
)
orders = st.builds(
    PlaceOrder,
    symbol=st.just("BTCUSDT"),
    side=sides,
    type=st.sampled_from(["LIMIT", "MARKET", "STOP_LOSS"]),
    quantity=st.none() | numbers,
    price=st.none() | numbers,
    stop_price=st.none() | numbers,
    iceberg_quantity=st.none() | numbers,
)


def within(value: Decimal | None, least: Decimal, most: Decimal, step: Decimal) -> bool:
    """Bounds and steps, as rational numbers."""
    if value is None:
        return True
    number = Fraction(value)
    fits = number >= Fraction(least) and (not most or number <= Fraction(most))
    return fits and (not step or (number / Fraction(step)).denominator == 1)


def keeps(order: PlaceOrder, rule: Filter, reference: Decimal, holding: Decimal) -> bool:
    """A second reading of one rule."""
    is_market = order.type == "MARKET"
    price = reference if is_market else order.price
    value = None
    if price is not None and order.quantity is not None:
        value = Fraction(price) * Fraction(order.quantity)
    match rule:
        case PriceFilter():
            limits = rule.min_price, rule.max_price, rule.tick_size
            return within(order.price, *limits) and within(order.stop_price, *limits)
        case MarketLotSize():
            limits = rule.min_quantity, rule.max_quantity, rule.step_size
            return not is_market or within(order.quantity, *limits)
        case LotSize():
            limits = rule.min_quantity, rule.max_quantity, rule.step_size
            return within(order.quantity, *limits) and within(order.iceberg_quantity, *limits)
        case MinNotional():
            counts = value is not None and (not is_market or rule.apply_to_market)
            return not counts or value is None or value >= Fraction(rule.min_notional)
        case Notional():
            if value is None:
                return True
            least = not is_market or rule.apply_min_to_market
            most = rule.max_notional and (not is_market or rule.apply_max_to_market)
            return not (least and value < Fraction(rule.min_notional)) and not (
                most and value > Fraction(rule.max_notional)
            )
        case PercentPrice(multiplier_up=up, multiplier_down=down):
            return between(order.price, reference, down, up)
        case PercentPriceBySide():
            if order.side == "BUY":
                down, up = rule.bid_multiplier_down, rule.bid_multiplier_up
            else:
                down, up = rule.ask_multiplier_down, rule.ask_multiplier_up
            return between(order.price, reference, down, up)
        case OrderCountLimit():
            if order.quantity is None or order.iceberg_quantity is None:
                return True
            parts = ceil(Fraction(order.quantity) / Fraction(order.iceberg_quantity))
            return parts <= rule.limit
        case MaxPosition():
            if order.side == "SELL" or order.quantity is None:
                return True
            return Fraction(holding) + Fraction(order.quantity) <= Fraction(rule.max_position)
        case MaxAsset(asset="BTC", limit=most):
            return order.quantity is None or order.quantity <= most
        case MaxAsset(asset="USDT", limit=most):
            return is_market or value is None or value <= Fraction(most)
        case MaxAsset():
            return True
        case _:
            raise AssertionError(rule)


def between(price: Decimal | None, base: Decimal, down: Decimal, up: Decimal) -> bool:
    """Multiples of the reference price."""
    if price is None:
        return True
    return Fraction(base) * Fraction(down) <= Fraction(price) <= Fraction(base) * Fraction(up)


@given(orders, st.lists(rules, max_size=6), numbers, numbers)
def test_it_is_what_a_naive_reading_says(
    order: PlaceOrder, filters: list[Filter], reference: Decimal, holding: Decimal
) -> None:
    """Refused by the first rule that is broken, and by none otherwise."""
    broken = [rule for rule in filters if not keeps(order, rule, reference, holding)]
    error = refusal(order, *filters, reference_price=reference, holding=holding)
    if not broken:
        assert error is None
        return
    assert error is not None
    assert error.reason.partition(":")[0] == name_of(broken[0])


def name_of(rule: Filter) -> str:
    """`MarketLotSize` is MARKET_LOT_SIZE; counts have their names with them."""
    if isinstance(rule, OrderCountLimit):
        return rule.name
    words = re.findall("[A-Z][a-z]+", type(rule).__name__)
    return "_".join(words).upper()


@given(numbers, bounds, bounds, steps)
def test_the_nearest_value_is_valid_and_none_is_nearer(
    value: Decimal, least: Decimal, most: Decimal, step: Decimal
) -> None:
    """Found by trying all that there are."""
    rule = LotSize(least, most, step)
    error = refusal(place(quantity=value), rule)
    assume(error is not None)
    assert error is not None
    grid = step or D("0.01")
    valid = [
        candidate
        for count in range(1, 1300)
        if within(candidate := grid * count, least, most, step) and candidate <= 13
    ]
    if not step:  # then the bounds themselves are what is nearest
        valid = [each for each in (least, most) if each and within(each, least, most, step)]
    _, found, text = error.reason.partition("; the nearest is ")
    if not valid:
        assert not found
        return
    nearest = D(text)
    assert within(nearest, least, most, step)
    assert abs(nearest - value) == min(abs(each - value) for each in valid)


@given(orders, st.lists(rules, max_size=4), numbers)
def test_the_users_context_changes_nothing(
    order: PlaceOrder, filters: list[Filter], reference: Decimal
) -> None:
    """Whatever it says."""
    plain = refusal(order, *filters, reference_price=reference)
    with localcontext(Context(prec=1, rounding=ROUND_UP, traps=[Inexact])):
        assert refusal(order, *filters, reference_price=reference) == plain
