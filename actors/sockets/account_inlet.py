"""Where what the account's connections bring is sorted, on their own threads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...messages.base import Address
from ...messages.trading import AccountTold, BalancesDoubted, OrdersCounted
from ...venues.account import AccountAnswer, AccountChanged, AccountEvents
from ..trading.commands import Commands
from .notices import Controlled


class Inlet:
    """The account hears what has happened, and who asked hears the answer, with no room between.

    Whatever concerns the connections themselves, or the clock, is their session's.

    Args:
        be_silent: Takes the seconds for which the exchange wants silence.
    """

    def __init__(
        self,
        session: Address[Any],
        commands: Commands,
        *,
        account: Address[Any],
        be_silent: Callable[[float], None],
    ) -> None:
        self._session, self._commands = session, commands
        self._account, self._be_silent = account, be_silent

    def tell(self, message: Any, /) -> None:
        """Take what a connection's thread tells."""
        control: Any = message.control if isinstance(message, Controlled) else None
        match control:
            case AccountEvents():
                self._account.tell(AccountTold(control.events))
            case AccountChanged():
                self._account.tell(BalancesDoubted())
            case AccountAnswer():
                self._answered(control, message)
            case _:
                self._session.tell(message)

    def _answered(self, answer: AccountAnswer, message: Controlled) -> None:
        refusal = answer.refusal
        if refusal is not None and refusal.wait is not None:
            self._be_silent(refusal.wait)
        if (refusal is not None and refusal.clock_doubted) or not self._commands.answered(answer):
            self._session.tell(message)  # for the clock, or to its opening, or it comes too late
        if answer.limits:
            self._account.tell(OrdersCounted(answer.limits))
