"""The checks of SIGNED requests.

Source: rest-api.md "Request Security": the signed text is the query string as it arrived,
percent-encoding included, followed directly by the body; timing rules under "Timing security".
web-socket-api.md "Request security": there it is all parameters but the signature, sorted by
name, joined by `&`, and nothing is percent-encoded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..clock import Clock
from ..trading.accounts import Account, Key
from ..trading.house import House
from ..trading.keys import is_right
from .errors import bad_request, invalid_signature, missing, refused_key, wrong_timestamp
from .parameters import MICROSECONDS_FROM, NUMBER, Parameter

SIGNED = (
    Parameter("timestamp", NUMBER, required=True),
    Parameter("recvWindow", r"^[0-9]{1,5}(\.[0-9]{1,3})?$"),
    Parameter("signature", required=True),
)
DEFAULT_WINDOW_MS = 5_000
LONGEST_WINDOW_MS = 60_000
AHEAD_MS = 1_000
KEY_FORM = re.compile(r"[A-Za-z0-9]{64}")


def find_key(house: House, api_key: str, right: str) -> tuple[Account, Key]:
    """The key of that name, and whose it is.

    Raises:
        ApiError: -2014 for what is no key, -2015 for one that is unknown or lacks the right.
    """
    if not KEY_FORM.fullmatch(api_key):
        raise refused_key(-2014)
    found = house.keys.get(api_key)
    if found is None or (right == "TRADE" and not found[1].can_trade):
        raise refused_key(-2015)
    return found


def check_signed(key: Key, clock: Clock, query: Mapping[str, str], signed_text: str) -> None:
    """Check timestamp and signature.

    Raises:
        ApiError: -1102 (missing), -1131 (window), -1021 (timestamp) or -1022 (signature).
    """
    for parameter in SIGNED:
        if parameter.name not in query and parameter.required:
            raise missing(parameter.name)
    check_timestamp(query, clock)
    if not is_right(key, signed_text, query["signature"]):
        raise invalid_signature()


def check_timestamp(query: Mapping[str, str], clock: Clock) -> None:
    """Raise `ApiError` -1021 for a timestamp too old or more than a second ahead."""
    window = float(query.get("recvWindow", DEFAULT_WINDOW_MS))
    if window > LONGEST_WINDOW_MS:
        raise bad_request(-1131, f"recvWindow must be less than {LONGEST_WINDOW_MS}.")
    sent = int(query["timestamp"])
    sent_us = sent if sent >= MICROSECONDS_FROM else sent * 1_000
    age_ms = (clock.microseconds() - sent_us) / 1_000
    if age_ms <= -AHEAD_MS:
        raise wrong_timestamp(ahead=True)
    if age_ms > window:
        raise wrong_timestamp(ahead=False)


def without_signature(text: str) -> str:
    """The text that a REST request signs: everything but the signature itself."""
    return re.sub(r"(^|&)signature=[^&]*", "", text)


def sorted_text(parameters: Mapping[str, str]) -> str:
    """The text that a request of the websocket API signs."""
    names = sorted(name for name in parameters if name != "signature")
    return "&".join(f"{name}={parameters[name]}" for name in names)
