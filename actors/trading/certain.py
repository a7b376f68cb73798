"""What the account has, as far as that is certain now: an order is refused for nothing less."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from ...core.account_view import AccountView
from ...messages.account import Balance, Fill, Order
from ...messages.requests import GetBalances
from .refresh import Refreshed


class Certain:
    """Belongs to the account's room.

    Args:
        is_known: Whether the account's events come, and what was before them was asked for.
    """

    def __init__(self, view: AccountView, is_known: Callable[[], bool]) -> None:
        self._view, self._is_known = view, is_known
        self._doubts = 0
        self._is_contradicted = False

    def open_orders(self) -> tuple[Order, ...] | None:
        """All that are open; None where some may be no more."""
        return self._view.open_orders() if self._is_known() else None

    def holding(self, asset: str) -> Decimal | None:
        """What there is of an asset, free and locked; None where that may be otherwise by now."""
        is_certain = self._is_known() and not (self._doubts or self._is_contradicted)
        return self._view.holding(asset) if is_certain else None

    def begun(self) -> None:
        """All is asked for anew."""
        self._doubts = 0

    def contradicts(self, event: Order | Fill | Balance) -> bool:
        """Whether balances have to be asked for, since it says otherwise than an answer that is
        stamped later; once for all that comes until they are.
        """
        if self._is_contradicted or not isinstance(event, Balance) or event.recovered:
            return False
        self._is_contradicted = self._view.contradicts(event)
        return self._is_contradicted

    def doubted(self) -> None:
        """Balances have changed, and are asked for; where that is under way, nothing is known."""
        self._is_contradicted = False
        if self._is_known():
            self._doubts += 1

    def answered(self, message: Refreshed) -> None:
        """One of them was told."""
        if isinstance(message.request, GetBalances) and message.error is None:
            self._doubts = max(0, self._doubts - 1)
