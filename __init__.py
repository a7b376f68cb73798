"""Crypto exchange connectors built from supervised Pykka actors.

from exchange_connector import Config, ConnectorActor

ref = ConnectorActor.start(Config.builder().exchange("binance").build())
connector = ref.proxy()
connector.subscribe_trades("BTCUSDT", print).get(timeout=10)
...
ref.stop()
"""

import logging as _logging

from . import messages
from .actors.feeds.subscriber import SubscriberActor
from .core.filters import round_to_filters
from .core.nonce import NonceGenerator
from .messages import *
from .runtime import ConnectorActor, ask, to_asyncio

__version__ = "0.1.0"
__all__ = [
    "ConnectorActor",
    "NonceGenerator",
    "SubscriberActor",
    "ask",
    "round_to_filters",
    "to_asyncio",
]
__all__ += messages.__all__

_logging.getLogger("exchange_connector").addHandler(_logging.NullHandler())
