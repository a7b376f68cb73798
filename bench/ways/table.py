"""Every way from the socket to a handler that is measured: what it is, and where it runs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

MAIN = ""
"""The development environment."""
REFERENCE = "picows"
"""What the others are compared with."""
FEED, BOOK = "book", "book"
"""What those are sent that keep an order book, and what they are compared with."""


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
        exact: Whether the levels of its book are exact numbers.
        slower: By how much fewer messages it is measured, where it is so much slower.
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
    exact: bool = False
    slower: int = 1
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


def _kept(title: str, function: str, delivers: str, **options: Any) -> Way:
    way = _ours(title, function, delivers, **options)
    return replace(way, module="ours_books", feed=FEED, anchor=BOOK, exact=True)


def _peer_book(function: str, distribution: str, delivers: str, *also: str, **rest: Any) -> Way:
    way = _peer(function, distribution, delivers, *also, **rest)
    return replace(way, module="peer_books", feed=FEED, anchor=BOOK)


_UNREAD, _UNSORTED = "each book, its levels not read", "each book, not sorted and not read"

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
    "book": _kept("a callable", "callable_", _UNREAD),
    "book-read": _kept("a callable", "callable_", "each book, every level read", reads=True),
    "book-newest": _kept("a callable, `conflate`", "callable_", _UNREAD, overflow="conflate"),
    "book-subscriber": _kept("a `SubscriberActor`", "actor", _UNREAD),
    "book-cryptofeed": _peer_book(
        "cryptofeed", "cryptofeed", "each book, `Decimal`s", "order_book", tls=True, exact=True
    ),
    "book-ccxt": _peer_book("ccxt", "ccxt", "books as they are awaited, floats", raw=True),
    "book-ccxt-each": _peer_book(
        "ccxt", "ccxt", "each book, by a hook, floats", raw=True, options={"each": True}
    ),
    "book-python-binance": _peer_book(
        "python_binance", "python-binance", _UNSORTED, raw=True, options={"reads": False}
    ),
    "book-python-binance-read": _peer_book(
        "python_binance", "python-binance", "each book, sorted, floats", raw=True, slower=20
    ),
    "book-ubldc": _peer_book(
        "depth_cache",
        "unicorn-binance-local-depth-cache",
        "nothing; looked at each 0.1 s, floats",
        "unicorn-binance-websocket-api",
        slower=10,
    ),
    "books": _kept("many books", "many", ""),
    "books-ccxt": _peer_book("ccxt_many", "ccxt", "", raw=True),
}
"""By name, in the order of the tables."""

BOOKS = tuple(name for name, way in WAYS.items() if way.feed == FEED)
"""Those that keep order books."""
MANY_BOOKS = ("books", "books-ccxt")
"""Those of them that keep many."""
MIX = tuple(name for name in WAYS if name not in ("slow", "shared-out", *BOOKS))
"""Those that are sent the mix."""
SINGLE = (
    *("picows", "loop", "callable", "inline", "subscriber", "actor"),
    *("unicorn", "websocket-client"),
)
"""Those that are sent one kind of message alone, too."""
TLS = ("picows", "loop", "callable")
LATENCY = ("picows", "loop", "inline", "callable", "subscriber", "actor", "unicorn")
