"""The account: orders, fills and balances, as they are told, asked for and changed.

Its session brings what happens; what happened while there was none is asked for. Orders are written
down by the journal before they leave. What is true of an order is decided by `core.intents`, what is
news by `core.account_view`; here it is carried.
"""

from __future__ import annotations

import time
from typing import Any

import msgspec

from ..core.account_view import AccountView
from ..messages.account import Balance, Fill, Order
from ..messages.base import Address, Request
from ..messages.config import Config
from ..messages.enums import Channel
from ..messages.errors import ConnectorError, ValidationError
from ..messages.market import BaseEvent
from ..messages.orders import OrderTerms, PlaceOrder
from ..messages.rooms import Fetch
from ..messages.trading import (
    AccountConfirmed,
    AccountKeyRefused,
    AccountLost,
    AccountOpened,
    AccountRefused,
    AccountRequested,
    AccountSessionNeeded,
    AccountTold,
    AccountUnwanted,
    AccountWanted,
    AllAccountWanted,
    BalancesDoubted,
    Command,
    OpenIntent,
    OpenIntentsWanted,
)
from ..venues.driver import Driver
from .account_session import NotConnectedError
from .base.reply import Reply
from .base.room import Lifeline, Room
from .feeds.mailbox import Mailbox
from .trading.orders import Answered, Looked, Orders, Written
from .trading.refresh import Refresh, Refreshed

_RETRY = 1.0, 30.0
"""The least and the longest wait before the account is asked for anew."""
_EXCHANGE_DEADLINE = 10.0
"""Seconds after which the exchange itself gives an order up; two more are for the way."""


class OrdersDue(msgspec.Struct, frozen=True):
    """To the account, by itself: something of an order on its way is due."""

    at: float


class RefreshDue(msgspec.Struct, frozen=True):
    """To the account, by itself: time to ask for it anew, on connection `epoch`."""

    epoch: int


class Inherited(msgspec.Struct, frozen=True):
    """To the account, by itself: what the journal has left open."""

    intents: tuple[OpenIntent, ...]
    error: ConnectorError | None


