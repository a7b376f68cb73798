"""What the registry passes on to the rooms that serve some subscriptions themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ...messages.enums import Channel, HealthState
from ...messages.kept_books import BooksStarted
from ...messages.orders import SubscribeBalances, SubscribeOrders
from ...messages.rooms import Want
from ...messages.streams import Stream
from ...messages.trading import AccountStarted, AccountUnwanted, AccountWanted, AllAccountWanted
from .book_line import BookLine, is_book

_ACCOUNT = (Channel.ORDERS, Channel.BALANCES)


class Lines:
    """To the order books, and to the account.

    Args:
        tell_books: Tells that room.
        tell_account: Likewise.
    """

    def __init__(
        self, tell_books: Callable[[Any], None], tell_account: Callable[[Any], None]
    ) -> None:
        self._books = BookLine(tell_books)
        self._tell_account = tell_account

    def all(self, wants: tuple[Want, ...], new: Any = None) -> None:
        """These are all subscriptions: one of the rooms is `new`, or the registry."""
        if not isinstance(new, AccountStarted):
            self._books.all(wants)
        if not isinstance(new, BooksStarted):
            self._all_of_account(wants)

    def _all_of_account(self, wants: Iterable[Want]) -> None:
        mailboxes = tuple(want.mailbox for want in wants if _is_account(want.stream))
        self._tell_account(AllAccountWanted(mailboxes))

    def joined(self, want: Want) -> None:
        """There is one more subscription."""
        if _is_account(want.stream):
            self._tell_account(AccountWanted(want.mailbox))
        else:
            self._books.joined(want)

    def left(self, want: Want) -> None:
        """There is one less."""
        if _is_account(want.stream):
            self._tell_account(AccountUnwanted(want.mailbox))
        else:
            self._books.left(want)

    def updates_are(self, stream: Stream, state: HealthState, cause: str) -> None:
        """How far a stream may be trusted has changed."""
        self._books.updates_are(stream, state, cause)


def _is_account(stream: Stream | None) -> bool:
    return stream is not None and stream.channel in _ACCOUNT


def account_stream(request: Any) -> Stream | None:
    """What serves a subscription to the account's events; None for any other."""
    match request:
        case SubscribeOrders():
            return Stream(Channel.ORDERS, "")
        case SubscribeBalances():
            return Stream(Channel.BALANCES, "")
        case _:
            return None


def is_elsewhere(stream: Stream | None) -> bool:
    """Whether a room of its own serves it, and no session carries it under its name."""
    return is_book(stream) or _is_account(stream)
