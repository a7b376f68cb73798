"""The account: orders, fills and balances, as they are told, asked for and changed.

Its session brings what happens; what happened while there was none is asked for. Orders are written
down by the journal before they leave. What is true of an order is decided by `core.intents`, what is
news by `core.account_view`; here it is carried.
"""

from __future__ import annotations

import math
import time
import weakref
from functools import partial
from typing import Any

from ..messages.account import Balance, Fill, Order
from ..messages.base import Address, Request
from ..messages.config import Config
from ..messages.errors import ConnectorError, NotRunningError
from ..messages.orders import CancelAll, CancelOrder, OrderTerms, PlaceOrder
from ..messages.rooms import ClockUpdated, Trouble
from ..messages.trading import (
    AccountKeyRefused,
    AccountLost,
    AccountOpened,
    AccountRequested,
    AccountSessionNeeded,
    AccountStarted,
    AccountTold,
    AccountUnwanted,
    AccountWanted,
    AllAccountWanted,
    BalancesDoubted,
    OpenIntentsWanted,
    OrdersCounted,
)
from ..venues.driver import Driver
from .base.exchange_clock import ExchangeClock
from .base.reply import Reply
from .base.room import Lifeline, Room
from .feeds.mailbox import Mailbox
from .trading import own_messages as own
from .trading.cancels import AllAnswered, CancelAnswered, CancelDue, Cancels, ReplacementLost
from .trading.certain import Certain
from .trading.inquiry import RulesCame
from .trading.listeners import Following, Listeners
from .trading.orders import Orders
from .trading.refresh import FillsDue, Refresh, Refreshed
from .trading.rules import Rules
from .trading.terms import only_the_order
from .trading.ways import Ways, patience

_RETRY = 0.5, 8.0
"""The least and the longest wait before the account is asked for anew."""
_CONTRADICTION = 0.2
"""Seconds from an event of a balance that contradicts an answer to the question for the truth."""
_FILLS_SHARE = 4
"""One part in so many of the request weight may be spent on fills that were missed."""


