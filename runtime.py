"""The composition root: turns a `Config` into supervised actors, and is the public door to them."""

from __future__ import annotations

import itertools
import os
from functools import partial
from types import TracebackType
from typing import Any, TypeVar, cast

import pykka

from .actors.base.asyncio_bridge import to_asyncio
from .actors.base.office import Office
from .actors.base.reply import Answer, Reply, told_back
from .actors.base.room import Lifeline
from .actors.connector.door import Door
from .actors.connector.introductions import ACCOUNT_SESSION, SESSION
from .actors.connector.starts import Starts
from .actors.connector.trading import ORDERS, Trading
from .actors.connector.typed import ConnectorRef
from .actors.feeds.recovering import Way
from .actors.registry import RegistryActor
from .actors.rest import RestActor
from .actors.sending.ledger import ledger_of
from .actors.session import SessionActor
from .actors.streams.desk import end_subscription
from .core import validation
from .messages import requests as ask_for
from .messages.base import Request
from .messages.config import Config
from .messages.errors import ConfigurationError, ConnectorError, ValidationError
from .messages.orders import SubscribeBalances, SubscribeOrders
from .messages.rooms import (
    AddSubscription,
    EndSubscription,
    Fetch,
    ReplaceHandlers,
    StatsWanted,
    Tick,
)
from .messages.sessions import SessionsNeeded
from .messages.trading import AccountRequested, AccountSessionNeeded
from .venues import driver_of

R = TypeVar("R")

_numbers = itertools.count(1)


