"""Refusals of the REST interface with their HTTP status, code and message.

Source: errors.md for codes and messages; rest-api.md "HTTP Return Codes" for the status.
"""

from __future__ import annotations

from typing import Any

import msgspec


class ApiError(Exception):
    """A refusal: answered as `{"code": …, "msg": …}` with `status` and `headers`."""

    def __init__(
        self, status: int, code: int, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}

    def body(self) -> bytes:
        """The JSON body."""
        answer: dict[str, Any] = {"code": self.code, "msg": self.message}
        return msgspec.json.encode(answer)


def bad_request(code: int, message: str) -> ApiError:
    """A malformed request: HTTP 400."""
    return ApiError(400, code, message)


def missing(name: str) -> ApiError:
    """A mandatory parameter was not sent."""
    return bad_request(
        -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    )


def illegal(name: str, legal: str) -> ApiError:
    """A parameter holds characters that it may not hold."""
    return bad_request(
        -1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."
    )


def invalid_symbol() -> ApiError:
    """The exchange does not list the symbol."""
    return bad_request(-1121, "Invalid symbol.")


def too_much_weight(limit: int, retry_after: int) -> ApiError:
    """More request weight than the minute allows; `retry_after` in seconds."""
    message = (
        f"Too much request weight used; current limit is {limit} request weight per 1 MINUTE. "
        "Please use WebSocket Streams for live updates to avoid polling the API."
    )
    return ApiError(429, -1003, message, {"Retry-After": str(retry_after)})


def banned(until_ms: int, retry_after: int) -> ApiError:
    """The address is banned until `until_ms` of the exchange's clock."""
    message = (
        f"Way too much request weight used; IP banned until {until_ms}. "
        "Please use WebSocket Streams for live updates to avoid bans."
    )
    return ApiError(418, -1003, message, {"Retry-After": str(retry_after)})


def refused_key(code: int) -> ApiError:
    """-2014: the key's form is wrong; -2015: it is unknown or lacks the right."""
    message = {
        -2014: "API-key format invalid.",
        -2015: "Invalid API-key, IP, or permissions for action.",
    }[code]
    return ApiError(401, code, message)
