"""What two connections bring, and one of them has delivered: only data, however it begins."""

from __future__ import annotations

import time
from typing import Any

from exchange_connector.actors.feeds.frame import Route, Source
from exchange_connector.actors.sockets.overlap import Overlap
from exchange_connector.actors.sockets.pump import Pump
from exchange_connector.core.limiter import DialBudget
from exchange_connector.messages.config import ConnectionConfig
from exchange_connector.messages.enums import Channel
from exchange_connector.messages.streams import Stream
from exchange_connector.venues import DRIVERS

DRIVER = DRIVERS["bybit", "spot"]
CANDLE = b'{"type":"snapshot","topic":"kline.1.ETHUSDT","data":[],"ts":1786310818818}'
TRADES = b'{"topic":"publicTrade.ETHUSDT","ts":1,"type":"snapshot","data":[]}'
ANSWER = b'{"success":true,"ret_msg":"subscribe","conn_id":"x","req_id":"1","op":"subscribe"}'
STREAMS = (Stream(Channel.TRADES, "ETHUSDT"), Stream(Channel.KLINES, "ETHUSDT", interval="1m"))


class Nobody:
    """Is told, and does nothing."""

    def tell(self, message: object) -> None:
        """Whatever."""


def heir(overlap: Overlap) -> Pump:
    """A connection that has taken over; it is not dialled."""
    nobody: Any = Nobody()
    pump = Pump(
        1,
        "ws://127.0.0.1:1",
        DRIVER,
        config=ConnectionConfig(),
        pong_timeout=1.0,
        pace=DialBudget(9, 1.0),
        owner=nobody,
        root=nobody,
        name="heir",
        track=nobody,
        overlap=overlap,
    )
    pump.routes = {
        DRIVER.stream_name(each).encode(): Route(
            Source("bybit", each, DRIVER.decoder(each), nobody), ()
        )
        for each in STREAMS
    }
    pump._has_taken_over = True
    return pump


def test_what_was_delivered_comes_no_second_time() -> None:
    """A frame whose stream is not named first is data as well; answers look alike everywhere."""
    overlap = Overlap(1, DRIVER)
    overlap.delivered([CANDLE, TRADES, ANSWER, b"no json"])
    overlap.taken_over(time.monotonic())
    pump, later = heir(overlap), CANDLE.replace(b"818}", b"819}")
    came = [ANSWER, TRADES, CANDLE, b"no json", later]
    begin = len(DRIVER.frame_prefix)
    fresh = pump._shared(overlap, came, begin, 2, 0)
    pump._wire.end()
    assert fresh == [ANSWER, b"no json", later]
