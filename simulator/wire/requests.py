"""HTTP requests: every one passes the faults, and the exchange answers it in between."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from ..faults.rules import RestFaults
from ..journal import Journal, Received
from .connections import reset_transport
from .gate import Gate
from .refusal import Refused


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int
    body: bytes
    headers: dict[str, str]


class Service(Protocol):
    """Whoever answers the requests of an exchange."""

    def weigh(self, request: web.Request) -> int:
        """What the request costs."""
        ...

    def admit(self, request: web.Request, received: Received) -> None:
        """Count the request; raise `Refused` past a limit."""
        ...

    def answer(self, request: web.Request, received: Received, body: str) -> Answer:
        """The exchange's own answer; raise `Refused` for one that is none."""
        ...

    def unknown(self, status: int) -> Answer:
        """The answer to a request that has been done, and of which nobody knows whether it was."""
        ...

    def usage(self) -> dict[str, str]:
        """Headers of every answer, for what has been used so far."""
        ...


@dataclass
class Requests:
    """Answers HTTP requests, as far as the faults let it."""

    service: Service
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
        return await self._send(request, received, self.service.unknown(lost.status))

    def _receive(self, request: web.Request) -> Received:
        query = dict(request.query)
        headers = {name.lower(): value for name, value in request.headers.items()}
        weight = self.service.weigh(request)
        received = Received(request.path, query, headers, weight, time.monotonic())
        received.method = request.method
        self.journal.request(received)
        return received

    def _answer(self, request: web.Request, received: Received, body: str) -> Answer:
        try:
            self.service.admit(request, received)
            return self._canned(request.path) or self.service.answer(request, received, body)
        except Refused as error:
            headers = error.media | error.headers
            return self._canned(request.path) or Answer(error.status, error.body(), headers)

    def _canned(self, path: str) -> Answer | None:
        canned = self.faults.canned.take(path)
        if canned is None:
            return None
        return Answer(canned.status, canned.body, canned.headers)

    async def _send(
        self, request: web.Request, received: Received, answer: Answer
    ) -> web.StreamResponse:
        headers = self.service.usage() | answer.headers
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


def _transport(request: web.Request) -> asyncio.Transport:
    transport = request.transport
    if transport is None:
        raise ConnectionResetError
    return transport
