"""What a configuration must keep; everything that is wrong is told at once."""

from __future__ import annotations

import math
import ssl
from collections.abc import Iterator
from typing import Any

import msgspec

from .config import (
    EXCHANGES,
    MARKETS,
    Config,
    ConnectionConfig,
    ExchangeConfig,
    RecorderConfig,
    Table,
)
from .config_secrets import HIDDEN, without_credentials
from .config_urls import base_url_fault, is_plain_and_remote, proxy_fault
from .errors import ConfigurationError, ValidationError

LONGEST = 1_000_000.0
"""No duration may be longer, in seconds: sockets and locks take no more than some 2,000,000."""

_LEAST_COUNT = {
    "rate_limit.max_weight": 1,
    "circuit_breaker.max_failures": 1,
    "circuit_breaker.success_threshold": 1,
    "connection.max_concurrent_requests": 1,
    "supervision.max_restarts": 0,
    "recovery.max_weight": 1,
    "recovery.max_trades": 1,
    "recorder.max_bytes": 1,
    "recorder.max_files": 1,
}
_MAY_BE_ZERO = {"rate_limit.request_delay"}
_SECRETS = ("api_key", "api_secret", "private_key")
_SCHEMES = {
    "rest_url": ("http", "https"),
    "stream_url": ("ws", "wss"),
    "ws_api_url": ("ws", "wss"),
}
_TYPES = {str: "text", bool: "true or false", int: "an integer", float: "a number"}


def check(config: Config) -> None:
    """Raise a `ConfigurationError` with everything that is wrong, if anything is."""
    faults = tuple(find_faults(config))
    if faults:
        raise ConfigurationError(faults)


def find_faults(config: Config) -> Iterator[ValidationError]:
    """Everything that is wrong with a configuration."""
    sound: set[str] = set()
    for expected in msgspec.structs.fields(Config):
        table = getattr(config, expected.name)
        if expected.type is str:
            if not isinstance(table, str) or "\0" in table:
                yield ValidationError(expected.name, repr(table), "must be a path")
        elif isinstance(table, expected.type):
            faults = list(_field_faults(expected.name, table))
            yield from faults
            if not faults:
                sound.add(expected.name)
        else:
            reason = f"must be a table: {expected.type.__name__}"
            yield ValidationError(expected.name, type(table).__name__, reason)
    # What two fields say together is only looked at where each makes sense by itself.
    if "exchange" in sound:
        yield from _key_faults(config.exchange)
        proxy = config.connection.proxy if "connection" in sound else ""
        yield from _plain_url_faults(config.exchange, proxy)
    if "connection" in sound:
        yield from _reconnect_faults(config.connection)
    if "health" in sound and config.health.suspect_after > config.health.stale_after:
        reason = f"must not exceed stale_after ({config.health.stale_after:g})"
        yield ValidationError("health.suspect_after", config.health.suspect_after, reason)
    if "recorder" in sound:
        yield from _recorder_faults(config.recorder)


def _field_faults(name: str, table: Table) -> Iterator[ValidationError]:
    for field in msgspec.structs.fields(table):
        value = getattr(table, field.name)
        path = f"{name}.{field.name}"
        reason = _type_fault(value, field.type) or _value_fault(path, field.name, value)
        if reason:
            yield ValidationError(path, _shown(field.name, value), reason)


def _type_fault(value: object, expected: type) -> str:
    # A bool is an int to Python, but no number to anyone else; an int is as good as a float.
    accepted = (int, float) if expected is float else expected
    if isinstance(value, accepted) and (expected is bool or not isinstance(value, bool)):
        return ""
    return f"must be {_TYPES[expected]}"


