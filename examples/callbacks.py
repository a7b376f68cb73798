"""A bot of plain callables: subscribers of their own, and handlers for everything else.

Run it: python examples/callbacks.py
"""

from __future__ import annotations

import threading

from exchange_connector import (
    Config,
    ConnectorActor,
    Disconnected,
    Event,
    Handlers,
    Kline,
    StreamGap,
    Ticker,
    Trade,
)
from exchange_connector.simulator import SimulatedExchange


class Tape:
    """Prints trades, and counts them; its method is the callable."""

    def __init__(self, most: int) -> None:
        self.full = threading.Event()
        self.missed = threading.Event()
        self._most, self._seen = most, 0

    def on_event(self, event: Event) -> None:
        """Take one event, on the thread that this callable has for itself."""
        match event:
            case Trade() if self._seen < self._most:
                self._seen += 1
                print(f"{event.symbol} {event.taker_side:4} {event.quantity} at {event.price}")
                if self._seen == self._most:
                    self.full.set()
            case StreamGap():
                print(f"trades were missed: {event.reason}")
                self.missed.set()
            case _:
                pass


ticked = threading.Event()


def on_ticker(ticker: Ticker) -> None:
    """Of subscriptions that name no subscriber."""
    print(f"{ticker.symbol} 24 h: {ticker.low_price} to {ticker.high_price}")
    ticked.set()


def on_kline(kline: Kline) -> None:
    """A candle, growing until it is closed."""
    print(f"{kline.symbol} {kline.interval}: {kline.open_price} -> {kline.close_price}")


def main() -> None:
    """Run it against a simulated exchange, whose link is lost once."""
    with SimulatedExchange() as exchange:
        config = (
            Config.builder()
            .exchange("binance", rest_url=exchange.rest_url, stream_url=exchange.stream_url)
            .build()
        )
        ref = ConnectorActor.start(config)
        connector = ref.proxy()
        lost = threading.Event()

        def on_disconnect(event: Disconnected) -> None:
            print(f"lost: {event.reason}")
            lost.set()

        try:
            handlers = Handlers(on_ticker=on_ticker, on_kline=on_kline, on_disconnect=on_disconnect)
            connector.set_handlers(handlers).get(timeout=10)
            connector.subscribe_ticker("BTCUSDT").get(timeout=10)
            connector.subscribe_klines("BTCUSDT", "1m").get(timeout=10)
            tape = Tape(10)
            trades = connector.subscribe_trades("ETHUSDT", tape.on_event).get(timeout=10)
            tape.full.wait(timeout=10)
            ticked.wait(timeout=10)
            exchange.cut()
            lost.wait(timeout=10)
            tape.missed.wait(timeout=10)
            trades.unsubscribe()  # nothing more is delivered from here on
        finally:
            ref.stop()


if __name__ == "__main__":
    main()
