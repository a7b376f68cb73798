"""The REST interface: every request passes faults, limits, checks, and then its endpoint."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import msgspec
from aiohttp import web

from ..clock import Clock
from ..faults.rules import RestFaults
from ..journal import Journal, Received
from ..wire.connections import reset_transport
from ..wire.gate import Gate
from .endpoints import Endpoint
from .errors import ApiError, execution_unknown, not_found
from .limits import AddressLimits
from .parameters import check, sent_parameters, time_unit
from .signing import Credentials, check_key, check_signed, without_signature

JSON = {"Content-Type": "application/json;charset=UTF-8"}
HTML = {"Content-Type": "text/html"}
NOT_FOUND_PAGE = b"<html><body><h2>404 Not found</h2></body></html>"


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes
    headers: dict[str, str]


@dataclass
class Rest:
    """Answers REST requests."""

    endpoints: dict[str, Endpoint]
    credentials: Credentials
    clock: Clock
    meter: AddressLimits
    faults: RestFaults
    journal: Journal
    thawed: Gate

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        received = self._receive(request)
        await self.thawed.passed()
        if self.faults.resets.take(request.path):
            reset_transport(_transport(request))
            return web.Response()
        await asyncio.sleep(self.faults.before.take(request.path) or 0)
        try:
            body = (await request.read()).decode("utf-8", "surrogateescape")
        except web.HTTPRequestEntityTooLarge as error:
            received.status = error.status
            raise
        answer = self._answer(request, received, body)
        await asyncio.sleep(self.faults.after.take(request.path) or 0)
        await self.thawed.passed()
        lost = self.faults.lost_answers.take(request.path)
        if lost is None:
            return await self._send(request, received, answer)
        if lost.status is None:
            reset_transport(_transport(request))
            return web.Response()
        unknown = execution_unknown(lost.status)
        return await self._send(request, received, Answer(lost.status, unknown.body(), JSON))

    def _receive(self, request: web.Request) -> Received:
        endpoint = self.endpoints.get(request.path)
        query = dict(request.query)
        headers = {name.lower(): value for name, value in request.headers.items()}
        weight = endpoint.weight(query) if endpoint else 0
        received = Received(request.path, query, headers, weight, time.monotonic())
        received.method = request.method
        self.journal.request(received)
        return received

    def _answer(self, request: web.Request, received: Received, body: str) -> Answer:
        try:
            self.meter.request(received.weight)
            return self._canned(request.path) or self._own(request, received, body)
        except ApiError as error:
            canned = self._canned(request.path)
            return canned or Answer(error.status, error.body(), JSON | error.headers)

    def _canned(self, path: str) -> Answer | None:
        canned = self.faults.canned.take(path)
        if canned is None:
            return None
        return Answer(canned.status, canned.body, canned.headers)

    def _own(self, request: web.Request, received: Received, body: str) -> Answer:
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

    async def _send(
        self, request: web.Request, received: Received, answer: Answer
    ) -> web.StreamResponse:
        used = str(self.meter.used)
        headers = {"X-MBX-USED-WEIGHT": used, "X-MBX-USED-WEIGHT-1M": used} | answer.headers
        received.status = answer.status
        self.journal.notify()
        rate = self.faults.drips.take(request.path)
        if rate is None:
            return web.Response(status=answer.status, body=answer.body, headers=headers)
        return await _drip(request, answer, headers, rate)


async def _drip(
    request: web.Request, answer: Answer, headers: dict[str, str], bytes_per_second: float
) -> web.StreamResponse:
    """Send the body in small pieces, ten a second or one byte at a time."""
    response = web.StreamResponse(status=answer.status, headers=headers)
    response.content_length = len(answer.body)
    await response.prepare(request)
    piece = max(1, int(bytes_per_second / 10))
    for begin in range(0, len(answer.body), piece):
        await response.write(answer.body[begin : begin + piece])
        await asyncio.sleep(piece / bytes_per_second)
    await response.write_eof()
    return response


def _nothing_there(request: web.Request) -> Answer:
    """404; as a page only for a client that wants one (CHANGELOG.md, 2023-12-04)."""
    if "text/html" in request.headers.get("Accept", ""):
        return Answer(404, NOT_FOUND_PAGE, HTML)
    raise not_found()


def _json(answer: Any) -> bytes:
    return answer if isinstance(answer, bytes) else msgspec.json.encode(answer)


def _transport(request: web.Request) -> asyncio.Transport:
    transport = request.transport
    if transport is None:
        raise ConnectionResetError
    return transport
