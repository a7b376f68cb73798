"""Every way from the socket to a handler that is measured: what it is, and where it runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

MAIN = ""
"""The development environment."""
REFERENCE = "picows"
"""What the others are compared with."""


@dataclass(frozen=True)
class Way:
    """One of them.

    Attributes:
        title: What it is, in words.
        delivers: What the handler gets, in words.
        module: In this package.
        function: In the module; gets a `Job`.
        environment: The folder of its environment, or `MAIN`.
        options: For the function.
        feed: What it is sent instead of the mix, where it cannot take that.
        anchor: The reference, sent the same.
        raw: Whether it wants messages without an envelope.
        tls: Whether it takes nothing but TLS.
        reports: The distributions whose versions belong to the report.
    """

    title: str
    delivers: str
    module: str
    function: str
    environment: str = MAIN
    options: dict[str, Any] = field(default_factory=dict[str, Any])
    feed: str = ""
    anchor: str = REFERENCE
    raw: bool = False
    tls: bool = False
    reports: tuple[str, ...] = ()


_LAZY = "typed, a book's levels not read"
_READ = "typed, every level read"


def _picows(delivers: str, *, title: str = "picows and msgspec", **options: Any) -> Way:
    reports = ("picows", "msgspec")
    return Way(title, delivers, "floor", "picows", "picows", options, reports=reports)


def _loop(delivers: str, **options: Any) -> Way:
    title = "the connector's reader and decoders in one loop, no actors"
    return Way(title, delivers, "inside", "loop", options=options, reports=_OURS)


_OURS = ("exchange-connector", "pykka", "websocket-client", "msgspec")


def _ours(title: str, function: str, delivers: str = _LAZY, **options: Any) -> Way:
    title = f"the connector, {title}"
    return Way(title, delivers, "ours", function, options=options, reports=_OURS)


def _peer(function: str, distribution: str, delivers: str, *also: str, **rest: Any) -> Way:
    reports = (distribution, *also)
    return Way(distribution, delivers, "peers", function, distribution, reports=reports, **rest)


WAYS = {
    "picows": _picows("typed"),
    "picows-read": _picows("typed, every level looked at", reads=True),
    "picows-raw": _picows("bytes", title="picows alone", decoded=False),
    "picows-agg": replace(
        _picows("typed; as cryptofeed"), feed="mix-agg", anchor="picows-agg", tls=True
    ),
    "wire": replace(
        _loop("bytes"), title="the connector's reader alone", function="wire", options={}
    ),
    "loop": _loop(_LAZY),
    "loop-read": _loop(_READ, reads=True),
    "callable": _ours("a callable", "callable_"),
    "callable-read": _ours("a callable", "callable_", _READ, reads=True),
    "batch": _ours("a callable, in batches", "batch"),
    "inline": _ours("a callable, inline", "callable_", delivery="inline"),
    "inline-read": _ours("a callable, inline", "callable_", _READ, delivery="inline", reads=True),
    "subscriber": _ours("a `SubscriberActor`", "actor", kind="each"),
    "subscriber-batch": _ours("a `SubscriberActor`, in batches", "actor", kind="batches"),
    "actor": _ours("a plain Pykka actor", "actor", kind="plain"),
    "four": _ours("four callables, each of them for everything", "callable_", times=4),
    "slow": _ours("a callable ten times too slow", "slow"),
    "shared-out": _ours("many callables, a share for each", "shared_out"),
    "unicorn": _peer(
        "unicorn", "unicorn-binance-websocket-api", "dicts, converted to typed", "picows", "msgspec"
    ),
    "binance-sdk-spot": _peer(
        "binance_sdk_spot", "binance-sdk-spot", "pydantic models, numbers as text"
    ),
    "python-binance": _peer(
        "python_binance", "python-binance", "dicts, converted to typed", "websockets", "msgspec"
    ),
    "cryptofeed": _peer(
        "cryptofeed",
        "cryptofeed",
        "typed, a book kept",
        feed="mix-agg",
        anchor="picows-agg",
        tls=True,
    ),
    "ccxt": _peer("ccxt", "ccxt", "unified dicts with floats, a book kept", raw=True),
    "websocket-client": Way(
        "websocket-client as it comes, and msgspec",
        "typed",
        "floor",
        "websocket_client",
        reports=("websocket-client", "msgspec"),
    ),
}
"""By name, in the order of the tables."""

MIX = tuple(name for name in WAYS if name not in ("slow", "shared-out"))
"""Those that are sent the mix."""
SINGLE = (
    *("picows", "loop", "callable", "inline", "subscriber", "actor"),
    *("unicorn", "websocket-client"),
)
"""Those that are sent one kind of message alone, too."""
TLS = ("picows", "loop", "callable")
LATENCY = ("picows", "loop", "inline", "callable", "subscriber", "actor", "unicorn")
