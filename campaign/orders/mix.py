"""What the bot asks for: drawn, each by its number, so that a seed says what was wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from ...messages.base import Request
from ...messages.enums import OrderType, Side, TimeInForce
from ...messages.orders import CancelAll, CancelOrder, PlaceOrder, ReplaceOrder
from .venue import BINANCE, Venue

SYMBOLS = "BTCUSDT", "ETHUSDT"
SIZES = {"BTCUSDT": Decimal("0.001"), "ETHUSDT": Decimal("0.02")}
"""The least that is traded; the most is twenty times as much."""
MOST_OPEN = 120
"""Open orders of a symbol; beyond that all are cancelled. (The exchange allows 200.)"""
DEEDS = {
    "rest": 30,
    "near": 12,
    "cross": 10,
    "market": 9,
    "quote": 3,
    "maker": 8,
    "ioc": 5,
    "fok": 4,
    "small": 2,
    "again": 2,
    "cancel": 12,
    "replace": 6,
    "cancel all": 1,
}
"""How often each is asked for. `small` is an order that the exchange refuses, `again` an id that
was used before."""
_OF_SOME = {"replace"}
"""What not every exchange can."""


@dataclass
class Known:
    """What the bot knows when it draws.

    Attributes:
        best: Bid and ask of each symbol.
        open: The ids of its open orders, by symbol.
        used: Some ids that it has used.
    """

    best: dict[str, tuple[Decimal, Decimal]] = field(
        default_factory=dict[str, tuple[Decimal, Decimal]]
    )
    open: dict[str, dict[str, None]] = field(
        default_factory=lambda: {symbol: dict[str, None]() for symbol in SYMBOLS}
    )
    used: list[str] = field(default_factory=list[str])


@dataclass(frozen=True)
class Wish:
    """What is asked for, by the id that it is about; of a cancellation that of the order."""

    id: str
    deed: str
    request: Request[Any]


def id_of(seed: int, number: int) -> str:
    """The client order id of the order of that number."""
    return f"o{seed}-{number:06d}"


def wish(seed: int, number: int, known: Known, venue: Venue = BINANCE) -> Wish:
    """What is asked for as `number`; what it comes to depends on what the bot knows then."""
    draw = Random(f"{seed} wish {number}")
    symbol = draw.choice(SYMBOLS)
    deed = draw.choices([*DEEDS], [*DEEDS.values()])[0]
    ours = [*known.open[symbol]]
    if len(ours) > MOST_OPEN:
        deed = "cancel all"
    is_missing = deed in ("cancel", "replace", "again") and not (ours and known.used)
    if is_missing or (deed in _OF_SOME and deed not in venue.deeds):
        deed = "rest"
    if deed == "cancel all":
        return Wish(f"all-{number}", deed, CancelAll(symbol))
    if deed == "cancel":
        id = draw.choice(ours)
        return Wish(id, deed, CancelOrder(symbol, client_order_id=id))
    id = draw.choice(known.used) if deed == "again" else id_of(seed, number)
    return Wish(id, deed, _order(draw, deed, symbol, id, known, ours))


def _order(
    draw: Random, deed: str, symbol: str, id: str, known: Known, ours: Sequence[str]
) -> Request[Any]:
    side = draw.choice((Side.BUY, Side.SELL))
    quantity = SIZES[symbol] * draw.randint(1, 20)
    if deed == "market":
        return PlaceOrder(symbol, side, OrderType.MARKET, quantity, client_order_id=id)
    if deed == "quote":
        much = Decimal(draw.randint(50, 900))
        return PlaceOrder(symbol, side, OrderType.MARKET, quote_quantity=much, client_order_id=id)
    away = _PRICES.get(deed, _away)(draw)
    bid, ask = known.best[symbol]
    price = bid * (1 - away) if side is Side.BUY else ask * (1 + away)
    if deed == "small":
        quantity /= 1_000
    terms: dict[str, Any] = {
        "quantity": quantity,
        "price": price.quantize(Decimal("0.01")),
        "client_order_id": id,
        "time_in_force": _FORCES.get(deed, TimeInForce.GTC),
    }
    if deed == "maker":
        terms["time_in_force"] = None
        return PlaceOrder(symbol, side, OrderType.LIMIT_MAKER, **terms)
    if deed == "replace":
        first = draw.choice(ours)
        return ReplaceOrder(symbol, side, OrderType.LIMIT, cancel_client_order_id=first, **terms)
    return PlaceOrder(symbol, side, OrderType.LIMIT, **terms)


def _away(draw: Random) -> Decimal:
    """A price that is not reached soon."""
    return Decimal(draw.randint(5, 150)) / 10_000


def _near(draw: Random) -> Decimal:
    """A price at which the market trades within seconds, or at once."""
    return Decimal(draw.randint(-1, 3)) / 50_000


def _through(draw: Random) -> Decimal:
    return Decimal(-draw.randint(1, 10)) / 10_000


_FORCES = {"ioc": TimeInForce.IOC, "fok": TimeInForce.FOK}
_PRICES: dict[str, Callable[[Random], Decimal]] = {
    "near": _near,
    "maker": _near,
    "cross": _through,
    "ioc": _near,
    "fok": _through,
}
