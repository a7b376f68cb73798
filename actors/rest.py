"""The REST client: lanes, limits, deadlines, and one worker thread a request under way.

A call waits in its lane for a place and for request weight, asks the circuit breaker, leaves, and
is answered; its deadline ends it wherever it is.
"""

from __future__ import annotations

import itertools
import math
import time
from typing import Any

from ..core.breaker import Permit
from ..messages.base import Address
from ..messages.config import Config
from ..messages.errors import (
    CircuitBreakerError,
    ConnectorError,
    NotRunningError,
    RateLimitError,
)
from ..messages.rooms import (
    BreakerStarted,
    ClockDoubted,
    ClockUpdated,
    Fetch,
    OutcomeReported,
    PermitDenied,
    PermitGiven,
    PermitWanted,
    WeightLimitKnown,
)
from ..messages.sessions import LinkLost
from ..venues.driver import Driver
from .base.exchange_clock import ExchangeClock
from .base.room import Lifeline, Room
from .sending.call import Call, DispatchDue, Finished, Overdue, Phase, call_of, is_question
from .sending.gate import Expired, Gate, Go, Silence, Wait
from .sending.ledger import HostLedger
from .sending.sender import Sender
from .sending.verdict import Verdict, overdue

_STOPPED = "stopped before the answer came"


