"""Mutated frames of the account: events that can be used, or `MalformedError`."""

from __future__ import annotations

import random
from typing import Any

from exchange_connector import decode, encode
from exchange_connector.venues import DRIVERS
from exchange_connector.venues.account import AccountAnswer, AccountEvents
from exchange_connector.venues.driver import MalformedError

FRAMES = [
    (
        b'{"subscriptionId":0,"event":{"e":"executionReport","E":1499405658658,"s":"ETHBTC",'
        b'"c":"mine","S":"BUY","o":"LIMIT","f":"GTC","q":"2.00","p":"0.10264410","P":"0.0","F":"0.0",'
        b'"g":-1,"C":"","x":"TRADE","X":"PARTIALLY_FILLED","r":"NONE","i":4293153,"l":"1.00",'
        b'"z":"1.50","L":"0.10","n":"0.00000010","N":"BNB","T":1499405658657,"t":77,"I":8641984,'
        b'"w":true,"m":true,"M":false,"O":1499405658657,"Z":"0.155","Y":"0.10","Q":"0.0",'
        b'"W":1499405658657,"V":"NONE"}}'
    ),
    (
        b'{"subscriptionId":0,"event":{"e":"outboundAccountPosition","E":1564034571105,'
        b'"u":1564034571073,"B":[{"a":"ETH","f":"10000.000000","l":"0.000000"}]}}'
    ),
    (
        b'{"subscriptionId":0,"event":{"e":"balanceUpdate","E":1573200697110,"a":"BTC",'
        b'"d":"-100.00000000","T":1573200697068}}'
    ),
    b'{"subscriptionId":0,"event":{"e":"eventStreamTerminated","E":1728973001334}}',
    b'{"event":{"e":"serverShutdown","E":1770123456789}}',
    (
        b'{"id":7,"status":200,"result":{"symbol":"BTCUSDT"},"rateLimits":[{"rateLimitType":"ORDERS",'
        b'"interval":"SECOND","intervalNum":10,"limit":50,"count":12}]}'
    ),
    (
        b'{"id":7,"status":418,"error":{"code":-1003,"msg":"IP banned until 1659146400000.",'
        b'"data":{"serverTime":1659142907531,"retryAfter":1659146400000}}}'
    ),
    (
        b'{"id":7,"status":409,"error":{"code":-2021,"msg":"Partially.","data":{"cancelResult":'
        b'"SUCCESS","newOrderResult":"FAILURE","newOrderResponse":{"code":-2010,"msg":"No."}}}}'
    ),
    b'{"id":null,"status":401,"error":{"code":-2015,"msg":"Invalid API-key."}}',
]


def test_frames_of_the_account(fuzz: Any, change: Any) -> None:
    """Nothing else is raised; what is read survives being sent on, and waits are bounded."""
    account = DRIVERS["binance", "spot"].account
    assert account is not None
    control, seen, reasons = account.control, set[str](), list[str]()

    def check(rng: random.Random) -> None:
        mutated = change(FRAMES if rng.random() < 0.1 else [rng.choice(FRAMES)], rng)
        try:
            content = control(mutated, 1_659_142_907_000_000_000)
        except MalformedError as error:
            reasons.append(str(error))
            return
        seen.add(type(content).__name__)
        if isinstance(content, AccountEvents):
            for event in content.events:
                assert decode(encode(event)) == event, mutated
        if isinstance(content, AccountAnswer) and content.refusal is not None:
            assert content.refusal.wait is None or 1.0 <= content.refusal.wait <= 3 * 86_400.0

    fuzz(check, 4000)
    assert {"AccountEvents", "AccountAnswer", "AccountChanged", "AccountEnded"} <= seen
    assert all(0 < len(reason) < 400 for reason in reasons)
