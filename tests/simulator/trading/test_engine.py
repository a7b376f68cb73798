"""What becomes of an order of each type (rest-api.md "New order", enums.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from exchange_connector.simulator.market.fixed import ONE, product
from exchange_connector.simulator.trading.orders import RejectedError, Wanted
from exchange_connector.simulator.trading.stops import is_triggered

LOTS = 1_000


def kinds(floor: Any, order: Any) -> list[tuple[str, str]]:
    """What was told of an order: what has happened, and its status then."""
    return [(one.kind, one.status) for one in floor.reports(order)]


def refused(deed: Callable[[], Any]) -> str:
    """The words by which the engine refuses."""
    with pytest.raises(RejectedError) as error:
        deed()
    return str(error.value)


def test_a_limit_order_pays_the_better_price(floor: Any) -> None:
    """It takes at the prices that are there, and gets back what it did not need."""
    account = floor.account()
    ask = floor.best("ask")
    order = floor.place(account, "BUY", "LIMIT", 1, price=ask + 100 * ONE)
    (fill,) = order.fills
    assert (order.status, fill.price, fill.is_maker) == ("FILLED", ask, False)
    assert (fill.commission, fill.commission_asset) == (fill.quantity // 1_000, "BTC")
    assert account.held["USDT"].free == 100_000_000 * ONE - fill.quote
    assert account.held["USDT"].locked == 0
    assert account.held["BTC"].free == 1_000 * ONE + fill.quantity - fill.commission
    assert kinds(floor, order) == [("NEW", "NEW"), ("TRADE", "FILLED")]
    assert floor.market.trades[-1].trade_id == fill.trade_id
    assert floor.market.aggregates[-1].last_id == fill.trade_id


def test_what_is_left_rests_in_the_public_book(floor: Any) -> None:
    """It binds what it needs, and cancelling sets that free and takes it out of the book."""
    account, price = floor.account(), floor.best("bid", 1)
    before = floor.market.book.side("bid").levels.get(price, 0)
    order = floor.place(account, "BUY", "LIMIT", LOTS, price=price)
    assert floor.market.book.side("bid").levels[price] == before + order.quantity
    assert account.held["USDT"].locked == product(price, order.quantity)
    floor.cancel(order)
    assert floor.market.book.side("bid").levels.get(price, 0) == before
    assert account.held["USDT"].locked == 0
    assert refused(lambda: floor.cancel(order)) == "Unknown order sent."
    report = floor.reports(order)[-1]
    assert (report.kind, report.client_order_id) == ("CANCELED", "cancellation")
    assert report.original == order.client_order_id


def test_accounts_trade_with_each_other(floor: Any) -> None:
    """The first in line is the maker, and each pays its commission in what it receives."""
    maker, taker = floor.account(), floor.account()
    price = floor.best("ask", -1)
    sell = floor.place(maker, "SELL", "LIMIT_MAKER", LOTS, price=price)
    buy = floor.place(taker, "BUY", "LIMIT", LOTS, price=price)
    (sold,), (bought,) = sell.fills, buy.fills
    assert sold.trade_id == bought.trade_id
    assert (sold.is_maker, bought.is_maker) == (True, False)
    assert (sold.commission_asset, bought.commission_asset) == ("USDT", "BTC")
    assert floor.house.ledger.market == {}


def test_a_market_order_by_quote_spends_no_more(floor: Any) -> None:
    """It buys whole lots for the amount, as much as that is enough for."""
    account = floor.account()
    order = floor.place(account, "BUY", "MARKET", 0, quote_quantity=50_000 * ONE)
    step = floor.market.listing.step
    assert order.status == "FILLED"
    assert order.quantity == order.executed
    assert order.executed % step == 0
    left = 50_000 * ONE - order.executed_quote
    assert 0 <= left < product(order.fills[-1].price, 2 * step)


def test_a_market_order_ends_where_the_money_does(floor: Any) -> None:
    """What it cannot pay expires; if not even the best price can be paid it is refused."""
    best = floor.best("ask")
    step = floor.market.listing.step
    size = floor.market.book.side("ask").levels[best] // step + 5_000
    account = floor.account(USDT=product(best, size * step))
    order = floor.place(account, "BUY", "MARKET", size)
    assert (order.status, order.expiry) == ("EXPIRED", "INSUFFICIENT_LIQUIDITY")
    assert 0 < order.executed < order.quantity
    poor = floor.account(USDT=ONE)
    words = refused(lambda: floor.place(poor, "BUY", "MARKET", size))
    assert words == "Account has insufficient balance for requested action."


def test_an_emptied_side_is_restocked(floor: Any) -> None:
    """Whoever buys everything does not end the market."""
    account = floor.account(USDT=10**12 * ONE)
    asks = floor.market.book.side("ask")
    everything = sum(asks.levels.values()) // floor.market.listing.step
    order = floor.place(account, "BUY", "MARKET", everything + 10)
    assert (order.status, order.left) == ("EXPIRED", 10 * floor.market.listing.step)
    assert len(asks.prices) >= 50
    floor.step(50)
    assert floor.best("bid") < floor.best("ask")


def test_ioc_and_fok(floor: Any) -> None:
    """One takes what is there, the other everything or nothing; the rest expires."""
    account, price = floor.account(), floor.best("ask")
    there = floor.market.book.side("ask").levels[price] // floor.market.listing.step
    terms = {"price": price, "time_in_force": "FOK"}
    order = floor.place(account, "BUY", "LIMIT", there + 1, **terms)
    assert (order.status, order.executed, order.expiry) == (
        "EXPIRED",
        0,
        "UNFILLED_FOK_ORDER_EXPIRED",
    )
    terms["time_in_force"] = "IOC"
    order = floor.place(account, "BUY", "LIMIT", there + 1, **terms)
    assert (order.status, order.expiry) == ("EXPIRED", "UNFILLED_IOC_QUANTITY_EXPIRED")
    assert order.left == floor.market.listing.step
    assert account.held["USDT"].locked == 0


def test_refusals(floor: Any) -> None:
    """In the exchange's words, and nothing has happened."""
    account = floor.account()
    bid, ask = floor.best("bid"), floor.best("ask")
    last = floor.market.trades[-1].price
    far = {"price": bid - 1_000 * ONE}
    floor.place(account, "BUY", "LIMIT", 1, name="mine", **far)
    told = len(floor.notices)
    place = floor.place
    same = refused(lambda: place(account, "BUY", "LIMIT", 1, name="mine", **far))
    assert same == "Duplicate order sent."
    maker = refused(lambda: place(account, "BUY", "LIMIT_MAKER", 1, price=ask))
    assert maker == "Order would immediately match and take."
    for side, kind in (("SELL", "STOP_LOSS"), ("BUY", "TAKE_PROFIT")):
        stop = refused(lambda s=side, k=kind: place(account, s, k, 1, stop_price=last))  # type: ignore[misc]
        assert stop == "Order would trigger immediately."
    lots = 1_001 * ONE // floor.market.listing.step
    poor = refused(lambda: place(account, "SELL", "LIMIT", lots, price=ask))
    assert poor == "Account has insufficient balance for requested action."
    assert len(floor.notices) == told


