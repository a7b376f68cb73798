"""Who follows the account: what is news is delivered to them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import msgspec

from ...core.account_view import AccountView
from ...messages.account import Balance, Fill, Order
from ...messages.enums import Channel
from ...messages.errors import ConnectorError
from ...messages.market import BaseEvent
from ...messages.trading import AccountConfirmed, AccountRefused
from ..feeds.mailbox import Mailbox


class Listeners:
    """Belongs to the account's room.

    Args:
        tell_registry: Tells the registry.
        not_counted: The room's: a subscriber's own callable may run within.
    """

    def __init__(
        self,
        view: AccountView,
        tell_registry: Callable[[Any], None],
        not_counted: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._view, self._tell_registry, self._not_counted = view, tell_registry, not_counted
        self._mailboxes: dict[int, Mailbox] = {}
        self._unconfirmed: list[Mailbox] = []

    def join(self, mailbox: Mailbox, *, is_known: bool) -> None:
        """One more; where the account `is_known` already, it sees how that is now."""
        if id(mailbox) in self._mailboxes:
            return
        self._mailboxes[id(mailbox)] = mailbox
        self._unconfirmed.append(mailbox)
        if is_known:
            self.confirm()
            channel = mailbox.subscription.channel
            known: tuple[BaseEvent, ...] = self._view.open_orders()
            if channel == Channel.BALANCES:
                known = self._view.balances()
            with self._not_counted():
                mailbox.feed.put(
                    (mailbox, msgspec.structs.replace(event, recovered=True)) for event in known
                )

    def leave(self, mailbox: Mailbox) -> None:
        """One less."""
        self._mailboxes.pop(id(mailbox), None)
        if mailbox in self._unconfirmed:
            self._unconfirmed.remove(mailbox)

    def only(self, mailboxes: tuple[Mailbox, ...]) -> None:
        """These are all."""
        wanted = set(map(id, mailboxes))
        for each in tuple(self._mailboxes.values()):
            if id(each) not in wanted:
                self.leave(each)

    def confirm(self) -> None:
        """They see everything from now on."""
        if self._unconfirmed:
            self._tell_registry(AccountConfirmed(tuple(self._unconfirmed)))
            self._unconfirmed.clear()

    def refuse(self, error: ConnectorError) -> None:
        """The exchange does not take the key."""
        if self._mailboxes:
            self._tell_registry(AccountRefused(tuple(self._mailboxes.values()), error))
        self._unconfirmed.clear()

    def tell(self, event: Order | Fill | Balance) -> None:
        """Deliver it, if it is news."""
        news: BaseEvent | None
        match event:
            case Order():  # one that was never placed has no id of the exchange's
                news, channel = (self._view.order(event) if event.order_id else event), _ORDERS
            case Fill():
                news, channel = self._view.fill(event), _ORDERS
            case Balance():
                news, channel = self._view.balance(event), Channel.BALANCES
        if news is None:
            return
        with self._not_counted():
            for mailbox in tuple(self._mailboxes.values()):
                if mailbox.subscription.channel == channel:
                    mailbox.feed.put([(mailbox, news)])


_ORDERS = Channel.ORDERS
