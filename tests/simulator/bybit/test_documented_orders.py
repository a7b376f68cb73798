"""Answers and messages about orders have the fields of the documentation's examples and tables."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Find = Callable[[str], Path]
SPOT_ONLY = {"basePrice", "marketUnit", "ocoTriggerBy"}
NOT_OF_SPOT = {"tpslMode"}
LISTED = {"slippageToleranceType", "slippageTolerance", "extraFees"}
RPI = {"rpiTakerAccess", "rpiMatchedQty"}
PAGES: dict[str, tuple[str, str, set[str]]] = {
    "order/open-order": ("order/realtime", "category=spot", SPOT_ONLY | LISTED | RPI),
    "order/order-list": ("order/history", "category=spot", SPOT_ONLY),
    "order/execution": ("execution/list", "category=spot", set()),
}
"""Of each page the request, and the fields of the answer that its example has not: those of spot
alone are in its table; of open orders `order-list` has the others."""
STREAMED = {
    "order": {"isLeverage", "marketUnit", "ocoTriggerBy", "slippageToleranceType"}
    | {"slippageTolerance"},
    "execution": set[str](),
    "wallet": set[str](),
}
"""Fields of messages that are in the table and not in the example, which is of an option."""
NOT_STREAMED = {"order": NOT_OF_SPOT, "execution": {"createType"}, "wallet": set[str]()}


def rest_examples(find: Find) -> dict[str, Any]:
    """The documentation's examples of answers, by page."""
    lines = map(json.loads, find("docs/bybit_trade.jsonl").read_text("utf-8").splitlines())
    return {
        line["file"].removeprefix("docs/v5/").removesuffix(".mdx"): json.loads(line["raw"])
        for line in lines
    }


def streamed_example(find: Find, topic: str) -> dict[str, Any]:
    """The documentation's example of a message."""
    for text in find("docs/bybit_ws_private.jsonl").read_text("utf-8").splitlines():
        line = json.loads(text)
        if line["file"].endswith(f"websocket/private/{topic}.mdx"):
            message: dict[str, Any] = json.loads(line["raw"])
            if "data" in message:
                return message
    pytest.fail(f"no example of {topic}")


def types(row: dict[str, Any]) -> dict[str, type]:
    return {name: type(value) for name, value in row.items()}


@pytest.mark.parametrize("page", PAGES)
def test_rows(trader: Any, fixture_file: Find, page: str) -> None:
    """Of queries: the names, and of those that both have the types."""
    path, query, more = PAGES[page]
    trader.placed()
    trader.placed(orderType="Market", qty="100", price=None)
    answer = trader.get(path, query)
    example = rest_examples(fixture_file)[page]
    assert set(answer) == set(example)
    assert set(answer["result"]) == set(example["result"])
    row, documented = answer["result"]["list"][0], example["result"]["list"][0]
    gone = NOT_OF_SPOT if page != "order/execution" else set[str]()
    assert set(row) - set(documented) == more
    assert set(documented) - set(row) == gone
    told, known = types(row), types(documented)
    assert {name: told[name] for name in told if name in known} == {
        name: known[name] for name in told if name in known
    }


def test_acknowledgements(trader: Any, fixture_file: Find) -> None:
    """Of the three requests that change something."""
    examples = rest_examples(fixture_file)
    placed = trader.order()
    assert list(placed["result"]) == list(examples["order/create-order"]["result"])
    cancelled = trader.cancel(orderId=placed["result"]["orderId"])
    assert list(cancelled["result"]) == list(examples["order/cancel-order"]["result"])
    trader.placed()
    answer = trader.post("order/cancel-all", {"category": "spot"}).json()["result"]
    documented = examples["order/cancel-all"]["result"]
    assert (list(answer), list(answer["list"][0])) == (
        list(documented),
        list(documented["list"][0]),
    )
    assert answer["success"] == documented["success"]


@pytest.mark.parametrize("topic", STREAMED)
def test_messages(trader: Any, fixture_file: Find, topic: str) -> None:
    """Of the private topics: the envelope, the names and the types."""
    trader.listen(topic)
    trader.placed(orderType="Market", qty="100", price=None)
    (message,) = trader.told(1)
    documented = streamed_example(fixture_file, topic)
    assert set(message) == set(documented)
    assert types(message) == types(documented) | {"id": str}
    row, example = message["data"][0], documented["data"][0]
    assert set(row) - set(example) == STREAMED[topic]
    assert set(example) - set(row) == NOT_STREAMED[topic]
    known = types(example)
    differ = {name for name in known.keys() & row.keys() if known[name] is not type(row[name])}
    assert differ == ({"extraFees"} if topic == "execution" else set())  # "" where there are none
    if topic == "wallet":
        assert set(row["coin"][0]) == set(example["coin"][0])
