"""The REST interface: every request passes limits and checks, and then its endpoint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from ..clock import Clock
from ..credentials import Credentials
from ..journal import Received
from ..wire.requests import Answer
from .endpoints import Endpoint
from .errors import JSON, execution_unknown, not_found
from .limits import AddressLimits
from .parameters import check, sent_parameters, time_unit
from .signing import check_key, check_signed, without_signature

HTML = {"Content-Type": "text/html"}
NOT_FOUND_PAGE = b"<html><body><h2>404 Not found</h2></body></html>"


@dataclass
class Rest:
    """Answers REST requests."""

    endpoints: dict[str, Endpoint]
    credentials: Credentials
    clock: Clock
    meter: AddressLimits

    def weigh(self, request: web.Request) -> int:
        """The weight of a request; 0 where there is no such endpoint."""
        endpoint = self.endpoints.get(request.path)
        return endpoint.weight(dict(request.query)) if endpoint else 0

    def admit(self, request: web.Request, received: Received) -> None:
        """Count the request; raises `ApiError` past a limit."""
        self.meter.request(received.weight)

    def answer(self, request: web.Request, received: Received, body: str) -> Answer:
        """The answer of its endpoint; raises `ApiError` where a check fails."""
        endpoint = self.endpoints.get(request.path)
        if endpoint is None or request.method != "GET":
            return _nothing_there(request)
        # as it arrived: a decoded and encoded copy would hide a client's wrong encoding
        text = request.raw_path.partition("?")[2]
        query = sent_parameters(request.method, text, body)
        unit = time_unit(received.headers.get("x-mbx-time-unit"))
        if endpoint.signed:
            check_key(self.credentials, received.headers.get("x-mbx-apikey", ""))
        check(endpoint.parameters, query)
        if endpoint.signed:
            check_signed(self.credentials, self.clock, query, without_signature(text + body))
        answer: Any = endpoint.answer(query, unit)
        return Answer(200, _json(answer), JSON)

    def unknown(self, status: int) -> Answer:
        """Nobody knows whether it has been done."""
        return Answer(status, execution_unknown(status).body(), JSON)

    def usage(self) -> dict[str, str]:
        """The weight used, in the headers of every answer."""
        used = str(self.meter.used)
        return {"X-MBX-USED-WEIGHT": used, "X-MBX-USED-WEIGHT-1M": used}


def _nothing_there(request: web.Request) -> Answer:
    """404; as a page only for a client that wants one (CHANGELOG.md, 2023-12-04)."""
    if "text/html" in request.headers.get("Accept", ""):
        return Answer(404, NOT_FOUND_PAGE, HTML)
    raise not_found()


def _json(answer: Any) -> bytes:
    return answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
