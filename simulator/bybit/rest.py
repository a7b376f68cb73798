"""The REST interface: every request passes limits and checks, and then its endpoint.

Source: guide.mdx "Common response parameters" for the envelope.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ..clock import Clock
from ..faults.rules import RestFaults
from ..journal import Received
from ..wire.requests import Answer
from .callers import Keys
from .endpoints import Endpoint, SignedEndpoint
from .errors import (
    ApiError,
    body_of_get,
    no_permission,
    not_found,
    server_timeout,
    too_many_visits,
)
from .limits import AccountLimits, AddressLimits
from .parameters import parse_body, parse_query
from .payloads import encode
from .signing import check_signed, refused_time

JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass
class Rest:
    """Answers REST requests."""

    endpoints: dict[str, Endpoint | SignedEndpoint]
    keys: Keys
    clock: Clock
    meter: AddressLimits
    account_limits: AccountLimits
    faults: RestFaults

    def weigh(self, request: web.Request) -> int:
        """Every request counts alike."""
        return 1

    def admit(self, request: web.Request, received: Received) -> None:
        """Count the request; raises `Refused` 403 past the limit of the address."""
        self.meter.request()

    def answer(self, request: web.Request, received: Received, body: str) -> Answer:
        """The answer of its endpoint, or a refusal in the same envelope."""
        endpoint = self.endpoints.get(request.path)
        if endpoint is None or request.method != endpoint.verb:
            raise not_found()
        if body and request.method == "GET":
            raise body_of_get()
        # as it arrived: a decoded and encoded copy would hide a client's wrong encoding
        text = body if request.method == "POST" else request.raw_path.partition("?")[2]
        headers: dict[str, str] = {}
        try:
            if isinstance(endpoint, SignedEndpoint):
                result = self._signed(endpoint, received, text, headers)
            else:
                result = endpoint.answer(parse_query(text))
        except ApiError as error:
            return self._enveloped(error.code, error.message, {}, headers)
        return self._enveloped(0, endpoint.message, result, headers)

    def _signed(
        self, endpoint: SignedEndpoint, received: Received, text: str, headers: dict[str, str]
    ) -> dict[str, Any]:
        """Check who is asking, and how often; fills in the headers that tell of the limit."""
        ahead = self.faults.timestamps.take(endpoint.path, f"{endpoint.verb} {endpoint.path}")
        if ahead is not None:
            raise refused_time(received.headers, ahead=ahead)
        caller = check_signed(self.keys, self.clock, received.headers, text)
        uid = caller.account.uid
        told, within = self.account_limits.use(uid, endpoint.path, endpoint.per_second)
        headers |= told
        if not within:
            raise too_many_visits()
        if endpoint.verb == "GET":
            return endpoint.answer(caller, parse_query(text))
        if not caller.key.can_trade:
            raise no_permission()
        return endpoint.answer(caller, parse_body(text))

    def unknown(self, status: int) -> Answer:
        """Nobody knows whether it has been done."""
        error = server_timeout()
        answer = self._enveloped(error.code, error.message, {}, {})
        return Answer(status, answer.body, answer.headers)

    def usage(self) -> dict[str, str]:
        """Nothing: the limit of an address is told by no header."""
        return {}

    def _enveloped(
        self, code: int, message: str, result: dict[str, Any], headers: dict[str, str]
    ) -> Answer:
        body = {
            "retCode": code,
            "retMsg": message,
            "result": result,
            "retExtInfo": {},
            "time": self.clock.milliseconds(),
        }
        return Answer(200, encode(body), JSON | headers)
