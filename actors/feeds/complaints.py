"""What goes wrong at a subscriber: logged, and told to the root.

What the log's handlers raise ends no delivery.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

from ...messages.base import Address
from ...messages.errors import ProtocolError, SubscriberError
from ...messages.lifecycle import ErrorOccurred
from ...messages.rooms import Trouble
from ..base.journal import say, words_of
from .mailbox import Mailbox


def raised(root: Address[Any], mailbox: Mailbox, event: object, error: BaseException) -> None:
    """A subscriber raised, at an event."""
    identity = mailbox.subscription.subscription_id
    extra = {"exchange": mailbox.exchange, "component": "subscriber", "id": identity}
    say(logging.ERROR, "a subscriber raised", cause=error, extra=extra)
    if isinstance(event, ErrorOccurred) and isinstance(event.error, SubscriberError):
        return  # it would be told of that, and raise again
    root.tell(Trouble(SubscriberError(identity, words_of(error), exchange=mailbox.exchange)))


def unreadable(root: Address[Any], mailbox: Mailbox, error: Exception) -> None:
    """A fault of ours in reading an event."""
    extra = {"exchange": mailbox.exchange}
    say(logging.ERROR, "an event could not be read", cause=error, extra=extra)
    root.tell(Trouble(ProtocolError(words_of(error), "", exchange=mailbox.exchange)))


def undelivered(in_hand: Collection[tuple[Mailbox, object]], others: int) -> None:
    """The time to deliver what is left is over."""
    count = others + sum(not mailbox.is_closed for mailbox, _ in in_hand)
    if count:
        extra = {"exchange": next(iter(in_hand))[0].exchange, "component": "subscriber"}
        words = "stopped with %d events undelivered to a slow subscriber"
        say(logging.WARNING, words, count, extra=extra)


def overrun(mailbox: Mailbox, count: int, seconds: float) -> None:
    """An inline callable has held up the thread that reads the socket."""
    identity = mailbox.subscription.subscription_id
    extra = {"exchange": mailbox.exchange, "component": "subscriber", "id": identity}
    words = "an inline subscriber took %.1f ms for %d events; meanwhile the socket was not read"
    say(logging.WARNING, words, seconds * 1e3, count, extra=extra)
