"""The symbols that the exchange lists, and the subscriptions that wait to be told of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from ...messages.base import Address
from ...messages.errors import ValidationError
from ...messages.rooms import AddSubscription, Fetch, ListingFailed, ListingKnown
from ...venues.questions import GetListing
from ..base.reply import Reply

_AGE = 10.0
"""Seconds after which a symbol that is not listed is looked up once more."""
_RETRY = 5.0
_REFRESH = 3600.0
"""Seconds after which the list, and with it the exchange's limits, is read anew."""


class Symbols:
    """The list, as far as it is known.

    Attributes:
        held: Subscriptions to symbols that the next list should have.

    Args:
        ask: Tells `rest`.
        address: The registry's, which calls `known` or `failed` when it is told of the list.
    """

    def __init__(self, ask: Callable[[Fetch], None], address: Address[Any]) -> None:
        self.held: list[AddSubscription] = []
        self._ask, self._address = ask, address
        self._symbols: frozenset[str] | None = None
        self._listed_at = 0.0
        self._due = 0.0
        self._is_asked = False

    def __contains__(self, symbol: str) -> bool:
        return self._symbols is not None and symbol in self._symbols

    def look(self) -> None:
        """Ask for the list if it is time to."""
        if time.monotonic() >= self._due:
            self._begin()

    def hold(self, message: AddSubscription, symbol: str) -> None:
        """Let a subscription wait for the list, or for a newer one.

        Raises:
            ValidationError: The list is new, and the symbol is not in it.
        """
        if self._symbols is not None and time.monotonic() - self._listed_at < _AGE:
            raise unlisted(symbol)
        if not self._is_asked:
            self._begin()
        self.held.append(message)

    def known(self, symbols: frozenset[str]) -> list[AddSubscription]:
        """This is the list; what has waited for it."""
        self._symbols, self._listed_at = symbols, time.monotonic()
        return self._end()

    def failed(self) -> list[AddSubscription]:
        """There is no list now; what has waited for it."""
        self._due = time.monotonic() + _RETRY
        return self._end()

    def _begin(self) -> None:
        self._is_asked = True
        self._due = time.monotonic() + _REFRESH
        address = self._address

        def answered(listing: Any, error: BaseException | None) -> None:
            if error is None:
                address.tell(ListingKnown(listing.symbols, listing.weight_limit))
            else:
                address.tell(ListingFailed())

        self._ask(Fetch(GetListing(), Reply(answered), own=True))

    def _end(self) -> list[AddSubscription]:
        self._is_asked = False
        held, self.held = self.held, []
        return held


def unlisted(symbol: str) -> ValidationError:
    """What who wants it is told."""
    return ValidationError("symbol", symbol, "not listed by the exchange")
