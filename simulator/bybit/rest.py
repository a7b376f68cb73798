"""The REST interface: every request passes limits and checks, and then its endpoint.

Source: guide.mdx "Common response parameters" for the envelope.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from ..clock import Clock
from ..credentials import Credentials
from ..journal import Received
from ..wire.requests import Answer
from .endpoints import Endpoint
from .errors import ApiError, body_of_get, not_found, server_timeout, too_many_visits
from .limits import AccountLimits, AddressLimits
from .parameters import parse_query
from .payloads import encode
from .signing import check_signed

JSON = {"Content-Type": "application/json; charset=utf-8"}


@dataclass
class Rest:
    """Answers REST requests."""

    endpoints: dict[str, Endpoint]
    credentials: Credentials
    clock: Clock
    meter: AddressLimits
    account_limits: AccountLimits

    def weigh(self, request: web.Request) -> int:
        """Every request counts alike."""
        return 1

    def admit(self, request: web.Request, received: Received) -> None:
        """Count the request; raises `Refused` 403 past the limit of the address."""
        self.meter.request()

    def answer(self, request: web.Request, received: Received, body: str) -> Answer:
        """The answer of its endpoint, or a refusal in the same envelope."""
        endpoint = self.endpoints.get(request.path)
        if endpoint is None or request.method != "GET":
            raise not_found()
        if body:
            raise body_of_get()
        # as it arrived: a decoded and encoded copy would hide a client's wrong encoding
        text = request.raw_path.partition("?")[2]
        headers: dict[str, str] = {}
        try:
            if endpoint.signed:
                check_signed(self.credentials, self.clock, received.headers, text)
                headers, within = self.account_limits.use(endpoint.path, endpoint.per_second)
                if not within:
                    raise too_many_visits()
            result = endpoint.answer(parse_query(text))
        except ApiError as error:
            return self._enveloped(error.code, error.message, {}, headers)
        return self._enveloped(0, endpoint.message, result, headers)

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
