"""The exchange that takes the orders, as a program: one line of JSON that says where it is.

    python -m bench.orders.exchange ORDERS      so many in ten seconds; it ends with its input

A line on its input is answered with how many orders it has had, and how many it has refused.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

from exchange_connector.simulator import SimulatedExchange

MUCH = {"BTC": "1000", "USDT": "100000000"}
NO_LIMIT = 10_000_000


def main() -> None:
    """Serve until the input ends."""
    with SimulatedExchange(
        rate=2.0,
        symbols=("BTCUSDT",),
        max_weight=NO_LIMIT,
        max_raw_requests=0,
        max_dials=0,
        max_orders=int(sys.argv[1]),
        max_orders_a_day=NO_LIMIT,
    ) as exchange:
        for asset, amount in MUCH.items():
            exchange.deposit(asset, amount)
        print(
            json.dumps(
                {
                    "rest": exchange.rest_url,
                    "stream": exchange.stream_url,
                    "ws_api": exchange.ws_api_url,
                    "key": exchange.api_key,
                    "secret": exchange.api_secret,
                }
            ),
            flush=True,
        )
        for _ in sys.stdin:
            asked = Counter(control.method for control in exchange.controls)["order.place"]
            asked += sum(each.method == "POST" for each in exchange.requests)
            taken = len(exchange.order_requests)
            print(json.dumps({"asked": asked, "taken": taken}), flush=True)


if __name__ == "__main__":
    main()
