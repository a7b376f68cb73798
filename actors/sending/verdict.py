"""What came of a call: the value, or the error and what it means for those that come after."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from ...messages.errors import (
    ConnectorError,
    ExchangeConnectionError,
    ExchangeError,
    ProtocolError,
)
from ...messages.health import Pong
from ...messages.rooms import Timed
from ...venues.driver import Driver, MalformedError, Page
from .call import Call
from .http import Failure, Response
from .ledger import HostLedger

_FAIR_SHARE = 0.5
"""Of its time, what a request must have had at the exchange for a late answer to count against it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The end of a call.

    Attributes:
        outcome: For the circuit breaker: `success`, `failure` or `excluded`.
        value: The reply, where there is no `error`.
        is_page: Whether there is no reply yet, as another request asks for the rest of it.
        clock_doubted: Whether the exchange found the timestamp wrong.
    """

    outcome: str
    value: Any = None
    error: ConnectorError | None = None
    clock_doubted: bool = False
    is_page: bool = False

    @property
    def is_reply(self) -> bool:
        """Whether `value` is what was asked for."""
        return self.error is None and not self.is_page


def judge(
    driver: Driver, call: Call, came: Response | Failure, component: str, now: float
) -> Verdict:
    """Read what came back, at the exchange's time `now` (seconds); every error names the exchange."""
    if isinstance(came, Failure):
        verdict = _failed(came, component)
    else:
        verdict = _read(driver, call, came, now)
    if verdict.error is not None:
        verdict.error.exchange = driver.name
    return verdict


def _failed(failure: Failure, component: str) -> Verdict:
    if not failure.status:
        return Verdict("failure", error=ExchangeConnectionError(component, failure.reason))
    outcome = "failure" if failure.status >= 500 else "excluded"
    return Verdict(outcome, error=ExchangeError(0, failure.reason, failure.status))


def _read(driver: Driver, call: Call, response: Response, now: float) -> Verdict:
    headers, body = response.headers, response.body
    refusal = driver.refusal(response.status, headers, body, now)
    if refusal is not None:
        outcome = "failure" if refusal.is_failure else "excluded"
        return Verdict(outcome, error=refusal.error, clock_doubted=refusal.clock_doubted)
    try:
        value = call.endpoint.decode(body, call.request, time.time_ns())
        if isinstance(value, Page):
            call.pages.add(value, body)
            return Verdict("success", is_page=True)
        value = call.pages.whole(value)
    except MalformedError as error:
        reason = f"an answer that cannot be read: {error}"
        return Verdict("success", error=ExchangeError(0, reason, response.status))
    except (ProtocolError, ExchangeError) as error:
        return Verdict("success", error=error)
    if isinstance(value, Pong):
        value = Pong((response.received_ns - response.sent_ns) / 1e9)
    if call.fetch.timed:
        value = Timed(value, response.sent_ns, response.received_ns)
    return Verdict("success", value)


def overdue(call: Call, component: str, seconds: float, now: float) -> tuple[ConnectorError, str]:
    """The error of a call that was not answered within its `seconds`, and its outcome."""
    reason = f"no answer within {seconds:g} s ({call.phase.value})"
    # What was waited for here is no failure of the exchange's.
    is_fair = call.job is not None and now - call.left >= _FAIR_SHARE * seconds
    return ExchangeConnectionError(component, reason), "failure" if is_fair else "excluded"


def heed(driver: Driver, ledger: HostLedger, response: Response, now_ns: int) -> None:
    """What any answer says of the host's limits, whoever still waits for it.

    Args:
        now_ns: The exchange's time.
    """
    headers, now = response.headers, time.monotonic()
    refusal = driver.refusal(response.status, headers, response.body, now_ns / 1e9)
    if refusal is not None and refusal.wait is not None:
        ledger.block_until(now + refusal.wait)
    used = driver.used_weight(headers)
    period = int(driver.limits.weight_period * 1e9)
    sent_ns = now_ns - (time.monotonic_ns() - response.sent_ns)
    if used is not None and sent_ns // period == now_ns // period:
        # Else it cannot be told which minute was counted; the next answer says.
        into = now_ns % period / 1e9
        ledger.observe(used, now, now - into, now - into + period / 1e9)
