"""Orders against what changes: the market's price, what the account has, rules of its own.

What is refused here the exchange refuses too: only checked, an order goes there without a check.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from decimal import ROUND_DOWN, Decimal
from typing import Any

import pytest
import requests

from exchange_connector import (
    Balance,
    CancelOrder,
    ExchangeError,
    Order,
    OrderStatus,
    OrderType,
    PlaceOrder,
    Side,
    SubscribeBalances,
    SubscribeOrders,
    TimeInForce,
    ValidationError,
    ask,
)
from exchange_connector.actors.trading import prices, rules
from exchange_connector.core import order_prices
from exchange_connector.simulator import SimulatedExchange
from exchange_connector.venues import DRIVERS
from exchange_connector.venues.questions import (
    GetAccountFilters,
    GetAveragePrice,
    GetLastPrice,
    GetReferencePrice,
)

BTC = "BTCUSDT"
SMALL = Decimal("0.01")
PERCENT = "PERCENT_PRICE_BY_SIDE"
REFERENCE, AVERAGE = "/api/v3/referencePrice", "/api/v3/avgPrice"
FILTERS, OWN_FILTERS = "/api/v3/exchangeInfo", "/api/v3/myFilters"


def selling(price: str | Decimal | None, **more: Any) -> PlaceOrder:
    """An order that stays in the book, above the market."""
    symbol, quantity = more.pop("symbol", BTC), more.pop("quantity", SMALL)
    terms: dict[str, Any] = {"time_in_force": TimeInForce.GTC, **more}
    return PlaceOrder(symbol, Side.SELL, OrderType.LIMIT, quantity, Decimal(price or 0), **terms)


def buying(quantity: str) -> PlaceOrder:
    """An order that is executed at once."""
    return PlaceOrder(BTC, Side.BUY, OrderType.MARKET, Decimal(quantity))


def refused(ref: Any, order: PlaceOrder) -> ValidationError:
    """How an order is refused before it leaves."""
    with pytest.raises(ValidationError) as raised:
        ask(ref, order)
    return raised.value


def nearest(error: ValidationError) -> Decimal:
    """What would not have been refused."""
    return Decimal(error.reason.partition("; the nearest is ")[2])


def refused_there(ref: Any, order: PlaceOrder) -> str:
    """The words in which the exchange refuses it."""
    with pytest.raises(ExchangeError) as raised:
        ask(ref, order)
    return raised.value.message


def asked(exchange: SimulatedExchange, path: str) -> list[Any]:
    """The requests that have come."""
    return [each for each in exchange.requests if each.path == path]


@pytest.fixture
def exchange() -> Iterator[SimulatedExchange]:
    """An exchange at 100,000 by its reference price, whose orders have to keep near it."""
    with SimulatedExchange(rate=20.0) as exchange:
        bounds = {"bidMultiplierUp": "1.1", "askMultiplierUp": "1.1"}
        exchange.set_filter(
            BTC, PERCENT, bidMultiplierDown="0.1", askMultiplierDown="0.1", **bounds
        )
        exchange.set_reference_price(BTC, "100000")
        yield exchange


@pytest.fixture
def soon_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """A price that was asked for before an order came is not new for it."""
    monkeypatch.setattr(order_prices, "NEW", 0.0)


def test_bounds_are_of_the_reference_price(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """To the last digit, here and there."""
    ref = start(exchange)
    ask(ref, selling("110000"))
    error = refused(ref, selling("110000.01"))
    assert (error.field, nearest(error)) == ("price", Decimal(110_000))
    assert error.reason.startswith(f"{PERCENT}: must be 10000")
    there = refused_there(ref, selling("110000.01", test=True))
    assert there == f"Filter failure: {PERCENT}"
    assert len(exchange.order_requests) == 1


def test_the_first_order_waits_for_all_at_the_same_time(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """And the second for nothing."""
    ref = start(exchange)
    exchange.delay(FILTERS, 0.5, count=1)
    ask(ref, selling("101000"))
    info = asked(exchange, FILTERS)[-1]
    paths = REFERENCE, AVERAGE, OWN_FILTERS
    for path in paths:
        (request,) = asked(exchange, path)
        assert request.time < info.time + 0.5
    for path in (FILTERS, *paths):
        exchange.delay(path, 60.0)
    before = len(exchange.requests)
    for price in ("102000", "103000"):
        ask(ref, selling(price), timeout=2)
    assert not [each for each in exchange.requests[before:] if each.path in (FILTERS, *paths)]


def test_an_aged_price_is_renewed_behind_the_order(
    exchange: SimulatedExchange, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which does not wait for it."""
    ref = start(exchange)
    ask(ref, selling("101000"))
    monkeypatch.setattr(order_prices, "AGED", 0.0)
    exchange.delay(REFERENCE, 1.0, count=1)
    ask(ref, selling("102000"))
    assert [each.status for each in asked(exchange, REFERENCE)[1:]] in ([], [0])
    assert exchange.wait_until(lambda exchange: len(asked(exchange, REFERENCE)) == 2)
    assert exchange.wait_until(lambda exchange: bool(asked(exchange, REFERENCE)[1].status))


