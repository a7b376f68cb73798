"""The REST client: lanes, limits, deadlines, and one worker thread a request under way.

A call waits in its lane for a place and for request weight, asks the circuit breaker, leaves, and
is answered; its deadline ends it wherever it is.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Mapping
from typing import Any

from ..core.breaker import Permit
from ..messages.base import Address
from ..messages.config import Config
from ..messages.errors import (
    CircuitBreakerError,
    ConnectorError,
    ExchangeConnectionError,
    ExchangeError,
    NotRunningError,
    RateLimitError,
    ValidationError,
)
from ..messages.rooms import (
    ClockDoubted,
    ClockUpdated,
    Fetch,
    ListingFailed,
    ListingKnown,
    ListingWanted,
    OutcomeReported,
    PermitDenied,
    PermitGiven,
    PermitWanted,
    Timed,
    WeightLimitKnown,
)
from ..venues.driver import Driver, GetListing, Listing, MalformedError, Refusal
from .call import Call, DispatchDue, Finished, Overdue, Phase, query_of
from .exchange_clock import ExchangeClock
from .gate import Gate, Go, Silence, Wait
from .http import Failure, HttpClient, Job, Response
from .ledger import HostLedger
from .reply import Reply
from .room import Lifeline, Room
from .workers import Workers

_HUNG_ALLOWANCE = 4
"""Threads that hang in a name look-up do not take the place of requests, up to so many times the
number of places."""
_USER_AGENT = "exchange-connector"


class RestActor(Room):
    """Sends requests: `Fetch`."""

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
        registry: Address[Any],
    ) -> None:
        super().__init__(lifeline, root)
        places = config.connection.max_concurrent_requests
        self._config, self._driver, self._ledger = config, driver, ledger
        self._breaker, self._clock, self._registry = breaker, clock, registry
        self._url = driver.urls(config.exchange).rest
        self._signer = driver.signer(config.exchange)
        self._client = HttpClient(places, config.connection.proxy, _USER_AGENT)
        self._workers = Workers(f"{lifeline.name}-worker", places * _HUNG_ALLOWANCE)
        self._calls: dict[int, Call] = {}
        self._numbers = itertools.count(1)
        budget = min(config.rate_limit.max_weight, driver.limits.weight)
        self._gate = Gate(config.rate_limit, ledger, places, budget)
        self._wake_at: float | None = None
        self._time = ExchangeClock(config.clock_sync)

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
                if message.at == self._wake_at:
                    self._wake_at = None
                self._dispatch()
            case ClockUpdated():
                self._clock_updated(message)
            case ListingWanted():
                self._list()
            case Listing():
                self._listed(message)
            case ConnectorError():
                self.send(self._registry, ListingFailed(message))
            case _:
                self.not_understood(message)

    def close(self) -> None:
        """Answer everybody, cut what is under way, end every thread."""
        error = NotRunningError("the connector stopped before the answer came")
        for call in tuple(self._calls.values()):
            if call.job is not None:
                call.job.cut()
            self._fail(call, error)
        self._workers.close(0.5)
        self._client.close()

    def cut(self) -> None:
        """Cut every request under way, from any thread."""
        for call in tuple(self._calls.values()):
            if call.job is not None:
                call.job.cut()

    # in

    def _take(self, fetch: Fetch) -> None:
        """Check a request, and queue it."""
        now = time.monotonic()
        endpoint = self._driver.endpoints[type(fetch.request)]
        try:
            query = query_of(endpoint.parameters(fetch.request))
            self._check_key(endpoint.signed)
        except ConnectorError as error:
            fetch.reply.fail(self._named(error))
            return
        deadline = now + self._config.connection.timeout
        weight = endpoint.weight(fetch.request)
        if not self._gate.admits(weight):
            fetch.reply.fail(self._named(RateLimitError(math.inf)))
            return
        call = Call(next(self._numbers), fetch, endpoint, query, weight, now, deadline)
        self._calls[call.number] = call
        self._gate.queue(call)
        self.after(self._config.connection.timeout, Overdue(call.number))
        self._dispatch()

    def _check_key(self, signed: bool) -> None:
        if signed and self._signer is None:
            raise ValidationError("exchange.api_key", "", "this request needs a key")

    # out of the lanes

    def _dispatch(self) -> None:
        """Let leave what may leave."""
        while True:
            now = time.monotonic()
            match self._gate.next(now):
                case Go(call):
                    self._ask_breaker(call)
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
        if self._breaker is None:
            self._leave(call)
        else:
            call.phase = Phase.ASKING
            self.send(self._breaker, PermitWanted(call.number, call.fetch.own))

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
        endpoint = call.endpoint
        if endpoint.signed and (error := self._time.error()) is not None:
            self._fail(call, error)
            return
        sign = self._sign if endpoint.signed else None
        job = Job(endpoint.method, f"{self._url}{endpoint.path}", call.query, sign)
        call.phase, call.job = Phase.UNDER_WAY, job
        timeout, number = max(0.001, call.deadline - time.monotonic()), call.number
        client, address = self._client, self.address

        def work() -> None:
            address.tell(Finished(number, job, client.send(job, timeout)))

        self._workers.run(work)

    def _sign(self, query: str) -> tuple[str, Mapping[str, str]]:
        """On a worker's thread, as the request leaves."""
        assert self._signer is not None
        return self._signer.sign(query, self._time.now_ns())

    # back

    def _finished(self, message: Finished) -> None:
        call = self._calls.get(message.number)
        if call is None or call.job is not message.job:
            return  # its deadline came first
        outcome = message.outcome
        if isinstance(outcome, Failure):
            self._failed(call, outcome)
        else:
            self._observe(outcome)
            headers, body = outcome.headers, outcome.body
            refusal = self._driver.refusal(outcome.status, headers, body, time.time())
            if refusal is None:
                self._succeeded(call, outcome)
            else:
                self._refused(call, refusal)
        self._dispatch()

    def _failed(self, call: Call, failure: Failure) -> None:
        if failure.status:
            self._settle(call, "failure" if failure.status >= 500 else "excluded")
            call.reply.fail(self._named(ExchangeError(0, failure.reason, failure.status)))
        else:
            self._settle(call, "failure")
            error = ExchangeConnectionError(self._lifeline.name, failure.reason)
            call.reply.fail(self._named(error))

    def _succeeded(self, call: Call, response: Response) -> None:
        self._settle(call, "success")
        try:
            value = call.endpoint.decode(response.body, call.request, time.time_ns())
        except MalformedError as error:
            reason = f"an answer that cannot be read: {error}"
            call.reply.fail(self._named(ExchangeError(0, reason, response.status)))
            return
        if call.fetch.timed:
            value = Timed(value, response.sent_ns, response.received_ns)
        call.reply.tell(value)

    def _refused(self, call: Call, refusal: Refusal) -> None:
        now = time.monotonic()
        if refusal.wait is not None:
            self._ledger.block_until(now + refusal.wait)
        if refusal.clock_doubted and self._config.clock_sync.enabled:
            self.send(self._clock, ClockDoubted())
            if call.doubt is None:
                self._hold(call, refusal.error)
                return
        self._settle(call, "failure" if refusal.is_failure else "excluded")
        call.reply.fail(self._named(refusal.error))

    def _hold(self, call: Call, error: ConnectorError) -> None:
        """Refused for its timestamp: signed anew and sent once more, when the clock is right."""
        self._release(call, "excluded")
        call.phase, call.job = Phase.DOUBTED, None
        call.doubt, call.doubted_ns = error, time.monotonic_ns()

    def _overdue(self, number: int) -> None:
        call = self._calls.get(number)
        if call is None:
            return
        now = time.monotonic()
        if call.phase is Phase.WAITING and call.not_before > now:
            self._fail(call, RateLimitError(call.not_before - now))
        elif call.phase is Phase.DOUBTED and call.doubt is not None:
            self._fail(call, call.doubt)
        else:
            if call.job is not None:
                call.job.cut()
            seconds = self._config.connection.timeout
            reason = f"no answer within {seconds:g} s ({call.phase.value})"
            self._fail(call, ExchangeConnectionError(self._lifeline.name, reason), "failure")
        self._dispatch()

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

    def _observe(self, response: Response) -> None:
        """The exchange's own count of weight, for its current minute."""
        used = self._driver.used_weight(response.headers)
        if used is not None:
            now, period = time.monotonic(), self._driver.limits.weight_period
            start = now - self._time.now_ns() / 1e9 % period
            self._ledger.observe(used, now, start, start + period)

    def _clock_updated(self, message: ClockUpdated) -> None:
        self._time.update = message
        for call in tuple(self._calls.values()):
            if call.phase is Phase.DOUBTED and message.taken_ns > call.doubted_ns:
                call.phase = Phase.WAITING
                self._gate.queue(call)
        self._dispatch()

    # what the exchange lists

    def _list(self) -> None:
        """Ask, on behalf of ourselves; the answer comes back as a message."""
        address = self.address

        def answered(value: Any, error: BaseException | None) -> None:
            address.tell(value if error is None else error)

        self._take(Fetch(GetListing(), Reply(answered), own=True))

    def _listed(self, listing: Listing) -> None:
        if listing.weight_limit is not None:
            self._gate.budget = min(self._config.rate_limit.max_weight, listing.weight_limit)
            self.report(WeightLimitKnown(self._gate.budget))
        self.send(self._registry, ListingKnown(listing.symbols))
