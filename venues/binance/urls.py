"""Where Binance is, and what it allows.

Sources: binance-spot-api-docs, rest-api.md ("General API Information", "LIMITS"),
web-socket-streams.md ("General WSS information", "WebSocket Limits"), web-socket-api.md ("General
API Information"), testnet/general-info.md
"""

from __future__ import annotations

from ...messages.config import ExchangeConfig
from ..driver import Limits, Urls

LIVE = Urls(
    "https://api.binance.com",
    "wss://stream.binance.com:9443",
    "/stream",
    "wss://ws-api.binance.com:443",
)
TESTNET = Urls(
    "https://testnet.binance.vision",
    "wss://stream.testnet.binance.vision",
    "/stream",
    "wss://ws-api.testnet.binance.vision",
)

LIMITS = Limits(
    weight=6000,
    weight_period=60.0,
    dials=300,
    dial_period=300.0,
    streams=1024,
    controls=5,
    control_period=1.0,
    # Not documented; a command with so many names still fits into one small frame.
    names=100,
)


def urls(config: ExchangeConfig) -> Urls:
    """The exchange's own URLs, save those that the configuration names."""
    own = TESTNET if config.testnet else LIVE
    return Urls(
        config.rest_url or own.rest,
        config.stream_url or own.stream,
        own.stream_path,
        config.ws_api_url or own.account,
    )