class ConnectorActor(Door):
    """The root of a connector to one exchange.

    Start it, and ask:

        ref = ConnectorActor.start(config)
        connector = ref.proxy()
        connector.ready().get(timeout=10)
        connector.subscribe_trades("BTCUSDT", print).get(timeout=10)
        ref.stop()

    It comes up in the background; a configuration that is wrong raises from `start`.
    """

    def __init__(self, config: Config) -> None:
        config.validate()
        try:
            self._driver = driver_of(config.exchange)
        except ValidationError as error:
            raise ConfigurationError((error,)) from None
        self._driver.signer(config.exchange)  # a key that cannot be used is told here
        self._urls = self._driver.urls(config.exchange)
        limit = min(config.rate_limit.max_weight, self._driver.limits.weight)
        super().__init__(config, ledger_of(self._urls.rest, self._driver.limits), limit)
        self._stream_ledger = ledger_of(self._urls.stream, self._driver.limits)
        self._ledgers.append(self._stream_ledger)
        places = self._offices, self._address, self._rejections
        self._trading = Trading(config, self._driver, *places)
        self._ledgers += self._trading.ledgers

    @classmethod
    def start(cls, config: Config) -> ConnectorRef:  # type: ignore[override]
        """Start a connector; returns at once.

        Raises:
            ConfigurationError: Everything that is wrong with `config`.
        """
        return cast("ConnectorRef", super().start(config))

    # what Pykka calls

    def on_start(self) -> None:
        """Start the rooms, in order."""
        starts = Starts(self._config, self._driver, self._offices, self._address)
        try:
            if self._config.circuit_breaker.enabled:
                self._supervise("breaker", starts.breaker)
            self._supervise("rest", self._start_rest)
            if self._config.clock_sync.enabled:
                self._supervise("clock", starts.clock)
            if self._config.recovery.enabled:
                self._supervise("recovery", starts.recovery)
            self._supervise("registry", self._start_registry)
            if self._trading.is_left_open:
                self._need_account()
            self._supervise("books", starts.books)
            self._need_sessions(1)
            self._inbox.after(0.0, Tick())
        except BaseException:
            self._shut_down()  # Pykka runs no hook after this
            raise

    def on_receive(self, message: Any) -> Any:
        """Answer a request, or take what a room tells."""
        if isinstance(message, Request):
            return self._request(message)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        if isinstance(message, SessionsNeeded):
            self._need_sessions(message.count)
        elif isinstance(message, AccountSessionNeeded):
            if ACCOUNT_SESSION not in self._children:
                self._supervise(ACCOUNT_SESSION, self._trading.session)
        elif not self._note(message):
            raise ValidationError("message", message, "not a message of this connector")
        return None

    def on_stop(self) -> None:
        """Stop everything."""
        self._shut_down()
        self._trading.close()

    def on_failure(
        self,
        exception_type: type[BaseException] | None,
        exception_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop everything, too."""
        self._shut_down()
        self._trading.close()

    # requests

    def _request(self, request: Request[R]) -> Answer[R]:
        """Serve a request that was asked, called through a proxy, or told."""
        answer: Answer[R] = Answer()
        reply: Reply[Any]
        if self._inbox.asked:
            reply = Reply(answer.settle)
        elif request.reply_to is not None:
            validation.check_address(request)
            reply = told_back(request)
        else:
            reply = Reply(self._unheard)
        try:
            validation.check(request)
            self._serve(request, reply)
        except ConnectorError as error:
            error.exchange = self._exchange
            reply.fail(error)
        return answer

    def _serve(self, request: Request[Any], reply: Reply[Any]) -> None:
        """Answer at once, or pass the request and its reply on to who can."""
        if self._trading.concerns(request):
            self._need_account()
        match request:
            case ask_for.WaitReady():
                self._readiness.wait(reply)
            case ask_for.GetHealth():
                reply.tell(self._health())
            case ask_for.GetClockStatus():
                reply.tell(self._time.status())
            case ask_for.GetExchangeTime():
                reply.tell(self._exchange_time())
            case ask_for.SyncClock():
                self._sync_clock(reply)
            case ask_for.RollOver():
                self._rollovers.begin(self._session_names(), reply)
            case ask_for.GetCircuitBreakerStats():
                self._ask_breaker(StatsWanted(reply))
            case ask_for.ResetCircuitBreaker():
                self._ask_breaker(StatsWanted(reply, reset=True))
            case (
                ask_for.Subscribe()
                | ask_for.SubscribeOrderBook()
                | ask_for.SubscribeKlines()
                | ask_for.SubscribeEvents()
                | SubscribeOrders()
                | SubscribeBalances()
            ):
                identity = f"{self._exchange}-{os.getpid()}-{next(_numbers)}"
                self._offices.of("registry").tell(AddSubscription(identity, request, reply))
            case ask_for.Unsubscribe():
                self._offices.of("registry").tell(EndSubscription(request.subscription_id, reply))
            case ask_for.SetHandlers():
                self._offices.of("registry").tell(ReplaceHandlers(request.handlers, reply))
            case ask_for.SaveRecording():
                self._recorder.save(request.path, reply)
            case _ if isinstance(request, ORDERS):
                self._offices.of("account").tell(AccountRequested(request, reply))
            case _ if type(request) in self._driver.endpoints:
                self._offices.of("rest").tell(Fetch(request, reply))
            case _:
                name = type(request).__name__
                raise ValidationError("message", name, "not a request that this exchange answers")

    # rooms

    def _start_rest(self, lifeline: Lifeline) -> pykka.ActorRef[Any]:
        return RestActor.start(
            lifeline,
            self._address,
            config=self._config,
            driver=self._driver,
            ledger=self._ledger,
            breaker=self._offices.of("breaker") if self._config.circuit_breaker.enabled else None,
            clock=self._offices.of("clock"),
            account=self._offices.of("account"),
            update=self._time.update,
        )

    def _start_registry(self, lifeline: Lifeline) -> pykka.ActorRef[Any]:
        recovery = self._config.recovery
        way = Way(self._offices.of("recovery"), recovery.timeout) if recovery.enabled else None
        return RegistryActor.start(
            lifeline,
            self._address,
            driver=self._driver,
            health=self._config.health,
            rest=self._offices.of("rest"),
            sessions=self._session_office,
            books=self._offices.of("books"),
            account=self._offices.of("account"),
            office=self._offices.of("registry"),
            rejections=self._rejections,
            complaints=self._complaints,
            ending=self._ending,
            ender=partial(end_subscription, self.actor_ref),
            wants=tuple(self._wants.values()),
            way=way,
        )

    def _start_session(self, lifeline: Lifeline, shard: int) -> pykka.ActorRef[Any]:
        return SessionActor.start(
            lifeline,
            self._address,
            shard=shard,
            url=f"{self._urls.stream}{self._urls.stream_path}",
            config=self._config,
            driver=self._driver,
            registry=self._offices.of("registry"),
            ledger=self._stream_ledger,
            rejections=self._rejections,
        )

    def _need_account(self) -> None:
        for name, start in self._trading.rooms().items():
            if name not in self._children:
                self._supervise(name, start)

    def _session_office(self, shard: int) -> Office:
        return self._offices.of(f"{SESSION}{shard}")

    def _need_sessions(self, count: int) -> None:
        names = self._session_names()
        for shard in range(count):
            name = f"{SESSION}{shard}"
            if name not in names:
                self._supervise(name, partial(self._start_session, shard=shard))
        for name in names - {f"{SESSION}{shard}" for shard in range(count)}:
            self._dismiss(name)
            self._forget_session(name)


def ask(ref: pykka.ActorRef[Any], request: Request[R], timeout: float = 10.0) -> R:
    """Ask a connector, and wait for the typed reply.

    Raises:
        ConnectorError: The request failed.
        pykka.Timeout: No reply within `timeout` seconds.
        pykka.ActorDeadError: The connector has stopped.
    """
    return cast("R", ref.ask(request, block=True, timeout=timeout))


__all__ = ["ConnectorActor", "ask", "to_asyncio"]
