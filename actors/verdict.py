"""What came of a call: the value, or the error and what it means for those that come after."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ..messages.errors import ConnectorError, ExchangeConnectionError, ExchangeError
from ..messages.health import Pong
from ..messages.rooms import Timed
from ..venues.driver import Driver, MalformedError
from .call import Call
from .http import Failure, Response


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of a call.

    Attributes:
        outcome: For the circuit breaker: `success`, `failure` or `excluded`.
        value: The reply, where there is no `error`.
        clock_doubted: Whether the exchange found the timestamp wrong.
        wait: Seconds of silence that the exchange wants, if any.
    """

    outcome: str
    value: Any = None
    error: ConnectorError | None = None
    clock_doubted: bool = False
    wait: float | None = None


def judge(driver: Driver, call: Call, came: Response | Failure, component: str) -> Verdict:
    """Read what came back; every error names the exchange."""
    verdict = _failed(came, component) if isinstance(came, Failure) else _read(driver, call, came)
    if verdict.error is not None:
        verdict.error.exchange = driver.name
    return verdict


def _failed(failure: Failure, component: str) -> Verdict:
    if not failure.status:
        return Verdict("failure", error=ExchangeConnectionError(component, failure.reason))
    outcome = "failure" if failure.status >= 500 else "excluded"
    return Verdict(outcome, error=ExchangeError(0, failure.reason, failure.status))


def _read(driver: Driver, call: Call, response: Response) -> Verdict:
    headers, body = response.headers, response.body
    refusal = driver.refusal(response.status, headers, body, time.time())
    if refusal is not None:
        outcome = "failure" if refusal.is_failure else "excluded"
        doubted, wait = refusal.clock_doubted, refusal.wait
        return Verdict(outcome, error=refusal.error, clock_doubted=doubted, wait=wait)
    try:
        value = call.endpoint.decode(body, call.request, time.time_ns())
    except MalformedError as error:
        reason = f"an answer that cannot be read: {error}"
        return Verdict("success", error=ExchangeError(0, reason, response.status))
    if isinstance(value, Pong):
        value = Pong((response.received_ns - response.sent_ns) / 1e9)
    if call.fetch.timed:
        value = Timed(value, response.sent_ns, response.received_ns)
    return Verdict("success", value)
