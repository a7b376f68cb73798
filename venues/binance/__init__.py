"""Binance's spot market, as a table.

Source: https://github.com/binance/binance-spot-api-docs
"""

from __future__ import annotations

from ...messages.enums import Channel
from ..driver import Driver
from . import order_rules, orders, progress
from .account import ACCOUNT
from .decoders import decoder
from .endpoints import ENDPOINTS
from .errors import refusal, used_weight
from .names import EXCHANGE
from .past import PAGE
from .signing import signer
from .streams import (
    FRAME_PREFIX,
    RULES,
    SNAPSHOTS,
    command,
    control,
    list_command,
    stream,
    stream_name,
)
from .urls import LIMITS, urls

DRIVER = Driver(
    name=EXCHANGE,
    market="spot",
    limits=LIMITS,
    endpoints={
        **ENDPOINTS,
        **orders.ENDPOINTS,
        **order_rules.ENDPOINTS,
        **progress.ENDPOINTS,
    },
    urls=urls,
    signer=signer,
    refusal=refusal,
    used_weight=used_weight,
    stream=stream,
    stream_name=stream_name,
    command=command,
    list_command=list_command,
    frame_prefix=FRAME_PREFIX,
    control=control,
    decoder=decoder,
    snapshots=SNAPSHOTS,
    probes=progress.PROBES,
    rules=RULES,
    past={Channel.TRADES: PAGE, Channel.KLINES: PAGE},
    account=ACCOUNT,
)
