"""What the campaign of orders has to know of an exchange."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Venue:
    """An exchange on whose spot market orders are placed.

    Attributes:
        placing: How an order leaves, by its ways.
        paths: How a bot's deeds leave, by all ways.
        asking: How the truth is asked for.
        events: The frames that tell of the account.
        deeds: What the bot does as well, of what not every exchange can.
        are_numbered: Whether fills can be asked for from a trade id on.
        says_expired: Whether an order that ends by itself has a status of its own for that.
        announces_ends: Whether it tells that a connection will end.
    """

    name: str
    placing: tuple[str, ...]
    paths: tuple[str, ...]
    asking: tuple[str, ...]
    events: tuple[str, ...]
    deeds: frozenset[str]
    are_numbered: bool
    says_expired: bool
    announces_ends: bool


BINANCE = Venue(
    name="binance",
    placing=("order.place", "POST /api/v3/order"),
    paths=(
        "POST /api/v3/order",
        "POST /api/v3/order/cancelReplace",
        "DELETE /api/v3/order",
        "DELETE /api/v3/openOrders",
        "order.place",
        "order.cancelReplace",
        "order.cancel",
        "openOrders.cancelAll",
    ),
    asking=("GET /api/v3/order", "GET /api/v3/openOrders", "GET /api/v3/account"),
    events=("userData@executionReport", "userData@outboundAccountPosition", "userData@*"),
    deeds=frozenset(("replace",)),
    are_numbered=True,
    says_expired=True,
    announces_ends=True,
)
BYBIT = Venue(
    name="bybit",
    placing=("POST /v5/order/create",),
    paths=("POST /v5/order/create", "POST /v5/order/cancel", "POST /v5/order/cancel-all"),
    asking=(
        "GET /v5/order/realtime",
        "GET /v5/order/history",
        "GET /v5/account/wallet-balance",
        "GET /v5/execution/list",
    ),
    events=("private/order.spot", "private/execution.spot", "private/wallet", "private/*"),
    deeds=frozenset(),
    are_numbered=False,
    says_expired=False,
    announces_ends=False,
)
VENUES = {each.name: each for each in (BINANCE, BYBIT)}
