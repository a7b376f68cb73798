"""What the exchanges' refusals mean to an operator, and what to do about them. Pure.

Sources: binance-spot-api-docs, rest-api.md ("HTTP Return Codes"), errors.md; RFC 7725 (451)
"""

from __future__ import annotations

from ...messages.errors import (
    CircuitBreakerError,
    ClockSyncError,
    ConnectorError,
    ExchangeConnectionError,
    ExchangeError,
    RateLimitError,
)

STATUSES = {
    403: (
        "The exchange's firewall blocks this address: stop every bot behind it for some minutes, "
        "then check again; if it lasts, use another address."
    ),
    404: "What answers has no such page: correct the URL.",
    407: "The proxy wants a user and a password: set them in connection.proxy.",
    418: (
        "This address is banned for asking on after a 429: stop every bot behind it until the ban "
        "is over, then lower rate_limit.max_weight."
    ),
    429: (
        "Too much was asked from this address: stop what else runs behind it, or lower "
        "rate_limit.max_weight."
    ),
    451: (
        "The exchange does not serve the place that this address is in: run from where it may "
        "serve you, or use the exchange that is allowed there."
    ),
}
"""HTTP statuses, the same on every exchange."""

STRANGER = (
    "Something else answers there (a network's sign-in page, a proxy): open the URL in a browser "
    "on this machine, or correct it."
)
NO_HTTP = "What answers there does not speak HTTP: correct the URL's host and port."
SILENT = (
    "The connection stands and no answer comes: see the exchange's status page; if the URL is of "
    "your own, see what listens there."
)
BROKEN = (
    "The connection is made, and breaks before an answer comes: see whether a proxy or firewall is "
    "there, and whether the URL should say https:// or wss://."
)
_SERVER = "The exchange itself is in trouble: see its status page, and check again later."
_SECRET = "EXCHANGE_CONNECTOR_API_SECRET"
CODES = {
    "binance": {
        -1002: "The exchange does not admit this key to that: look at its rights in API Management.",
        -1021: (
            "The timestamp was out of bounds: this machine's clock jumps, or the way takes seconds; "
            "turn NTP on: timedatectl set-ntp true."
        ),
        -1022: (
            f"The secret does not belong to the key: set {_SECRET} (or "
            "EXCHANGE_CONNECTOR_PRIVATE_KEY) to the one made with it."
        ),
        -2008: "The exchange does not know the key: it was deleted, or is of the other network.",
        -2014: (
            "That is no key of this exchange: look for a missing piece, a space or quotes in "
            "EXCHANGE_CONNECTOR_API_KEY."
        ),
        -2015: (
            "The key was deleted or has expired, is of the other network (live or testnet), lacks "
            "the right to read, or does not allow this machine's address: see API Management."
        ),
    }
}
"""The exchanges' own codes."""


def advice_on(error: ConnectorError, exchange: str) -> str:
    """What to do about an error, in a sentence."""
    match error:
        case ExchangeError(code=code, http_status=status):
            known = CODES.get(exchange, {}).get(code) or STATUSES.get(status)
            if known:
                return known
            if 200 <= status < 400 or (code == 0 and 400 <= status < 500):
                return STRANGER  # the exchange's own refusals have a code
            return _SERVER if status >= 500 else "The exchange refused it: its own words say why."
        case RateLimitError():
            return STATUSES[429]
        case ClockSyncError():
            return (
                "The exchange's time is not known well enough to sign: see the check of the clock."
            )
        case ExchangeConnectionError(reason=reason):
            return _on_connection(reason)
        case CircuitBreakerError():
            return "Too many requests have failed: see the checks above."
        case _:
            return "Check again; if it stays so, report it with this line."


def _on_connection(reason: str) -> str:
    """What to do about a request that was not answered."""
    if "BadStatusLine" in reason:  # the HTTP client's name for an answer that is none
        return NO_HTTP
    if "no answer" in reason or "Timeout" in reason:
        return SILENT
    return BROKEN
