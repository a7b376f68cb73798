"""The feeds of all subscribers: one for each callable, each actor, and the handlers."""

from __future__ import annotations

from collections.abc import Hashable
from types import BuiltinMethodType, MethodType
from typing import Any

import pykka

from ...messages.base import Address
from ...messages.enums import Delivery
from ...messages.errors import ValidationError
from .actor_recipient import ActorRecipient
from .delivery import CallableRecipient, Recipient
from .feed import Feed
from .handlers import HandlersRecipient
from .inline_feed import InlineFeed
from .subscriber import ActorFeed, SubscriberActor
from .thread_feed import ThreadFeed

_HANDLERS = "handlers"


class Feeds:
    """Finds, makes and ends feeds.

    Args:
        ending: Feeds that were ended, and whose last callback may still run; it outlives this.
    """

    def __init__(
        self,
        exchange: str,
        root: Address[Any],
        registry: Address[Any],
        ending: dict[Hashable, Feed],
    ) -> None:
        self._exchange, self._root, self._registry = exchange, root, registry
        self._feeds: dict[Hashable, Feed] = {}
        self._ending = ending

    def of(self, subscriber: Any, delivery: str = Delivery.THREAD) -> Feed:
        """The feed of a subscriber (None: of the handlers).

        Args:
            delivery: A `Delivery`.

        Raises:
            ValidationError: It is neither a living actor's ref nor a callable, or cannot be
                delivered to in this way.
        """
        if isinstance(subscriber, Feed):  # one of our own rooms
            return self._feeds.setdefault(subscriber.key, subscriber)
        if delivery not in list(Delivery):
            raise ValidationError("delivery", delivery, f"one of {', '.join(Delivery)} is needed")
        key = _key(subscriber)
        feed = self._feeds.get(key)
        if feed is None:
            feed = self._feeds[key] = self._make(key, subscriber, delivery)
        elif (delivery == Delivery.INLINE) != isinstance(feed, InlineFeed):
            reason = "the same subscriber has another subscription that is delivered otherwise"
            raise ValidationError("delivery", delivery, reason)
        return feed

    @property
    def handlers(self) -> HandlersRecipient:
        """The recipient of the handlers' feed."""
        recipient = self.of(None).recipient
        assert isinstance(recipient, HandlersRecipient)
        return recipient

    def adopt(self, feed: Feed) -> None:
        """Take over a feed that an earlier registry made, for one more of its subscriptions."""
        if self._feeds.get(feed.key) is not feed:
            feed.registry, feed.mailboxes = self._registry, 0
            self._feeds[feed.key] = feed
        feed.mailboxes += 1

    def release(self, feed: Feed) -> None:
        """End a feed that has no subscription left."""
        if not feed.mailboxes and feed.key != _HANDLERS:
            self._feeds.pop(feed.key, None)
            feed.finish(0.0)
            self._ending[feed.key] = feed

    def dead(self) -> list[Feed]:
        """The feeds whose actor has died; what has ended is forgotten meanwhile."""
        for key, each in tuple(self._ending.items()):
            if each.has_ended:
                del self._ending[key]
        return [feed for feed in self._feeds.values() if feed.recipient.is_gone()]

    def _make(self, key: Hashable, subscriber: Any, delivery: str) -> Feed:
        recipient = _recipient(subscriber)
        if delivery == Delivery.INLINE:
            if not isinstance(recipient, CallableRecipient):
                raise ValidationError("delivery", delivery, "only a callable can run inline")
            before = self._ending.pop(key, None)
            return InlineFeed(key, recipient, self._root, self._registry, before)
        if isinstance(recipient, ActorRecipient) and issubclass(
            subscriber.actor_class, SubscriberActor
        ):
            return ActorFeed(subscriber, key, recipient, self._root, self._registry)
        name, predecessor = f"{self._exchange}-subscriber", self._ending.pop(key, None)
        return ThreadFeed(name, key, recipient, self._root, self._registry, predecessor)


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
