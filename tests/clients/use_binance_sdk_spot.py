"""binance-sdk-spot, as released: the exchange's own client, generated from its own description.

Its models are strict about types; fields that the exchange does not describe end up in
`additional_properties`, and are reported.
"""

from __future__ import annotations

import asyncio
from importlib import import_module
from importlib.metadata import version
from typing import Any

# by name: they lie in an environment of its own, and beside this file
sdk: Any = import_module("binance_sdk_spot.spot")
configuration: Any = import_module("binance_common.configuration")
dialogue: Any = import_module("dialogue")

SYMBOL = dialogue.SYMBOL
STREAM_SYMBOL = dialogue.STREAM_SYMBOL
MESSAGES = 5
PATIENCE_S = 20.0


def made(arguments: Any) -> Any:
    """A client that is at our addresses."""
    account = {"api_key": arguments.api_key, "api_secret": arguments.api_secret}
    return sdk.Spot(
        config_rest_api=configuration.ConfigurationRestAPI(
            base_path=arguments.rest_url, timeout=10_000, **account
        ),
        config_ws_api=configuration.ConfigurationWebSocketAPI(
            stream_url=arguments.ws_api_url, **account
        ),
        config_ws_streams=configuration.ConfigurationWebSocketStreams(
            stream_url=arguments.stream_url
        ),
    )


def undescribed(model: Any) -> set[str]:
    """Names of the fields of an answer, at any depth, that the exchange does not describe."""
    if isinstance(model, list):
        return {name for each in model for name in undescribed(each)}
    if not hasattr(model, "model_dump"):
        return set()
    inside = [getattr(model, name) for name in type(model).model_fields]
    own = set(getattr(model, "additional_properties", None) or {})
    return own.union(*(undescribed(each) for each in inside))


def read(rest: Any) -> dict[str, Any]:
    """What REST tells of the market, and of the account."""
    answers = {
        "time": rest.time().data(),
        "information": rest.exchange_info().data(),
        "depth": rest.depth(SYMBOL, limit=100).data(),
        "trades": rest.get_trades(SYMBOL, limit=10).data(),
        "aggregates": rest.agg_trades(SYMBOL, limit=10).data(),
        "klines": rest.klines(SYMBOL, "1m").data(),
        "day": rest.ticker24hr(symbol=SYMBOL).data(),
        "price": rest.ticker_price(symbol=SYMBOL).data(),
        "best": rest.ticker_book_ticker(symbol=SYMBOL).data(),
        "average": rest.avg_price(SYMBOL).data(),
        "account": rest.get_account().data(),
    }
    depth = answers["depth"]
    return {
        "server_time": answers["time"].server_time,
        "symbols": [row.symbol for row in answers["information"].symbols],
        "depth": dialogue.book(depth.last_update_id, depth.bids, depth.asks),
        "recent": [row.id for row in answers["trades"]],
        "klines": [row[0] for row in answers["klines"]],
        "balances": {row.asset: row.free for row in answers["account"].balances},
        "undescribed": {
            name: sorted(found) for name, each in answers.items() if (found := undescribed(each))
        },
    }


class Listener:
    """The events of one stream, in order."""

    def __init__(self, handle: Any) -> None:
        self._events: asyncio.Queue[Any] = asyncio.Queue()
        handle.on("message", self._events.put_nowait)
        self.handle = handle

    async def take(self, count: int = MESSAGES) -> list[Any]:
        """The next so many."""
        return [
            await asyncio.wait_for(self._events.get(), timeout=PATIENCE_S) for _ in range(count)
        ]


async def listen(streams: Any) -> dict[str, Any]:
    """Every kind of stream that there is for one symbol, on one connection."""
    await streams.create_connection()
    symbol = {"symbol": STREAM_SYMBOL}
    listeners = {
        "trade": Listener(await streams.trade(**symbol)),
        "depthUpdate": Listener(await streams.diff_book_depth(**symbol, update_speed="100ms")),
        "aggTrade": Listener(await streams.agg_trade(**symbol)),
        "kline": Listener(await streams.kline(**symbol, interval="1m")),
        "24hrTicker": Listener(await streams.ticker(**symbol)),
        "24hrMiniTicker": Listener(await streams.mini_ticker(**symbol)),
        "avgPrice": Listener(await streams.avg_price(**symbol)),
        "bookTicker": Listener(await streams.book_ticker(**symbol)),
        "partial": Listener(
            await streams.partial_book_depth(**symbol, levels="20", update_speed="100ms")
        ),
    }
    firsts = {name: (await each.take(1))[0] for name, each in listeners.items()}
    partial = firsts["partial"]
    done: dict[str, Any] = {
        "kinds": {name: getattr(each, "e", None) for name, each in firsts.items()},
        "book": dialogue.book(partial.last_update_id, partial.bids, partial.asks),
        "trade_ids": [each.t for each in await listeners["trade"].take()],
        "update_ids": [[each.U, each.u] for each in await listeners["depthUpdate"].take()],
        "undescribed_events": {
            name: sorted(found) for name, each in firsts.items() if (found := undescribed(each))
        },
    }
    await listeners["depthUpdate"].handle.unsubscribe()
    done["subscriptions"] = sorted((await streams.list_subscribe())["result"])
    return done | await lose(streams)


async def lose(streams: Any) -> dict[str, Any]:
    """A connection that is reset: it is told, and a new one has to be made by hand."""
    closed = asyncio.Event()
    streams.on_connection("close", closed.set)
    newest = (await dialogue.please_async("cut"))["trade_id"]
    await asyncio.wait_for(closed.wait(), timeout=PATIENCE_S)
    await streams.create_connection()
    again = Listener(await streams.trade(symbol=STREAM_SYMBOL))
    after = [event.t for event in await again.take()]
    await streams.close_connection(close_session=True)
    return {"after_the_cut": [each for each in after if each > newest]}


async def ask(api: Any) -> dict[str, Any]:
    """The websocket API, signed requests too, and the account's own events."""
    await api.create_connection()
    await api.ping()
    answers = {
        "time": (await api.time()).data(),
        "depth": (await api.depth(SYMBOL, limit=100)).data(),
        "account": (await api.account_status()).data(),
        "average": (await api.avg_price(SYMBOL)).data(),
        "klines": (await api.klines(SYMBOL, "1m")).data(),
    }
    await api.user_data_stream_subscribe_signature()
    subscribed = (await api.session_subscriptions()).data()
    await api.close_connection(close_session=True)
    depth, account = answers["depth"].result, answers["account"].result
    return {
        "api_time": answers["time"].result.server_time,
        "api_depth": dialogue.book(depth.last_update_id, depth.bids, depth.asks),
        "api_balances": {row.asset: row.free for row in account.balances},
        "subscribed": len(subscribed.result),
        "api_average": answers["average"].result.mins,
        "api_klines": [row[0] for row in answers["klines"].result],
        "undescribed_answers": {
            name: sorted(found) for name, each in answers.items() if (found := undescribed(each))
        },
    }


async def main(arguments: Any) -> dict[str, Any]:
    """Do everything once."""
    client = made(arguments)
    done: dict[str, Any] = await asyncio.to_thread(read, client.rest_api)
    done |= await listen(client.websocket_streams)
    done |= await ask(client.websocket_api)
    return {"client": f"binance-sdk-spot {version('binance-sdk-spot')}", **done}


if __name__ == "__main__":
    dialogue.run(main)