class AccountActor(Room):
    """Serves everything about the account."""

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
    ) -> None:
        super().__init__(lifeline, root)
        assert driver.account is not None
        trading = driver.account
        self._driver, self._rest, self._registry = driver, rest, registry
        self._session, self._journal = session, journal
        self._has_key = bool(config.exchange.api_key)
        self._mailboxes: dict[int, Mailbox] = {}
        self._unconfirmed: list[Mailbox] = []
        self._epoch = 0  # of the connection that carries the account; 0 for none
        self._is_needed = False
        self._wait = _RETRY[0]
        self._due_at: float | None = None
        self._view = AccountView(trading.is_final)
        seconds = max(config.connection.timeout, _EXCHANGE_DEADLINE) + 2.0
        self._refresh = Refresh(self._view, self._ask, self._tell, self.address)
        self._orders = Orders(
            trading,
            driver.name,
            timeout=seconds,
            send=self._send_order,
            ask=self._ask,
            write=lambda message: self.send(journal, message),
            tell=self._tell,
            address=self.address,
        )

    def open(self) -> None:
        """See what an earlier room, or process, has left open."""
        if self._has_key:
            address = self.address

            def inherited(intents: Any, error: Any) -> None:
                address.tell(Inherited(intents or (), error))

            self.send(self._journal, OpenIntentsWanted(Reply(inherited)))

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case AccountTold():
                for event in message.events:
                    self._happened(event)
            case AccountRequested():
                self._requested(message.request, message.reply)
            case Written():
                self._orders.written(message)
            case Answered():
                self._orders.answered(message)
            case Looked():
                self._orders.looked(message)
            case OrdersDue():
                self._due_at = None
                self._orders.look()
            case Refreshed():
                self._refreshed(message)
            case RefreshDue():
                if message.epoch == self._epoch:
                    self._refresh.begin()
            case BalancesDoubted():
                self._refresh.balances()
            case AccountOpened():
                self._epoch = message.epoch
                self._refresh.begin()
            case AccountLost():
                self._epoch = 0
                self._refresh.stop()
            case AccountKeyRefused():
                self._refuse_all(message.error)
            case Inherited():
                if message.intents:
                    self._need_session()
                    self._orders.inherit(message.intents)
            case _:
                self._subscribed(message)
        self._wake()

    def _subscribed(self, message: Any) -> None:
        match message:
            case AccountWanted(mailbox=mailbox):
                self._join(mailbox)
            case AccountUnwanted(mailbox=mailbox):
                self._mailboxes.pop(id(mailbox), None)
            case AllAccountWanted():
                self._mailboxes = {id(mailbox): mailbox for mailbox in message.mailboxes}
                for mailbox in message.mailboxes:
                    self._join(mailbox)
            case _:
                self.not_understood(message)

    # requests

    def _requested(self, request: Request[Any], reply: Reply[Any]) -> None:
        if not self._has_key:
            error = ValidationError("exchange.api_key", "", "this request needs a key")
            error.exchange = self._driver.name
            reply.fail(error)
            return
        self._need_session()
        if isinstance(request, PlaceOrder) and request.test:
            self._ask(request, Reply(_only_the_order(reply)))
        elif isinstance(request, OrderTerms):
            self._orders.place(request, reply)
        else:
            self._send_order(request, 0.0, reply)

    def _send_order(self, request: Any, seconds: float, reply: Reply[Any]) -> None:
        """By the session if it is up, else by REST: once."""
        rest, timeout = self._rest, seconds or None
        if not self._epoch:
            self.send(rest, Fetch(request, reply, timeout=timeout))
            return

        def answered(value: Any, error: Any) -> None:
            if isinstance(error, NotConnectedError):  # nothing was sent
                rest.tell(Fetch(request, reply, timeout=timeout))
            elif error is not None:
                reply.fail(error)
            else:
                reply.tell(value)

        deadline = time.monotonic() + (seconds or 10.0)
        self.send(self._session, Command(request, deadline, Reply(answered)))

    def _ask(self, request: Any, reply: Reply[Any]) -> None:
        self.send(self._rest, Fetch(request, reply, own=True))

    # the session

    def _need_session(self) -> None:
        if not self._is_needed:
            self._is_needed = True
            self.report(AccountSessionNeeded())

    def _refreshed(self, message: Refreshed) -> None:
        if not self._refresh.answered(message):
            self.after(self._wait, RefreshDue(self._epoch))
            self._wait = min(2 * self._wait, _RETRY[1])
        elif self._refresh.is_done and self._epoch:
            self._wait = _RETRY[0]
            self._confirm()

    def _confirm(self) -> None:
        if self._unconfirmed:
            self.send(self._registry, AccountConfirmed(tuple(self._unconfirmed)))
            self._unconfirmed.clear()

    def _refuse_all(self, error: ConnectorError) -> None:
        """The exchange does not take the key."""
        mailboxes = tuple(self._mailboxes.values())
        if mailboxes:
            self.send(self._registry, AccountRefused(mailboxes, error))
        self._unconfirmed.clear()

    # events

    def _join(self, mailbox: Mailbox) -> None:
        self._mailboxes[id(mailbox)] = mailbox
        self._unconfirmed.append(mailbox)
        self._need_session()
        if self._refresh.is_done and self._epoch:
            self._confirm()

    def _happened(self, event: Order | Fill | Balance) -> None:
        self._tell(event)
        if isinstance(event, Order):
            self._orders.seen(event)

    def _tell(self, event: Order | Fill | Balance) -> None:
        """Deliver it, if it is news."""
        match event:
            case Order():
                news: BaseEvent | None = self._view.order(event) if event.order_id else event
                channel = Channel.ORDERS
            case Fill():
                news, channel = self._view.fill(event), Channel.ORDERS
            case Balance():
                news, channel = self._view.balance(event), Channel.BALANCES
        if news is None:
            return
        with self.not_counted():
            for mailbox in tuple(self._mailboxes.values()):
                if mailbox.subscription.channel == channel:
                    mailbox.feed.put([(mailbox, news)])

    # time

    def _wake(self) -> None:
        at = self._orders.next_due
        if at < (self._due_at or float("inf")):
            self._due_at = at
            self.after(max(0.0, at - time.monotonic()), OrdersDue(at))


def _only_the_order(reply: Reply[Any]) -> Any:
    def answered(value: Any, error: Any) -> None:
        if error is not None:
            reply.fail(error)
        else:
            reply.tell(value.order)

    return answered
