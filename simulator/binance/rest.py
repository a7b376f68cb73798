"""The REST interface: every request passes limits and checks, and then its endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from ..clock import Clock, TimeUnit
from ..faults.rules import RestFaults
from ..journal import Received
from ..wire.requests import Answer
from .desk import Desk
from .endpoints import Endpoint
from .errors import JSON, execution_unknown, gone, not_found, wrong_timestamp
from .limits import AddressLimits
from .order_counts import OrderCounts
from .parameters import Query, check, sent_parameters, time_unit
from .signed_endpoints import SignedEndpoint
from .signing import check_signed, find_key, without_signature

HTML = {"Content-Type": "text/html"}
GONE = "/api/v3/userDataStream"  # listen keys; CHANGELOG.md, 2026-01-21
NOT_FOUND_PAGE = b"<html><body><h2>404 Not found</h2></body></html>"


@dataclass
class Rest:
    """Answers REST requests."""

    endpoints: dict[str, Endpoint]
    signed: dict[tuple[str, str], SignedEndpoint]
    desk: Desk
    counts: OrderCounts
    clock: Clock
    meter: AddressLimits
    faults: RestFaults

    def weigh(self, request: web.Request) -> int:
        """The weight of a request; 0 where there is no such endpoint."""
        endpoint = self._endpoint(request)
        return endpoint.weight(dict(request.query)) if endpoint else 0

    def admit(self, request: web.Request, received: Received) -> None:
        """Count the request; raises `ApiError` past a limit."""
        self.meter.request(received.weight)

    def answer(self, request: web.Request, received: Received, body: str) -> Answer:
        """The answer of its endpoint; raises `ApiError` where a check fails."""
        endpoint = self._endpoint(request)
        if endpoint is None or endpoint.verb != request.method:
            return _nothing_there(request)
        # as it arrived: a decoded and encoded copy would hide a client's wrong encoding
        text = request.raw_path.partition("?")[2]
        query = sent_parameters(request.method, text, body)
        unit = time_unit(received.headers.get("x-mbx-time-unit"))
        if isinstance(endpoint, SignedEndpoint):
            signed_text = without_signature(text) + without_signature(body)
            return self._signed(endpoint, request, received, query, signed_text, unit)
        check(endpoint.parameters, query)
        return Answer(200, _json(endpoint.answer(query, unit)), JSON)

    def _endpoint(self, request: web.Request) -> Endpoint | SignedEndpoint | None:
        signed = self.signed.get((request.method, request.path))
        return signed or self.endpoints.get(request.path)

    def _signed(
        self,
        endpoint: SignedEndpoint,
        request: web.Request,
        received: Received,
        query: Query,
        signed_text: str,
        unit: TimeUnit,
    ) -> Answer:
        """Check key, parameters, timestamp and signature, and answer."""
        api_key = received.headers.get("x-mbx-apikey", "")
        account, key = find_key(self.desk.house, api_key, endpoint.right)
        self._weigh_body(endpoint, query, received)
        check(endpoint.parameters, query)
        ahead = self.faults.timestamps.take(request.path, f"{request.method} {request.path}")
        if ahead is not None:
            raise wrong_timestamp(ahead=ahead)
        check_signed(key, self.clock, query, signed_text)
        answer = _json(endpoint.answer(account, query, unit))
        if endpoint.is_free:
            self.meter.refund(received.weight)
            received.weight = 0
        headers = self.counts.headers(account) if endpoint.counts else {}
        return Answer(200, answer, JSON | headers)

    def _weigh_body(self, endpoint: SignedEndpoint, query: Query, received: Received) -> None:
        """What the parameters in the body cost beyond those of the URL."""
        more = endpoint.weight(query) - received.weight
        if more > 0:
            received.weight += more
            self.meter.spend(more)

    def unknown(self, status: int) -> Answer:
        """Nobody knows whether it has been done."""
        return Answer(status, execution_unknown(status).body(), JSON)

    def usage(self) -> dict[str, str]:
        """The weight used, in the headers of every answer."""
        used = str(self.meter.used)
        return {"X-MBX-USED-WEIGHT": used, "X-MBX-USED-WEIGHT-1M": used}


def _nothing_there(request: web.Request) -> Answer:
    """404; as a page only for a client that wants one (CHANGELOG.md, 2023-12-04)."""
    if request.path == GONE:
        raise gone()
    if "text/html" in request.headers.get("Accept", ""):
        return Answer(404, NOT_FOUND_PAGE, HTML)
    raise not_found()


def _json(answer: Any) -> bytes:
    return answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
