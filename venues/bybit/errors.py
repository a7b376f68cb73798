"""What Bybit's refusals mean. Most come with HTTP status 200, and a `retCode` that is not 0.

Sources: https://bybit-exchange.github.io/docs/v5/error
https://bybit-exchange.github.io/docs/v5/rate-limit
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from ...messages.errors import AuthenticationError, ExchangeError, RateLimitError
from ..control import Refusal
from ..headers import retry_after
from .names import EXCHANGE

AUTHENTICATION = {10003, 10004, 10005, 10007, 10010, 33004, -2015}
"""Key invalid; bad signature; no permission; not authenticated; address not bound; key expired."""
HINTS = {
    10003: "is it of this host? live, testnet, demo and each region have keys of their own",
    10004: "is the secret, or the private key, the one of this key?",
    10005: "give the key the right for it (Unified Trading: spot orders), and not read-only",
    10010: "the key is bound to other addresses: add this one, or unbind it",
    33004: "make a new key",
    -2015: "make a new key",
}
"""What to do about some of them."""
NO_SUCH_ORDER = 170213
TIMESTAMP = {10002, -1}
"""The timestamp is outside of the window; the request has expired."""
FAILURES = {10000, 10016}
"""Server timeout, server error: the exchange's own trouble."""
TOO_MANY_VISITS = 10006
OVERLOADED = 429

_BEGINNING = b'{"retCode":0,'
_ACCESS = re.compile(rb"access\s+too\s+frequent", re.IGNORECASE).search
_BAN = 600.0
"""Seconds that an address is shut out for: "wait for at least 10 minutes"."""
_OVERLOAD = 5.0
"""Not documented: as long as the window in which an address's requests are counted."""
_VISITS = 1.0
"""An account's requests are counted within a second."""
_LEAST_WAIT = 0.1
_DAY = 86_400.0
_SHOWN = 200

_milliseconds = re.compile(r"[0-9]{1,16}").fullmatch


class _Body(msgspec.Struct, frozen=True, rename="camel"):
    """{"retCode":10001,"retMsg":"params error: symbol invalid","result":{},"time":1672025956592}."""

    ret_code: int
    ret_msg: str = ""


_decode = msgspec.json.Decoder(_Body).decode


def refusal(status: int, headers: Mapping[str, str], body: bytes, now: float) -> Refusal | None:
    """What an answer means; None for a success.

    Args:
        status: The HTTP status.
        headers: With lower-case names.
        body: As it came.
        now: Seconds since the epoch.
    """
    is_success = 200 <= status < 300
    if is_success and body.startswith(_BEGINNING):
        return None
    content = _read(body)
    if is_success and (content is None or content.ret_code == 0):
        return None  # one that is no answer of its API, whoever decodes it refuses
    code, message = _words(status, content, body)
    if status == 403 and _ACCESS(body):
        return Refusal(RateLimitError(_BAN, code or status, exchange=EXCHANGE), wait=_BAN)
    if status == 429 or code == OVERLOADED:
        wait = _bounded(retry_after(headers.get("retry-after", "").strip(), now), _OVERLOAD)
        error = RateLimitError(wait, code or status, exchange=EXCHANGE)
        return Refusal(error, wait=wait if status == 429 else None)
    if code == TOO_MANY_VISITS:
        # One kind of the account's requests is meant: all others may go on.
        return Refusal(RateLimitError(_reset(headers, now), code, exchange=EXCHANGE))
    if status == 401 or (code in AUTHENTICATION and status < 500):
        return Refusal(authentication_error(code, message, status))
    return Refusal(
        ExchangeError(code, message, status, exchange=EXCHANGE),
        is_failure=status >= 500 or code in FAILURES,
        clock_doubted=code in TIMESTAMP,
    )


def authentication_error(code: int, message: str, status: int) -> AuthenticationError:
    """The key is not taken, and what to do about it, where that can be said."""
    hint = HINTS.get(code)
    said = message if hint is None else f"{message} ({hint})".lstrip()
    return AuthenticationError(code, said, status, exchange=EXCHANGE)


def used_weight(headers: Mapping[str, str]) -> int | None:
    """Bybit does not tell how much an address has asked, only what is left of an endpoint."""
    return None


def _read(body: bytes) -> _Body | None:
    try:
        return _decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _words(status: int, content: _Body | None, body: bytes) -> tuple[int, str]:
    if 300 <= status < 400:
        return 0, "answered with a redirect, which is not followed"
    if content is not None:
        code = content.ret_code
        return code if -(2**63) <= code < 2**63 else 0, content.ret_msg[:_SHOWN]
    if status == 403:
        return 0, "forbidden: from where this address is, or as this request is made"
    # A page of HTML may quote the request, and with it the key.
    return 0, f"answered with {len(body)} bytes that are no answer of its API"


def _reset(headers: Mapping[str, str], now: float) -> float:
    """Seconds until an endpoint's count begins anew, by the header that says when (ms)."""
    text = headers.get("x-bapi-limit-reset-timestamp", "").strip()
    wait = int(text) / 1000 - now if _milliseconds(text) else None
    return min(_bounded(wait, _VISITS), _BAN)


def _bounded(wait: float | None, default: float) -> float:
    return min(max(default if wait is None else wait, _LEAST_WAIT), _DAY)
