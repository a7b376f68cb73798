"""What an exchange must fill in for trading: how orders go out, and how the account speaks.

Orders can go over REST (`Driver.endpoints`) or over the websocket that carries the account; what
came of them is told there too. Nothing here opens a socket, reads a clock or logs.

A connection is opened with `opening`: its frames are sent one after the other, each when the one
before was answered with success. Then `AccountEvents` flow, and `command` may be used. What was
missed while there was no connection is not sent again: it is to be asked for by REST.

Where placing and cancelling are only accepted at first, their answers have orders without a status:
the account's events say how they are, or `GetOrder`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import msgspec

from ..messages.account import Balance, Fill, Order
from ..messages.base import Request
from ..messages.config import ExchangeConfig
from ..messages.errors import ConnectorError
from .control import Notice, Ponged, Refusal


class Fate(StrEnum):
    """What an error says of the request that it answers."""

    REFUSED = "refused"
    """It was certainly not done."""
    UNKNOWN = "unknown"
    """It may have been done, or may be yet: to be found out."""
    MISSING = "missing"
    """The exchange knows no such order; of a cancellation: no such order that is open. Soon after
    placing one this is no proof that it will not be there. Of a `GetReferencePrice`: the symbol has
    none."""
    DUPLICATE = "duplicate"
    """There is an open order with this client order id: nothing was placed now."""
    TOO_MANY = "too_many"
    """Not done: the account has too many unfilled orders; all else may be asked."""
    THROTTLED = "throttled"
    """Not done: too much was sent from this address, which has to be silent for a while."""
    CLOCK = "clock"
    """Not done: the timestamp was found wrong; signed anew it may be sent once more."""


class LimitCount(msgspec.Struct, frozen=True):
    """How many unfilled orders the account has, as the exchange counts them.

    A fill takes off of it again, so that no count of one's own is right for long.

    Attributes:
        period: The counting period in seconds, which begins at whole multiples of it (UTC).
        count: So many were counted within it.
        limit: The most that may be; None where only the count was said.
    """

    period: float
    count: int
    limit: int | None = None


class OrderAnswer(msgspec.Struct, frozen=True):
    """What the endpoints of `PlaceOrder` and `ReplaceOrder` decode: the reply is `order`.

    Attributes:
        order: As the exchange has it. Its `status` is "" where the answer did not say it: then
            `GetOrder` or the account's events do. Of an order that was only checked (`test`) there
            is neither status nor `order_id`.
        fills: What was executed at once, in order: the same `trade_id`s come as events too.
        cancelled: Of a replacement: the order that is no more; its `status` is "" where that
            was not said.
    """

    order: Order
    fills: tuple[Fill, ...] = ()
    cancelled: Order | None = None


NOBODYS = 0
"""The id of a refusal that does not say what it refuses."""


@dataclass(frozen=True, slots=True)
class AccountAnswer:
    """A frame: the exchange's answer to `command` `id`, or to a frame of `opening`.

    Attributes:
        id: More than 0, or `NOBODYS`; `UNNUMBERED` where it does not say it: then it is to the frame
            of `opening` that is next.
        body: What `decode` of the request's endpoint takes; None for a refusal.
        refusal: As for an answer by REST; None for a success.
        limits: The account's order counts, where the answer has them.
        used_weight: The exchange's count of request weight in `Limits.weight_period`, likewise.
    """

    id: int
    body: bytes | None
    refusal: Refusal | None = None
    limits: tuple[LimitCount, ...] = ()
    used_weight: int | None = None


@dataclass(frozen=True, slots=True)
class AccountEvents:
    """A frame: what happened, in order; an order is before the fill that changed it, if both are
    in one frame.

    Attributes:
        has_drifted: Whether it has fields, values or a kind of event that this version does not
            know.
    """

    events: tuple[Order | Fill | Balance, ...]
    has_drifted: bool = False


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """A frame: the account holds more or less of `asset`; how much in all is to be asked by REST.

    Attributes:
        time: When, nanoseconds since the epoch.
    """

    asset: str
    time: int
    has_drifted: bool = False


@dataclass(frozen=True, slots=True)
class AccountEnded:
    """A frame: no events come any more over this connection, which has to be replaced.

    Attributes:
        is_ending: Whether it still works, though not for long (as for a `Notice`).
    """

    reason: str
    is_ending: bool = False


AccountControl = AccountAnswer | AccountEvents | AccountChanged | AccountEnded | Notice | Ponged


class FrameSigner(Protocol):
    """Holds the key, blindly: its repr shows nothing of it.

    Attributes:
        logs_on: Whether the connection is logged on with it, so that only `opening` is signed.
    """

    @property
    def logs_on(self) -> bool:
        """Whether only `opening` is signed."""
        ...

    def sign(self, parameters: Mapping[str, str | int], timestamp_ns: int) -> dict[str, str | int]:
        """All parameters to send, signed at the exchange's time."""
        ...


@dataclass(frozen=True, slots=True)
class AccountDriver:
    """Everything the actors know of trading at an exchange.

    `timestamp_ns` is always the exchange's time.

    Attributes:
        path: Of the websocket that carries the account, behind `Urls.account`.
        signer: Made from a configuration's key; None where there is no key. Raises
            `ConfigurationError`.
        opening: (signer, id, timestamp_ns) to the frames that make a new connection carry the
            account's events; their answers have the ids `id`, `id + 1`, ….
        opening_weight: The request weight of a connection and its opening.
        command: (signer, id, request, timestamp_ns) to the frame that asks over the connection;
            None where that is only done by REST. The weight is that of the request's endpoint.
            Raises `ValidationError` naming the field.
        control: (frame, received_time in ns) to what it is. Raises `MalformedError`.
        fate: What an error means for a request of `messages/orders.py`, or a `GetReferencePrice`.
        limits: The account's order counts in a REST answer's headers (lower-case names).
        is_final: Whether an order of this status will never change again.
        most_orders: How many new orders an account may place, where that is documented and not
            asked for: periods in seconds, and the most in each.
        trade_ids_grow: Whether the ids of a symbol's executions do, so that `GetFills` can begin at
            one.
        ping_command: As `Driver.ping_command`: None where the websocket's own pings are meant.
    """

    path: str
    signer: Callable[[ExchangeConfig], FrameSigner | None]
    opening: Callable[[FrameSigner, int, int], tuple[str, ...]]
    opening_weight: int
    command: Callable[[FrameSigner, int, Request[Any], int], str | None]
    control: Callable[[bytes, int], AccountControl]
    fate: Callable[[ConnectorError, Request[Any]], Fate]
    limits: Callable[[Mapping[str, str]], tuple[LimitCount, ...]]
    is_final: Callable[[str], bool]
    most_orders: tuple[tuple[float, int], ...] = ()
    trade_ids_grow: bool = True
    ping_command: Callable[[int], str] | None = None
