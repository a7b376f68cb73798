"""The users' side of the registry: their feeds, their mailboxes, and what they want."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
import pykka

from ...core.sequence import Rule
from ...messages.base import Address
from ...messages.enums import Channel, Delivery
from ...messages.errors import ConnectorError, NotRunningError, ValidationError
from ...messages.requests import SubscribeEvents, SubscribeOrderBook, Unsubscribe
from ...messages.rooms import AddSubscription, ReplaceHandlers, Unwanted, Want, Wanted
from ...messages.streams import Stream
from ...messages.subscriptions import Subscription
from ...venues.driver import Driver
from ..base.forks import PROCESS, is_foreign, refuse
from ..base.office import NOBODY
from ..feeds.delivery import current_feed
from ..feeds.feed import Feed
from ..feeds.feeds import Feeds
from ..feeds.mailbox import Mailbox
from ..feeds.policy import checked_policy
from ..feeds.recovering import Way
from ..feeds.recovering_kinds import KINDS
from ..feeds.states import STATES
from ..tapes.tape import BLANK, Tape

_HANDLERS = "handlers"
_PATIENCE = 10.0
"""Seconds that `Subscription.unsubscribe` waits."""


class _Ender:
    """What a `Subscription` ends itself by.

    A callback that must not wait for the registry is not delivered to from this moment on.
    """

    def __init__(self, end: Callable[[str], None]) -> None:
        self.mailbox: Mailbox | None = None
        self._end = end
        self._generation = PROCESS.generation

    def __call__(self, identity: str) -> None:
        if is_foreign(self._generation):
            refuse()
        feed = current_feed()
        if self.mailbox is not None and feed is not None and not feed.may_wait:
            self.mailbox.feed.close(self.mailbox, NOBODY)
        self._end(identity)


class Desk:
    """Opens and ends subscriptions; each change is told to the root, who remembers it.

    Args:
        report: Tells the root.
        ender: What a `Subscription` ends itself by.
        wants: What an earlier registry of this connector left.
        way: How what was missed is asked for; None where it is not.
        tape: The connector's flight recorder.
    """

    def __init__(
        self,
        driver: Driver,
        feeds: Feeds,
        report: Callable[[Any], None],
        ender: Callable[[str], None],
        wants: Iterable[Want],
        way: Way | None = None,
        tape: Tape = BLANK,
    ) -> None:
        self._way, self._tape = way, tape
        self._driver, self._feeds, self._report, self._ender = driver, feeds, report, ender
        self._wants = {want.subscription_id: want for want in wants}
        for want in self._wants.values():
            feeds.adopt(want.mailbox.feed)

    def wants(self) -> tuple[Want, ...]:
        """Everything that is wanted, oldest first."""
        return tuple(self._wants.values())

    def open(self, message: AddSubscription, stream: Stream | None) -> Want:
        """Open a subscription; one to the connector's own events is confirmed at once.

        Raises:
            ValidationError: Naming the field that is wrong.
        """
        request = message.request
        channel = Channel.EVENTS if stream is None else stream.channel
        overflow = checked_policy(channel, request.max_pending, request.overflow)
        symbol = "" if stream is None else stream.symbol
        delivery, batch = Delivery.THREAD.value, False
        if not isinstance(request, SubscribeEvents):
            delivery = getattr(request, "delivery", delivery)
            batch = request.batch
        if batch and request.subscriber is None:
            raise ValidationError("batch", batch, "handlers take one event at a time")
        ender = _Ender(self._ender)
        mailbox = self._mailbox(
            stream,
            channel,
            Subscription(message.subscription_id, channel, symbol, ender),
            self._feeds.of(request.subscriber, delivery),
            max_pending=request.max_pending,
            overflow=overflow,
            depth=request.depth if isinstance(request, SubscribeOrderBook) else 0,
            batch=batch,
            tape=self._tape,
        )
        ender.mailbox = mailbox
        mailbox.feed.mailboxes += 1
        if request.subscriber is None:
            self._remember_handlers()
        own = mailbox.feed.is_own
        if stream is not None:
            self._tape.subscribed(message.subscription_id, stream, mailbox.depth, is_own=own)
        want = Want(message.subscription_id, stream, mailbox, message.reply, own)
        if stream is None:
            self._confirm(want)
        else:
            self._remember(want)
        return want

    def settle(self, mailbox: Mailbox, epoch: int) -> None:
        """The exchange carries the mailbox's stream: who waits for that is answered."""
        mailbox.feed.mark_live(mailbox, epoch)
        want = self._wants.get(mailbox.subscription.subscription_id)
        if want is not None and want.reply is not None:
            self._confirm(want)

    def end(
        self, identity: str, reply: Address[None], error: ConnectorError | None = None
    ) -> Want | None:
        """End a subscription; `reply` is told when nothing more is delivered. None: there is none.

        Args:
            error: What the subscriber gets that still waits for the confirmation.
        """
        want = self._wants.pop(identity, None)
        if want is None:
            reply.tell(None)
            return None
        self._report(Unwanted(identity))
        self._tape.unsubscribed(identity)
        if want.reply is not None:
            want.reply.fail(error or NotRunningError("ended before it was confirmed"))
        mailbox: Mailbox = want.mailbox
        mailbox.feed.mailboxes -= 1
        mailbox.feed.close(mailbox, reply)
        self._feeds.release(mailbox.feed)
        return want

    def is_unconfirmed(self, mailbox: Mailbox) -> bool:
        """Whether the subscriber still waits for the confirmation."""
        want = self._wants.get(mailbox.subscription.subscription_id)
        return want is None or want.reply is not None

    def replace_handlers(self, message: ReplaceHandlers) -> None:
        """Other handlers, from the next event on."""
        self._feeds.handlers.handlers = message.handlers
        self._remember_handlers()
        message.reply.tell(None)

    def of_feed(self, feed: Feed) -> list[str]:
        """The subscriptions of one subscriber."""
        return [want.subscription_id for want in self.wants() if want.mailbox.feed is feed]

    def dead(self) -> list[Feed]:
        """The feeds whose subscriber has died."""
        return self._feeds.dead()

    def _mailbox(
        self,
        stream: Stream | None,
        channel: Channel,
        subscription: Subscription,
        feed: Feed,
        **more: Any,
    ) -> Mailbox:
        """One that recovers what it missed, where that can be had, and is for a user."""
        driver, rule = self._driver, self._driver.rules.get(channel, Rule.NONE)
        more["rule"], more["is_plural"] = rule, channel in driver.plural | driver.cumulative
        if self._way is not None and channel in driver.past and not feed.is_own:
            kind = KINDS[rule]
            return kind(driver.name, subscription, feed, way=self._way, **more)
        if rule is Rule.DELTAS:
            more["stream"] = stream
        return STATES.get(rule, Mailbox)(driver.name, subscription, feed, **more)

    def _remember(self, want: Want) -> None:
        self._wants[want.subscription_id] = want
        self._report(Wanted(want))

    def _confirm(self, want: Want) -> None:
        """Remember first that nobody waits any more: a reply is told once."""
        self._remember(msgspec.structs.replace(want, reply=None))
        want.reply.tell(want.mailbox.subscription)

    def _remember_handlers(self) -> None:
        """The handlers' claim to the connector's own events; it keeps their feed, too."""
        if _HANDLERS in self._wants:
            return
        subscription = Subscription(_HANDLERS, Channel.EVENTS, "")
        feed = self._feeds.of(None)
        policy = checked_policy(Channel.EVENTS, 10_000, None)
        name = self._driver.name
        mailbox = Mailbox(name, subscription, feed, max_pending=10_000, overflow=policy)
        self._remember(Want(_HANDLERS, None, mailbox))


def end_subscription(ref: pykka.ActorRef[Any], identity: str) -> None:
    """End a subscription of the connector `ref`, from any thread."""
    feed = current_feed()
    with contextlib.suppress(pykka.ActorDeadError):  # it ended with the connector
        if feed is None or feed.may_wait:
            ref.ask(Unsubscribe(identity), timeout=_PATIENCE)
        else:
            ref.tell(Unsubscribe(identity))
