"""Refusals with their HTTP status, code and message.

Source: errors.md for codes and messages; rest-api.md "HTTP Return Codes" for the status. The
websocket API gives the same status, code and message in its own form.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from ..wire.refusal import Refused

JSON = {"Content-Type": "application/json;charset=UTF-8"}


class ApiError(Refused):
    """A refusal: answered as `{"code": …, "msg": …}` with `status` and `headers`.

    `retry_at_ms` is when the client may ask again, for the websocket API; 0 if that is not said.
    `data` is what is told beside them.
    """

    media: ClassVar[dict[str, str]] = JSON

    def __init__(
        self,
        status: int,
        code: int,
        message: str,
        headers: dict[str, str] | None = None,
        retry_at_ms: int = 0,
        data: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(status, message, headers)
        self.code = code
        self.retry_at_ms = retry_at_ms
        self.data = data

    def body(self) -> bytes:
        """The JSON body."""
        answer: dict[str, Any] = {"code": self.code, "msg": self.message}
        if self.data is not None:
            answer["data"] = self.data
        return msgspec.json.encode(answer)


def bad_request(code: int, message: str) -> ApiError:
    """A malformed request: HTTP 400."""
    return ApiError(400, code, message)


def execution_unknown(status: int) -> ApiError:
    """The request has been passed on, and nobody knows whether it was done."""
    message = (
        "Timeout waiting for response from backend server. "
        "Send status unknown; execution status unknown."
    )
    return ApiError(status, -1007, message)


def not_found() -> ApiError:
    """No such endpoint; the documentation names the status, and no code."""
    return ApiError(404, -1000, "Not found.")


def missing(name: str) -> ApiError:
    """A mandatory parameter was not sent."""
    return bad_request(
        -1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
    )


def missing_both(one: str, other: str) -> ApiError:
    """Neither of two parameters was sent, of which one has to be."""
    return bad_request(-1102, f"Param '{one}' or '{other}' must be sent, but both were empty/null!")


def illegal(name: str, legal: str) -> ApiError:
    """A parameter holds characters that it may not hold."""
    return bad_request(
        -1100, f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."
    )


def invalid_data(name: str) -> ApiError:
    """A parameter has the right characters and no sense."""
    return bad_request(-1130, f"Data sent for parameter '{name}' is not valid.")


def bad_combination() -> ApiError:
    """Optional parameters that may not be sent together."""
    return bad_request(-1128, "Combination of optional parameters invalid.")


def invalid_symbol() -> ApiError:
    """The exchange does not list the symbol."""
    return bad_request(-1121, "Invalid symbol.")


def other_status() -> ApiError:
    """The symbol's status is not the one that was asked for."""
    return bad_request(-1220, "The symbol's status does not match the requested symbolStatus.")


def no_reference_price() -> ApiError:
    """The symbol never had a reference price."""
    return bad_request(-2043, "This symbol doesn't have a reference price.")


def invalid_time_unit() -> ApiError:
    """`X-MBX-TIME-UNIT` or `timeUnit` names no unit."""
    return bad_request(
        -1194, "Invalid value for time unit; expected either MICROSECOND or MILLISECOND."
    )


def invalid_signature() -> ApiError:
    """The signature is not that of what was sent."""
    return bad_request(-1022, "Signature for this request is not valid.")


def wrong_timestamp(*, ahead: bool) -> ApiError:
    """A timestamp is too far ahead of the exchange's clock, or too old."""
    message = (
        "Timestamp for this request was 1000ms ahead of the server's time."
        if ahead
        else "Timestamp for this request is outside of the recvWindow."
    )
    return bad_request(-1021, message)


def refused_key(code: int) -> ApiError:
    """-2014: the key's form is wrong; -2015: it is unknown or lacks the right."""
    message = {
        -2014: "API-key format invalid.",
        -2015: "Invalid API-key, IP, or permissions for action.",
    }[code]
    return ApiError(401, code, message)


def too_much_weight(limit: int, retry_after: int, retry_at_ms: int) -> ApiError:
    """More request weight than the minute allows; `retry_after` in seconds."""
    message = (
        f"Too much request weight used; current limit is {limit} request weight per 1 MINUTE. "
        "Please use WebSocket Streams for live updates to avoid polling the API."
    )
    return _later(429, -1003, message, retry_after, retry_at_ms)


def too_many_requests(limit: int, retry_after: int, retry_at_ms: int) -> ApiError:
    """More requests than five minutes allow; the message for that is not documented."""
    message = (
        f"Too many requests; current limit is {limit} requests per 5 MINUTE. "
        "Please use WebSocket Streams for live updates to avoid polling the API."
    )
    return _later(429, -1003, message, retry_after, retry_at_ms)


def too_many_dials(limit: int, retry_after: int, retry_at_ms: int) -> ApiError:
    """More websocket upgrades than five minutes allow."""
    message = f"Too many connection attempts from IP; current limit is {limit} per '5 MINUTE'."
    return _later(429, -1034, message, retry_after, retry_at_ms)


def banned(until_ms: int, retry_after: int) -> ApiError:
    """The address is banned until `until_ms` of the exchange's clock."""
    message = (
        f"Way too much request weight used; IP banned until {until_ms}. "
        "Please use WebSocket Streams for live updates to avoid bans."
    )
    return _later(418, -1003, message, retry_after, until_ms)


def too_many_orders(limit: int, per: str, retry_after: int, retry_at_ms: int) -> ApiError:
    """The account has too many unfilled orders; `per` is the window, such as `10 SECOND`."""
    message = f"Too many new orders; current limit is {limit} orders per {per}."
    return _later(429, -1015, message, retry_after, retry_at_ms)


def gone() -> ApiError:
    """An endpoint that there was once; neither status nor code are documented."""
    return ApiError(410, -1016, "This service is no longer available.")


def filter_failure(name: str) -> ApiError:
    """An order breaks a rule of `exchangeInfo`."""
    return bad_request(-1013, f"Filter failure: {name}")


def not_required(name: str) -> ApiError:
    """A parameter that this type of order has not."""
    return bad_request(-1106, f"Parameter '{name}' sent when not required.")


def rejected(why: str) -> ApiError:
    """The matching engine does not take a new order."""
    return bad_request(-2010, why)


def cancel_rejected(why: str) -> ApiError:
    """The matching engine does not cancel."""
    return bad_request(-2011, why)


def replaced_in_part(
    cancel: tuple[str, Any], new: tuple[str, Any], over: ApiError | None = None
) -> ApiError:
    """One half of a cancel-replace was done (409), or none (400); 429 `over` the order limit."""
    half = "SUCCESS" in (cancel[0], new[0])
    data = {
        "cancelResult": cancel[0],
        "newOrderResult": new[0],
        "cancelResponse": cancel[1],
        "newOrderResponse": new[1],
    }
    code = -2021 if half else -2022
    message = f"Order cancel-replace {'partially ' if half else ''}failed."
    if over is not None:
        return ApiError(429, code, message, over.headers, over.retry_at_ms, data)
    return ApiError(409 if half else 400, code, message, data=data)


def _later(status: int, code: int, message: str, retry_after: int, retry_at_ms: int) -> ApiError:
    return ApiError(status, code, message, {"Retry-After": str(retry_after)}, retry_at_ms)
