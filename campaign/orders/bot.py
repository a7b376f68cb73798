"""The bot of the campaign of orders: a program that trades by a plan, and keeps a diary.

It reads a line, its `Case`, then orders, one a line: {"do": "kill", "room": …, "way": …} and
{"do": "settle"}. It writes {"up": true}, {"asked": N} now and then, {"placed": true} once all its
questions are answered, and {"settled": true} once it has written down what it holds.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import sqlite3
import sys
import threading
import time
import traceback
from decimal import Decimal
from pathlib import Path
from typing import Any

import pykka

from ...messages.account import Balance, Fill, Order
from ...messages.base import Request
from ...messages.enums import OrderStatus, OrderType, Side, TimeInForce
from ...messages.errors import (
    ConnectorError,
    ExchangeConnectionError,
    NotRunningError,
    UnknownExecutionError,
)
from ...messages.orders import (
    CancelOrder,
    GetFills,
    GetOpenOrders,
    PlaceOrder,
    SubscribeBalances,
    SubscribeOrders,
)
from ...messages.requests import GetBalances, GetOrderBook
from ...runtime import ask
from ..soak.patient import Death, Mortal
from .case import HANDS, Case, config_of, much_weight
from .diary import Diary, Result
from .mix import SYMBOLS, Known, wish
from .venue import VENUES

ANSWER_S = 45.0
"""Far beyond any answer that is late by right."""
UP_S = 80.0
OPEN = OrderStatus.NEW, OrderStatus.PARTIALLY_FILLED
PAGE, NEWEST = 1_000, 3_000
QUIET_S = 1.0
SENTINEL = "sentinel"


class Bot:
    """The bot."""

    def __init__(self, case: Case) -> None:
        self._case, self._diary = case, Diary(Path(case.diary))
        self._diary.write("began")
        self._known, self._venue = Known(), VENUES[case.exchange]
        self._numbers = itertools.count(case.first)
        self._lock = threading.Lock()
        self._began = 0.0
        self._live: set[tuple[str, str]] = set()
        self._has_heard = threading.Condition()
        self._ref: Any = Mortal.start(config_of(case))

    def begin(self) -> None:
        """Follow the account, and know the market."""
        for request in (SubscribeOrders(self._took), SubscribeBalances(self._took)):
            ask(self._ref, request, timeout=UP_S)
        self._diary.write("follows")
        self._look_at_the_market()

    def trade(self) -> None:
        """Ask for everything, and wait for every answer."""
        self._began = time.monotonic()
        hands = [threading.Thread(target=self._work, name="hand") for _ in range(HANDS)]
        ending = threading.Event()
        looking = threading.Thread(target=self._keep_looking, args=(ending,))
        for thread in (*hands, looking):
            thread.start()
        for hand in hands:
            hand.join()
        ending.set()
        looking.join()

    def kill(self, room: str, way: str) -> None:
        """Let a part of the connector die."""
        self._ref.tell(Death(room, way))

    def settle(self) -> None:
        """Wait until nothing is open, and write down what there is."""
        deadline = time.monotonic() + UP_S
        while self._open_intents() and time.monotonic() < deadline:
            time.sleep(0.2)
        self._see_an_order_through()
        while time.monotonic() - self._diary.written < QUIET_S:
            time.sleep(0.1)
        opened = self._patiently(GetOpenOrders())
        self._diary.write("open", [[o.symbol, o.order_id, o.executed_quantity] for o in opened])
        held = self._patiently(GetBalances())
        self._diary.write("holds", [[each.asset, each.free, each.locked] for each in held])
        for symbol in SYMBOLS:
            for page in self._pages(symbol):
                self._diary.write("fills", page)

    def end(self) -> None:
        """No more."""
        self._ref.stop(timeout=20)
        self._diary.close()

    # orders

    def _work(self) -> None:
        case = self._case
        while (number := next(self._numbers)) <= case.last:
            due = self._began + (number - case.first) / case.rate
            time.sleep(max(0.0, due - time.monotonic()))
            with self._lock:
                drawn = wish(case.seed, number, self._known, self._venue)
            self._diary.write("asks", drawn.id, drawn.deed, number)
            result, words = self._asked(drawn.request)
            self._diary.write("told", drawn.id, drawn.deed, result, words)
            if result is Result.PLACED and drawn.deed not in ("cancel", "cancel all"):
                with self._lock:
                    self._known.used = [*self._known.used[-50:], drawn.id]

    def _asked(self, request: Request[Any]) -> tuple[Result, str]:
        try:
            ask(self._ref, request, timeout=ANSWER_S)
        except UnknownExecutionError:
            return Result.UNKNOWN, ""
        except NotRunningError as error:
            is_known = error.reason.startswith("no order leaves")
            return Result.REFUSED if is_known else Result.ABANDONED, str(error)
        except ExchangeConnectionError as error:
            return Result.NEVER, str(error)
        except ConnectorError as error:
            return Result.REFUSED, f"{type(error).__name__}: {error}"
        except pykka.Timeout:
            return Result.SILENCE, ""
        return Result.PLACED, ""

    # the account

    def _took(self, event: Any) -> None:
        write = self._diary.write
        match event:
            case Order():
                id = event.client_order_id
                write(
                    *("order", event.symbol, event.order_id, id, event.status),
                    *(event.executed_quantity, event.update_time, event.recovered),
                )
                with self._lock:
                    mine = self._known.open.setdefault(event.symbol, {})
                    if event.status in OPEN:
                        mine[id] = None
                    else:
                        mine.pop(id, None)
                if not event.recovered:
                    with self._has_heard:
                        self._live.add((id, event.status))
                        self._has_heard.notify_all()
            case Fill():
                write(
                    *("fill", event.symbol, event.trade_id, event.order_id, event.quantity),
                    *(event.price, event.commission, event.commission_asset, event.trade_time),
                )
            case Balance():
                write("balance", event.asset, event.free, event.locked, event.update_time)
            case _:
                write("notice", type(event).__name__)

    def _see_an_order_through(self) -> None:
        """What came before it on the account's stream has come, once it has."""
        symbol, number = SYMBOLS[0], time.time_ns() // 1_000_000
        price = (self._known.best[symbol][0] * Decimal("0.9")).quantize(Decimal("0.01"))
        id = f"{SENTINEL}-{number}"
        terms = PlaceOrder(
            symbol,
            Side.BUY,
            OrderType.LIMIT,
            Decimal("0.001"),
            price,
            time_in_force=TimeInForce.GTC,
            client_order_id=id,
        )
        self._diary.write("asks", id, SENTINEL, 0)
        result, words = self._asked(terms)
        self._diary.write("told", id, SENTINEL, result, words)
        ask(self._ref, CancelOrder(symbol, client_order_id=id), timeout=ANSWER_S)
        with self._has_heard:
            wanted = id, OrderStatus.CANCELED
            if not self._has_heard.wait_for(lambda: wanted in self._live, UP_S):
                self._diary.write("deaf")

    def _open_intents(self) -> int:
        uri = f"file:{self._case.journal}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True)) as db:
            query = "SELECT count(*) FROM intents WHERE ending IS NULL"
            return int(db.execute(query).fetchone()[0])

    def _pages(self, symbol: str) -> Any:
        if not self._venue.are_numbered:
            page = self._patiently(GetFills(symbol, limit=NEWEST))
            assert len(page) < NEWEST, "more fills than can be asked for"
            yield [_row(fill) for fill in page]
            return
        first = 0
        while True:
            page = self._patiently(GetFills(symbol, from_id=str(first), limit=PAGE))
            yield [_row(fill) for fill in page]
            if len(page) < PAGE:
                return
            first = int(page[-1].trade_id) + 1

    # the market

    def _look_at_the_market(self) -> None:
        for symbol in SYMBOLS:
            book = self._patiently(GetOrderBook(symbol, depth=5))
            with self._lock:
                self._known.best[symbol] = book.bids[0].price, book.asks[0].price

    def _keep_looking(self, ending: threading.Event) -> None:
        while not ending.wait(1.0):
            self._look_at_the_market()

    def _patiently(self, request: Request[Any]) -> Any:
        deadline = time.monotonic() + UP_S
        while True:
            try:
                return ask(self._ref, request, timeout=ANSWER_S)
            except ConnectorError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)


def _row(fill: Fill) -> list[Any]:
    amounts = fill.quantity, fill.price, fill.commission
    return [fill.symbol, fill.trade_id, *amounts, fill.commission_asset, fill.order_id]


def say(**line: Any) -> None:
    """Tell the campaign."""
    print(json.dumps(line), flush=True)


def main() -> None:
    """Trade until all is asked for, then do as told until the input ends."""
    case = Case(**json.loads(sys.stdin.readline()))
    much_weight(case.exchange)
    bot = Bot(case)
    try:
        trading = threading.Thread(target=_trade, args=(bot,), daemon=True)
        trading.start()
        for line in sys.stdin:
            order = json.loads(line)
            if order["do"] == "kill":
                bot.kill(order["room"], order["way"])
            else:
                bot.settle()
                say(settled=True)
    finally:
        bot.end()


def _trade(bot: Bot) -> None:
    try:
        bot.begin()
        say(up=True)
        bot.trade()
        say(placed=True)
    except BaseException:  # noqa: BLE001 - told, and the process ends
        traceback.print_exc()
        os._exit(1)  # the campaign must not wait for it


if __name__ == "__main__":
    main()
