"""The websocket API: requests, refusals, limits, sessions (web-socket-api.md)."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import websocket

from exchange_connector.simulator import SimulatedExchange
from exchange_connector.simulator.binance.limits import PATIENCE
from exchange_connector.simulator.binance.sessions import MOST_SUBSCRIPTIONS, ApiConnection
from exchange_connector.simulator.binance.signing import sorted_text
from exchange_connector.simulator.trading.keys import sign

Dial = Callable[[str], websocket.WebSocket]
Call = Callable[..., Any]
NextFrame = Callable[[websocket.WebSocket], tuple[int, bytes]]
CLOSE, PING = 0x8, 0x9
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
OTHER_KEY = "k" * 64
FULL_WIDTH = "".join(chr(0xFF10 + digit) for digit in range(1, 7))


@pytest.fixture
def api(exchange: SimulatedExchange, dial: Dial) -> websocket.WebSocket:
    """A connection to the websocket API."""
    return dial(f"{exchange.ws_api_url}/ws-api/v3")


@pytest.fixture
def small() -> Iterator[SimulatedExchange]:
    """An exchange that allows a weight of 52 a minute, ten seconds into one."""
    with SimulatedExchange(max_weight=52) as running:
        running.skew_clock(10 - time.time() % 60)
        yield running


def call(socket: websocket.WebSocket, method: str, id: Any = 1, **params: Any) -> Any:
    """Send a request and return its answer."""
    message = {"id": id, "method": method, **({"params": params} if params else {})}
    socket.send(json.dumps(message))
    return json.loads(socket.recv())


def signed(exchange: SimulatedExchange, shift_ms: int = 0, **params: Any) -> dict[str, Any]:
    """The parameters with key, timestamp and signature."""
    url = f"{exchange.rest_url}/api/v3/time"
    now = int(requests.get(url, timeout=5).json()["serverTime"])
    full = {"apiKey": exchange.api_key, "timestamp": now + shift_ms} | params
    text = "&".join(f"{name}={full[name]}" for name in sorted(full))
    secret = exchange.api_secret.encode()
    return full | {"signature": hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()}


@pytest.mark.parametrize("id", [1, -7, "4a7dd69a-01e7-42aa-907c-27dcb86edb7b", "a_b", None])
def test_an_id_is_echoed(api: websocket.WebSocket, id: Any) -> None:
    """Numbers, texts and null; and a method may carry its version."""
    answer = call(api, "v3/ping", id)
    assert (answer["id"], answer["status"], answer["result"]) == (id, 200, {})
    assert list(answer) == ["id", "status", "result", "rateLimits"]


@pytest.mark.parametrize(
    ("text", "id", "message"),
    [
        ("{", None, "Invalid JSON Request"),
        ("[1]", None, "Invalid JSON Request"),
        ('{"method":"ping"}', None, "Invalid 'id' in JSON request; expected an integer, a string"),
        ('{"id":1.5,"method":"ping"}', None, "Invalid 'id' in JSON request"),
        ('{"id":"%s","method":"ping"}' % ("x" * 37), None, "'^[a-zA-Z0-9-_]{1,36}$', or null."),
        ('{"id":true,"method":"ping"}', None, "Invalid 'id' in JSON request"),
        ('{"id":7}', 7, "Invalid 'method' in JSON request; expected a string."),
        ('{"id":7,"method":"ping","params":[]}', 7, "Invalid 'params' in JSON request; expected"),
    ],
)
def test_what_is_no_request_is_refused(
    exchange: SimulatedExchange, api: websocket.WebSocket, text: str, id: Any, message: str
) -> None:
    """Code -1135, and no weight."""
    used = exchange.used_weight
    api.send(text)
    answer = json.loads(api.recv())
    assert (answer["id"], answer["status"], answer["error"]["code"]) == (id, 400, -1135)
    assert message in answer["error"]["msg"]
    assert exchange.used_weight == used


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("depth", {}, -1102),
        ("depth", {"symbol": "NOTHERE"}, -1121),
        ("depth", {"symbol": ""}, -1105),
        ("depth", {"symbol": "BTCUSDT", "levels": 5}, -1104),
        ("ping", {"x": 1}, -1101),
        ("klines", {"symbol": "BTCUSDT", "interval": "7m"}, -1120),
        ("ticker", {}, -1102),
        ("exchangeInfo", {"symbols": ["BTCUSDT", "BTCUSDT"]}, -1151),
        ("orderList.place.oco", {}, -1020),
        ("order.place", {}, -1102),
    ],
)
def test_refusals_are_those_of_rest(
    api: websocket.WebSocket, method: str, params: dict[str, Any], code: int
) -> None:
    """The same table is behind both."""
    answer = call(api, method, **params)
    assert (answer["status"], answer["error"]["code"]) == (400, code)
    assert list(answer) == ["id", "status", "error", "rateLimits"]


def test_weight_is_shared_with_rest(exchange: SimulatedExchange, dial: Dial) -> None:
    """Connecting costs 2, a request what it costs there, and every answer tells the count."""
    socket = dial(f"{exchange.ws_api_url}/ws-api/v3")
    requests.get(f"{exchange.rest_url}/api/v3/exchangeInfo", timeout=5)
    answer = call(socket, "depth", symbol="BTCUSDT", limit=5)
    assert answer["rateLimits"] == [
        {
            "rateLimitType": "REQUEST_WEIGHT",
            "interval": "MINUTE",
            "intervalNum": 1,
            "limit": 6_000,
            "count": 2 + 20 + 5,
        }
    ]
    assert exchange.used_weight == 27
    assert call(socket, "session.status")["rateLimits"][0]["count"] == 29


def test_rate_limits_can_be_left_out(exchange: SimulatedExchange, dial: Dial) -> None:
    """By request or for the whole connection; a request decides for itself."""
    url = f"{exchange.ws_api_url}/ws-api/v3"
    socket = dial(url)
    assert "rateLimits" not in call(socket, "time", returnRateLimits=False)
    assert "rateLimits" in call(socket, "time")
    silent = dial(f"{url}?returnRateLimits=false")
    assert "rateLimits" not in call(silent, "time")
    assert "rateLimits" in call(silent, "time", returnRateLimits=True)
    assert call(silent, "session.status")["result"]["returnRateLimits"] is False


def test_exchange_info_tells_of_connections(api: websocket.WebSocket) -> None:
    """Instead of raw requests, which only REST has."""
    limits = call(api, "exchangeInfo", symbol="BTCUSDT")["result"]["rateLimits"]
    kinds = [row["rateLimitType"] for row in limits]
    assert kinds == ["REQUEST_WEIGHT", "ORDERS", "ORDERS", "CONNECTIONS"]
    assert limits[3]["limit"] == 300


def test_past_the_limit_429_then_418_and_the_end(
    small: SimulatedExchange, dial: Dial, frame: NextFrame
) -> None:
    """`retryAfter` is a time, in milliseconds; a ban disconnects, and keeps everybody out."""
    url = f"{small.ws_api_url}/ws-api/v3"
    socket = dial(url)
    call(socket, "depth", symbol="BTCUSDT", limit=1_000)
    for _ in range(PATIENCE):
        answer = call(socket, "time")
        assert (answer["status"], answer["error"]["code"]) == (429, -1003)
        told = answer["error"]["data"]
        assert told["retryAfter"] % 60_000 == 0
        assert 0 < told["retryAfter"] - told["serverTime"] <= 50_000
    answer = call(socket, "time")
    assert answer["status"] == 418
    until = answer["error"]["data"]["retryAfter"]
    assert f"IP banned until {until}." in answer["error"]["msg"]
    assert frame(socket)[0] == CLOSE
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        dial(url)
    assert refused.value.status_code == 418
    assert requests.get(f"{small.rest_url}/api/v3/time", timeout=5).status_code == 418


def test_times_in_microseconds(exchange: SimulatedExchange, dial: Dial) -> None:
    """`timeUnit` in the URL goes for every time field; a unit that is none is refused."""
    url = f"{exchange.ws_api_url}/ws-api/v3"
    socket = dial(f"{url}?timeUnit=microsecond")
    row = call(socket, "trades.recent", symbol="BTCUSDT", limit=1)["result"][0]
    status = call(socket, "session.status")["result"]
    for instant in (row["time"], status["serverTime"], status["connectedSince"]):
        assert 10**15 < instant < 10**16
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        dial(f"{url}?timeUnit=SECOND")
    assert refused.value.status_code == 400
    assert b"-1194" in (refused.value.resp_body or b"")


@pytest.mark.parametrize(
    ("symbol", "signature"),
    [
        ("BTCUSDT", "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"),
        (FULL_WIDTH, "b33892ae8e687c939f4468c6268ddd4c40ac1af18ad19a064864c47bae0752cd"),
    ],
)
def test_documented_signatures(symbol: str, signature: str) -> None:
    """Sorted, with the key, and without percent-encoding."""
    ascii_only = symbol.isascii()
    params = {
        "symbol": symbol,
        "side": "SELL" if ascii_only else "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "quantity": "0.01000000" if ascii_only else "1.00000000",
        "price": "52000.00" if ascii_only else "0.10000000",
        "recvWindow": "100" if ascii_only else "5000",
        "timestamp": "1645423376532",
        "apiKey": KEY,
    }
    assert sign(SECRET, sorted_text(params)) == signature


def test_signed_requests(exchange: SimulatedExchange, api: websocket.WebSocket) -> None:
    """A right one reads the account, whichever order its parameters have."""
    balances = call(api, "account.status", **signed(exchange, omitZeroBalances="true"))
    assert {row["asset"] for row in balances["result"]["balances"]} == {"BTC", "ETH", "USDT"}
    backwards = dict(reversed(signed(exchange, recvWindow=5000.5).items()))
    assert call(api, "account.rateLimits.orders", **backwards)["status"] == 200
    assert call(api, "myTrades", **signed(exchange, symbol="BTCUSDT"))["result"] == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"apiKey": None}, 400, -1102),
        ({"apiKey": "short"}, 401, -2014),
        ({"apiKey": OTHER_KEY}, 401, -2015),
        ({"timestamp": None}, 400, -1102),
        ({"signature": None}, 400, -1102),
        ({"signature": "0" * 64}, 400, -1022),
        ({"recvWindow": 4_999}, 400, -1022),
    ],
)
def test_wrong_signatures(
    exchange: SimulatedExchange,
    api: websocket.WebSocket,
    change: dict[str, Any],
    status: int,
    code: int,
) -> None:
    """Key, parameters and signature are all checked."""
    params = signed(exchange) | change
    sent = {name: value for name, value in params.items() if value is not None}
    answer = call(api, "account.status", **sent)
    assert (answer["status"], answer["error"]["code"]) == (status, code)


def test_late_and_early_requests(exchange: SimulatedExchange, api: websocket.WebSocket) -> None:
    """The timing rules are those of REST."""
    for shift_ms in (-6_000, 5_000):
        answer = call(api, "account.status", **signed(exchange, shift_ms))
        assert answer["error"]["code"] == -1021


def test_logging_on_takes_another_kind_of_key(
    exchange: SimulatedExchange, api: websocket.WebSocket
) -> None:
    """An HMAC key is refused after its signature was found right; nobody is logged on."""
    answer = call(api, "session.logon", **signed(exchange))
    assert (answer["status"], answer["error"]["code"]) == (400, -4056)
    wrong = call(api, "session.logon", **(signed(exchange) | {"signature": "00"}))
    assert wrong["error"]["code"] == -1022
    status = call(api, "session.status")["result"]
    assert (status["apiKey"], status["authorizedSince"]) == (None, None)
    assert status["connectedSince"] <= status["serverTime"]
    assert call(api, "session.logout")["result"]["apiKey"] is None
    assert call(api, "userDataStream.subscribe")["error"]["code"] == -1002


def test_user_data_subscriptions(exchange: SimulatedExchange, api: websocket.WebSocket) -> None:
    """One at a time for an account; ending one is told as an event."""
    method = "userDataStream.subscribe.signature"
    assert call(api, method, **signed(exchange))["result"] == {"subscriptionId": 0}
    assert call(api, method, **signed(exchange))["error"]["code"] == -2035
    assert call(api, "session.subscriptions")["result"] == [{"subscriptionId": 0}]
    assert call(api, "session.status")["result"]["userDataStream"] is True
    unknown = call(api, "userDataStream.unsubscribe", subscriptionId=5)
    assert unknown["error"]["code"] == -2036
    assert call(api, "userDataStream.unsubscribe")["result"] == {}
    event = json.loads(api.recv())
    assert event["subscriptionId"] == 0
    assert event["event"]["e"] == "eventStreamTerminated"
    assert call(api, method, **signed(exchange))["result"] == {"subscriptionId": 1}


def test_subscription_ids_are_used_up(
    exchange: SimulatedExchange, api: websocket.WebSocket
) -> None:
    """A session takes 65,535 in its life, however many have ended."""
    assert exchange.wait_until(lambda seen: seen.connections == 1)
    (connection,) = exchange._box.hub.connections.values()
    assert isinstance(connection, ApiConnection)
    connection.subscribed = MOST_SUBSCRIPTIONS - 1
    method = "userDataStream.subscribe.signature"
    last = call(api, method, **signed(exchange))
    assert last["result"] == {"subscriptionId": MOST_SUBSCRIPTIONS - 1}
    call(api, "userDataStream.unsubscribe")
    api.recv()
    assert call(api, method, **signed(exchange))["error"]["code"] == -2042


def test_pings_are_sent_and_needed(dial: Dial, frame: NextFrame) -> None:
    """As on the streams."""
    with SimulatedExchange(ping_interval=0.05, pong_timeout=0.2) as exchange:
        socket = dial(f"{exchange.ws_api_url}/ws-api/v3")
        assert frame(socket)[0] == PING
        assert exchange.wait_until(lambda seen: seen.connections == 0)


def test_requests_stand_in_the_journal(
    exchange: SimulatedExchange, api: websocket.WebSocket
) -> None:
    """With their method and parameters, as control messages do."""
    call(api, "depth", symbol="BTCUSDT", limit=5)
    control = exchange.controls[0]
    assert (control.method, control.params) == ("depth", {"symbol": "BTCUSDT", "limit": "5"})
