"""What holds whatever accounts do: nothing is made or lost, first come first served, no way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from exchange_connector.simulator.market.fixed import ONE
from exchange_connector.simulator.trading.orders import RejectedError

MakeFloor = Callable[[int], Any]
SOME = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
TYPES = (
    *("LIMIT", "LIMIT", "LIMIT", "LIMIT_MAKER", "MARKET", "QUOTE"),
    *("STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT", "QUOTE STOP_LOSS"),
)
AFTER = {
    "": {"NEW"},
    "NEW": {"NEW", "PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"},
    "PARTIALLY_FILLED": {
        *("PARTIALLY_FILLED", "FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH"),
    },
}


@dataclass(frozen=True)
class Deed:
    """Something that an account does, or the market (`steps`)."""

    who: int
    side: str
    kind: str
    lots: int
    ticks: int
    force: str
    prevention: str
    iceberg: bool
    late: bool
    cancel: int | None
    steps: int


DEEDS = st.lists(
    st.builds(
        Deed,
        who=st.integers(0, 2),
        side=st.sampled_from(("BUY", "SELL")),
        kind=st.sampled_from(TYPES),
        lots=st.integers(1, 20_000),
        ticks=st.integers(-300, 300),
        force=st.sampled_from(("GTC", "GTC", "IOC", "FOK", "POST_ONLY")),
        prevention=st.sampled_from(("NONE", "EXPIRE_MAKER", "EXPIRE_TAKER", "EXPIRE_BOTH")),
        iceberg=st.booleans(),
        late=st.booleans(),
        cancel=st.none() | st.integers(0, 50),
        steps=st.integers(0, 3),
    ),
    max_size=40,
)


def place(floor: Any, account: Any, deed: Deed) -> Any:
    """The order of a deed, or `None` if it is refused."""
    price = floor.best("bid" if deed.side == "SELL" else "ask", deed.ticks)
    kind = deed.kind
    more: dict[str, Any] = {"prevention": deed.prevention}
    lots = deed.lots
    if kind.startswith("QUOTE"):
        kind = kind.removeprefix("QUOTE").lstrip() or "MARKET"
        lots, more["quote_quantity"] = 0, deed.lots * ONE
    if kind.endswith(("LIMIT", "MAKER")):
        more["price"] = price
    if kind.endswith("LIMIT"):
        more["time_in_force"] = deed.force
    if deed.iceberg and deed.force == "GTC" and "LIMIT" in kind:
        more["iceberg"] = max(1, lots // 3) * floor.market.listing.step
    if kind.startswith(("STOP", "TAKE")):
        more |= {"stop_price": price, "binds_late": deed.late}
        if deed.iceberg:
            more["trailing_delta"] = 10
    try:
        return floor.place(account, deed.side, kind, lots, **more)
    except RejectedError:
        return None


def cancel(floor: Any, accounts: list[Any], number: int) -> None:
    """Cancel an order that is open, if there are so many."""
    open_ones = [order for account in accounts for order in account.open.values()]
    if number < len(open_ones):
        floor.cancel(open_ones[number])


def check_money(floor: Any, accounts: list[Any]) -> None:
    """Of every asset there is as much as was brought, and what is locked is what orders need."""
    ledger, listing = floor.house.ledger, floor.market.listing
    for asset in ("BTC", "USDT"):
        held = [account.held[asset] for account in accounts]
        total = sum(one.free + one.locked for one in held)
        assert total + ledger.fees[asset] + ledger.market[asset] == ledger.deposited[asset]
        assert all(one.free >= 0 and one.locked >= 0 for one in held)
    for account in accounts:
        for asset, side in ((listing.base, "SELL"), (listing.quote, "BUY")):
            bound = sum(one.locked for one in account.orders.values() if one.side == side)
            assert account.held[asset].locked == bound
        assert not any(one.locked for one in account.orders.values() if not one.is_open)


def check_book(floor: Any, accounts: list[Any]) -> None:
    """The public book shows every order that rests, and is never crossed."""
    book = floor.market.book
    assert book.best("bid") < book.best("ask")
    for account in accounts:
        for order in account.open.values():
            if order.stand is None:
                continue
            assert order.stand.quantity + order.stand.hidden == order.left > 0
            side = "bid" if order.side == "BUY" else "ask"
            line = floor.market.lines[side, order.wanted.price]
            assert order.stand in line.stands
            assert book.side(side).levels[order.wanted.price] == line.total
    sums = list(floor.market.aggregates)
    assert all(one.last_id + 1 == two.first_id for one, two in pairwise(sums))
    assert sums[-1].last_id == floor.market.trades[-1].trade_id
    for (side, price), line in floor.market.lines.items():
        assert line.has_guests
        assert all(stand.quantity > 0 for stand in line.stands), (side, price)


def check_history(floor: Any, accounts: list[Any]) -> None:
    """The reports on an order go forward: no state after the last, never less executed."""
    for account in accounts:
        for order in account.orders.values():
            status, executed, ids = "", 0, []
            for report in (one for one in account.events if one.order is order):
                assert report.status in AFTER[status], (status, report.status)
                assert report.executed >= executed
                if report.fill is not None:
                    assert report.executed == executed + report.fill.quantity
                status, executed = report.status, report.executed
                ids.append(report.execution_id)
            assert (status, executed) == (order.status, order.executed)
            assert ids == sorted(set(ids))
            assert executed == sum(fill.quantity for fill in order.fills) <= order.quantity
            assert (status == "FILLED") == (executed == order.quantity)
            assert all(order.accepts(fill.price) for fill in order.fills)


@SOME
@given(seed=st.integers(1, 5), deeds=DEEDS)
def test_nothing_is_made_or_lost(make_floor: MakeFloor, seed: int, deeds: list[Deed]) -> None:
    """Money, the book and the history agree after everything that can be done."""
    floor = make_floor(seed)
    accounts = [floor.account(), floor.account(), floor.account(BTC=ONE, USDT=60_000 * ONE)]
    for deed in deeds:
        place(floor, accounts[deed.who], deed)
        if deed.cancel is not None:
            cancel(floor, accounts, deed.cancel)
        floor.step(deed.steps)
        check_money(floor, accounts)
        check_book(floor, accounts)
    check_history(floor, accounts)


@dataclass
class Rests:
    """An order of the naive reference."""

    owner: Any
    side: str
    price: int
    left: int


class Reference:
    """Price-time priority, written as plainly as can be: one list, searched anew each time.

    Returns:
        What each order trades: who with, price and quantity.
    """

    def __init__(self, floor: Any) -> None:
        book = floor.market.book
        self.resting = [
            Rests(None, side, price, quantity)
            for side, levels in (("BUY", book.bids.levels), ("SELL", book.asks.levels))
            for price, quantity in levels.items()
        ]

    def take(self, owner: Any, side: str, price: int, quantity: int, force: str) -> list[Any]:
        """Match an order, and let the rest of it rest if it may."""
        sign = 1 if side == "BUY" else -1
        others = [
            one for one in self.resting if one.side != side and sign * (price - one.price) >= 0
        ]
        others.sort(key=lambda one: sign * one.price)  # stable: the first in time stays first
        if force == "FOK" and sum(one.left for one in others) < quantity:
            return []
        if force == "POST_ONLY" and others:
            return []
        trades = []
        for one in others:
            taken = min(one.left, quantity)
            if taken:
                trades.append((one.owner, one.price, taken))
            one.left -= taken
            quantity -= taken
        self.resting = [one for one in self.resting if one.left]
        if quantity and force in ("GTC", "POST_ONLY"):
            self.resting.append(Rests(owner, side, price, quantity))
        return trades


@SOME
@given(deeds=DEEDS)
def test_first_come_first_served(make_floor: MakeFloor, deeds: list[Deed]) -> None:
    """The trades are those of the naive reference: who with, at what price, how much."""
    floor = make_floor(3)
    accounts = [floor.account() for _ in range(3)]
    reference = Reference(floor)
    for deed in deeds:
        price = floor.best("bid" if deed.side == "SELL" else "ask", deed.ticks)
        lots = deed.lots % 3_000 + 1
        quantity = lots * floor.market.listing.step
        before = len(floor.notices)
        account = accounts[deed.who]
        order = floor.place(
            account, deed.side, "LIMIT", lots, price=price, time_in_force=deed.force
        )
        expected = reference.take(order, deed.side, price, quantity, deed.force)
        fills = [one.fill for one in floor.notices[before:] if getattr(one, "fill", None)]
        makers = {fill.trade_id: fill.order for fill in fills if fill.is_maker}
        traded = [
            (makers.get(fill.trade_id), fill.price, fill.quantity)
            for fill in fills
            if not fill.is_maker
        ]
        assert traded == expected
        if deed.cancel is not None:
            open_ones = [one for each in accounts for one in each.open.values()]
            if deed.cancel < len(open_ones):
                gone = open_ones[deed.cancel]
                floor.cancel(gone)
                reference.resting = [one for one in reference.resting if one.owner is not gone]


@SOME
@given(seed=st.integers(1, 9), lots=st.integers(1, 400), ticks=st.integers(-60, 0))
def test_the_market_takes_the_best_first(
    make_floor: MakeFloor, seed: int, lots: int, ticks: int
) -> None:
    """An order that waits is taken by the market's own traders, at its price, before worse ones."""
    floor = make_floor(seed)
    account = floor.account()
    better = floor.place(account, "BUY", "LIMIT_MAKER", lots, price=floor.best("bid"))
    worse = floor.place(account, "BUY", "LIMIT_MAKER", lots, price=floor.best("bid", ticks - 1))
    for _ in range(400):
        floor.step()
        if worse.executed:
            assert better.status == "FILLED"
        if worse.status == "FILLED":
            break
    for order in (better, worse):
        assert all(fill.price == order.wanted.price and fill.is_maker for fill in order.fills)
    public = {trade.trade_id: trade for trade in floor.market.trades}
    for fill in account.fills:
        trade = public[fill.trade_id]
        assert (trade.price, trade.quantity) == (fill.price, fill.quantity)
        assert trade.buyer_is_maker
    check_money(floor, [account])
