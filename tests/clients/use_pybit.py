"""pybit, as released: Bybit's own client, REST and websockets, spot and linear.

It has no option for addresses, so the modules' own constants are set before anything is made of
them.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Any

# by name: they lie in an environment of its own, and beside this file
unified: Any = import_module("pybit.unified_trading")
exceptions: Any = import_module("pybit.exceptions")
dialogue: Any = import_module("dialogue")

SYMBOL = dialogue.SYMBOL
DEPTH, DEEPEST = 50, 1_000
MESSAGES = 5
PATIENCE_S = 20.0
CATEGORIES = ("spot", "linear")


class WebSocket(unified.WebSocket):  # type: ignore[misc]
    """pybit's, which notes whom a topic is for after it has asked for it.

    On this machine the answer may be quicker; so nothing is read in between. `answered` counts the
    subscriptions that were answered.
    """

    def __init__(self, channel_type: str, **account: str) -> None:
        self.lock = threading.RLock()
        self.answered = 0
        super().__init__(channel_type, testnet=False, **account)

    def subscribe(self, *arguments: Any, **named: Any) -> None:
        with self.lock:
            super().subscribe(*arguments, **named)

    def _on_message(self, message: str) -> None:
        with self.lock:
            super()._on_message(message)
            self.answered += '"op":"subscribe"' in message


def read(session: Any) -> dict[str, Any]:
    """What REST tells of the account."""
    wallet = session.get_wallet_balance(accountType="UNIFIED")["result"]["list"][0]
    return {
        "balances": {row["coin"]: row["walletBalance"] for row in wallet["coin"]},
        "server_time": int(session.get_server_time()["result"]["timeNano"]) // 1_000_000,
        "margin_mode": session.get_account_info()["result"]["marginMode"],
        "key": session.get_api_key_information()["result"]["apiKey"],
    }


def read_market(session: Any, category: str) -> dict[str, Any]:
    """What REST tells of a market."""
    one = {"category": category, "symbol": SYMBOL}
    depth = session.get_orderbook(**one, limit=DEEPEST)["result"]
    listed = session.get_instruments_info(category=category)["result"]["list"]
    recent = session.get_public_trade_history(**one, limit=10)["result"]["list"]
    return {
        "symbols": [row["symbol"] for row in listed],
        "first_page": pages(session, category),
        "depth": book(depth, DEEPEST),
        "recent": [row["execId"] for row in reversed(recent)],
        "klines": [int(row[0]) for row in session.get_kline(**one, interval="1")["result"]["list"]],
        "day": session.get_tickers(**one)["result"]["list"][0]["symbol"],
    }


def pages(session: Any, category: str) -> list[str]:
    """The symbols of one category, a page of one after the other."""
    found: list[str] = []
    cursor = ""
    while True:
        more = {"cursor": cursor} if cursor else {}
        result = session.get_instruments_info(category=category, limit=1, **more)["result"]
        found += [row["symbol"] for row in result["list"]]
        cursor = result.get("nextPageCursor", "")
        if not cursor:
            return found


def book(data: dict[str, Any], depth: int) -> dict[str, Any]:
    """A book as the report tells it; pybit keeps the levels in no order."""
    bids = sorted(data["b"], key=lambda level: -float(level[0]))
    asks = sorted(data["a"], key=lambda level: float(level[0]))
    return {"update_id": data["u"], "depth": depth, "bids": bids, "asks": asks}


def watch(category: str) -> dict[str, Any]:
    """Every kind of topic; books and tickers are those that pybit keeps from deltas."""
    socket = WebSocket(category)
    got: dict[str, queue.Queue[Any]] = {
        name: queue.Queue() for name in ("book", "best", "trade", "ticker", "kline")
    }
    socket.orderbook_stream(DEPTH, SYMBOL, got["book"].put)
    socket.orderbook_stream(1, SYMBOL, got["best"].put)
    socket.trade_stream(SYMBOL, got["trade"].put)
    socket.ticker_stream(SYMBOL, got["ticker"].put)
    socket.kline_stream(1, SYMBOL, got["kline"].put)
    told = {name: some(one) for name, one in got.items() if name != "kline"}
    before = trade_ids(told["trade"])
    newest = dialogue.please("cut")["trade_id"][category]
    after = beyond(got["trade"], newest)
    done = {
        "books": [book(message["data"], DEPTH) for message in told["book"]],
        "best": told["best"][-1]["data"],
        "trade_ids": before,
        "after_the_cut": after,
        "book_after_the_cut": book(newest_of(got["book"], told["book"][-1])["data"], DEPTH),
        "ticker": told["ticker"][-1]["data"],
        "kline": got["kline"].get(timeout=PATIENCE_S)["data"][0]["interval"],
    }
    socket.exit()
    return done


def newest_of(messages: queue.Queue[Any], before: Any) -> Any:
    """The next message after what has arrived so far."""
    while not messages.empty():
        messages.get()
    message = messages.get(timeout=PATIENCE_S)
    assert message["data"]["u"] != before["data"]["u"]
    return message


def some(messages: queue.Queue[Any]) -> list[Any]:
    """The next messages."""
    return [messages.get(timeout=PATIENCE_S) for _ in range(MESSAGES)]


def trade_ids(messages: list[Any]) -> list[str]:
    """The ids of the trades in them."""
    return [row["i"] for message in messages for row in message["data"]]


def beyond(messages: queue.Queue[Any], newest: str) -> list[str]:
    """The ids of some trades of the new connection; those of the old one are passed over.

    What was on its way when the old one broke is older than `newest`, or is it.
    """
    ids = trade_ids(some(messages))
    while newest in ids:
        ids = trade_ids(some(messages))
    return trade_ids(some(messages))


def trade(session: Any, account: dict[str, str]) -> dict[str, Any]:
    """Orders of spot by REST, and what the private socket tells of them."""
    private = WebSocket("private", **account)
    got: dict[str, queue.Queue[Any]] = {
        name: queue.Queue() for name in ("order", "execution", "wallet")
    }
    private.order_stream(got["order"].put)
    private.execution_stream(got["execution"].put)
    private.wallet_stream(got["wallet"].put)
    wait_for(lambda: bool(private.answered == len(got)))
    one = {"category": "spot", "symbol": SYMBOL}
    terms = {"side": "Buy", "orderType": "Limit", "qty": "0.001", "price": "60000"}
    placed = session.place_order(**one, **terms, orderLinkId="mine")["result"]
    resting = session.get_open_orders(**one)["result"]["list"]
    cancelled = session.cancel_order(**one, orderLinkId="mine")["result"]
    bought = session.place_order(**one, side="Buy", orderType="Market", qty="100")["result"]
    first = got["execution"].get(timeout=PATIENCE_S)["data"]
    done = {
        "placed": placed,
        "resting": [row["orderId"] for row in resting],
        "cancelled": cancelled,
        "refused": refusal(session, {**one, **terms, "orderLinkId": "mine"}),
        "bought": bought["orderId"],
        "executed": [row["execId"] for row in first],
        "statuses": [(row["orderId"], row["orderStatus"]) for row in told(got["order"], 3)],
        "locked": [coin["locked"] for coin in coins(told(got["wallet"], 3))],
        "history": [
            row["orderId"] for row in session.get_order_history(category="spot")["result"]["list"]
        ],
        "executions": [
            row["execId"] for row in session.get_executions(category="spot")["result"]["list"]
        ],
    }
    private.exit()
    return done


def told(messages: queue.Queue[Any], count: int) -> list[Any]:
    """The rows of the next messages."""
    return [row for _ in range(count) for row in messages.get(timeout=PATIENCE_S)["data"]]


def coins(wallets: list[Any]) -> list[Any]:
    """The dollars of each wallet."""
    return [coin for row in wallets for coin in row["coin"] if coin["coin"] == "USDT"]


def refusal(session: Any, order: dict[str, str]) -> int:
    """The code with which an order is refused."""
    try:
        session.place_order(**order)
    except exceptions.InvalidRequestError as error:
        return int(error.status_code)
    return 0


def wait_for(done: Callable[[], bool]) -> None:
    """Until something holds that pybit tells nobody about."""
    waiting = threading.Event()
    for _ in range(int(PATIENCE_S / 0.01)):
        if done() or waiting.wait(0.01):
            return


def main(arguments: Any) -> dict[str, Any]:
    """Do everything once."""
    unified.PUBLIC_WSS = f"{arguments.stream_url}/v5/public/{{CHANNEL_TYPE}}"
    unified.PRIVATE_WSS = arguments.ws_api_url
    account = {"api_key": arguments.api_key, "api_secret": arguments.api_secret}
    session = unified.HTTP(**account)
    session.endpoint = arguments.rest_url
    done: dict[str, Any] = {"client": f"pybit {version('pybit')}", **read(session)}
    for category in CATEGORIES:
        done[category] = read_market(session, category) | watch(category)
    return done | {"orders": trade(session, account)}


if __name__ == "__main__":
    dialogue.report(main(dialogue.arguments()))
