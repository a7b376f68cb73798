"""The root's inner life: what its rooms tell it, what it remembers, and what it tells the world."""

from __future__ import annotations

import logging
import time
from collections.abc import Hashable
from typing import Any

from ...core.health import HealthBoard, Kind
from ...core.supervision import Supervision
from ...messages.config import Config
from ...messages.enums import Channel, HealthState
from ...messages.errors import ClockSyncError, ConnectorError, NotRunningError, ValidationError
from ...messages.health import ExchangeTime, Health
from ...messages.lifecycle import (
    ActorRestarted,
    CircuitBreakerStateChanged,
    ClockSynchronized,
    Connected,
    Disconnected,
    ErrorOccurred,
    HealthChanged,
    SessionReplaced,
    Stopped,
    SubscriberLagged,
)
from ...messages.market import BaseEvent
from ...messages.rooms import (
    ClockUpdated,
    FrameRejected,
    FramesDrifted,
    StreamForgotten,
    StreamHealth,
    Trouble,
    Unwanted,
    Want,
    Wanted,
    WeightLimitKnown,
)
from ...messages.sessions import (
    LinkLost,
    SessionDoubted,
    SessionDown,
    SessionRolled,
    SessionUp,
)
from ...messages.trading import AccountSessionState
from ..base.exchange_clock import ExchangeClock
from ..base.journal import record, say, words_of
from ..base.office import Notebook
from ..base.supervisor import Supervisor
from ..feeds.feed import Feed
from ..sending.ledger import HostLedger, give_back
from .hearsay import Heard, Hearsay
from .introductions import ACCOUNT_ROOMS, ACCOUNT_SESSION, SESSION, first_words, introduce
from .readiness import Readiness
from .rollovers import RollOvers

_DRAIN = 2.0
"""Seconds that subscribers get at the end for what they have not taken."""
_FEED_RESERVE = 0.2
"""Of the time for stopping, the share that is kept for the subscribers."""


