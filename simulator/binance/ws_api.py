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
from ..faults.rules import ControlRefusal, RestFaults
from ..journal import Journal
from ..trading.accounts import Account
from ..trading.house import House
from ..wire.connections import Connection
from ..wire.sockets import POLICY_VIOLATION, Beat, Manner, Sockets
from .calls import Call, UnreadableError, read_call
from .endpoints import Endpoint
from .errors import ApiError, bad_request, execution_unknown, missing, wrong_timestamp
from .exchange_info import limit_row
from .limits import AddressLimits
from .order_counts import OrderCounts
from .parameters import check, time_unit
from .payloads import encode
from .sessions import WEIGHT, ApiConnection, Identity, SessionMethod, Sessions
from .signed_endpoints import SignedEndpoint
from .signing import check_signed, check_timestamp, find_key, sorted_text

CONNECTING = 2  # weight
OWN_PARAMETERS = ("apiKey", "returnRateLimits")


@dataclass
class Asked:
    """A request, and the account whose counts of orders its answer tells."""

    call: Call
    counted: Account | None = None


@dataclass
class WebSocketApi:
    """Answers the requests of the websocket API."""

    sockets: Sockets
    beat: Callable[[Connection], Beat]
    endpoints: dict[str, Endpoint | SignedEndpoint]
    sessions: Sessions
    house: House
    counts: OrderCounts
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
        self._after(self.faults.before.take(call.method), session, lambda: self._do(call, session))

    def _do(self, call: Call, session: ApiConnection) -> None:
        fault = self.sockets.faults.controls.take(call.method)
        if fault is not None and not fault.message:
            return
        body: dict[str, Any] | None = None
        lost = self.faults.lost_answers.take(call.method)
        if lost is None or lost.done:
            body = self._body(call, session, fault)
        if lost is not None:
            if lost.status is None and not lost.silent:
                session.reset()
            body = self._refusal(execution_unknown(lost.status), session) if lost.status else None
        if body is not None:
            wait, told = self.faults.after.take(call.method), body
            self._after(wait, session, lambda: self._tell(call, told, session))

    def _body(
        self, call: Call, session: ApiConnection, fault: ControlRefusal | None
    ) -> dict[str, Any]:
        """The answer's status, and its result or error; with the limits if they are wanted."""
        asked = Asked(call)
        try:
            if fault is not None:
                raise bad_request(fault.code, fault.message)
            body: dict[str, Any] = {"status": 200, "result": self._result(asked, session)}
        except ApiError as error:
            body = self._refusal(error, session)
        if _wants_limits(call, session):
            counted = asked.counted
            orders = self.counts.rows(counted) if counted is not None else []
            body["rateLimits"] = [*orders, self._weight_row()]
        return body

    def _after(
        self, seconds: float | None, session: ApiConnection, deed: Callable[[], None]
    ) -> None:
        """Do something at once, or after so long if the connection is still there."""
        if not seconds:
            deed()
            return

        def late() -> None:
            if not session.closing:
                deed()
                self.journal.notify()

        asyncio.get_running_loop().call_later(seconds, late)

    def _tell(self, call: Call, body: dict[str, Any], session: ApiConnection) -> None:
        session.answer(encode({"id": call.id} | body))
        for event in self.sessions.terminations(session):
            session.answer(encode(event))
        if body["status"] == 418:
            session.close(POLICY_VIOLATION, "disconnected")

    def _result(self, asked: Asked, session: ApiConnection) -> Any:
        name, sent = asked.call.method, asked.call.parameters
        query = {name: value for name, value in sent.items() if name not in OWN_PARAMETERS}
        method = self.sessions.methods.get(name)
        if method is not None:
            self.limits.spend(WEIGHT)
            identity = self._identity(asked, method, query, session) if method.signed else None
            if not method.signed:
                check(method.parameters, query)
            return method.answer(session, query, identity)
        endpoint = self.endpoints.get(name)
        if endpoint is None:
            self.limits.check_ban()
            raise bad_request(-1020, "This operation is not supported.")
        weight = endpoint.weight(query)
        self.limits.spend(weight)
        if isinstance(endpoint, SignedEndpoint):
            identity = self._identity(asked, endpoint, query, session)
            asked.counted = identity.account if endpoint.counts else None
            result = endpoint.answer(identity.account, query, session.unit)
            self.limits.refund(weight if endpoint.is_free else 0)
            return result
        check(endpoint.parameters, query)
        result = endpoint.answer(query, session.unit)
        return msgspec.Raw(result) if isinstance(result, bytes) else result

    def _identity(
        self,
        asked: Asked,
        what: SignedEndpoint | SessionMethod,
        query: dict[str, str],
        session: ApiConnection,
    ) -> Identity:
        """Who asks, by signature or by logon; key, parameters, timestamp and signature are checked."""
        sent, right = asked.call.parameters, getattr(what, "right", "")
        logged_on = session.identity if not sent.get("apiKey") else None
        if logged_on is None and not sent.get("apiKey"):
            raise missing("apiKey")
        api_key = logged_on.key.api_key if logged_on is not None else sent["apiKey"]
        identity = Identity(*find_key(self.house, api_key, right))
        needed = what.parameters
        if logged_on is not None:
            needed = tuple(one for one in needed if one.name != "signature")
        check(needed, query)
        ahead = self.faults.timestamps.take(asked.call.method)
        if ahead is not None:
            raise wrong_timestamp(ahead=ahead)
        if logged_on is not None:
            check_timestamp(query, self.clock)
        else:
            check_signed(identity.key, self.clock, query, sorted_text(sent))
        return identity

    def _refusal(self, error: ApiError, session: ApiConnection) -> dict[str, Any]:
        told: dict[str, Any] = {"code": error.code, "msg": error.message}
        if error.data is not None:
            told["data"] = error.data
        elif error.retry_at_ms:
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
