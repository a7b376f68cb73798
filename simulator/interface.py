"""What the package of an exchange fills in, and what it is given for it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from .clock import Clock
from .credentials import Credentials
from .faults.kinds import Fault
from .faults.rules import RestFaults, SocketFaults
from .journal import Journal
from .settings import Settings
from .source import Source
from .trading.accounts import Account, KeyKind
from .trading.house import House
from .wire.gate import Gate
from .wire.hub import Hub


@dataclass(frozen=True)
class Parts:
    """What every exchange is built on; `gate` is shut by a hold."""

    settings: Settings
    clock: Clock
    journal: Journal
    faults: RestFaults
    hub: Hub
    gate: Gate
    replay_done: threading.Event


class Meter(Protocol):
    """What the clients' address has used of its limits, and whether it is banned."""

    @property
    def used(self) -> int:
        """What has been used in the present window."""
        ...

    peak: int
    """The most that was used in any."""

    window: str
    """What the window is called in a sentence."""

    def ban(self, seconds: float) -> int:
        """Ban the address from now on for `seconds`; the ban's number."""
        ...

    def lift(self, number: int) -> None:
        """End one ban."""
        ...

    def lift_all(self) -> None:
        """End every ban."""
        ...

    def is_over(self, number: int) -> bool:
        """Whether a ban has ended."""
        ...


class AccountDesk(Protocol):
    """Where accounts are opened, and what they do is done.

    Attributes:
        key_kinds: How requests of theirs may be signed.
    """

    key_kinds: tuple[KeyKind, ...]

    @property
    def house(self) -> House:
        """All accounts and their orders."""
        ...

    def open(self, amounts: Mapping[str, int] | None) -> Account:
        """Open an account that holds so much (units of 1e-8), or what is usual."""
        ...

    def set_filter(self, symbol: str, name: str, fields: dict[str, Any]) -> None:
        """Change a filter of a symbol, or let it have one."""
        ...

    def set_reference_price(self, symbol: str, price: int | None) -> None:
        """Set a symbol's reference price by hand (units of 1e-8)."""
        ...

    def deposit(self, account: Account, asset: str, amount: int) -> None:
        """Let so much come in from outside, or go out; `ValueError` if there is not so much."""
        ...


class Interface(Protocol):
    """An exchange's interface, as it is served.

    Attributes:
        categories: The markets that list the same symbols; none where there is one market only.
        depths: The depths whose books are numbered each for itself; none where one number holds
            for all.
        own_faults: The kinds of faults that not every exchange has, and this one does.
    """

    categories: tuple[str, ...]
    depths: tuple[int, ...]
    own_faults: tuple[type[Fault], ...]
    credentials: Credentials

    @property
    def desk(self) -> AccountDesk:
        """Where its accounts trade; in a replay they cannot."""
        ...

    @property
    def source(self) -> Source:
        """Where its data comes from."""
        ...

    @property
    def meter(self) -> Meter:
        """What counts the requests."""
        ...

    @property
    def socket_faults(self) -> SocketFaults:
        """Faults of its websockets."""
        ...

    def add_to(self, application: web.Application) -> None:
        """Add its paths."""
        ...

    def do(self, fault: Fault) -> int:
        """Do a fault of `own_faults`; how many connections or streams it was done to."""
        ...
