"""What only some exchanges have: orders that post only, stops that bind late, names for ever."""

from __future__ import annotations

from typing import Any

import pytest

from exchange_connector.simulator.market.fixed import ONE, product
from exchange_connector.simulator.market.market import SymbolMarket
from exchange_connector.simulator.market.symbols import listing
from exchange_connector.simulator.trading.customs import Customs
from exchange_connector.simulator.trading.house import House
from exchange_connector.simulator.trading.orders import RejectedError, Wanted

LOTS = 1_000


def above(floor: Any) -> int:
    """A price that the next trades have to rise to."""
    return int(max(floor.best("ask"), floor.market.trades[-1].price) + ONE)


def test_post_only_is_accepted_and_ends(floor: Any) -> None:
    """Where it would trade; elsewhere it rests."""
    account = floor.account()
    terms = {"time_in_force": "POST_ONLY"}
    taker = floor.place(account, "BUY", "LIMIT", 1, price=floor.best("ask"), **terms)
    assert [(one.kind, one.status) for one in floor.reports(taker)] == [
        ("NEW", "NEW"),
        ("EXPIRED", "EXPIRED"),
    ]
    assert (taker.expiry, taker.fills, account.held["USDT"].locked) == ("WOULD_TAKE", [], 0)
    maker = floor.place(account, "BUY", "LIMIT", 1, price=floor.best("ask", -1), **terms)
    assert maker.stand is not None


@pytest.mark.parametrize("kind", ["STOP_LOSS", "STOP_LOSS_LIMIT"])
def test_a_stop_that_binds_late(floor: Any, kind: str) -> None:
    """It binds nothing before it goes; then what it needs, or it ends where that is not there."""
    account, poor, other = floor.account(), floor.account(USDT=ONE), floor.account()
    bid = floor.best("bid")
    limit = {"price": bid + 500 * ONE} if "LIMIT" in kind else {}
    terms = {"stop_price": above(floor), "binds_late": True, **limit}
    rich_one = floor.place(account, "BUY", kind, LOTS, **terms)
    poor_one = floor.place(poor, "BUY", kind, LOTS, **terms)
    assert account.held["USDT"].locked == poor.held["USDT"].locked == 0
    floor.place(other, "BUY", "MARKET", 5_000_000)
    assert rich_one.status == ("NEW" if limit else "FILLED")
    bound = product(limit["price"], rich_one.quantity) if limit else 0
    assert account.held["USDT"].locked == bound
    assert (poor_one.status, poor_one.expiry) == ("EXPIRED", "INSUFFICIENT_FUNDS")
    assert poor.held["USDT"].free == ONE


def test_a_stop_by_value(floor: Any) -> None:
    """It buys what the book has for its money when it goes, and binds that money before."""
    account, other = floor.account(), floor.account()
    value = 10_000 * ONE
    terms = {"stop_price": above(floor), "quote_quantity": value}
    order = floor.place(account, "BUY", "STOP_LOSS", 0, **terms)
    assert account.held["USDT"].locked == value
    floor.place(other, "BUY", "MARKET", 3_000_000)
    assert order.status == "FILLED"
    assert account.held["USDT"].locked == 0
    step_worth = product(order.fills[-1].price, floor.market.listing.step)
    assert 0 <= value - order.executed_quote < step_worth


def test_a_sale_by_value_sells_no_more_than_there_is(floor: Any) -> None:
    """Though its price has fallen since it came."""
    account, other = floor.account(BTC=ONE), floor.account()
    bid = floor.best("bid")
    value = product(bid, ONE) - 200 * ONE
    terms = {"stop_price": bid - ONE, "quote_quantity": value}
    order = floor.place(account, "SELL", "STOP_LOSS", 0, **terms)
    floor.place(other, "SELL", "MARKET", 3_000_000)
    assert (order.status, order.expiry) == ("EXPIRED", "INSUFFICIENT_FUNDS")
    assert (account.held["BTC"].free, account.held["BTC"].locked) == (ONE, 0)


def test_names_for_ever(make_floor: Any) -> None:
    """A name is taken once an order had it; orders without one do not stand in each other's way."""
    floor = make_floor(1, Customs(names_return=False))
    account = floor.account()
    floor.place(account, "BUY", "MARKET", 1, name="mine")
    with pytest.raises(RejectedError, match="Duplicate"):
        floor.place(account, "BUY", "MARKET", 1, name="mine")
    floor.place(floor.account(), "BUY", "MARKET", 1, name="mine")
    for _ in range(2):
        wanted = Wanted(
            symbol="BTCUSDT", side="BUY", type="MARKET", client_order_id="", quantity=ONE
        )
        order = floor.house.place(account, wanted, floor.now_us)
        assert account.find("BTCUSDT", order.order_id, None) is order
    assert account.find("BTCUSDT", None, "") is None


def test_one_count_for_all_symbols() -> None:
    """No two orders have an id in common, and a later one has a greater one."""
    customs = Customs(first_ids=(100, 200), counts_as_one=True)
    markets = {name: SymbolMarket(listing(name), 1) for name in ("BTCUSDT", "ETHUSDT")}
    for market in markets.values():
        market.step(1)
    house = House(markets, 1, customs)
    account = house.add_account({"USDT": 10**6 * ONE}, 1)
    ids = []
    for symbol in ("BTCUSDT", "ETHUSDT", "BTCUSDT"):
        wanted = Wanted(
            symbol=symbol, side="BUY", type="MARKET", client_order_id="", quantity=ONE // 10
        )
        ids.append(house.place(account, wanted, 2).order_id)
    assert ids == list(range(ids[0], ids[0] + 3))
    assert 100 <= ids[0] < 200
