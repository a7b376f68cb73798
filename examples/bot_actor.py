"""A bot that is a Pykka actor: events arrive in `on_event`, answers in `on_receive`; it never waits.

Run it: python examples/bot_actor.py
"""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pykka

from exchange_connector import (
    BookTicker,
    Config,
    ConnectorActor,
    Event,
    GetExchangeInfo,
    GetHealth,
    Replied,
    RequestFailed,
    ServerTime,
    StreamGap,
    SubscribeBookTicker,
    SubscriberActor,
    SymbolInfo,
    ask,
)
from exchange_connector.simulator import SimulatedExchange

SYMBOL = "BTCUSDT"
ENOUGH = 20


class SpreadBot(SubscriberActor):
    """Watches the spread of one symbol, in ticks of its price."""

    def __init__(self, connector: pykka.ActorRef[Any], done: threading.Event) -> None:
        super().__init__()
        self._connector = connector
        self._done = done
        self._info: SymbolInfo | None = None
        self._spreads: list[Decimal] = []

    def on_start(self) -> None:
        """Ask by telling: the answers come as messages."""
        me = self.actor_ref
        self._connector.tell(GetExchangeInfo((SYMBOL,), reply_to=me, request_id="info"))
        self._connector.tell(SubscribeBookTicker(SYMBOL, me, reply_to=me, request_id="top"))

    def on_event(self, event: Event) -> None:
        """Take one event."""
        if isinstance(event, BookTicker):
            self._spreads.append(event.ask_price - event.bid_price)
            if len(self._spreads) == ENOUGH:
                self._done.set()
        elif isinstance(event, StreamGap):
            self._spreads.clear()  # begin afresh

    def on_receive(self, message: Any) -> None:
        """Take one answer."""
        match message:
            case Replied(request_id="info", reply=info):
                self._info = info.symbols[0]
                print(SYMBOL, "is", info.symbols[0].status)
            case Replied(request_id="top", reply=subscription):
                print("subscribed:", subscription)
            case RequestFailed():
                print(message.request_id, "failed:", message.error)
                self._done.set()
            case _:
                pass

    def spread(self) -> Decimal | None:
        """The mean spread so far; called through the bot's own proxy."""
        return sum(self._spreads, Decimal(0)) / len(self._spreads) if self._spreads else None


def main() -> None:
    """Run the bot against a simulated exchange."""
    with SimulatedExchange() as exchange:
        config = (
            Config.builder()
            .exchange("binance", rest_url=exchange.rest_url, stream_url=exchange.stream_url)
            .build()
        )
        connector = ConnectorActor.start(config)
        done = threading.Event()
        bot = SpreadBot.start(connector, done)
        try:
            done.wait(timeout=10)
            print("mean spread:", bot.proxy().spread().get(timeout=5))
            # From outside an actor one may wait:
            now: ServerTime = connector.proxy().server_time().get(timeout=5)
            print("the exchange's time:", now.server_time)
            print("health:", ask(connector, GetHealth(), timeout=5).state)
        finally:
            bot.stop()
            connector.stop()


if __name__ == "__main__":
    main()