@pytest.mark.usefixtures("soon_old")
def test_an_old_price_refuses_nothing(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """What looks wrong by it is looked at again by a new one, which admits it, or does not."""
    ref = start(exchange)
    ask(ref, selling("101000"))
    assert len(asked(exchange, REFERENCE)) == 1
    exchange.set_reference_price(BTC, "200000")
    assert ask(ref, selling("220000")).status == OrderStatus.NEW
    assert len(asked(exchange, REFERENCE)) == 2
    ask(ref, selling("219000"))
    assert len(asked(exchange, REFERENCE)) == 2
    exchange.set_reference_price(BTC, "100000")
    ask(ref, selling("109000"))
    assert nearest(refused(ref, selling("221000"))) == 110_000
    assert len(asked(exchange, REFERENCE)) == 3


def test_old_filters_refuse_nothing(
    exchange: SimulatedExchange, start: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What looks wrong by them is looked at again by new ones, which admit it, or do not."""
    exchange.set_filter(BTC, "LOT_SIZE", minQty="0.02")
    ref = start(exchange)
    assert nearest(refused(ref, selling("101000"))) == Decimal("0.02")
    exchange.set_filter(BTC, "LOT_SIZE", minQty="0.01")
    assert nearest(refused(ref, selling("101000"))) == Decimal("0.02")  # they are not old
    assert len(asked(exchange, FILTERS)) == len(asked(exchange, OWN_FILTERS)) + 1 == 2
    monkeypatch.setattr(rules, "_SURE", 0.0)
    assert ask(ref, selling("101000")).status == OrderStatus.NEW
    assert nearest(refused(ref, selling("101000", quantity=Decimal("0.001")))) == SMALL
    assert len(asked(exchange, FILTERS)) == 4
    ask(ref, selling("101000"))
    assert len(asked(exchange, FILTERS)) == 4


@pytest.mark.usefixtures("soon_old")
def test_many_that_look_wrong_ask_once(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """And are judged together; what breaks another rule, or looks right, waits for nothing."""
    ref = start(exchange)
    ask(ref, selling("101000"))
    exchange.set_reference_price(BTC, "200000")
    exchange.delay(REFERENCE, 1.0, count=1)
    orders = [selling(price) for price in ("150000.00", "190000.00", "220000.00")]
    futures = [ref.ask(order, block=False) for order in orders]
    odd = refused(ref, selling("150000", quantity=Decimal("0.000001")))
    assert odd.reason.startswith("LOT_SIZE")
    ask(ref, selling("102000"))
    assert [each.status for each in asked(exchange, REFERENCE)[1:]] in ([], [0])
    assert [future.get(timeout=5).price for future in futures] == [each.price for each in orders]
    assert len(asked(exchange, REFERENCE)) == 2


@pytest.mark.parametrize("status", [500, 403, 0])
def test_without_a_price_the_exchange_decides(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
) -> None:
    """Refused, or no answer in time; an average is not taken for it."""
    monkeypatch.setattr(prices, "PATIENCE", 0.5)
    ref = start(exchange, circuit_breaker={"max_failures": 100})
    if status:
        exchange.answer(REFERENCE, status, "{}", count=1)
    else:
        exchange.delay(REFERENCE, 60.0, count=1)
    assert refused_there(ref, selling("400000")) == f"Filter failure: {PERCENT}"
    ask(ref, selling("110000"))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"symbol": BTC, "referencePrice": None, "timestamp": 1_770_736_694_138}),
        (400, {"code": -2043, "msg": "This symbol doesn't have a reference price."}),
        (404, {"code": -1000, "msg": "Not found."}),
    ],
)
@pytest.mark.parametrize(("minutes", "path"), [(5, AVERAGE), (0, "/api/v3/ticker/price")])
def test_where_there_is_no_reference_price_another_counts(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    status: int,
    body: dict[str, Any],
    minutes: int,
    path: str,
) -> None:
    """The average, or the last price, as the filter says."""
    exchange.hold()
    exchange.set_reference_price(BTC, None)
    exchange.set_filter(BTC, PERCENT, avgPriceMins=minutes)
    url = f"{exchange.rest_url}{path}?symbol={BTC}"
    measure = Decimal(requests.get(url, timeout=5).json()["price"])
    exchange.answer(REFERENCE, status, body, count=None)
    highest = (measure * Decimal("1.1")).quantize(Decimal("0.01"), ROUND_DOWN)
    ref = start(exchange)
    above = selling(highest + Decimal("0.01"))
    assert nearest(refused(ref, above)) == highest
    assert refused_there(ref, selling(above.price, test=True)) == f"Filter failure: {PERCENT}"
    ask(ref, selling(highest, symbol="btcusdt"))


@pytest.mark.parametrize("told", [(), (GetLastPrice,)])
def test_what_an_exchange_does_not_tell_is_not_asked_for(
    exchange: SimulatedExchange,
    start: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    told: tuple[Any, ...],
) -> None:
    """It decides, and nobody waits."""
    driver = DRIVERS["binance", "spot"]
    untold = GetReferencePrice, GetAveragePrice, GetLastPrice, GetAccountFilters
    rows = {
        kind: row for kind, row in driver.endpoints.items() if kind in told or kind not in untold
    }
    poor = dataclasses.replace(driver, endpoints=rows)
    monkeypatch.setitem(DRIVERS, ("binance", "spot"), poor)
    ref = start(exchange)
    assert refused_there(ref, selling("400000")) == f"Filter failure: {PERCENT}"
    ask(ref, selling("110000"))
    assert not asked(exchange, OWN_FILTERS)


def test_what_is_not_measured_asks_for_no_price(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """What spends an amount is worth that; what has no price of its own is."""
    ref = start(exchange)
    spending = PlaceOrder(BTC, Side.BUY, OrderType.MARKET, quote_quantity=Decimal(100))
    for _ in range(2):
        ask(ref, spending)
    assert not asked(exchange, REFERENCE)
    error = refused(ref, buying("0.00001"))  # 1 by the reference price; 5 is the least
    assert error.reason.startswith("NOTIONAL: price times quantity must be 5")
    assert len(asked(exchange, REFERENCE)) == 1


def test_what_the_account_holds_counts(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any
) -> None:
    """With what its open orders may still buy."""
    exchange.set_filter(BTC, "MAX_POSITION", maxPosition="1.3")
    ref = start(exchange)
    ask(ref, SubscribeBalances(recorder))
    recorder.wait(lambda events: any(each.asset == "BTC" for each in events))
    error = refused(ref, buying("0.06"))
    assert error.reason.startswith("MAX_POSITION: with 1.25")
    assert nearest(error) == Decimal("0.05")
    assert exchange.order_requests == {}
    ask(ref, buying("0.05"))
    held = exchange.balances()["BTC"].free
    recorder.wait(lambda events: any(each.free == held for each in events))
    assert refused(ref, buying("0.01")).field == "quantity"
    there = PlaceOrder(BTC, Side.BUY, OrderType.MARKET, SMALL, test=True)
    assert refused_there(ref, there) == "Filter failure: MAX_POSITION"
    ask(ref, PlaceOrder(BTC, Side.SELL, OrderType.MARKET, SMALL))
    held = exchange.balances()["BTC"].free
    recorder.wait(lambda events: any(each.free == held for each in events))
    ask(ref, buying("0.01"))


def test_what_comes_in_from_outside_counts(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any
) -> None:
    """Once it is known how much there is."""
    exchange.set_filter(BTC, "MAX_POSITION", maxPosition="1.3")
    ref = start(exchange)
    ask(ref, SubscribeBalances(recorder))
    recorder.wait(lambda events: any(each.asset == "BTC" for each in events))
    exchange.deposit("BTC", "-0.25")

    def is_told(events: list[Balance]) -> bool:
        return any(each.asset == "BTC" and each.free == 1 for each in events)

    recorder.wait(is_told)
    assert ask(ref, buying("0.06")).status == OrderStatus.FILLED


def test_icebergs_are_counted(
    exchange: SimulatedExchange, start: Callable[..., Any], recorder: Any
) -> None:
    """An order says that it is one; the others are not counted with them."""
    exchange.set_filter(BTC, "MAX_NUM_ICEBERG_ORDERS", maxNumIcebergOrders=1)
    ref = start(exchange)
    ask(ref, SubscribeOrders(recorder))
    shown = Decimal("0.002")
    iceberg = ask(ref, selling("101000", iceberg_quantity=shown))
    ask(ref, selling("102000"))
    told = {each.order_id: each.iceberg_quantity for each in recorder.wait_for(Order, 2)}
    assert (iceberg.iceberg_quantity, told[iceberg.order_id]) == (shown, shown)
    assert set(told.values()) == {shown, None}
    error = refused(ref, selling("103000", iceberg_quantity=shown))
    assert error.reason == "MAX_NUM_ICEBERG_ORDERS: 1 are open, 1 may be"
    again = selling("103000", iceberg_quantity=shown, test=True)
    assert refused_there(ref, again) == "Filter failure: MAX_NUM_ICEBERG_ORDERS"
    ask(ref, CancelOrder(BTC, order_id=iceberg.order_id))
    ask(ref, selling("103000", iceberg_quantity=shown))


def test_the_accounts_own_filters_count(
    exchange: SimulatedExchange, start: Callable[..., Any]
) -> None:
    """They are asked for with the others, once."""
    ref = start(exchange)
    much = selling("100000", quantity=Decimal("10.00001"))
    assert refused(ref, much).reason.startswith(
        "MAX_ASSET: price times quantity must be 1000000.00000000 or less"
    )
    assert refused_there(ref, selling("100000", quantity=Decimal(10))) == (
        "Account has insufficient balance for requested action."
    )
    refused(ref, much)
    assert len(asked(exchange, OWN_FILTERS)) == 1


@pytest.mark.parametrize("status", [404, 401, 500])
def test_where_they_are_not_told_the_exchange_decides(
    exchange: SimulatedExchange, start: Callable[..., Any], status: int
) -> None:
    """An exchange may not know of them."""
    exchange.answer(OWN_FILTERS, status, {"code": -1000, "msg": "No."}, count=None)
    ref = start(exchange)
    ask(ref, selling("101000"))
    much = selling("100000", quantity=Decimal("10.00001"))
    assert refused_there(ref, much) == "Filter failure: MAX_ASSET"
    assert len(asked(exchange, OWN_FILTERS)) == 1
