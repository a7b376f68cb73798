"""The feeds of all subscribers: one for each callable, each actor, and the handlers."""

from __future__ import annotations

from collections.abc import Hashable
from types import BuiltinMethodType, MethodType
from typing import Any

import pykka

from ..messages.base import Address
from ..messages.errors import ValidationError
from .delivery import ActorRecipient, CallableRecipient, Recipient
from .feed import Feed
from .handlers import HandlersRecipient

_HANDLERS = "handlers"


class Feeds:
    """Finds, makes and ends feeds."""

    def __init__(self, exchange: str, root: Address[Any], registry: Address[Any]) -> None:
        self._exchange, self._root, self._registry = exchange, root, registry
        self._feeds: dict[Hashable, Feed] = {}
        self._ending: dict[Hashable, Feed] = {}

    def of(self, subscriber: Any) -> Feed:
        """The feed of a subscriber (None: of the handlers).

        Raises:
            ValidationError: It is neither a living actor's ref nor a callable.
        """
        key = _key(subscriber)
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = self._make(key, _recipient(subscriber))
        return feed

    @property
    def handlers(self) -> HandlersRecipient:
        """The recipient of the handlers' feed."""
        recipient = self.of(None).recipient
        assert isinstance(recipient, HandlersRecipient)
        return recipient

    def adopt(self, feed: Feed) -> None:
        """Take over a feed that an earlier registry made."""
        feed.registry = self._registry
        self._feeds[feed.key] = feed

    def release(self, feed: Feed) -> None:
        """End a feed that has no subscription left."""
        if not feed.mailboxes and feed.key != _HANDLERS:
            self._feeds.pop(feed.key, None)
            feed.finish(0.0)
            self._ending = {key: each for key, each in self._ending.items() if not each.has_ended}
            self._ending[feed.key] = feed

    def dead(self) -> list[Feed]:
        """The feeds whose actor has died."""
        return [feed for feed in self._feeds.values() if feed.recipient.is_gone()]

    def _make(self, key: Hashable, recipient: Recipient) -> Feed:
        name, predecessor = f"{self._exchange}-subscriber", self._ending.pop(key, None)
        return Feed(name, key, recipient, self._root, self._registry, predecessor)


def _key(subscriber: Any) -> Hashable:
    """What makes two subscribers one: being the same object, or the same object's same method."""
    if subscriber is None:
        return _HANDLERS
    if isinstance(subscriber, MethodType | BuiltinMethodType):  # another object at each look
        return subscriber
    return id(subscriber)  # the feed keeps it alive


def _recipient(subscriber: Any) -> Recipient:
    if subscriber is None:
        return HandlersRecipient()
    if isinstance(subscriber, pykka.ActorRef):
        ref: pykka.ActorRef[Any] = subscriber  # pyright: ignore[reportUnknownVariableType]
        if not ref.is_alive():
            raise ValidationError("subscriber", str(ref), "the actor is dead")
        return ActorRecipient(ref)
    if callable(subscriber):
        return CallableRecipient(subscriber)
    raise ValidationError("subscriber", subscriber, "neither an actor's ref, nor a callable")
