"""Prices and quantities fitted to a symbol's rules."""

from __future__ import annotations

from decimal import ROUND_UP, Context, Decimal, Inexact, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.core.filters import round_to_filters
from exchange_connector.messages.enums import SymbolStatus
from exchange_connector.messages.errors import ValidationError
from exchange_connector.messages.instruments import (
    Filter,
    LotSize,
    MarketLotSize,
    MinNotional,
    Notional,
    OrderCountLimit,
    OtherFilter,
    PercentPrice,
    PriceFilter,
    SymbolInfo,
)

D = Decimal
PRICE = PriceFilter(D("0.01000000"), D("1000000.00000000"), D("0.01000000"))
LOT = LotSize(D("0.00001000"), D("9000.00000000"), D("0.00001000"))
NOTIONAL = Notional(D("5.00000000"), True, D("9000000.00000000"), False)


def symbol(*filters: Filter) -> SymbolInfo:
    """A symbol with these rules."""
    return SymbolInfo("BTCUSDT", SymbolStatus.TRADING, "BTC", "USDT", (), filters)


BTC = symbol(PRICE, LOT, NOTIONAL)


@pytest.mark.parametrize(
    ("price", "quantity", "expected"),
    [
        ("26838.019", "0.123456789", ("26838.01", "0.12345")),
        ("26838.01", "0.12345", ("26838.01", "0.12345")),
        ("26838", "1", ("26838", "1")),
        ("0.019", "9000", ("0.01", "9000")),
    ],
)
def test_both_are_rounded_down(price: str, quantity: str, expected: tuple[str, str]) -> None:
    """To whole ticks and steps; what fits already stays as it is."""
    fitted = round_to_filters(BTC, D(price), D(quantity))
    assert fitted == (D(expected[0]), D(expected[1]))


@pytest.mark.parametrize(
    ("price", "quantity", "field"),
    [
        ("0.009", "1", "price"),
        ("1000000.01", "1", "price"),
        ("100", "0.000009", "quantity"),
        ("100", "9000.00001", "quantity"),
        ("100", "0.04999", "quantity"),
        ("1000000", "9.1", "quantity"),
        *((odd, "1", "price") for odd in ("0", "-1", "NaN", "sNaN", "Infinity", "1e70", "1e-70")),
        *(("1", odd, "quantity") for odd in ("0", "-1", "NaN", "-Infinity", "1e999999", "1e-999")),
        ("1." + "1" * 200, "1", "price"),
    ],
)
def test_a_bound_that_cannot_be_kept_names_its_field(price: str, quantity: str, field: str) -> None:
    """Too small, too large, too little worth, or no amount at all."""
    with pytest.raises(ValidationError) as raised:
        round_to_filters(BTC, D(price), D(quantity))
    assert raised.value.field == field


@pytest.mark.parametrize("odd", [1.5, "1", None, True, b"1", float("nan")])
def test_only_exact_numbers_are_taken(odd: Any) -> None:
    """A `float` is not the number that it shows."""
    for field, arguments in (("price", (odd, D(1))), ("quantity", (D(1), odd))):
        with pytest.raises(ValidationError) as raised:
            round_to_filters(BTC, *arguments)
        assert raised.value.field == field


def test_an_integer_is_exact() -> None:
    """And is taken as it is."""
    whole: Any = 100
    assert round_to_filters(BTC, whole, D("0.5")) == (D(100), D("0.5"))


def test_a_bound_or_step_of_zero_is_none() -> None:
    """As the exchange's documentation has it."""
    free = symbol(PriceFilter(D(0), D(0), D(0)), LotSize(D(0), D("0.00"), D("0.00")))
    assert round_to_filters(free, D("1.23456789"), D("9.87")) == (D("1.23456789"), D("9.87"))
    most = Notional(D(0), True, D(0), True)
    assert round_to_filters(symbol(most), D(1), D(1)) == (D(1), D(1))


def test_the_least_value_is_kept_after_rounding() -> None:
    """What was worth enough before may not be any more; of the older filter too."""
    for rule in (NOTIONAL, MinNotional(D(5), True)):
        info = symbol(rule, PRICE, LOT)  # wherever it stands in the list
        assert round_to_filters(info, D(5), D(1)) == (D(5), D(1))
        with pytest.raises(ValidationError, match=r"5\.00|5 or more"):
            round_to_filters(info, D("4.999"), D("1.000009"))


def test_the_least_price_is_kept_after_rounding() -> None:
    """Where the bound is more than one step."""
    info = symbol(PriceFilter(D("0.5"), D(0), D("0.2")))
    assert round_to_filters(info, D("0.7"), D(1)) == (D("0.6"), D(1))
    with pytest.raises(ValidationError, match=r"0\.5 or more"):
        round_to_filters(info, D("0.55"), D(1))


def test_other_rules_are_not_looked_at() -> None:
    """Those of market orders, of counts, and those that depend on the market."""
    others = symbol(
        MarketLotSize(D(5), D(6), D(1)),
        OrderCountLimit("MAX_NUM_ORDERS", 0),
        PercentPrice(D(0), D(0)),
        OtherFilter("MAX_POSITION", {"maxPosition": "0"}),
    )
    assert round_to_filters(others, D("1.5"), D("2.5")) == (D("1.5"), D("2.5"))


def test_the_users_decimal_context_changes_nothing() -> None:
    """Neither its precision, nor its rounding, nor its traps."""
    price, quantity = D("26838.0199"), D("0.123456789")
    expected = round_to_filters(BTC, price, quantity)
    with localcontext(Context(prec=2, rounding=ROUND_UP, traps=[Inexact])):
        assert round_to_filters(BTC, price, quantity) == expected
    assert repr(expected) == "(Decimal('26838.01000000'), Decimal('0.12345000'))"


amounts = st.decimals("1e-8", "1e12", allow_nan=False, places=12)
steps = st.sampled_from(["1", "0.1", "0.5", "0.25", "0.00000001", "10", "0.03"]).map(Decimal)


@given(amounts, amounts, steps, steps)
def test_what_comes_out_fits(
    price: Decimal, quantity: Decimal, tick: Decimal, step: Decimal
) -> None:
    """Whole steps, never more than was given, and less than one step below it."""
    info = symbol(PriceFilter(D(0), D(0), tick), LotSize(D(0), D(0), step))
    try:
        fitted = round_to_filters(info, price, quantity)
    except ValidationError as error:
        too_small = price < tick if error.field == "price" else quantity < step
    else:
        too_small = True
        with localcontext(Context(prec=100)):
            for given_, value, unit in ((price, fitted[0], tick), (quantity, fitted[1], step)):
                assert value % unit == 0
                assert 0 <= given_ - value < unit
            assert round_to_filters(info, *fitted) == fitted
    assert too_small