class RestActor(Room):
    """Sends requests: `Fetch`; `update` is what is known of its time: where this room is a new
    one, requests are waiting for it."""

    def __init__(
        self,
        lifeline: Lifeline,
        root: Address[Any],
        *,
        config: Config,
        driver: Driver,
        ledger: HostLedger,
        breaker: Address[Any] | None,
        clock: Address[Any],
        account: Address[Any],
        update: ClockUpdated | None = None,
    ) -> None:
        super().__init__(lifeline, root)
        self._config, self._driver, self._ledger = config, driver, ledger
        self._breaker, self._clock = breaker, clock
        self._calls: dict[int, Call] = {}
        self._numbers = itertools.count(1)
        budget = min(config.rate_limit.max_weight, driver.limits.weight)
        self._gate = Gate(config, ledger, config.connection.max_concurrent_requests, budget)
        self._wake_at: float | None = None
        self._time = ExchangeClock(config.clock_sync)
        self._time.update = update
        self._sender = Sender(lifeline, config, driver, self._time, ledger, account)

    def is_request(self, message: Any) -> bool:
        """What only asks, and what does not leave when its time is over."""
        is_bounded = isinstance(message, Fetch) and message.until < math.inf
        return is_bounded or (isinstance(message, Fetch) and is_question(message.request))

    def receive(self, message: Any) -> None:
        """Handle one message."""
        match message:
            case Fetch():
                self._take(message)
            case PermitGiven():
                self._permitted(message)
            case PermitDenied():
                self._denied(message)
            case Finished():
                self._finished(message)
            case Overdue():
                self._overdue(message.number)
            case DispatchDue():
                self._wake_at = None if message.at == self._wake_at else self._wake_at
            case ClockUpdated():
                self._clock_updated(message)
            case WeightLimitKnown():
                self._limit(message.limit)
            case BreakerStarted():
                self._ask_again()
            case LinkLost():
                self._sender.drop_idle()
            case _:
                self.not_understood(message)
        self._dispatch()  # whatever it was, it may have freed a place

    def close(self) -> None:
        """Answer everybody, cut what is under way, end every thread."""
        for call in tuple(self._calls.values()):
            call.cut()
            self._fail(call, NotRunningError(_STOPPED))
        self._sender.close()

    def cut(self) -> None:
        """Answer everybody, and cut what is under way."""
        for call in tuple(self._calls.values()):
            call.cut()
            if call.reservation is not None:
                self._ledger.complete(call.reservation, time.monotonic())
            call.reply.fail(self._named(NotRunningError(_STOPPED)))

    # in

    def _take(self, fetch: Fetch) -> None:
        """Check a request, and queue it."""
        endpoint = self._driver.endpoints[type(fetch.request)]
        now = time.monotonic()
        seconds = min(fetch.timeout or self._config.connection.timeout, fetch.until - now)
        try:
            call = call_of(next(self._numbers), fetch, endpoint, now, seconds)
            self._sender.check_key(endpoint)
            if not self._gate.admits(call.weight):
                raise RateLimitError(math.inf)
        except ConnectorError as error:
            fetch.reply.fail(self._named(error))
            return
        self._calls[call.number] = call
        self._gate.queue(call)
        self.after(seconds, Overdue(call.number))

    def _limit(self, allowed: int) -> None:
        """The exchange says what it allows; the lesser of that and the configured counts."""
        self._gate.budget = min(self._config.rate_limit.max_weight, allowed)
        self.report(WeightLimitKnown(self._gate.budget))

    # out of the lanes

    def _dispatch(self) -> None:
        """Let leave what may leave."""
        while True:
            now = time.monotonic()
            match self._gate.next(now):
                case Go(call):
                    self._ask_breaker(call)
                case Expired(call):
                    self._overdue(call.number)
                case Silence(call, seconds):
                    self._fail(call, RateLimitError(seconds))
                case Wait(at):
                    self._wake(at)
                    return
                case None:
                    return

    def _wake(self, at: float) -> None:
        if self._wake_at is None or at < self._wake_at:
            self._wake_at = at
            self.after(max(0.0, at - time.monotonic()), DispatchDue(at))

    def _ask_breaker(self, call: Call) -> None:
        call.phase = Phase.ASKING
        if (error := self._obstacle(call)) is not None:  # not at the cost of a trial
            self._fail(call, error)
        elif self._breaker is None:
            self._leave(call)
        else:
            self.send(self._breaker, PermitWanted(call.number, call.fetch.own))

    def _obstacle(self, call: Call) -> ConnectorError | None:
        """Why it may not leave now, if so."""
        if (seconds := self._ledger.blocked(time.monotonic())) is not None:
            return RateLimitError(seconds)
        return self._time.error() if call.endpoint.signed else None

    def _ask_again(self) -> None:
        """The breaker is a new one, and knows of no question."""
        for call in self._calls.values():
            if call.phase is Phase.ASKING:
                self._ask_breaker(call)

    def _permitted(self, message: PermitGiven) -> None:
        call = self._calls.get(message.number)
        if call is None or call.phase is not Phase.ASKING:
            self._report(message.permit, "excluded")
            return
        call.permit = message.permit
        self._leave(call)

    def _denied(self, message: PermitDenied) -> None:
        call = self._calls.get(message.number)
        if call is not None and call.phase is Phase.ASKING:
            self._fail(call, CircuitBreakerError(message.state, message.retry_after))

    def _leave(self, call: Call) -> None:
        if (error := self._obstacle(call)) is not None:
            self._fail(call, error)
            return
        call.phase, call.left = Phase.UNDER_WAY, time.monotonic()
        self._sender.send(call, self.address, self._report)

    # back

    def _finished(self, message: Finished) -> None:
        call = self._calls.get(message.number)
        if call is not None and call.job is message.job:  # else its deadline came first
            self._conclude(call, message.verdict)

    def _conclude(self, call: Call, verdict: Verdict) -> None:
        if verdict.clock_doubted and self._config.clock_sync.enabled:
            self.send(self._clock, ClockDoubted(call.job.sent_ns if call.job else 0))
            if call.doubt is None and verdict.error is not None:
                self._hold(call, verdict.error)
                return
        if verdict.is_page:
            self._turn(call, verdict.outcome)
            return
        if verdict.is_reply:
            call.permit = None  # the worker has reported it, and answered
        self._settle(call, verdict.outcome)
        if verdict.error is not None:
            call.reply.fail(verdict.error)

    def _hold(self, call: Call, error: ConnectorError) -> None:
        """Refused for its timestamp: signed anew and sent once more, when the clock is right."""
        self._release(call, "excluded")
        call.phase, call.doubt = Phase.DOUBTED, error
        call.doubted_ns = call.job.sent_ns if call.job is not None else 0
        call.job = None
        if (update := self._time.update) is not None:
            self._clock_updated(update)  # it may have come while the request was under way

    def _turn(self, call: Call, outcome: str) -> None:
        """The rest of the answer is asked for, by a request of its own, until the same deadline."""
        self._release(call, outcome)
        call.turn()
        self._gate.queue(call)

    def _overdue(self, number: int) -> None:
        call = self._calls.get(number)
        if call is None:
            return
        now = time.monotonic()
        if call.phase is Phase.WAITING and self._gate.not_before > now:
            self._fail(call, RateLimitError(self._gate.not_before - now))
        elif call.phase is Phase.DOUBTED and call.doubt is not None:
            self._fail(call, call.doubt)
        else:
            call.cut()
            seconds = self._config.connection.timeout
            self._fail(call, *overdue(call, self._lifeline.name, seconds, now))

    def _fail(self, call: Call, error: ConnectorError, outcome: str = "excluded") -> None:
        self._settle(call, outcome)
        call.reply.fail(self._named(error))

    # bookkeeping

    def _settle(self, call: Call, outcome: str) -> None:
        """The call is over."""
        self._release(call, outcome)
        call.phase = Phase.DONE
        self._calls.pop(call.number, None)

    def _release(self, call: Call, outcome: str) -> None:
        """Give back what the call holds."""
        if call.phase is Phase.WAITING:
            self._gate.leave_queue(call)
        elif call.phase in (Phase.ASKING, Phase.UNDER_WAY):
            has_left = call.phase is Phase.UNDER_WAY
            self._gate.give_back(call, time.monotonic(), has_left=has_left)
        if call.permit is not None:
            self._report(call.permit, outcome)
            call.permit = None

    def _report(self, permit: Permit, outcome: str) -> None:
        if self._breaker is not None:
            self.send(self._breaker, OutcomeReported(permit, outcome))

    def _named(self, error: ConnectorError) -> ConnectorError:
        error.exchange = self._driver.name
        return error

    def _clock_updated(self, message: ClockUpdated) -> None:
        self._time.update = message
        for call in tuple(self._calls.values()):
            if call.phase is Phase.DOUBTED and message.taken_ns > call.doubted_ns:
                self._gate.queue(call)
