"""The messages of the private socket: orders, executions and the wallet.

Source: websocket/private/order.mdx, execution.mdx, wallet.mdx. What one request or one step of the
market has done to an account is told at once: one message of orders, with each as it stands then
(and before that as `Triggered` where its trigger was met), one of all executions, and one of the
coins that may have changed. The documentation promises no order of the topics; this is the one
here, and faults of frames change it. They see the streams `private/order`, `private/execution` and
`private/wallet`, or those of one category, such as `private/order.spot`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ..trading.accounts import Account
from ..trading.orders import STOPS, Balances, Execution, Fill, Notice, Order
from ..wire.hub import Hub
from . import order_rows
from .connection import BybitConnection
from .payloads import encode
from .wallet import Wallets

Row = dict[str, Any]


@dataclass
class Changes:
    """What has changed of one account, each thing once and in the order in which it did."""

    orders: dict[Order, bool] = field(default_factory=dict[Order, bool])
    fills: list[Fill] = field(default_factory=list[Fill])
    coins: dict[str, None] = field(default_factory=dict[str, None])

    def add(self, notice: Notice) -> None:
        """Take up what is told."""
        if isinstance(notice, Balances):
            self.coins |= dict.fromkeys(notice.held)
        elif isinstance(notice, Execution):
            self._report(notice)

    def _report(self, notice: Execution) -> None:
        order = notice.order
        was_triggered = notice.kind == "NEW" and notice.working_us >= 0
        triggered = was_triggered and order.wanted.type in STOPS
        self.orders[order] = self.orders.get(order, False) or triggered
        if notice.fill is not None:
            self.fills.append(notice.fill)


class PrivateEvents:
    """Tells accounts what happens to them.

    Args:
        sequence: the cross sequence of a trade.
        seed: from it follow the ids of the messages.
    """

    def __init__(
        self, hub: Hub, wallets: Wallets, sequence: Callable[[Fill], int], seed: int
    ) -> None:
        self._hub = hub
        self._wallets = wallets
        self._sequence = sequence
        self._namespace = uuid.uuid5(uuid.NAMESPACE_OID, f"{seed} private messages")
        self._told = 0

    def tell(self, notices: Iterable[Notice], now_us: int) -> None:
        """Tell of what one request or step has done; it leaves at the hub's `flush`."""
        changed: dict[Account, Changes] = {}
        for notice in notices:
            account = notice.order.account if isinstance(notice, Execution) else notice.account
            changed.setdefault(account, Changes()).add(notice)
        for account, changes in changed.items():
            connections = self._connections(account)
            if not connections:
                continue
            for kind, rows in self._rows(account, changes):
                for connection in connections:
                    self._send(connection, kind, rows, now_us)

    def _rows(self, account: Account, changes: Changes) -> list[tuple[str, list[Row]]]:
        orders: list[Row] = []
        for order, triggered in changes.orders.items():
            if triggered:
                orders.append(order_rows.told(order) | {"orderStatus": "Triggered"})
            orders.append(order_rows.told(order))
        executions = [order_rows.executed(fill, self._sequence(fill)) for fill in changes.fills]
        wallet = [self._wallets.row(account, changes.coins)] if changes.coins else []
        kinds = (("order", orders), ("execution", executions), ("wallet", wallet))
        return [(kind, rows) for kind, rows in kinds if rows]

    def _send(self, connection: BybitConnection, kind: str, rows: list[Row], now_us: int) -> None:
        """Send it on every topic of that kind that the connection is subscribed to."""
        for topic in (kind, f"{kind}.spot"):
            if topic in connection.private_topics:
                self._told += 1
                message = {
                    "id": str(uuid.uuid5(self._namespace, str(self._told))),
                    "topic": topic,
                    "creationTime": now_us // 1_000,
                    "data": rows,
                }
                self._hub.tell(connection, f"private/{topic}", encode(message))

    def _connections(self, account: Account) -> list[BybitConnection]:
        return [
            one
            for one in self._hub.connections.values()
            if isinstance(one, BybitConnection) and one.account is account
        ]
