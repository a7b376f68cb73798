"""Sends calls on worker threads, signed as they leave; what comes back is read there too."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ...core.breaker import Permit
from ...messages.base import Address
from ...messages.config import Config
from ...messages.errors import ValidationError
from ...messages.trading import OrdersCounted
from ...venues.driver import Driver, Endpoint
from ..base.exchange_clock import ExchangeClock
from ..base.room import Lifeline
from ..base.workers import Workers
from .call import Call, Finished
from .http import Failure, HttpClient, Response
from .http_job import Job
from .ledger import HostLedger
from .rest_notes import rest_note
from .verdict import Verdict, heed, judge

_HUNG_ALLOWANCE = 4
"""Threads that hang in a name look-up do not take the place of requests, up to so many times the
number of places."""
_USER_AGENT = "exchange-connector"
_GRACE = 1.0
"""Seconds that the socket waits longer than the call: its deadline is what cuts it, and is told."""


class Sender:
    """The HTTP side of `rest`: the key, the connections and the threads."""

    def __init__(
        self,
        lifeline: Lifeline,
        config: Config,
        driver: Driver,
        clock: ExchangeClock,
        ledger: HostLedger,
        account: Address[Any],
    ) -> None:
        self._name, self._driver, self._ledger = lifeline.name, driver, ledger
        self._trading, self._account = driver.account, account
        connection = config.connection
        places = connection.max_concurrent_requests
        self._url = driver.urls(config.exchange).rest
        self._signer = driver.signer(config.exchange)
        self._clock = clock
        self._tape = lifeline.tape
        self._client = HttpClient(places, connection.proxy, _USER_AGENT, connection.ca_file)
        self._workers = Workers(f"{lifeline.name}-worker", places * _HUNG_ALLOWANCE)

    def check_key(self, endpoint: Endpoint) -> None:
        """Raise a `ValidationError` where a request has to be signed, and there is no key."""
        if endpoint.signed and self._signer is None:
            raise ValidationError("exchange.api_key", "", "this request needs a key")

    def send(self, call: Call, back: Address[Any], report: Callable[[Permit, str], None]) -> None:
        """Have a call sent; `Finished` is told to `back`, then a reply to who has asked.

        Args:
            report: Takes the outcome of a call that was answered, for the circuit breaker.
        """
        endpoint = call.endpoint
        sign = self._sign if endpoint.signed else None
        url = f"{self._url}{endpoint.path_for(call.request)}"
        job = call.job = Job(endpoint.method, url, call.query, sign, is_body=endpoint.is_json)
        timeout = max(0.0, call.deadline - time.monotonic()) + _GRACE
        number, permit = call.number, call.permit
        client, tape = self._client, self._tape

        def work() -> None:
            outcome = client.send(job, timeout)
            tape.note(rest_note(call, outcome))
            verdict = self._read(call, outcome)
            back.tell(Finished(number, job, verdict))  # before whatever the asker does next
            if verdict.is_reply:
                if permit is not None:
                    report(permit, verdict.outcome)
                call.reply.tell(verdict.value)
            self._count(outcome)

        self._workers.run(work)

    def drop_idle(self) -> None:
        """Keep no connection for later."""
        self._client.drop_idle()

    def close(self) -> None:
        """End every thread, and close every connection."""
        self._workers.close(0.5)
        self._client.close()

    def _read(self, call: Call, outcome: Response | Failure) -> Verdict:
        now_ns = self._clock.now_ns()
        if isinstance(outcome, Response):
            heed(self._driver, self._ledger, outcome, now_ns)
        return judge(self._driver, call, outcome, self._name, now_ns / 1e9)

    def _count(self, outcome: Response | Failure) -> None:
        """Tell the account what the exchange counts of its orders, if it says so."""
        if self._trading is not None and isinstance(outcome, Response):
            counts = self._trading.limits(outcome.headers)
            if counts:
                self._account.tell(OrdersCounted(counts))

    def _sign(self, query: str) -> tuple[str, Mapping[str, str]]:
        """On a worker's thread."""
        assert self._signer is not None
        return self._signer.sign(query, self._clock.now_ns())