def _value_fault(path: str, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return ""
    if isinstance(value, str):
        return _text_fault(name, value)
    if path == "rollover.quiet_hour":
        return "" if -1 <= value <= 23 else "must be 0 to 23, or -1 for any hour"
    if path in _LEAST_COUNT:
        least = _LEAST_COUNT[path]
        return "" if least <= value <= 2**53 else f"must be {least} or more"
    return _duration_fault(value, may_be_zero=path in _MAY_BE_ZERO)


def _text_fault(name: str, value: str) -> str:
    if name == "name":
        return "" if value in EXCHANGES else f"must be one of {', '.join(EXCHANGES)}"
    if name == "market":
        return "" if value in MARKETS else f"must be one of {', '.join(MARKETS)}"
    if name in ("api_key", "api_secret"):
        # The key is sent in a header, and a secret read from a file likes to keep its newline.
        sound = value.isascii() and value.isprintable() and " " not in value
        return "" if sound else "must be printable ASCII without spaces"
    if name == "proxy":
        return proxy_fault(value) if value else ""
    if name == "ca_file":
        return _ca_file_fault(value) if value else ""
    return base_url_fault(value, _SCHEMES[name]) if value and name in _SCHEMES else ""


def _ca_file_fault(path: str) -> str:
    # Looked into here: later, it would only show as an exchange that cannot be reached.
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        return "holds no certificates (PEM)"
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or 'no path'}"
    return ""


def _duration_fault(value: float, *, may_be_zero: bool) -> str:
    # Python's integers have no bound, its floats have: compared first, never converted.
    if not -LONGEST <= value <= LONGEST:
        finite = isinstance(value, int) or math.isfinite(value)
        return f"must be {LONGEST:.0f} s at most" if finite and value > 0 else "must be finite"
    if may_be_zero:
        return "" if value >= 0 else "must be 0 or more"
    return "" if value > 0 else "must be greater than 0"


def _key_faults(exchange: ExchangeConfig) -> Iterator[ValidationError]:
    if exchange.api_secret and exchange.private_key:
        reason = "give either api_secret or private_key, not both"
        yield ValidationError("exchange.private_key", HIDDEN, reason)
    if exchange.api_key and not (exchange.api_secret or exchange.private_key):
        reason = "is missing: api_key needs it (or private_key)"
        yield ValidationError("exchange.api_secret", "", reason)
    if not exchange.api_key and (exchange.api_secret or exchange.private_key):
        reason = "is missing: a secret needs its key"
        yield ValidationError("exchange.api_key", "", reason)


def _plain_url_faults(exchange: ExchangeConfig, proxy: str) -> Iterator[ValidationError]:
    if not any(getattr(exchange, name) for name in _SECRETS):
        return
    for name in _SCHEMES:
        url = getattr(exchange, name)
        if url and is_plain_and_remote(url):
            reason = f"a key is only sent encrypted, except to loopback; use {_SCHEMES[name][1]}"
            yield ValidationError(f"exchange.{name}", url, reason)
        elif url.startswith(("http:", "ws:")) and proxy and is_plain_and_remote(proxy):
            reason = "a key is never sent unencrypted through a proxy"
            yield ValidationError(f"exchange.{name}", url, reason)


def _reconnect_faults(connection: ConnectionConfig) -> Iterator[ValidationError]:
    if connection.reconnect_delay > connection.max_reconnect_wait:
        reason = f"must not exceed max_reconnect_wait ({connection.max_reconnect_wait})"
        yield ValidationError("connection.reconnect_delay", connection.reconnect_delay, reason)


def _recorder_faults(recorder: RecorderConfig) -> Iterator[ValidationError]:
    if recorder.folder and not recorder.enabled:
        reason = "nothing would be written there: recorder.enabled is false"
        yield ValidationError("recorder.folder", recorder.folder, reason)


def _shown(name: str, value: object) -> object:
    if name in _SECRETS:
        return HIDDEN
    if isinstance(value, str):
        return without_credentials(value)
    # Of what is no plain value only the type is told: it may hold anything.
    return value if value is None or isinstance(value, bool | int | float) else type(value).__name__
