"""Every documented request of the websocket API, sent as it is, and the answer as documented."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import websocket

from exchange_connector.simulator import SimulatedExchange

Dial = Callable[[str], websocket.WebSocket]
Documented = Callable[[str], list[tuple[str, Any]]]
Figure = Callable[[str, object], None]
STEPS = 5_000  # enough for block trades
SYMBOLS = ("BTCUSDT", "BNBBTC", "ETHBTC", "LTCBTC", "BAZUSD", "BNBBUSD")
# what the request of a section has to ask beyond the documented one to get each of the answers
MORE: dict[str, dict[str, Any]] = {
    "Historical trades 1": {"fromId": None},
    "Aggregate trades 1": {"fromId": None},
    "Historical Block Trades 1": {"fromId": 0},
    "24hr ticker price change statistics 2": {"type": "MINI"},
    "24hr ticker price change statistics 3": {"symbol": None},
    "Trading Day Ticker 1": {"symbols": None, "symbol": "BTCUSDT"},
    "Trading Day Ticker 3": {"symbols": None, "symbol": "BTCUSDT", "type": "MINI"},
    "Trading Day Ticker 4": {"type": "MINI"},
    "Rolling window price change statistics 2": {"symbols": None, "symbol": "BNBBTC"},
    "Rolling window price change statistics 3": {
        "symbols": None,
        "symbol": "BNBBTC",
        "type": "MINI",
    },
    "Symbol price ticker 2": {"symbol": None},
    "Symbol order book ticker 1": {"symbols": None, "symbol": "BNBBTC"},
    "Account prevented matches (USER_DATA) 1": {"preventedMatchId": None, "orderId": 5},
}
NOT_COMPARED = {
    "Response format 0": "an order",
    "Response format 1": "an order",
    "Event format 0": "an order's event",
    "Unfilled Order Count 0": "an order",
    "How to interpret rate limits 0": "the answer to `time`, compared below",
    "IP limits 0": "an answer without its request",
    "IP limits 1": "a ban, in test_ws_api.py",
    "Server Shutdown 0": "in test_documented_streams.py",
    "Authenticate after connection 0": "needs a session that is logged on",
    "Rolling window price change statistics 1": "a piece of an answer",
    "Query Reference Price 2": "in test_documented.py",
    "Query Reference Price 3": "an error as a result; REST has it as one",
    "Query Reference Price Calculation 1": "in test_documented.py",
    "Query Reference Price Calculation 3": "the reference price is a mean",
    "Log in with API key (SIGNED) 1": "needs an Ed25519 key",
    "Subscribe to User Data Stream (USER_STREAM) 1": "needs a session that is logged on",
}
LONGEST_ID = 36
OTHERS = ("order", "sor.")
ACCEPTED = {
    r".*: \$\.rateLimits is not documented": "the example asks for none, or leaves it out",
    r"Historical Block Trades 1: .* is 8 decimals, documented (\d decimals|digits)": (
        "shortened as in the examples of the streams"
    ),
    r"(Account prevented matches \(USER_DATA\)|Account allocations"
    r" \(USER_DATA\)|Current open orders \(USER_DATA\)|Account order history \(USER_DATA\)|Current"
    r" open Order lists \(USER_DATA\)|Account order list history \(USER_DATA\)|Account trade"
    r" history \(USER_DATA\)) 1: \$\.result is empty": "the account has not traded",
    r"Query session status 1: \$\.result\.(apiKey|authorizedSince) is NoneType, .*": (
        "nobody can log on"
    ),
    r"Listing all subscriptions 1: \$\.result is empty": "nothing is subscribed yet",
    r"Exchange information 1: \$\.result\.sors is missing": "optional",
    r"Account information \(USER_DATA\) 1: .*\.free is 8 decimals, documented 7 decimals": (
        "one of the documented balances has seven, the others have eight"
    ),
    r"Query Relevant Filters \(USER_DATA\) 1: \$\.id is text, documented digits": (
        "the documented answer has another id than its request"
    ),
}


@pytest.fixture
def market() -> Iterator[SimulatedExchange]:
    """An exchange that lists the symbols of the examples."""
    with SimulatedExchange(symbols=SYMBOLS) as running:
        running.skew_clock(10 - time.time() % 60)
        running.hold()
        running.advance(STEPS)
        yield running


class Client:
    """A plain client of the websocket API."""

    def __init__(self, exchange: SimulatedExchange, dial: Dial) -> None:
        self._exchange = exchange
        self._socket = dial(f"{exchange.ws_api_url}/ws-api/v3")

    def ask(self, request: dict[str, Any]) -> Any:
        """Send a request, signed anew if it is signed, and return its answer."""
        params = dict(request.get("params", {}))
        if "signature" in params:
            params = self._signed(params)
        # one of the documented ids is longer than the exchange takes
        told = {**request, "id": shortened(request["id"])}
        if "params" in request:
            told["params"] = params
        self._socket.send(json.dumps(told))
        while "event" in (answer := json.loads(self._socket.recv())):
            pass
        assert answer["id"] == told["id"]
        return answer

    def _signed(self, params: dict[str, Any]) -> dict[str, Any]:
        self._socket.send('{"id":1,"method":"time"}')
        now = json.loads(self._socket.recv())["result"]["serverTime"]
        rest = {name: value for name, value in params.items() if name != "signature"}
        rest |= {"apiKey": self._exchange.api_key, "timestamp": now}
        text = "&".join(f"{name}={rest[name]}" for name in sorted(rest))
        secret = self._exchange.api_secret.encode()
        return rest | {"signature": hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()}


def shortened(id: Any) -> Any:
    """An id that the exchange takes."""
    return id[:LONGEST_ID] if isinstance(id, str) else id


def test_answers_are_as_documented(
    market: SimulatedExchange,
    dial: Dial,
    comparison: Callable[[dict[str, str]], Any],
    documented: Documented,
    figure: Figure,
) -> None:
    """Each documented request is understood, and answered in the documented form."""
    client = Client(market, dial)
    made = comparison(ACCEPTED)
    request: dict[str, Any] = {}
    sent = orders = 0
    for title, example in documented("docs/binance_ws_api.jsonl"):
        if "method" in example:
            request = example
            trade = example["method"].startswith(OTHERS) or "cancelAll" in example["method"]
            request = {} if trade else example
            sent += not trade
            orders += trade
        elif not request:
            orders += 1
        elif title not in NOT_COMPARED:
            asked = with_more(request, MORE.get(title, {}))
            made.compare(title, example, client.ask(asked))
    assert "\n".join(made.differences) == ""
    assert made.met.keys() == ACCEPTED.keys()
    figure("documented websocket API answers compared", f"{made.examples}, {made.fields} fields")
    figure("documented websocket API requests understood", sent)
    figure("documented websocket API examples not served", f"{orders} about orders")
    figure("documented websocket API answers not compared", sorted(set(NOT_COMPARED.values())))
    figure("differences accepted in websocket API answers", sorted(set(ACCEPTED.values())))


def with_more(request: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The request with some parameters changed, and without those that are `None`."""
    if not more:
        return request
    params = request["params"] | more
    return {**request, "params": {name: one for name, one in params.items() if one is not None}}