class AccountActor(Room):
    """Serves everything about the account; it is started where there is a key."""

    def __init__(
        self,
        lifeline: Lifeline,
        root: Address[Any],
        *,
        config: Config,
        driver: Driver,
        rest: Address[Any],
        registry: Address[Any],
        session: Address[Any],
        journal: Address[Any],
        following: Following,
    ) -> None:
        super().__init__(lifeline, root)
        assert driver.account is not None
        trading, name = driver.account, driver.name
        self._session, self._journal = session, journal
        self._epoch = 0  # of the connection that carries the account; 0 for none
        self._ways = Ways(rest, self.send)
        self._is_needed = False
        self._wait, self._due_at = _RETRY[0], math.inf
        self._time = ExchangeClock(config.clock_sync)
        view = following.view
        self._askers = weakref.WeakKeyDictionary[Reply[Any], float]()  # since when they wait
        self._key_error: ConnectorError | None = None
        self._listeners = Listeners(following, partial(self.send, registry), self.not_counted)
        tell, ask, address = self._listeners.tell, self._ways.ask, self.address
        self._certain = Certain(view, lambda: self._is_known)
        self._refresh = Refresh(
            view,
            ask=ask,
            after=self.after,
            weight=lambda request: driver.endpoints[type(request)].weight(request),
            max_weight=min(config.rate_limit.max_weight, driver.limits.weight) // _FILLS_SHARE,
            fate=trading.fate,
            tell=self._told,
            complain=lambda error: self.report(Trouble(error)),
            has_numbers=trading.trade_ids_grow,
            address=address,
        )
        ways: dict[str, Any] = {
            "timeout": patience(config.connection.timeout),
            "send": self._send_once,
            "ask": ask,
            "tell": tell,
            "address": address,
        }
        self._orders = Orders(
            trading,
            name,
            write=partial(self.send, journal),
            clock=self._time,
            expect=view.expect,
            asked_at=self._askers.__getitem__,
            **ways,
        )
        self._orders.counts.learn(list(trading.most_orders))
        self._cancels = Cancels(trading, name, find=view.find, after=self.after, **ways)
        self._rules = Rules(
            name,
            ask=ask,
            asked=driver.endpoints,
            fate=trading.fate,
            go_on=self._orders.place,
            learn=self._orders.counts.learn,
            account=self._certain,
            address=address,
        )

    def open(self) -> None:
        """See what an earlier room, or process, has left open."""
        address = self.address

        def inherited(intents: Any, error: Any) -> None:
            address.tell(own.Inherited(intents or (), error))

        self.send(self._journal, OpenIntentsWanted(Reply(inherited)))
        self.send(self._session, AccountStarted())

    def close(self) -> None:
        """Answer who waits: what has left may be done, and nobody here will find it out."""
        self._orders.close(is_lost=self._cause is not None)
        self._cancels.close(is_lost=self._cause is not None)
        for reply in tuple(self._askers):
            reply.fail(NotRunningError())

    def cut(self) -> None:
        """The same, since it hangs."""
        self._orders.close(is_lost=True)
        self._cancels.close(is_lost=True)

    def is_request(self, message: Any) -> bool:
        """A user's: nothing of it was written down, nor sent."""
        return isinstance(message, AccountRequested)

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case AccountTold():
                for event in message.events:
                    self._told(event)
            case AccountRequested():
                self._requested(message.request, message.reply)
            case own.Written():
                self._orders.written(message)
            case own.Answered():
                self._orders.answered(message)
            case own.Looked():
                self._orders.looked(message)
            case own.EndLost():
                if message.is_due:
                    self._orders.write_end(message.id, message.ending)
                else:
                    self.after(_RETRY[0], own.EndLost(message.id, message.ending, is_due=True))
            case own.OrdersDue():
                self._due_at = math.inf
                self._orders.look()
            case OrdersCounted():
                self._orders.counted(message)
            case RulesCame():
                self._rules.came(message)
            case AllAnswered() | CancelAnswered() | CancelDue() | ReplacementLost():
                self._cancels.take(message)
            case own.InheritanceDue():
                self.open()
            case own.Inherited():
                if message.error is not None:
                    self.after(_RETRY[0], own.InheritanceDue())
                if message.intents:
                    self._need_session()
                    self._orders.inherit(message.intents)
            case ClockUpdated():
                self._time.update = message
            case _:
                self._about_the_session(message)
        self._wake()
        self._refresh.look()

    def _told(self, event: Order | Fill | Balance) -> None:
        """By the session, or when the account was asked for: an order may be one on its way."""
        if self._certain.contradicts(event):
            self.after(_CONTRADICTION, BalancesDoubted())
        self._listeners.tell(event)
        if isinstance(event, Order):
            self._orders.seen(event)
            self._cancels.seen(event)

    def _about_the_session(self, message: Any) -> None:
        match message:
            case Refreshed():
                self._refreshed(message)
            case own.RefreshDue():
                if message.epoch == self._epoch:
                    self._begin()
            case FillsDue():
                self._refresh.due(message)
            case BalancesDoubted():
                self._certain.doubted()
                self._refresh.balances()
            case AccountOpened():
                self._epoch, self._ways.commands = message.epoch, message.commands
                self._key_error = None
                self._begin()
            case AccountLost():
                self._epoch, self._ways.commands = 0, None
                self._refresh.stop()
            case AccountKeyRefused():
                self._listeners.refuse(message.error)
                self._key_error = message.error  # until a session opens
            case AccountWanted(mailbox=mailbox):
                self._join(mailbox)
            case AccountUnwanted(mailbox=mailbox):
                self._listeners.leave(mailbox)
            case AllAccountWanted(mailboxes=mailboxes):
                self._listeners.only(mailboxes)
                for mailbox in mailboxes:
                    self._join(mailbox)
            case _:
                self.not_understood(message)

    # requests

    def _requested(self, request: Request[Any], reply: Reply[Any]) -> None:
        self._askers[reply] = time.monotonic()
        match request:
            case PlaceOrder(test=True):
                self._ways.ask(self._orders.named(request), only_the_order(reply))
                return
            case OrderTerms():
                self._rules.take(request, reply)
            case CancelOrder():
                self._cancels.cancel(request, reply)
            case CancelAll():
                self._cancels.cancel_all(request, reply)
            case _:
                self._send_once(request, 0.0, reply)
        self._need_session()

    def _send_once(self, request: Any, seconds: float, reply: Reply[Any]) -> None:
        self._ways.send(request, seconds, self._cancels.overheard(request, reply))

    # the session

    def _need_session(self) -> None:
        if not self._is_needed:
            self._is_needed = True
            self.report(AccountSessionNeeded())

    @property
    def _is_known(self) -> bool:
        return self._refresh.is_done and self._epoch > 0

    def _begin(self) -> None:
        self._certain.begun()
        self._refresh.begin()

    def _refreshed(self, message: Refreshed) -> None:
        self._certain.answered(message)
        if not self._refresh.answered(message):
            self.after(self._wait, own.RefreshDue(self._epoch))
            self._wait = min(2 * self._wait, _RETRY[1])
        elif self._is_known:
            self._wait = _RETRY[0]
            self._listeners.confirm()

    def _join(self, mailbox: Mailbox) -> None:
        self._listeners.join(mailbox, is_known=self._is_known)
        if self._key_error is not None:
            self._listeners.refuse(self._key_error)
        self._need_session()

    # time

    def _wake(self) -> None:
        if (at := self._orders.next_due) < self._due_at:
            self._due_at = at
            self.after(max(0.0, at - time.monotonic()), own.OrdersDue(at))
