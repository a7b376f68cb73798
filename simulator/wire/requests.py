"""HTTP requests: every one passes the faults, and the exchange answers it in between."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from ..faults.rules import LostAnswer, RestFaults
from ..journal import Journal, Received
from .connections import reset_transport
from .gate import Gate
from .refusal import Refused

SILENCE_POLL_S = 0.05  # aiohttp tells a handler nothing of a client that has left


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
        names = request.path, f"{request.method} {request.path}"
        if self.faults.resets.take(*names):
            reset_transport(_transport(request))
            return web.Response()
        await asyncio.sleep(self.faults.before.take(*names) or 0)
        try:
            body = (await request.read()).decode("utf-8", "surrogateescape")
        except web.HTTPRequestEntityTooLarge as error:
            received.status = error.status
            raise
        lost = self.faults.lost_answers.take(*names)
        answer: Answer | None = None
        if lost is None or lost.done:
            answer = self._answer(request, received, body, names)
        await asyncio.sleep(self.faults.after.take(*names) or 0)
        await self.thawed.passed()
        if lost is not None:
            answer = await self._lose(request, lost)
        return await self._send(request, received, answer) if answer else web.Response()

    async def _lose(self, request: web.Request, lost: LostAnswer) -> Answer | None:
        """What the client gets instead of the answer."""
        if lost.status is not None:
            return self.service.unknown(lost.status)
        transport = _transport(request)
        while lost.silent and not transport.is_closing():
            await asyncio.sleep(SILENCE_POLL_S)
        reset_transport(transport)
        return None

    def _receive(self, request: web.Request) -> Received:
        query = dict(request.query)
        headers = {name.lower(): value for name, value in request.headers.items()}
        weight = self.service.weigh(request)
        received = Received(request.path, query, headers, weight, time.monotonic())
        received.method = request.method
        self.journal.request(received)
        return received

    def _answer(
        self, request: web.Request, received: Received, body: str, names: tuple[str, ...]
    ) -> Answer:
        try:
            self.service.admit(request, received)
            return self._canned(names) or self.service.answer(request, received, body)
        except Refused as error:
            headers = error.media | error.headers
            return self._canned(names) or Answer(error.status, error.body(), headers)

    def _canned(self, names: tuple[str, ...]) -> Answer | None:
        canned = self.faults.canned.take(*names)
        if canned is None:
            return None
        return Answer(canned.status, canned.body, canned.headers)

    async def _send(
        self, request: web.Request, received: Received, answer: Answer
    ) -> web.StreamResponse:
        headers = self.service.usage() | answer.headers
        received.status = answer.status
        self.journal.notify()
        rate = self.faults.drips.take(request.path, f"{request.method} {request.path}")
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
