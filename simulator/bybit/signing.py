"""The checks of requests that need a key, and of the private socket.

Source: guide.mdx "Create A Request": what is signed is timestamp, key, window and the query string
as it arrived (or the body as it arrived), one after the other;
websocket/wss-authentication.mdx "Authentication": `GET/realtime` and the time it expires.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..clock import Clock
from ..trading import keys
from ..trading.accounts import Key
from .callers import Caller, Keys
from .errors import (
    ApiError,
    bad_parameter,
    bad_signature,
    bad_time,
    missing_authentication,
    unauthorized,
    unknown_key,
)

DEFAULT_WINDOW = "5000"
AHEAD_MS = 1_000
KEY, TIMESTAMP, SIGNATURE, WINDOW = (
    f"x-bapi-{name}" for name in ("api-key", "timestamp", "sign", "recv-window")
)
NUMBER = re.compile(r"[0-9]{1,18}")


def check_signed(known: Keys, clock: Clock, headers: Mapping[str, str], signed: str) -> Caller:
    """Check key, timestamp and signature; `signed` is the query string or the body.

    Returns:
        Who has signed.

    Raises:
        Refused: with HTTP 401, if nothing says who is asking.
        ApiError: 10001, 10003, 10002 or 10004.
    """
    key, timestamp, signature = (headers.get(name, "") for name in (KEY, TIMESTAMP, SIGNATURE))
    if not key and not timestamp and not signature:
        raise unauthorized()
    if not key or not timestamp or not signature:
        raise missing_authentication(timestamp, key, signature)
    if key not in known:
        raise unknown_key()
    caller = Caller(*known[key])
    window = headers.get(WINDOW) or DEFAULT_WINDOW
    check_timestamp(timestamp, window, clock.milliseconds())
    text = timestamp + key + window + signed
    if not keys.is_right(caller.key, text, signature):
        raise bad_signature(text)
    return caller


def check_timestamp(sent: str, window: str, server_ms: int) -> None:
    """Raise `ApiError` 10002 unless `server - window <= sent < server + 1000`."""
    if not NUMBER.fullmatch(window):
        raise bad_parameter("recv_window invalid")
    is_number = NUMBER.fullmatch(sent) is not None
    if not is_number or not server_ms - int(window) <= int(sent) < server_ms + AHEAD_MS:
        raise bad_time(sent, server_ms, window)


def refused_time(headers: Mapping[str, str], *, ahead: bool) -> ApiError:
    """The refusal of a timestamp that is too far ahead, or of a request that was long on its way."""
    sent, window = headers.get(TIMESTAMP, ""), headers.get(WINDOW) or DEFAULT_WINDOW
    if not NUMBER.fullmatch(sent) or not NUMBER.fullmatch(window):
        return bad_time(sent, 0, window)
    server_ms = int(sent) - AHEAD_MS if ahead else int(sent) + int(window) + 1
    return bad_time(sent, server_ms, window)


def is_authentic(key: Key, expires: str, signature: str) -> bool:
    """Whether a signature of the private socket is right."""
    return keys.is_right(key, f"GET/realtime{expires}", signature)


def sign(secret: str, text: str) -> str:
    """HMAC-SHA256 in lower-case hex."""
    return keys.sign(secret, text)
