"""What the clients' scripts have in common: their arguments, a word with the test, the report.

A script is started as `python SCRIPT REST_URL STREAM_URL API_KEY API_SECRET WS_API_URL`, followed
by CA_FILE where the addresses are TLS. Its last line is one JSON object that tells what the client
did; a line before it may ask the test to do something to the exchange, and waits for the answer.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

SYMBOL = "BTCUSDT"
STREAM_SYMBOL = "btcusdt"
LEVELS = 20


@dataclass(frozen=True)
class Arguments:
    """Where the exchange is, and the account to try there."""

    rest_url: str
    stream_url: str
    api_key: str
    api_secret: str
    ws_api_url: str
    ca_file: str = ""


def arguments() -> Arguments:
    """Those of the command line."""
    return Arguments(*sys.argv[1:])


def please(what: str) -> dict[str, Any]:
    """Ask the test for something; what it answers.

    Args:
        what: `hold` or `release` the market; `cut` every websocket; wait until somebody is
            `subscribed` to an account's orders (Bybit); or just tell what is `newest`. The answer
            always has that: `trade_id`, `aggregate_id` and `update_id`.
    """
    print(json.dumps({"please": what}), flush=True)
    answer: dict[str, Any] = json.loads(sys.stdin.readline())
    return answer


async def please_async(what: str) -> dict[str, Any]:
    """`please`, while everything else goes on."""
    return await asyncio.to_thread(please, what)


def book(update_id: int, bids: Any, asks: Any) -> dict[str, Any]:
    """An order book as the report tells it: the best levels, `[price, quantity]` as text."""
    return {
        "update_id": update_id,
        "bids": [[str(level[0]), str(level[1])] for level in list(bids)[:LEVELS]],
        "asks": [[str(level[0]), str(level[1])] for level in list(asks)[:LEVELS]],
    }


def report(done: dict[str, Any]) -> None:
    """The last line."""
    print(json.dumps(done), flush=True)


def run(main: Callable[[Arguments], Awaitable[dict[str, Any]]]) -> None:
    """Run a script's coroutine with the command line's arguments, and report."""

    async def whole() -> dict[str, Any]:
        return await main(arguments())

    report(asyncio.run(whole()))
