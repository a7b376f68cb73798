"""The websocket API, `/ws-api/v3`: the endpoints of REST as methods of one connection.

Source: web-socket-api.md. Weight is shared with REST. An address that is banned is disconnected,
also in the midst of a connection. A request that cannot be read costs nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from aiohttp import web

from ..clock import Clock
from ..credentials import Credentials
from ..faults.rules import RestFaults
from ..journal import Journal
from ..wire.connections import Connection
from ..wire.sockets import POLICY_VIOLATION, Beat, Manner, Sockets
from .calls import Call, UnreadableError, read_call
from .endpoints import Endpoint
from .errors import ApiError, bad_request, execution_unknown, missing
from .exchange_info import limit_row
from .limits import AddressLimits
from .parameters import check, time_unit
from .payloads import encode
from .sessions import WEIGHT, ApiConnection, SessionMethod, Sessions
from .signing import check_key, check_signed, sorted_text

CONNECTING = 2  # weight
OWN_PARAMETERS = ("apiKey", "returnRateLimits")


@dataclass
class WebSocketApi:
    """Answers the requests of the websocket API."""

    sockets: Sockets
    beat: Callable[[Connection], Beat]
    endpoints: dict[str, Endpoint]
    sessions: Sessions
    credentials: Credentials
    clock: Clock
    limits: AddressLimits
    journal: Journal
    faults: RestFaults

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection from upgrade to end."""
        manner = Manner(self._admit, self._connect, _begin, self._text, self.beat)
        return await self.sockets.serve(request, manner)

    def _admit(self, request: web.Request) -> None:
        time_unit(request.query.get("timeUnit"))
        self.limits.spend(CONNECTING)

    def _connect(self, transport: asyncio.Transport, request: web.Request) -> ApiConnection:
        return ApiConnection(
            transport,
            unit=time_unit(request.query.get("timeUnit")),
            connected_since=self.clock.microseconds(),
            return_rate_limits=request.query.get("returnRateLimits") != "false",
        )

    def _text(self, text: str, connection: Connection) -> None:
        session = cast(ApiConnection, connection)
        try:
            call = read_call(text)
        except UnreadableError as unreadable:
            self.journal.control("", text, connection.id)
            session.answer(encode({"id": unreadable.id} | self._refusal(unreadable.error, session)))
            return
        self.journal.control(call.method, call.parameters, connection.id)
        self._answer(call, session)

    def _answer(self, call: Call, session: ApiConnection) -> None:
        fault = self.sockets.faults.controls.take(call.method)
        if fault is not None and not fault.message:
            return
        try:
            if fault is not None:
                raise bad_request(fault.code, fault.message)
            body: dict[str, Any] = {"status": 200, "result": self._result(call, session)}
        except ApiError as error:
            body = self._refusal(error, session)
        lost = self.faults.lost_answers.take(call.method)
        if lost is not None:
            if lost.status is None:
                session.reset()
                return
            body = self._refusal(execution_unknown(lost.status), session)
        if _wants_limits(call, session):
            body["rateLimits"] = [self._weight_row()]
        session.answer(encode({"id": call.id} | body))
        for event in self.sessions.terminations(session):
            session.answer(encode(event))
        if body["status"] == 418:
            session.close(POLICY_VIOLATION, "disconnected")

    def _result(self, call: Call, session: ApiConnection) -> Any:
        sent = call.parameters
        query = {name: value for name, value in sent.items() if name not in OWN_PARAMETERS}
        method = self.sessions.methods.get(call.method)
        if method is not None:
            self.limits.spend(WEIGHT)
            self._check(method, query, sent)
            return method.answer(session, query)
        endpoint = self.endpoints.get(call.method)
        if endpoint is None:
            self.limits.check_ban()
            raise bad_request(-1020, "This operation is not supported.")
        self.limits.spend(endpoint.weight(query))
        self._check(endpoint, query, sent)
        result = endpoint.answer(query, session.unit)
        return msgspec.Raw(result) if isinstance(result, bytes) else result

    def _check(
        self, asked: Endpoint | SessionMethod, query: dict[str, str], sent: dict[str, str]
    ) -> None:
        """Check key, parameters, timestamp and signature."""
        if asked.signed:
            if not sent.get("apiKey"):
                raise missing("apiKey")
            check_key(self.credentials, sent["apiKey"])
        check(asked.parameters, query)
        if asked.signed:
            check_signed(self.credentials, self.clock, query, sorted_text(sent))

    def _refusal(self, error: ApiError, session: ApiConnection) -> dict[str, Any]:
        told: dict[str, Any] = {"code": error.code, "msg": error.message}
        if error.retry_at_ms:
            now = self.clock.microseconds() // session.unit
            later = error.retry_at_ms * 1_000 // session.unit
            told["data"] = {"serverTime": now, "retryAfter": later}
        return {"status": error.status, "error": told}

    def _weight_row(self) -> dict[str, Any]:
        row = limit_row("REQUEST_WEIGHT", "MINUTE", 1, self.limits.max_weight)
        return row | {"count": self.limits.used}


def _begin(connection: Connection, request: web.Request) -> None:
    """Nothing is subscribed by the URL."""


def _wants_limits(call: Call, session: ApiConnection) -> bool:
    asked = call.parameters.get("returnRateLimits")
    return session.return_rate_limits if asked is None else asked != "false"
