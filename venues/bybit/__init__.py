"""Bybit's spot and linear markets, as tables.

Linear are the contracts in USDT and USDC: perpetuals and futures.

Source: https://github.com/bybit-exchange/docs (v5)
"""

from __future__ import annotations

from ...messages.enums import Channel
from ..driver import Driver
from . import orders
from .account import ACCOUNT
from .decoders import decoder_of
from .endpoints import endpoints
from .errors import refusal, used_weight
from .names import EXCHANGE
from .names import LINEAR as _LINEAR
from .names import SPOT as _SPOT
from .past import NEWEST, PAGE
from .progress import PROBES
from .signing import signer
from .streams import FRAME_PREFIX, RULES, command, control, ping_command, stream, stream_name
from .urls import limits, urls


def driver_for(market: str) -> Driver:
    """A market, as a table: `spot` or `linear`. Orders are those of spot."""
    return Driver(
        name=EXCHANGE,
        market=market,
        limits=limits(market),
        endpoints=endpoints(market) | (orders.ENDPOINTS if market == _SPOT else {}),
        urls=urls,
        signer=signer,
        refusal=refusal,
        used_weight=used_weight,
        stream=stream,
        stream_name=stream_name,
        command=command,
        list_command=None,
        ping_command=ping_command,
        frame_prefix=FRAME_PREFIX,
        control=control,
        decoder=decoder_of(market),
        snapshots=(),
        probes=PROBES,
        rules=RULES,
        past={Channel.KLINES: PAGE, Channel.TRADES: NEWEST[market]},
        plural=frozenset({Channel.TRADES, Channel.KLINES}),
        account=ACCOUNT if market == _SPOT else None,
        cumulative=frozenset({Channel.TICKER}) if market == _LINEAR else frozenset(),
    )


SPOT = driver_for(_SPOT)
LINEAR = driver_for(_LINEAR)
