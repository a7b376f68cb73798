"""The frames of the private websocket, there and back."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exchange_connector.messages.account import Balance, Fill, Order
from exchange_connector.messages.config import ExchangeConfig
from exchange_connector.messages.errors import AuthenticationError
from exchange_connector.messages.orders import CancelAll
from exchange_connector.venues.account import AccountAnswer, AccountEvents
from exchange_connector.venues.bybit.account import ACCOUNT
from exchange_connector.venues.control import UNNUMBERED, Notice, Ponged
from exchange_connector.venues.driver import MalformedError

Lines = Callable[[str], Iterator[dict[str, Any]]]
Vectors = list[dict[str, Any]]

D = Decimal
AT = 1_700_000_000_000_000_000
ORDER: dict[str, Any] = {
    "orderId": "1523347543495541248",
    "orderLinkId": "mine",
    "symbol": "ETHUSDT",
    "price": "1600.00",
    "qty": "0.10",
    "side": "Buy",
    "orderStatus": "New",
    "cumExecQty": "0.00",
    "cumExecValue": "0",
    "timeInForce": "GTC",
    "orderType": "Limit",
    "updatedTime": "1684738540561",
}
EXECUTION: dict[str, Any] = {
    "symbol": "ETHUSDT",
    "orderId": "7",
    "side": "Sell",
    "execId": "2290000000525217537",
    "execPrice": "1190.15",
    "execQty": "0.10",
    "execType": "Trade",
    "execFee": "-0.0014",
    "feeCurrency": "USDT",
    "execTime": "1672282722429",
}
TOLD = 1672364262474


def control(content: Any) -> Any:
    """What a frame is."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return ACCOUNT.control(raw, AT)


def frame(topic: str, *data: dict[str, Any]) -> dict[str, Any]:
    """An event."""
    return {"id": "5923", "topic": topic, "creationTime": TOLD, "data": data}


def test_a_connection_is_opened(vectors: Vectors) -> None:
    """Logged on at the exchange's time, and then subscribed to what spot has."""
    (vector,) = (each for each in vectors if each["id"] == "derived-bybit-ws-auth")
    signer = ACCOUNT.signer(ExchangeConfig("bybit", "a-key", vector["secret"]))
    assert signer is not None
    assert signer.logs_on
    assert "a-key" not in repr(signer)
    expires = int(vector["payload"].removeprefix("GET/realtime"))
    first, second = ACCOUNT.opening(signer, 5, (expires - 10_000) * 1_000_000)
    assert json.loads(first) == {
        "req_id": "5",
        "op": "auth",
        "args": ["a-key", expires, vector["signature"]],
    }
    assert json.loads(second) == {
        "req_id": "6",
        "op": "subscribe",
        "args": ["order.spot", "execution.spot", "wallet"],
    }
    assert ACCOUNT.command(signer, 7, CancelAll("BTCUSDT"), AT) is None
    assert ACCOUNT.signer(ExchangeConfig("bybit")) is None


@pytest.mark.parametrize("operation", ["auth", "subscribe"])
def test_answers(operation: str) -> None:
    """With our number, or as documented without one."""
    done = {"success": True, "ret_msg": "", "op": operation, "conn_id": "cejre-2m"}
    assert control(done) == AccountAnswer(UNNUMBERED, b"")
    assert control(done | {"req_id": "7"}) == AccountAnswer(7, b"")
    refused = control(done | {"success": False, "ret_msg": "error:handler not found,topic:x"})
    assert isinstance(refused, AccountAnswer)
    assert refused.refusal is not None
    assert not isinstance(refused.refusal.error, AuthenticationError)


@pytest.mark.parametrize(
    ("words", "is_key", "is_clock"),
    [
        ("API key is invalid.", True, False),
        ("Error sign, please check your signature generation algorithm.", True, False),
        ("Request not authorized", True, False),
        ("Your api key has expired", True, False),
        ("Params Error", False, True),
        ("request expired: o@0, now[1] diff[2]", False, True),
    ],
)
def test_a_logon_that_is_refused(words: str, is_key: bool, is_clock: bool) -> None:
    """It is about the key, which nobody waits for, or about the clock, which is looked at."""
    answer = control({"success": False, "ret_msg": words, "op": "auth", "conn_id": "c"})
    assert isinstance(answer.refusal.error, AuthenticationError) == is_key
    assert answer.refusal.clock_doubted == is_clock
    assert words in str(answer.refusal.error)


def test_a_code_says_more_than_words() -> None:
    """Where there is one."""
    answer = control({"retCode": 10005, "ret_msg": "no", "op": "subscribe", "success": False})
    assert isinstance(answer.refusal.error, AuthenticationError)
    assert "spot orders" in str(answer.refusal.error)