def test_a_name_may_be_used_again(floor: Any) -> None:
    """Once the order that had it trades no more; then it is the newest that is found by it."""
    account = floor.account()
    first = floor.place(account, "BUY", "MARKET", 1, name="mine")
    second = floor.place(account, "BUY", "MARKET", 1, name="mine")
    assert account.find("BTCUSDT", None, "mine") is second
    assert account.find("BTCUSDT", first.order_id, None) is first
    assert floor.house.reached["mine"] == 2


@pytest.mark.parametrize("kind", ["STOP_LOSS", "STOP_LOSS_LIMIT"])
def test_a_stop_waits_and_goes(floor: Any, kind: str) -> None:
    """It is told as new twice: when it comes, and when it begins to work."""
    account, other = floor.account(), floor.account()
    bid = floor.best("bid")
    terms = {"stop_price": bid - 50 * ONE} | ({"price": bid - 500 * ONE} if "LIM" in kind else {})
    order = floor.place(account, "SELL", kind, 1, **terms)
    assert (order.is_working, account.held["BTC"].locked) == (False, order.quantity)
    floor.place(other, "SELL", "LIMIT", 100_000, price=bid - 60 * ONE)
    assert order.status == "FILLED"
    assert kinds(floor, order) == [("NEW", "NEW"), ("NEW", "NEW"), ("TRADE", "FILLED")]
    assert [one.on_book for one in floor.reports(order)] == [False, True, False]


