"""What the rooms tell each other of orders and of the account; nothing of this is for users.

Where a field is `Any`, it is a live object of the process, as in `rooms`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from .base import Request
from .errors import ConnectorError


class AccountRequested(msgspec.Struct, frozen=True):
    """From the root to the account: a user's request about orders, and the `Reply` for it."""

    request: Request[Any]
    reply: Any


class AccountWanted(msgspec.Struct, frozen=True):
    """From the registry to the account: a subscription to its events, by its `Mailbox`."""

    mailbox: Any


class AccountUnwanted(msgspec.Struct, frozen=True):
    """From the registry to the account: this subscription has ended."""

    mailbox: Any


class AllAccountWanted(msgspec.Struct, frozen=True):
    """From the registry to the account: these are all the subscriptions to its events."""

    mailboxes: tuple[Any, ...]


class AccountStarted(msgspec.Struct, frozen=True):
    """From the root to the registry, and from the account to its session: it is new, and knows of
    no subscription and no connection."""


class AccountConfirmed(msgspec.Struct, frozen=True):
    """From the account to the registry: these subscriptions see everything from now on."""

    mailboxes: tuple[Any, ...]


class AccountRefused(msgspec.Struct, frozen=True):
    """From the account to the registry: these subscriptions cannot be had."""

    mailboxes: tuple[Any, ...]
    error: ConnectorError


class AccountSessionNeeded(msgspec.Struct, frozen=True):
    """From the account to the root: somebody wants its events, or has placed an order."""


class AccountSessionState(msgspec.Struct, frozen=True):
    """From the account's session to the root: how it is, as a `HealthState`, and why."""

    state: str
    cause: str = ""


class AccountOpened(msgspec.Struct, frozen=True):
    """From the account's session to the account: events come from now on, on connection `epoch`.

    Attributes:
        commands: Where a `Command` is told while it lasts.
    """

    epoch: int
    commands: Any


class AccountLost(msgspec.Struct, frozen=True):
    """From the account's session to the account: none come any more; what came before was told."""

    reason: str


class AccountKeyRefused(msgspec.Struct, frozen=True):
    """From the account's session to the account: the exchange does not take the key."""

    error: ConnectorError


class AccountTold(msgspec.Struct, frozen=True):
    """From the account's session to the account: what happened, in order."""

    events: tuple[Any, ...]


class BalancesDoubted(msgspec.Struct, frozen=True):
    """From the account's session to the account: they have changed, and are to be asked for."""


class OrdersCounted(msgspec.Struct, frozen=True):
    """To the account: how many unfilled orders the exchange counts.

    Attributes:
        counts: `LimitCount`s.
    """

    counts: tuple[Any, ...]


class Command(msgspec.Struct, frozen=True):
    """From the account to where its session takes commands: ask this over the websocket.

    Attributes:
        deadline: Until when the answer is waited for (monotonic seconds).
        reply: A `Reply` for what the request's endpoint decodes. Fails with `NotConnectedError`
            where nothing was sent.
    """

    request: Request[Any]
    deadline: float
    reply: Any


class WriteIntent(msgspec.Struct, frozen=True):
    """To the journal: an order is to be placed; answered when that is written.

    Attributes:
        terms: What it is to be, for who reads it later; without anything secret.
        written_ns: When, nanoseconds since the epoch.
        reply: A `Reply` for None.
    """

    id: str
    symbol: str
    terms: bytes
    written_ns: int
    reply: Any


class EndIntent(msgspec.Struct, frozen=True):
    """To the journal: this is what has become of it; answered when that is written.

    Attributes:
        reply: A `Reply` for None.
    """

    id: str
    ending: str
    reply: Any


class OpenIntentsWanted(msgspec.Struct, frozen=True):
    """To the journal: which intents have no end?

    Attributes:
        reply: A `Reply` for a tuple of `OpenIntent`s.
    """

    reply: Any


class OpenIntent(msgspec.Struct, frozen=True):
    """An order that was to be placed, and whose fate nobody has written down."""

    id: str
    symbol: str
    terms: bytes
    written_ns: int
