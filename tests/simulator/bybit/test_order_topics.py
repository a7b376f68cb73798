"""What the private socket tells of orders, executions and the wallet."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

Price = Callable[..., str]
Until = Callable[[Callable[[], bool]], None]
TOPICS = ("order", "execution", "wallet")


def coins(message: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """What a wallet holds, and what of it is locked."""
    (wallet,) = message["data"]
    return {row["coin"]: (row["walletBalance"], row["locked"]) for row in wallet["coin"]}


def test_an_order_and_its_end(trader: Any) -> None:
    """A message of the order and one of the wallet, for each thing that happens to it."""
    trader.listen(*TOPICS)
    order_id = trader.placed(orderLinkId="mine")
    order, wallet = trader.told(2)
    assert list(order) == ["id", "topic", "creationTime", "data"]
    assert (order["topic"], wallet["topic"]) == ("order", "wallet")
    (row,) = order["data"]
    assert (row["orderId"], row["orderLinkId"], row["orderStatus"]) == (order_id, "mine", "New")
    assert (row["category"], row["cumExecQty"], row["cumFeeDetail"]) == ("spot", "0", {})
    assert coins(wallet) == {"BTC": ("1.25", "0"), "USDT": ("102500", "60")}
    trader.cancel(orderId=order_id)
    order, wallet = trader.told(2)
    assert (order["data"][0]["orderStatus"], order["data"][0]["leavesQty"]) == ("Cancelled", "0")
    assert order["data"][0]["cancelType"] == "CancelByUser"
    assert coins(wallet)["USDT"] == ("102500", "0")


def test_a_purchase_is_told_at_once(still: SimulatedExchange, trader: Any, price: Price) -> None:
    """Its end in one message, all its executions in another; then the wallet."""
    trader.listen(*TOPICS)
    order_id = trader.placed(price=price("ask", "30"), qty="0.9", timeInForce="IOC")
    order, execution, wallet = trader.told(3)
    assert [one["topic"] for one in (order, execution, wallet)] == list(TOPICS)
    (row,) = order["data"]
    fills = still.fills()
    assert len(fills) > 1
    assert [one["execId"] for one in execution["data"]] == [str(fill.trade_id) for fill in fills]
    assert {one["orderId"] for one in execution["data"]} == {order_id}
    executed = sum(Decimal(one["execQty"]) for one in execution["data"])
    assert Decimal(row["cumExecQty"]) == executed
    held = still.balances()
    told = coins(wallet)
    assert {coin: Decimal(told[coin][0]) for coin in told} == {
        coin: held[coin].free + held[coin].locked for coin in told
    }
    assert row["orderStatus"] == trader.state(order_id)["orderStatus"]


def test_topics_of_one_category(trader: Any) -> None:
    """The same under another name; a wallet has no category."""
    trader.listen("order.spot", "execution.spot")
    trader.placed(orderType="Market", qty="100", price=None)
    order, execution = trader.told(2)
    assert (order["topic"], execution["topic"]) == ("order.spot", "execution.spot")
    trader.listen("order.linear")
    trader.placed()
    assert [one["topic"] for one in trader.told(1)] == ["order.spot"]


def test_topics_that_do_not_go_together(trader: Any, client: Any, still: Any) -> None:
    """That of all categories and that of one, in one request; in two they are both told."""
    trader.listen("order", "wallet")
    answer = trader._socket.ask("subscribe", "execution", "execution.spot")
    assert (answer["success"], answer["ret_msg"]) == (False, "Params Error")
    trader.listen("execution.spot", "order.spot")
    trader.placed()
    assert [one["topic"] for one in trader.told(3)] == ["order", "order.spot", "wallet"]


def test_trades_are_told_to_both_sides(trader: Any, open_account: Any, price: Price) -> None:
    """The maker and the taker of a trade hear of it, with its one id and sequence."""
    maker = open_account(balances={"BTC": "1"})
    maker.listen("execution")
    trader.listen("execution")
    best = price("bid", "0.01")
    maker.placed(side="Sell", price=best, qty="0.002")
    trader.placed(price=best, qty="0.002")
    ((sold,), (bought,)) = (one.told(1)[0]["data"] for one in (maker, trader))
    assert (sold["isMaker"], bought["isMaker"]) == (True, False)
    assert (sold["side"], bought["side"]) == ("Sell", "Buy")
    for name in ("execId", "execPrice", "execQty", "execTime", "seq"):
        assert sold[name] == bought[name]
    assert (sold["feeCurrency"], bought["feeCurrency"]) == ("USDT", "BTC")


def test_the_public_hears_of_it_too(still: SimulatedExchange, trader: Any, client: Any) -> None:
    """The same trades, with the same ids and sequence, and the book without what was taken."""
    public = client(still, "spot")
    public.ask("subscribe", "publicTrade.BTCUSDT")
    trader.listen("execution")
    trader.placed(orderType="Market", qty="50000", price=None)
    rows = trader.told(1)[0]["data"]
    (frame,) = public.frames("publicTrade.BTCUSDT", 1)
    assert [(one["i"], one["seq"], one["p"], one["v"]) for one in frame["data"]] == [
        (row["execId"], row["seq"], row["execPrice"], row["execQty"]) for row in rows
    ]
    assert {one["S"] for one in frame["data"]} == {"Buy"}
    book = still.book("BTCUSDT", category="spot")
    still.advance()
    assert still.book("BTCUSDT", category="spot") != book


def test_what_the_market_takes_is_told(
    still: SimulatedExchange, trader: Any, price: Price, market_until: Until
) -> None:
    """A resting order, as the market goes on; all messages together make the truth."""
    trader.listen(*TOPICS)
    trader.placed(price=price("bid", "0.5"), qty="0.05")
    market_until(lambda: still.orders()[0].status == "FILLED")
    trader._quiet()
    told, trader.heard = trader.heard, []
    executions = [row for one in told if one["topic"] == "execution" for row in one["data"]]
    assert [row["execId"] for row in executions] == [str(one.trade_id) for one in still.fills()]
    assert all(row["isMaker"] for row in executions)
    orders = [row for one in told if one["topic"] == "order" for row in one["data"]]
    assert orders[-1]["orderStatus"] == "Filled"
    executed = [Decimal(row["cumExecQty"]) for row in orders]
    assert executed == sorted(executed)
    wallet = coins([one for one in told if one["topic"] == "wallet"][-1])
    assert {coin: Decimal(all_of_it) for coin, (all_of_it, _) in wallet.items()} == {
        coin: still.balances()[coin].free for coin in wallet
    }


def test_a_trigger_is_told(trader: Any, price: Price, market_until: Until) -> None:
    """`Untriggered`, then `Triggered` and what came of it in one message."""
    trader.listen("order")
    order_id = trader.placed(triggerPrice=price("ask", "0.5"), price="66000")
    assert trader.told(1)[0]["data"][0]["orderStatus"] == "Untriggered"
    market_until(lambda: trader.state(order_id)["orderStatus"] == "New")
    (message,) = trader.told(1)
    assert [row["orderStatus"] for row in message["data"]] == ["Triggered", "New"]


def test_a_deposit_is_told(still: SimulatedExchange, trader: Any) -> None:
    """By the wallet."""
    trader.listen(*TOPICS)
    still.deposit("ETH", "1.5")
    (wallet,) = trader.told(1)
    assert coins(wallet) == {"ETH": ("22", "0")}


def test_nothing_is_told_anew(trader: Any, open_account: Any) -> None:
    """No snapshot comes of a subscription, nothing of another account, nothing of what was missed."""
    trader.placed()
    trader.listen(*TOPICS)
    open_account().placed()
    trader._quiet()
    assert trader.heard == []
    trader.leave()
    trader.placed()
    trader.listen(*TOPICS)
    trader._quiet()
    assert trader.heard == []


@pytest.mark.parametrize("kind", ["HMAC", "RSA"])
def test_keys_of_both_kinds(still: SimulatedExchange, kind: Any) -> None:
    """An RSA key signs in Base64, as documented; another kind is not to be had."""
    with pytest.raises(ValueError, match="key_type"):
        still.add_account("ED25519")
    pytest.importorskip("cryptography")
    import requests

    from exchange_connector.simulator.bybit.signing import sign

    key = still.add_account(kind)
    timestamp = str(still._box.clock.milliseconds())
    text = f"{timestamp}{key.api_key}5000category=spot"
    signature = sign(key.api_secret, text) if kind == "HMAC" else by_rsa(key.private_key, text)
    headers = {
        "X-BAPI-API-KEY": key.api_key,
        "X-BAPI-TIMESTAMP": timestamp,
        "X-BAPI-SIGN": signature,
    }
    url = f"{still.rest_url}/v5/order/realtime?category=spot"
    assert requests.get(url, headers=headers, timeout=5).json()["retCode"] == 0


def by_rsa(pem: str, text: str) -> str:
    """PKCS #1 v1.5 with SHA-256."""
    from base64 import b64encode

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding

    private: Any = serialization.load_pem_private_key(pem.encode(), None)
    return b64encode(private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
