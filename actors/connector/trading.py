"""The account's rooms, where there is a key and the exchange's trading is known."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pykka

from ...core.account_view import AccountView
from ...messages.base import Address, Request
from ...messages.config import Config
from ...messages.errors import ConfigurationError, ValidationError
from ...messages.orders import (
    CancelAll,
    CancelOrder,
    GetFills,
    GetOpenOrders,
    GetOrder,
    OrderTerms,
    SubscribeBalances,
    SubscribeOrders,
)
from ...venues.driver import Driver
from ..account import AccountActor
from ..account_session import AccountSessionActor
from ..base.office import Offices
from ..base.room import Lifeline
from ..order_journal import Journal, OrderJournalActor
from ..sending.ledger import HostLedger, ledger_of
from ..trading.listeners import Following
from ..trading.order_file import OrderFile
from .introductions import ACCOUNT_SESSION

Start = Callable[[Lifeline], pykka.ActorRef[Any]]

ORDERS = (OrderTerms, CancelOrder, CancelAll)
"""What the account's room serves; what only asks goes to `rest`."""
_ASKED = (GetOrder, GetOpenOrders, GetFills)
_FOLLOWED = (SubscribeOrders, SubscribeBalances)


class Trading:
    """Opens the order journal, and starts the rooms.

    Attributes:
        ledgers: Of the hosts that it uses.

    Raises:
        ConfigurationError: The journal cannot be used.
    """

    def __init__(
        self,
        config: Config,
        driver: Driver,
        offices: Offices,
        root: Address[Any],
        rejections: Address[Any],
    ) -> None:
        self.ledgers: list[HostLedger] = []
        self._config, self._driver = config, driver
        self._offices, self._root, self._rejections = offices, root, rejections
        self._file: OrderFile | None = None
        self._following: Following | None = None
        account = driver.account
        if account is None or account.signer(config.exchange) is None:
            return
        urls = driver.urls(config.exchange)
        base = urls.account
        self._url = f"{base}{account.path}"
        self._following = Following(AccountView(account.is_final))
        self._ledger = ledger_of(base, driver.limits)
        self._rest_ledger = ledger_of(urls.rest, driver.limits)
        self.ledgers += self._ledger, self._rest_ledger
        try:
            place, owner = f"{driver.name} {driver.market}", _owner(config.exchange.api_key)
            self._file = OrderFile(config.journal, place, owner)
        except OSError as error:
            fault = ValidationError("journal", config.journal, str(error))
            raise ConfigurationError((fault,)) from None

    @property
    def is_left_open(self) -> bool:
        """Whether the journal has orders whose fate nobody has written down."""
        try:
            return self._file is not None and bool(self._file.open_intents())
        except OSError:
            return True  # the journal's room tells of it

    def concerns(self, request: Request[Any]) -> bool:
        """Whether the account's rooms are needed for it.

        Raises:
            ValidationError: There is no key, or trading there is not known.
        """
        if not isinstance(request, ORDERS + _ASKED + _FOLLOWED):
            return False
        if self._file is not None:
            return not isinstance(request, _ASKED)
        if self._driver.account is None:
            name, reason = type(request).__name__, "not a request that this exchange answers"
            raise ValidationError("message", name, reason)
        raise ValidationError("exchange.api_key", "", "this request needs a key")

    def rooms(self) -> dict[str, Start]:
        """What is to be supervised; the session only once it is needed."""
        if self._file is None:
            return {}
        if self._config.journal:
            return {"order-journal": self._start_journal, "account": self._start_account}
        self._offices.of("order-journal").move_in(Journal(self._file, self._root.tell))
        return {"account": self._start_account}

    def close(self) -> None:
        """Everything has stopped."""
        if self._file is not None:
            self._file.close()

    def _start_journal(self, lifeline: Lifeline) -> pykka.ActorRef[Any]:
        return OrderJournalActor.start(lifeline, self._root, file=self._file)

    def _start_account(self, lifeline: Lifeline) -> pykka.ActorRef[Any]:
        offices = self._offices
        return AccountActor.start(
            lifeline,
            self._root,
            config=self._config,
            driver=self._driver,
            rest=offices.of("rest"),
            registry=offices.of("registry"),
            session=offices.of(ACCOUNT_SESSION),
            journal=offices.of("order-journal"),
            following=self._following,
        )

    def session(self, lifeline: Lifeline) -> pykka.ActorRef[Any]:
        """Start the account's session."""
        offices = self._offices
        return AccountSessionActor.start(
            lifeline,
            self._root,
            url=self._url,
            config=self._config,
            driver=self._driver,
            account=offices.of("account"),
            clock=offices.of("clock"),
            ledger=self._ledger,
            rest_ledger=self._rest_ledger,
            rejections=self._rejections,
        )


def _owner(key: str) -> str:
    """Tells accounts apart, and says nothing of the key."""
    return hashlib.sha256(f"exchange-connector {key}".encode()).hexdigest()[:16]
