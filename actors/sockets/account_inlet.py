"""Where what the account's connections bring is sorted, on their own threads."""

from __future__ import annotations

import time
from typing import Any

from ...messages.base import Address
from ...messages.rooms import ClockDoubted
from ...messages.trading import AccountTold, BalancesDoubted, OrdersCounted
from ...venues.account import AccountAnswer, AccountChanged, AccountEvents
from ..sending.ledger import HostLedger
from ..trading.commands import Commands
from .notices import Controlled


class Inlet:
    """The account hears what has happened, and who asked hears the answer, with no room between.

    Whatever concerns the connections themselves is their session's.
    """

    def __init__(
        self,
        session: Address[Any],
        commands: Commands,
        *,
        account: Address[Any],
        clock: Address[Any],
        ledger: HostLedger,
    ) -> None:
        self._session, self._commands = session, commands
        self._account, self._clock, self._ledger = account, clock, ledger

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
        if answer.refusal is not None:
            if answer.refusal.wait is not None:
                self._ledger.block_until(time.monotonic() + answer.refusal.wait)
            if answer.refusal.clock_doubted:
                self._clock.tell(ClockDoubted(0))
        if not self._commands.answered(answer):
            self._session.tell(message)  # to its opening, unless it comes too late
        if answer.limits:
            self._account.tell(OrdersCounted(answer.limits))
