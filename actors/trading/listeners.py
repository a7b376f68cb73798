"""Who follows the account: what is news is delivered to them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import msgspec

from ...core.account_view import AccountView
from ...messages.account import Balance, Fill, Order
from ...messages.enums import Channel
from ...messages.errors import ConnectorError
from ...messages.market import BaseEvent
from ...messages.trading import AccountConfirmed, AccountRefused
from ..feeds.mailbox import Mailbox


@dataclass
class Following:
    """What outlives the account's room: a new one knows whom to tell, and what was told already.

    Attributes:
        mailboxes: Of those who follow, by their identity.
        unconfirmed: Those who wait until the account is known.
    """

    view: AccountView
    mailboxes: dict[int, Mailbox] = field(default_factory=dict[int, Mailbox])
    unconfirmed: list[Mailbox] = field(default_factory=list[Mailbox])


class Listeners:
    """Belongs to the account's room.

    Args:
        tell_registry: Tells the registry.
        not_counted: The room's: a subscriber's own callable may run within.
    """

    def __init__(
        self,
        following: Following,
        tell_registry: Callable[[Any], None],
        not_counted: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._view, self._mailboxes = following.view, following.mailboxes
        self._unconfirmed = following.unconfirmed
        self._tell_registry, self._not_counted = tell_registry, not_counted

    def join(self, mailbox: Mailbox, *, is_known: bool) -> None:
        """One more: it sees at once what is known, and what more there is once that `is_known`."""
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
        with self._not_counted():  # a room that was given up takes note of nothing either
            news = self._news(event)
            channel = Channel.BALANCES if isinstance(event, Balance) else Channel.ORDERS
            if news is None:
                return
            for mailbox in tuple(self._mailboxes.values()):
                if mailbox.subscription.channel == channel:
                    mailbox.feed.put([(mailbox, news)])

    def _news(self, event: Order | Fill | Balance) -> BaseEvent | None:
        match event:
            case Order():  # one that was never placed has no id of the exchange's
                return self._view.order(event) if event.order_id else event
            case Fill():
                return self._view.fill(event)
            case Balance():
                return self._view.balance(event)
