"""What goes wrong at a subscriber: logged, and told to the root.

The host's log handlers are not ours: what they raise ends no delivery.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from contextlib import suppress
from typing import Any

from ..messages.base import Address
from ..messages.errors import ProtocolError, SubscriberError
from ..messages.lifecycle import ErrorOccurred
from ..messages.rooms import Trouble
from .mailbox import Mailbox

_log = logging.getLogger("exchange_connector")


def raised(root: Address[Any], mailbox: Mailbox, event: object, error: BaseException) -> None:
    """A subscriber raised, at an event."""
    identity = mailbox.subscription.subscription_id
    extra = {"exchange": mailbox.exchange, "component": "subscriber", "id": identity}
    with suppress(Exception):
        _log.error("a subscriber raised", exc_info=error, extra=extra)
    if isinstance(event, ErrorOccurred) and isinstance(event.error, SubscriberError):
        return  # it would be told of that, and raise again
    root.tell(Trouble(SubscriberError(identity, _words(error), exchange=mailbox.exchange)))


def unreadable(root: Address[Any], mailbox: Mailbox, error: Exception) -> None:
    """A fault of ours in reading an event."""
    with suppress(Exception):
        extra = {"exchange": mailbox.exchange}
        _log.error("an event could not be read", exc_info=error, extra=extra)
    root.tell(Trouble(ProtocolError(_words(error), "", exchange=mailbox.exchange)))


def undelivered(in_hand: Collection[tuple[Mailbox, object]], others: int) -> None:
    """The time to deliver what is left is over."""
    count = others + sum(not mailbox.is_closed for mailbox, _ in in_hand)
    if count:
        extra = {"exchange": next(iter(in_hand))[0].exchange, "component": "subscriber"}
        words = "stopped with %d events undelivered to a slow subscriber"
        with suppress(Exception):
            _log.warning(words, count, extra=extra)


def overrun(mailbox: Mailbox, count: int, seconds: float) -> None:
    """An inline callable has held up the thread that reads the socket."""
    identity = mailbox.subscription.subscription_id
    extra = {"exchange": mailbox.exchange, "component": "subscriber", "id": identity}
    words = "an inline subscriber took %.1f ms for %d events; meanwhile the socket was not read"
    with suppress(Exception):
        _log.warning(words, seconds * 1e3, count, extra=extra)


def _words(error: BaseException) -> str:
    """An exception's type and words, if it can say any."""
    try:
        return f"{type(error).__name__}: {error}"
    except BaseException:  # noqa: BLE001 - its own fault
        return type(error).__name__
