"""unicorn-binance-websocket-api, as released: one connection for many streams, kept alive.

It has options for the addresses. Of REST it has nothing; the websocket API stands in for it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import version
from typing import Any

# by name: they lie in an environment of its own, and beside this file
unicorn: Any = import_module("unicorn_binance_websocket_api")
dialogue: Any = import_module("dialogue")

SYMBOL = dialogue.STREAM_SYMBOL
MESSAGES = 5
PATIENCE_S = 20.0


def made(arguments: Any) -> Any:
    """A manager that is at our addresses."""
    return unicorn.BinanceWebSocketApiManager(
        exchange="binance.com",
        restful_base_uri=arguments.rest_url,
        websocket_base_uri=f"{arguments.stream_url}/",
        websocket_api_base_uri=arguments.ws_api_url,
        warn_on_update=False,
        restart_timeout=1,
        enable_stream_signal_buffer=True,
    )


def waited_for(look: Callable[[], Any], what: str) -> Any:
    """What `look` finds in the end; the manager's buffers have no way to wait for data."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(what)
        time.sleep(0.01)
    return found


class Stream:
    """A stream of the manager's, and what came on it."""

    def __init__(self, manager: Any, channels: list[str], markets: list[str]) -> None:
        self._manager = manager
        self._name = "+".join(channels)
        self.id = manager.create_stream(channels, markets, stream_buffer_name=self._name)

    def take(self, stream: str, count: int) -> list[Any]:
        """The next so many events of one of its streams."""
        taken: list[Any] = []
        while len(taken) < count:
            message = json.loads(waited_for(self._pop, f"an event of {stream}"))
            if message.get("stream") == stream:
                taken.append(message["data"])
        return taken

    def _pop(self) -> Any:
        return self._manager.pop_stream_data_from_stream_buffer(self._name)


def listen(stream: Stream) -> dict[str, Any]:
    """Several channels of two markets on one connection."""
    partial = stream.take(f"{SYMBOL}@depth20@100ms", 1)[0]
    return {
        "trade_ids": [each["t"] for each in stream.take(f"{SYMBOL}@trade", MESSAGES)],
        "update_ids": [
            [each["U"], each["u"]] for each in stream.take(f"{SYMBOL}@depth@100ms", MESSAGES)
        ],
        "candle": stream.take(f"{SYMBOL}@kline_1m", 1)[0]["k"]["t"],
        "ticker": stream.take(f"{SYMBOL}@ticker", 1)[0]["s"],
        "other": stream.take("ethusdt@bookTicker", 1)[0]["s"],
        "book": dialogue.book(partial["lastUpdateId"], partial["bids"], partial["asks"]),
    }


def change(manager: Any, stream: Stream) -> dict[str, Any]:
    """Subscribe and unsubscribe on the live connection."""
    manager.subscribe_to_stream(stream.id, channels=["aggTrade"], markets=[SYMBOL])
    aggregates = [each["a"] for each in stream.take(f"{SYMBOL}@aggTrade", MESSAGES)]
    manager.unsubscribe_from_stream(stream.id, markets=["ethusdt"])
    listing = manager.get_stream_subscriptions(stream.id)
    return {"aggregates": aggregates, "subscriptions": sorted(result_of(manager, listing))}


def result_of(manager: Any, request_id: int) -> list[str]:
    """What a request on a stream was answered with.

    The manager's own way to wait for it is a compiled loop that lets no other thread run.
    """

    def results() -> Iterator[Any]:
        answers = (json.loads(raw) for raw in list(manager.get_results_from_endpoints()))
        return (answer["result"] for answer in answers if answer["id"] == request_id)

    found: list[str] = waited_for(lambda: next(results(), None), "the answer")
    return found


def lose(manager: Any, stream: Stream) -> dict[str, Any]:
    """A connection that is reset: it comes back by itself, with its subscriptions."""
    newest = dialogue.please("cut")["trade_id"]
    after: list[int] = []
    while len(after) < MESSAGES:
        (trade,) = stream.take(f"{SYMBOL}@trade", 1)
        after += [trade["t"]] if trade["t"] > newest else []
    signals = []
    while signal := manager.pop_stream_signal_from_stream_signal_buffer():
        signals.append(signal["type"])
    return {"after_the_cut": after, "signals": signals}


def ask(manager: Any, arguments: Any) -> dict[str, Any]:
    """The websocket API, signed requests too."""
    manager.create_stream(
        api=True, api_key=arguments.api_key, api_secret=arguments.api_secret, output="dict"
    )
    api, symbol = manager.api.spot, dialogue.SYMBOL
    depth = api.get_order_book(symbol=symbol, limit=100, return_response=True)["result"]
    account = api.get_account_status(return_response=True)["result"]
    information = api.get_exchange_info(symbols=[symbol], return_response=True)["result"]
    return {
        "api_ping": api.ping(return_response=True)["status"],
        "api_time": api.get_server_time(return_response=True)["result"]["serverTime"],
        "api_depth": dialogue.book(depth["lastUpdateId"], depth["bids"], depth["asks"]),
        "api_balances": {row["asset"]: row["free"] for row in account["balances"]},
        "api_symbols": [row["symbol"] for row in information["symbols"]],
    }


def main(arguments: Any) -> dict[str, Any]:
    """Do everything once."""
    manager = made(arguments)
    try:
        channels = ["trade", "depth@100ms", "depth20@100ms", "bookTicker", "kline_1m", "ticker"]
        stream = Stream(manager, channels, [SYMBOL, "ethusdt"])
        done = listen(stream) | change(manager, stream)
        done |= lose(manager, stream)
        done |= ask(manager, arguments)
    finally:
        manager.stop_manager()
    name = "unicorn-binance-websocket-api"
    return {"client": f"{name} {version(name)}", **done}


if __name__ == "__main__":
    dialogue.report(main(dialogue.arguments()))
