"""What Binance's refusals mean.

Sources: binance-spot-api-docs, rest-api.md ("HTTP Return Codes", "IP Limits"), errors.md
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from ...messages.errors import AuthenticationError, ExchangeError, RateLimitError
from ..control import Refusal
from ..headers import retry_after, whole_seconds
from .names import EXCHANGE

AUTHENTICATION = {-1002, -1022, -2014, -2015}
"""Not authorised; bad signature; bad key format; bad key, address or permission."""
FAILURES = {-1000, -1001, -1006, -1007, -1008}
"""Unknown, disconnected, unexpected response, timeout, overloaded: the exchange's own trouble."""
TOO_MUCH_WEIGHT = -1003
TOO_MANY_ORDERS = -1015
TIMESTAMP = -1021

_DAY = 86_400.0
_DEFAULT_WAIT = 60.0
_DEFAULT_BAN = 120.0
_LEAST_WAIT = 1.0
_SHOWN = 200
_LATEST_MS = 10**13

_banned_until = re.compile(r"banned until ([0-9]{13})\b").search


class _Body(msgspec.Struct, frozen=True):
    """{"code":-1121,"msg":"Invalid symbol."}; some have `data` that says more."""

    code: int
    msg: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


class _Data(msgspec.Struct, frozen=True, rename="camel"):
    """What was done of a replacement, or until when nothing may be sent (websocket API).

    {"cancelResult":"SUCCESS","newOrderResult":"FAILURE","cancelResponse":{…},
    "newOrderResponse":{"code":-2010,"msg":"Order would immediately match and take."}}
    {"serverTime":1659142907531,"retryAfter":1659146400000}
    """

    cancel_result: str = ""
    new_order_result: str = ""
    cancel_response: msgspec.Raw = msgspec.Raw(b"null")
    new_order_response: msgspec.Raw = msgspec.Raw(b"null")
    retry_after: int | None = None


_decode = msgspec.json.Decoder(_Body).decode
_decode_data = msgspec.json.Decoder(_Data).decode
_NOTHING = _Data()


def refusal(status: int, headers: Mapping[str, str], body: bytes, now: float) -> Refusal | None:
    """What an answer means; None for a success.

    Of a replacement of which only half was done, or nothing, it is the reason of what failed: where
    its HTTP status is 409, the one order was cancelled and the other is not placed.

    Args:
        status: The HTTP status, or that of an answer of the websocket API.
        headers: With lower-case names.
        body: As it came; the `error` of an answer of the websocket API.
        now: Seconds since the epoch.
    """
    if 200 <= status < 300:
        return None
    code, message, data = _read(status, body)
    if status in (418, 429) or code == TOO_MUCH_WEIGHT:
        return _limited(status, code, _wait(status, headers, message, now, data.retry_after))
    if status == 401 or (code in AUTHENTICATION and status < 500):
        return Refusal(AuthenticationError(code, message, status, exchange=EXCHANGE))
    return Refusal(
        ExchangeError(code, message, status, exchange=EXCHANGE),
        is_failure=status >= 500 or code in FAILURES,
        clock_doubted=code == TIMESTAMP,
        # The firewall: it rarely says for how long, but then it is to be heeded.
        wait=_wait(status, headers, "", now)
        if status == 403 and "retry-after" in headers
        else None,
    )


def used_weight(headers: Mapping[str, str]) -> int | None:
    """Binance's own count of this minute's request weight, if the answer has it."""
    text = headers.get("x-mbx-used-weight-1m", "")
    return int(text) if whole_seconds(text) else None


def _limited(status: int, code: int, wait: float) -> Refusal:
    error = RateLimitError(wait, code, exchange=EXCHANGE)
    # Too many orders concern the account's new orders; all else concerns the whole address.
    return Refusal(error, wait=None if (status, code) == (429, TOO_MANY_ORDERS) else wait)


def _read(status: int, body: bytes) -> tuple[int, str, _Data]:
    if 300 <= status < 400:
        return 0, "answered with a redirect, which is not followed", _NOTHING
    content = _content(body)
    if content is None:
        # A page of HTML may quote the request's address, and with it its signature.
        return 0, f"answered with {len(body)} bytes that are no error of its API", _NOTHING
    data = _data(content.data)
    if (half := _failed_half(data)) is not None:
        content = half
    if not -(2**63) <= content.code < 2**63:
        return 0, content.msg[:_SHOWN], data
    return content.code, content.msg[:_SHOWN], data


def _content(body: msgspec.Raw | bytes) -> _Body | None:
    try:
        return _decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _data(raw: msgspec.Raw) -> _Data:
    try:
        return _decode_data(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _NOTHING


def _failed_half(data: _Data) -> _Body | None:
    """The error of the half of a replacement that failed first; None where there is none.

    Where the cancelling failed and yet something was placed, which is not what is asked for here,
    the error stays what it is.
    """
    if data.cancel_result == "FAILURE" and data.new_order_result != "SUCCESS":
        return _content(data.cancel_response)
    if data.cancel_result == "SUCCESS" and data.new_order_result == "FAILURE":
        failed = _content(data.new_order_response)
        return failed and _Body(failed.code, f"cancelled, but not replaced: {failed.msg}")
    return None


def _wait(
    status: int,
    headers: Mapping[str, str],
    message: str,
    now: float,
    until_ms: int | None = None,
) -> float:
    """Seconds until something may be sent again."""
    wait = retry_after(headers.get("retry-after", "").strip(), now)
    is_ban = status == 418
    if wait is None and until_ms is not None and 0 <= until_ms < _LATEST_MS:
        wait = until_ms / 1000 - now
    if wait is None and is_ban and (until := _banned_until(message)):
        wait = int(until[1]) / 1000 - now
    if wait is None:
        wait = _DEFAULT_BAN if is_ban else _DEFAULT_WAIT
    return min(max(wait, _LEAST_WAIT), 3 * _DAY if is_ban else _DAY)