def test_pings() -> None:
    """Of ours the number comes back."""
    assert ACCOUNT.ping_command is not None
    assert json.loads(ACCOUNT.ping_command(0)) == {"req_id": "0", "op": "ping"}
    assert control({"req_id": "0", "op": "pong", "args": ["16"], "conn_id": "c"}) == Ponged(0)
    assert control({"op": "pong", "args": ["16"], "conn_id": "c"}) == Ponged(UNNUMBERED)
    other = control({"success": True, "ret_msg": "", "op": "unsubscribe", "conn_id": "c"})
    assert isinstance(other, Notice)


def test_orders() -> None:
    """Several in a frame, in order; told when the frame was made."""
    second = ORDER | {"orderId": "2", "orderStatus": "Cancelled", "category": "spot"}
    told = control(frame("order.spot", ORDER | {"category": "spot"}, second))
    assert isinstance(told, AccountEvents)
    assert [event.status for event in told.events if isinstance(event, Order)] == [
        "NEW",
        "CANCELED",
    ]
    assert {event.event_time for event in told.events} == {TOLD * 1_000_000}
    assert not told.has_drifted


def test_executions_and_what_is_none() -> None:
    """Several in a frame; other markets' are not ours."""
    rows = [
        EXECUTION | {"category": "spot"},
        EXECUTION | {"category": "spot", "execId": "2"},
        EXECUTION | {"category": "spot", "execType": "Settle"},
        EXECUTION | {"category": "linear", "execId": "3"},
    ]
    told = control(frame("execution.spot", *rows))
    fills = [event for event in told.events if isinstance(event, Fill)]
    assert [fill.trade_id for fill in fills] == ["2290000000525217537", "2"]
    assert (fills[0].commission, fills[0].trade_time) == (D("-0.0014"), 1672282722429000000)
    assert not told.has_drifted


def test_the_wallet() -> None:
    """What there is of each coin that is named, of nothing too; a debt is less."""
    coins = [
        {"coin": "BTC", "walletBalance": "0.5", "locked": "0.2", "equity": "9"},
        {"coin": "ETH", "walletBalance": "0", "locked": "0"},
        {"coin": "USDT", "walletBalance": "-3", "locked": "0"},
    ]
    told = control(frame("wallet", {"accountType": "UNIFIED", "coin": coins}))
    held = [event for event in told.events if isinstance(event, Balance)]
    assert [(each.asset, each.free, each.locked) for each in held] == [
        ("BTC", D("0.3"), D("0.2")),
        ("ETH", 0, 0),
        ("USDT", -3, 0),
    ]
    assert {each.update_time for each in held} == {TOLD * 1_000_000}


@pytest.mark.parametrize(
    "content",
    [
        frame("order.spot", ORDER, {**ORDER, "a new field": 1}),
        frame("order.spot", ORDER | {"orderStatus": "Teleported"}),
        frame("order.spot", ORDER | {"timeInForce": "RPI"}),
        frame("execution.spot", EXECUTION | {"execType": "Gift"}),
        frame("execution.spot", EXECUTION | {"new": 1}),
        frame("position.linear", {}),
        frame("order", ORDER),
    ],
)
def test_drift_is_seen(content: dict[str, Any]) -> None:
    """What is new is counted, and what can be read is told."""
    assert control(content).has_drifted


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"topic":"order.spot"}',
        frame("order.spot", {}),
        frame("order.spot", ORDER | {"qty": "NaN"}),
        frame("execution.spot", EXECUTION | {"execPrice": ""}),
        frame("wallet", {"coin": [{"coin": "BTC", "walletBalance": "", "locked": "0"}]}),
        frame("wallet", {"coin": None}),
        {"topic": "wallet", "creationTime": 2**62, "data": []},
    ],
)
def test_what_is_malformed(content: Any) -> None:
    """Raises, and nothing else does."""
    with pytest.raises(MalformedError):
        control(content)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes(raw: bytes) -> None:
    """Are a frame or malformed."""
    with contextlib.suppress(MalformedError):
        control(raw)


def test_every_documented_frame(lines: Lines) -> None:
    """Of the account's topics, and the answers."""
    seen = set[str]()
    for line in lines("docs/bybit_ws_private.jsonl"):
        content = json.loads(line["raw"])
        name = str(content.get("topic", content.get("op")))
        if "success" not in content and "topic" not in content and name != "pong":
            continue
        if name in ("order", "execution"):  # as of the one topic that is subscribed to
            content["topic"] = f"{name}.spot"
            for each in content["data"]:
                each["category"] = "spot"
            told = control(content)
            assert told.events
            assert not told.has_drifted
        elif name in ("wallet", "auth", "subscribe", "pong"):
            control(content)
        else:
            continue
        seen.add(name)
    assert seen == {"order", "execution", "wallet", "auth", "subscribe", "pong"}
