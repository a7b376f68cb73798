"""Bybit's events of the account, and what they become.

Source: https://bybit-exchange.github.io/docs/v5/websocket/private/order, …/execution, …/wallet
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...messages.account import Balance, Fill, Order
from ..account import AccountEvents
from ..driver import MalformedError
from ..readers import BodyReader
from . import user_wire as wire
from .bodies import balance_of
from .names import SPOT
from .order_events import fill_of, is_known_execution, is_known_order, order_of
from .orders_wire import Execution
from .orders_wire import Order as WireOrder

TOPICS = ("order.spot", "execution.spot", "wallet")
"""Those of one market are told apart by the exchange; of a wallet there is one."""

Read = Callable[[bytes, int, int], AccountEvents]


def events(topic: str, data: bytes, event_time: int, received_time: int) -> AccountEvents:
    """What a frame of a topic says; times are nanoseconds. Raises `MalformedError`."""
    read = _READERS.get(topic.partition(".")[0])
    if read is None or topic not in TOPICS:
        return AccountEvents((), has_drifted=True)
    return read(data, event_time, received_time)


def _orders(data: bytes, event_time: int, received_time: int) -> AccountEvents:
    content, has_drifted = _tolerantly(data, _read_strict_orders, _read_orders)
    mine = [each for each in content if each.category in ("", SPOT)]
    told: list[Order] = [order_of(each, event_time, received_time) for each in mine]
    return AccountEvents(tuple(told), has_drifted or not all(map(is_known_order, mine)))


def _executions(data: bytes, event_time: int, received_time: int) -> AccountEvents:
    content, has_drifted = _tolerantly(data, _read_strict_executions, _read_executions)
    mine = [each for each in content if each.category in ("", SPOT)]
    told = (fill_of(each, event_time, received_time) for each in mine)
    fills: tuple[Fill, ...] = tuple(fill for fill in told if fill is not None)
    return AccountEvents(fills, has_drifted or not all(map(is_known_execution, mine)))


def _wallets(data: bytes, event_time: int, received_time: int) -> AccountEvents:
    """What there is now of the coins that are named, of nothing too; new fields are no matter."""
    held: tuple[Balance, ...] = tuple(
        balance_of(each.coin, each.wallet_balance, each.locked, event_time, received_time)
        for wallet in _read_wallets(data)
        for each in wallet.coin
    )
    return AccountEvents(held)


def _tolerantly(
    data: bytes, strict: Callable[[bytes], Any], tolerant: Callable[[bytes], Any]
) -> tuple[Any, bool]:
    """The content, and whether it has fields that are not listed. Raises `MalformedError`."""
    try:
        return strict(data), False
    except MalformedError:
        return tolerant(data), True


_read_orders = BodyReader(tuple[WireOrder, ...])
_read_strict_orders = BodyReader(tuple[wire.StrictOrder, ...])
_read_executions = BodyReader(tuple[Execution, ...])
_read_strict_executions = BodyReader(tuple[wire.StrictExecution, ...])
_read_wallets = BodyReader(tuple[wire.Wallet, ...])

_READERS: dict[str, Read] = {"order": _orders, "execution": _executions, "wallet": _wallets}
