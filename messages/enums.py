"""The closed vocabularies of the connector.

Every enumeration is a `StrEnum`: a member equals its text. A value that an exchange sends and
that is not listed here is kept as plain text and counted, never an error (`known`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

E = TypeVar("E", bound=StrEnum)


class CircuitState(StrEnum):
    """What the circuit breaker does with a request."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class Side(StrEnum):
    """The side of an order, or of the taker in a trade."""

    BUY = "BUY"
    SELL = "SELL"


class HealthState(StrEnum):
    """How far a part of the connector, or a stream, may be trusted."""

    LIVE = "LIVE"
    SUSPECT = "SUSPECT"
    STALE = "STALE"
    RESYNCING = "RESYNCING"
    DOWN = "DOWN"


class GapReason(StrEnum):
    """Why events of a channel are missing."""

    DISCONNECTED = "disconnected"
    """The session that carried the stream was lost, or nothing shows that it has carried it to its end."""
    STALLED = "stalled"
    """The stream had no data while the exchange had; its session is replaced."""
    MISSED = "missed"
    """The exchange's own ids skip: something was lost on the way."""
    REJECTED = "rejected"
    """A frame came that could not be trusted; an `ErrorOccurred(ProtocolError)` says why."""
    UNRECOVERED = "unrecovered"
    """These were missed, or may have been, and could not be fetched afterwards either."""
    CROSSED = "crossed"
    """An order book had a bid that is no less than an ask."""
    CONTRADICTED = "contradicted"
    """An order book was not what a book ticker or a snapshot of the same update id says."""
    RESTARTED = "restarted"
    """The part of the connector that keeps the order books was lost."""


class Overflow(StrEnum):
    """What happens to a subscription with `max_pending` undelivered events."""

    CONFLATE = "conflate"
    DROP_OLDEST = "drop_oldest"
    BLOCK = "block"


class Delivery(StrEnum):
    """On which thread a callable runs."""

    THREAD = "thread"
    """On one of its own: however slow it is, it harms no other."""
    INLINE = "inline"
    """On the one that reads the socket, which waits for it: the shortest way, for the quickest."""


class Channel(StrEnum):
    """The kinds of market data and of account data that can be subscribed to."""

    TICKER = "ticker"
    TRADES = "trades"
    BOOK_TICKER = "book_ticker"
    KLINES = "klines"
    ORDER_BOOK = "order_book"
    ORDER_BOOK_UPDATES = "order_book_updates"
    EVENTS = "events"
    ORDERS = "orders"
    BALANCES = "balances"


class SymbolStatus(StrEnum):
    """Whether a symbol can be traded."""

    TRADING = "TRADING"
    END_OF_DAY = "END_OF_DAY"
    HALT = "HALT"
    BREAK = "BREAK"
    CANCEL_ONLY = "CANCEL_ONLY"


class OrderType(StrEnum):
    """How an order is to be executed."""

    LIMIT = "LIMIT"
    LIMIT_MAKER = "LIMIT_MAKER"
    MARKET = "MARKET"
    STOP_LOSS = "STOP_LOSS"
    STOP_LOSS_LIMIT = "STOP_LOSS_LIMIT"
    TAKE_PROFIT = "TAKE_PROFIT"
    TAKE_PROFIT_LIMIT = "TAKE_PROFIT_LIMIT"


class OrderStatus(StrEnum):
    """How far an order has come."""

    NEW = "NEW"
    PENDING_NEW = "PENDING_NEW"
    PARTIALLY_FILLED = "PARTIALLY_FILLED"
    FILLED = "FILLED"
    CANCELED = "CANCELED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    EXPIRED_IN_MATCH = "EXPIRED_IN_MATCH"


class TimeInForce(StrEnum):
    """How long an order stays."""

    GTC = "GTC"
    """Until it is cancelled."""
    IOC = "IOC"
    """What cannot be executed at once expires."""
    FOK = "FOK"
    """All of it at once, or nothing."""


def known(enumeration: type[E], text: str) -> E | str:
    """The member that `text` names, or `text` itself where there is none.

    >>> known(Side, "BUY") is Side.BUY, known(Side, "HOLD")
    (True, 'HOLD')
    """
    try:
        return enumeration(text)
    except ValueError:
        return text