SCENARIOS = [
    # side, type, stop, delta, prices of which the last one triggers: the FAQ's scenarios A to C
    ("BUY", "STOP_LOSS_LIMIT", 44_000, 500, [40_000, 37_000, 44_000, 46_000, 42_000, 44_100]),
    ("SELL", "STOP_LOSS_LIMIT", 39_000, 1_000, [41_500, 39_000, 37_000, 41_000, 36_900]),
    ("BUY", "TAKE_PROFIT_LIMIT", 38_000, 850, [42_000, 38_000, 37_000, 39_000, 38_000, 40_145]),
    ("SELL", "STOP_LOSS", 0, 100, [40_000, 41_000, 40_591, 40_590]),
]


@pytest.mark.parametrize(("side", "kind", "stop", "delta", "prices"), SCENARIOS)
def test_trailing_stops(
    floor: Any, side: Any, kind: str, stop: int, delta: int, prices: list[int]
) -> None:
    """faqs/trailing-stop-faq.md: each goes at the last price of its scenario, and not before."""
    account = floor.account()
    wanted = Wanted(
        symbol="BTCUSDT",
        side=side,
        type=kind,
        client_order_id="x",
        quantity=ONE,
        stop_price=stop * ONE,
        trailing_delta=delta,
    )
    order = type(floor.place(account, "BUY", "MARKET", 1))(account, wanted, 1, ONE, 0, 0)
    gone = [is_triggered(order, price * ONE, 7) for price in prices]
    assert gone == [False] * (len(prices) - 1) + [True]
    assert order.trailing_us == 7


def test_an_iceberg_shows_a_part_and_loses_its_place(floor: Any) -> None:
    """The next part stands behind all that is there."""
    iceberg, plain, taker = floor.account(), floor.account(), floor.account()
    price, step = floor.best("ask", -1), floor.market.listing.step
    hidden = floor.place(iceberg, "SELL", "LIMIT", 100, price=price, iceberg=10 * step)
    floor.place(plain, "SELL", "LIMIT", 20, price=price)
    assert floor.market.book.side("ask").levels[price] == 30 * step
    floor.place(taker, "BUY", "LIMIT", 25, price=price)
    assert hidden.executed == 10 * step
    floor.place(taker, "BUY", "LIMIT", 25, price=price)
    assert hidden.executed == 30 * step
    floor.cancel(hidden)
    assert price not in floor.market.book.side("ask").levels


@pytest.mark.parametrize(
    ("mode", "maker", "taker"),
    [
        ("NONE", "FILLED", "FILLED"),
        ("EXPIRE_MAKER", "EXPIRED_IN_MATCH", "NEW"),
        ("EXPIRE_TAKER", "NEW", "EXPIRED_IN_MATCH"),
        ("EXPIRE_BOTH", "EXPIRED_IN_MATCH", "EXPIRED_IN_MATCH"),
    ],
)
def test_trades_with_oneself(floor: Any, mode: str, maker: str, taker: str) -> None:
    """faqs/stp_faq.md: the taker's mode decides who expires."""
    account, price = floor.account(), floor.best("ask", -1)
    sell = floor.place(account, "SELL", "LIMIT", 10, price=price)
    buy = floor.place(account, "BUY", "LIMIT", 10, price=price, prevention=mode)
    assert (sell.status, buy.status) == (maker, taker)
    assert len(account.prevented) == (mode != "NONE")
    assert sum(held.locked for held in account.held.values()) == sell.locked + buy.locked


def test_deposits_and_withdrawals(floor: Any) -> None:
    """They are told, and nobody takes out more than is free."""
    account = floor.account(USDT=5 * ONE)
    floor.house.deposit(account, "BTC", ONE, floor.now_us)
    floor.house.deposit(account, "USDT", -2 * ONE, floor.now_us)
    with pytest.raises(ValueError, match="not so much USDT"):
        floor.house.deposit(account, "USDT", -4 * ONE, floor.now_us)
    told = [(one.asset, one.delta) for one in floor.house.drain() if hasattr(one, "delta")]
    assert told == [("BTC", ONE), ("USDT", -2 * ONE)]
    assert (account.free("BTC"), account.free("USDT")) == (ONE, 3 * ONE)
