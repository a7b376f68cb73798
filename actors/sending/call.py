"""One REST request on its way through the lanes, and the lanes' bookkeeping of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from ...core.breaker import Permit
from ...core.weight import Reservation
from ...messages.base import Request
from ...messages.errors import ConnectorError
from ...messages.orders import CancelAll, CancelOrder, OrderTerms
from ...messages.rooms import Fetch
from ...venues.driver import Endpoint
from ..base.reply import Reply
from .http_job import Job
from .pages import Pages


class Phase(Enum):
    """Where a call is."""

    WAITING = "in its lane"
    ASKING = "asking the circuit breaker"
    UNDER_WAY = "under way"
    DOUBTED = "waiting for the clock"
    DONE = "done"


@dataclass(eq=False)
class Call:
    """One request.

    Attributes:
        deadline: Monotonic seconds after which nobody waits for it.
        asked: When it was asked for, monotonic seconds.
        left: When it was handed to a worker, monotonic seconds.
        query: What is asked: percent-encoded, or the body where `endpoint.is_json`.
        doubt: The exchange's refusal of its timestamp, after which it is sent once more.
        pages: What has come of an answer that comes page by page.
    """

    number: int
    fetch: Fetch
    endpoint: Endpoint
    query: str
    weight: int
    asked: float
    deadline: float
    phase: Phase = Phase.WAITING
    reservation: Reservation | None = None
    permit: Permit | None = None
    job: Job | None = None
    left: float = math.inf
    doubt: ConnectorError | None = None
    doubted_ns: int = 0
    pages: Pages = field(default_factory=Pages)

    @property
    def reply(self) -> Reply[Any]:
        """Who waits for it."""
        reply: Reply[Any] = self.fetch.reply
        return reply

    @property
    def request(self) -> Request[Any]:
        """What was asked."""
        return self.fetch.request

    def turn(self) -> None:
        """Be the request for the next page."""
        endpoint = self.endpoint = self.pages.endpoint or self.endpoint
        self.weight = endpoint.weight(self.request)
        parameters = self.pages.parameters(endpoint.parameters(self.request))
        self.query = query_of(parameters, is_json=endpoint.is_json)
        self.job = self.doubt = None

    def cut(self) -> None:
        """End what is under way of it."""
        if self.job is not None:
            self.job.cut()


class Finished(msgspec.Struct, frozen=True):
    """A worker is done with call `number`, attempt `job`, and has read what came.

    Attributes:
        verdict: A `Verdict`; where it is a reply, the worker has answered the asker with it.
    """

    number: int
    job: Any
    verdict: Any


class Overdue(msgspec.Struct, frozen=True):
    """Call `number` has had its time."""

    number: int


class DispatchDue(msgspec.Struct, frozen=True):
    """Something that the first call in the lanes waits for may be there."""

    at: float


def call_of(number: int, fetch: Fetch, endpoint: Endpoint, now: float, seconds: float) -> Call:
    """The call of a request that has so many seconds from `now` on. Raises `ValidationError`."""
    query = query_of(endpoint.parameters(fetch.request), is_json=endpoint.is_json)
    return Call(number, fetch, endpoint, query, endpoint.weight(fetch.request), now, now + seconds)


def is_question(request: Request[Any]) -> bool:
    """Whether it changes nothing at the exchange."""
    return not isinstance(request, OrderTerms | CancelOrder | CancelAll)


def query_of(parameters: list[tuple[str, str]], *, is_json: bool = False) -> str:
    """The parameters percent-encoded (UTF-8), in order; or as a JSON object, for a body."""
    if is_json:
        return msgspec.json.encode(dict(parameters)).decode()
    return urlencode(parameters, quote_via=quote, safe="")