SAMPLES_ACCEPTED = {
    r"exchangeInfo: \$\.result\.sors is missing": "optional",
    r"exchangeInfo: .*\.allowAmend is missing": "today `amendAllowed`",
    r"exchangeInfo: .*\.(amend|opo|pegInstructions)Allowed is not documented": "newer",
}


def test_answers_are_as_other_clients_know_them(
    market: SimulatedExchange,
    dial: Dial,
    comparison: Callable[[dict[str, str]], Any],
    fixture_file: Callable[[str], Path],
    figure: Figure,
) -> None:
    """The samples by which another library is tested have the same form as our answers."""
    client = Client(market, dial)
    made = comparison(SAMPLES_ACCEPTED)
    request: dict[str, Any] = {}
    for line in fixture_file("samples/jkorf_binance_spot_ws.jsonl").read_text().splitlines():
        entry = json.loads(line)
        if entry["t"] == "sent":
            request = json.loads(entry["raw"])
        elif entry["label"].startswith("Socket/Spot/ExchangeData"):
            sample = json.loads(entry["raw"])
            made.compare(request["method"], sample, client.ask(as_answered(request, sample)))
    assert made.differences == []
    figure("websocket API samples compared", f"{made.examples}, {made.fields} fields")


def as_answered(request: dict[str, Any], sample: Any) -> dict[str, Any]:
    """The sample's request, which is shortened there, so that its answer can come."""
    params: dict[str, Any] = {"symbol": "ETHBTC"}
    if request["method"].startswith("ticker"):
        params = {"symbols": ["ETHBTC", "BNBBTC"]}
    if request["method"] in ("klines", "uiKlines"):
        params |= {"interval": "1m"}
    return {**request, "params": params}
