"""Where Bybit is, and what it allows.

Sources: https://bybit-exchange.github.io/docs/v5/guide
https://bybit-exchange.github.io/docs/v5/ws/connect ("Public channel - Args limits")
https://bybit-exchange.github.io/docs/v5/rate-limit ("IP Limit")
"""

from __future__ import annotations

from ...messages.config import ExchangeConfig
from ..driver import Limits, Urls
from .names import SPOT

_LIVE = "https://api.bybit.com", "wss://stream.bybit.com"
_TESTNET = "https://api-testnet.bybit.com", "wss://stream-testnet.bybit.com"

_MOST_NAMES_SPOT = 10
_MOST_NAMES = 100
"""Not documented for linear; so many names still fit into one small frame."""


def limits(market: str) -> Limits:
    """What a market allows; both have the address's requests and dials in common.

    The number of streams of a session is only bounded by the length of their names, which are some
    20 to 30 characters long: 500 of them stay well within, and are as much as one thread should
    read. How many messages a session may send is not documented; the pace is ours.
    """
    return Limits(
        weight=7200,
        weight_period=60.0,
        burst=600,
        burst_period=5.0,
        dials=500,
        dial_period=300.0,
        streams=500,
        characters=21_000,
        controls=10,
        control_period=1.0,
        names=_MOST_NAMES_SPOT if market == SPOT else _MOST_NAMES,
    )


def urls(config: ExchangeConfig) -> Urls:
    """The exchange's own URLs, save those that the configuration names."""
    rest, stream = _TESTNET if config.testnet else _LIVE
    path = f"/v5/public/{config.market}"
    base = config.stream_url or stream
    account = config.ws_api_url or base if config.market == SPOT else ""
    return Urls(config.rest_url or rest, base, path, account)