class Root(Supervisor):
    """Knows the connector's state; asks no room for it."""

    def __init__(self, config: Config, ledger: HostLedger, weight_limit: int) -> None:
        supervision = config.supervision
        super().__init__(Supervision(supervision.max_restarts, supervision.period))
        self._config = config
        self._stop_timeout = config.connection.stop_timeout
        self._exchange = config.exchange.name
        self._board = HealthBoard(self._exchange, time.time_ns())
        self._ledger = ledger
        self._ledgers = [ledger]
        self._weight_limit = weight_limit
        self._known_limit: WeightLimitKnown | None = None  # as REST has last said
        self._wants: dict[str, Want] = {}
        self._listeners: dict[str, Any] = {}  # of these, the mailboxes for the connector's own life
        self._sessions_up: set[str] = set()
        self._time = ExchangeClock(config.clock_sync)
        self._readiness = Readiness(self._exchange)
        self._rejections = Hearsay(self._address)
        self._rollovers = RollOvers(lambda name, message: self._offices.of(name).tell(message))
        self._complaints = Hearsay(self._address)  # of what goes wrong at subscribers
        self._ending: dict[Hashable, Feed] = {}  # the registry's, whichever it is
        self._drifted = 0
        self._stop_reason = ""
        self._is_shut_down = False

    # what rooms tell

    def _note(self, message: Any) -> bool:
        """Take what a room tells; False where it is something else."""
        match message:
            case Wanted(want=want):
                self._wants[want.subscription_id] = want
                if want.stream is None:
                    self._listeners[want.subscription_id] = want.mailbox
            case Unwanted(subscription_id=gone):
                self._wants.pop(gone, None)
                self._listeners.pop(gone, None)
            case SessionUp() if message.name in self._children:
                self._session_up(message.name)
            case SessionDown() if message.name in self._children:
                self._session_down(message)
            case SessionDoubted() if message.name in self._sessions_up:
                state = HealthState.SUSPECT if message.cause else HealthState.LIVE
                self._judge("session", message.name, state, message.cause)
            case SessionRolled():
                if not message.error:
                    self._emit(SessionReplaced(self._exchange, message.name, message.reason))
                self._rollovers.rolled(message)
            case SessionUp() | SessionDown() | SessionDoubted():
                pass  # of one that is not needed any more
            case ClockUpdated():
                self._clock_updated(message)
            case CircuitBreakerStateChanged() | SubscriberLagged():
                self._emit(message)
            case AccountSessionState(state=state, cause=cause):
                if ACCOUNT_SESSION in self._children:
                    self._judge("session", ACCOUNT_SESSION, HealthState(state), cause)
            case StreamHealth():
                state = HealthState(message.state)
                self._judge("stream", message.subject, state, message.cause)
            case StreamForgotten():
                self._changed(self._board.forget("stream", message.subject, time.time_ns()))
            case FrameRejected():
                self._trouble(message.error)
            case Heard():
                message.by.taken()
                return self._note(message.message)
            case FramesDrifted():
                self._drifted = message.count
            case WeightLimitKnown():
                self._weight_limit, self._known_limit = message.limit, message
            case Trouble():
                self._trouble(message.error)
            case _:
                return self._watch(message)
        return True

    def _session_up(self, name: str) -> None:
        self._sessions_up.add(name)
        self._judge("session", name, HealthState.LIVE)
        self._emit(Connected(self._exchange, name))
        self._check_ready()

    def _session_down(self, message: SessionDown) -> None:
        self._sessions_up.discard(message.name)
        self._judge("session", message.name, HealthState.DOWN, message.reason)
        if message.was_up:
            self._emit(Disconnected(self._exchange, message.reason, message.name))
            self._offices.of("rest").tell(LinkLost())
        self._check_ready()

    def _clock_updated(self, message: ClockUpdated) -> None:
        self._time.update = message
        for name in ACCOUNT_ROOMS & self._children.keys():
            self._offices.of(name).tell(message)
        self._emit(ClockSynchronized(self._exchange, self._time.status()))
        if (error := self._time.gone_off()) is not None:
            self._trouble(error)
        self._check_ready()

    def _check_ready(self) -> None:
        ready = self._readiness.set(self._time.is_known and bool(self._sessions_up))
        if ready is not None:
            self._emit(ready)

    def _session_names(self) -> set[str]:
        return {name for name in self._children if name.startswith(SESSION)}

    def _forget_session(self, name: str) -> None:
        """It is not needed any more."""
        self._sessions_up.discard(name)
        self._rollovers.gone(name)
        self._changed(self._board.forget("session", name, time.time_ns()))
        self._changed(self._board.forget("component", name, time.time_ns()))

    # children

    def _first_words(self, name: str) -> list[Any]:
        return [*first_words(name, self._time.update, self._known_limit)]

    def _child_started(self, name: str) -> None:
        self._judge("component", name, HealthState.LIVE)
        introduce(name, self._offices)

    def _child_restarted(self, name: str, reason: str, restarts: int) -> None:
        self._judge("component", name, HealthState.DOWN, reason, restarts)
        self._emit(ActorRestarted(self._exchange, name, reason, restarts))
        if name == "books":  # what it knew of them went with it
            for subject in self._board.parts("stream"):
                if subject.startswith(f"{Channel.ORDER_BOOK}:"):
                    self._changed(self._board.forget("stream", subject, time.time_ns()))
        self._rollovers.gone(name)
        if name in self._sessions_up:
            self._session_down(SessionDown(name, f"its actor was lost: {reason}", was_up=True))

    def _given_up(self, name: str, reason: str, restarts: int) -> None:
        self._judge("component", name, HealthState.DOWN, reason, restarts)
        self._stop_reason = f"{name} was lost too often ({restarts} restarts): {reason}"
        extra = {"exchange": self._exchange, "component": name}
        say(logging.CRITICAL, "giving up: %s", self._stop_reason, extra=extra)
        self._trouble(NotRunningError(self._stop_reason))
        self.stop()

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, ConnectorError):
            say(logging.ERROR, "a message failed", cause=error, extra={"exchange": self._exchange})
            error = ValidationError("message", "", words_of(error))
        self._trouble(error)

    # what the world hears

    def _trouble(self, error: ConnectorError) -> None:
        error.exchange = self._exchange
        self._emit(ErrorOccurred(self._exchange, error))

    def _judge(
        self, kind: Kind, name: str, state: HealthState, cause: str = "", restarts: int = 0
    ) -> None:
        self._changed(self._board.set(kind, name, state, time.time_ns(), cause, restarts))

    def _changed(self, changes: list[HealthChanged]) -> None:
        for change in changes:
            self._emit(change)

    def _emit(self, event: BaseEvent) -> None:
        """Tell whoever has subscribed to the connector's own life, and the log."""
        record(event)
        for mailbox in self._listeners.values():
            mailbox.feed.put([(mailbox, event)])

    def _exchange_time(self) -> ExchangeTime:
        if not self._time.is_known:
            raise ClockSyncError(None, None, self._config.clock_sync.max_offset)
        return ExchangeTime(self._time.now_ns())

    def _health(self) -> Health:
        return Health(
            state=self._board.state,
            components=self._with_restarts(self._board.parts("component")),
            sessions=self._board.parts("session"),
            streams=self._board.parts("stream"),
            subscribers=sum(
                not (each.is_own or each.stream is None) for each in self._wants.values()
            ),
            weight_used=self._ledger.used(time.monotonic()),
            weight_limit=self._weight_limit,
            rejected_frames=self._rejections.count,
            unknown_fields=self._drifted,
            dead_letters=self._offices.dead_letters,
            restarts=self._restarts.newest(),
        )

    # the end

    def _shut_down(self) -> None:
        """Stop the rooms in reverse order, answer everybody, let the subscribers finish."""
        if self._is_shut_down:
            return
        self._is_shut_down, seconds = True, self._stop_timeout
        deadline = time.monotonic() + seconds
        last_words = Notebook()
        self._address.move_in(last_words)  # a stopped actor is told nothing any more
        for left in self._stop_children(deadline - _FEED_RESERVE * seconds):
            extra = {"exchange": self._exchange}
            say(logging.ERROR, "%s did not stop in time", left, extra=extra)
        for message in (*self._inbox.take_all((Wanted, Unwanted)), *last_words.messages):
            if isinstance(message, Wanted | Unwanted):
                self._note(message)
        error = NotRunningError(exchange=self._exchange)
        for reply in (
            *self._readiness.end(),
            *self._rollovers.end(),
            *(want.reply for want in self._wants.values()),
        ):
            if reply is not None:
                reply.fail(error)
        self._emit(Stopped(self._exchange, self._stop_reason))
        feeds = {want.mailbox.feed for want in self._wants.values()}
        for feed in feeds:
            feed.finish(min(_DRAIN, max(0.0, deadline - time.monotonic())))
        for feed in feeds | set(self._ending.values()):
            feed.join(deadline - time.monotonic())
        self._ending.clear()
        for ledger in self._ledgers:
            give_back(ledger)
        self._wants.clear()
        self._listeners.clear()
