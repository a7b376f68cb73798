"""What is told of orders and balances, in the order in which it happened."""

from __future__ import annotations

from itertools import count

from ..market.symbols import Listing
from .accounts import Account
from .orders import Balances, Execution, Fill, Kind, Moved, Notice, Order, Prevented


class Reports:
    """Notices that are still to be sent; each account keeps those on its orders."""

    def __init__(self, first_id: int) -> None:
        self._ids = count(first_id)
        self._notices: list[Notice] = []

    def drain(self) -> list[Notice]:
        """What was not told yet, oldest first."""
        told, self._notices = self._notices, []
        return told

    def execution(
        self,
        kind: Kind,
        order: Order,
        time_us: int,
        *,
        name: str = "",
        fill: Fill | None = None,
        prevented: Prevented | None = None,
    ) -> None:
        """Tell of an order; `name` is what its cancellation is called."""
        order.updated_us = order.account.updated_us = time_us
        report = Execution(
            kind,
            order,
            next(self._ids),
            time_us,
            order.status,
            order.executed,
            order.executed_quote,
            name or order.client_order_id,
            order.is_open and order.is_working,
            order.working_us,
            order.client_order_id if name else "",
            order.expiry,
            fill,
            prevented,
        )
        order.account.events.append(report)
        self._notices.append(report)

    def balances(self, account: Account, listing: Listing, time_us: int) -> None:
        """Tell what an account holds of a symbol's two assets."""
        held = {
            asset: (account.held[asset].free, account.held[asset].locked)
            for asset in (listing.base, listing.quote)
        }
        self._notices.append(Balances(account, held, time_us))

    def moved(self, account: Account, asset: str, delta: int, time_us: int) -> None:
        """Tell of a deposit or withdrawal."""
        account.updated_us = time_us
        held = account.held[asset]
        self._notices.append(Moved(account, asset, delta, time_us))
        self._notices.append(Balances(account, {asset: (held.free, held.locked)}, time_us))
