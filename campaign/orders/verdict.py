"""Whether each order has had exactly one fate, by the exchange, the journal and the bot's diary."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from ...simulator.ledger import FillSeen, HeldAsset, OrderSeen
from .diary import Result, lines
from .outcome import OrdersOutcome
from .venue import Venue

CANCELS = "cancel", "cancel all"
FINAL = {"FILLED", "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH", "REJECTED"}


@dataclass
class Truth:
    """The exchange's own books, at the end.

    Attributes:
        reached: How often each client order id has come to the engine.
    """

    orders: list[OrderSeen]
    fills: list[FillSeen]
    balances: dict[str, HeldAsset]
    reached: dict[str, int]


@dataclass
class Life:
    """What one process of the bot heard.

    Attributes:
        orders: The last news of each order, by symbol and id.
        follows: From when on it followed the account (seconds).
    """

    orders: dict[tuple[str, str], list[Any]] = field(
        default_factory=dict[tuple[str, str], list[Any]]
    )
    news: list[list[Any]] = field(default_factory=list[list[Any]])
    fills: list[list[Any]] = field(default_factory=list[list[Any]])
    balances: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    deaths: list[str] = field(default_factory=list[str])
    follows: float = 0.0


@dataclass
class Heard:
    """What all processes wrote down.

    Attributes:
        asked: Deeds by id; an id is asked for more than once where that was the deed.
        told: Results by id, in order, with the deed.
        opened, held, fills: What the last one asked for in the end.
    """

    lives: list[Life] = field(default_factory=list[Life])
    asked: defaultdict[str, list[str]] = field(
        default_factory=lambda: defaultdict[str, list[str]](list)
    )
    told: defaultdict[str, list[tuple[str, str, str]]] = field(
        default_factory=lambda: defaultdict[str, list[tuple[str, str, str]]](list)
    )
    opened: list[list[Any]] = field(default_factory=list[list[Any]])
    held: list[list[Any]] = field(default_factory=list[list[Any]])
    fills: list[list[Any]] = field(default_factory=list[list[Any]])
    is_settled: bool = False


def read(diary: Path) -> Heard:
    """What a diary says."""
    heard = Heard()
    for at, word, *rest in lines(diary):
        if word == "began":
            heard.lives.append(Life())
        life = heard.lives[-1]
        match word:
            case "follows":
                life.follows = at
            case "asks" if rest[1] not in CANCELS:
                heard.asked[rest[0]].append(rest[1])
            case "told" if rest[1] not in CANCELS:
                heard.told[rest[0]].append((rest[1], rest[2], rest[3]))
            case "order":
                life.news.append(rest)
                if rest[1]:
                    life.orders[rest[0], rest[1]] = rest
            case "fill":
                life.fills.append(rest)
            case "balance":
                life.balances[rest[0]] = rest
            case "deaf":
                life.deaths.append("deaf")
            case "open":
                heard.opened = rest[0]
            case "holds":
                heard.held, heard.is_settled = rest[0], True
            case "fills":
                heard.fills += rest[0]
            case _:
                pass
    return heard


def endings(journal: Path) -> dict[str, str | None]:
    """What the journal says of each id."""
    with contextlib.closing(sqlite3.connect(journal)) as db:
        return dict(db.execute("SELECT id, ending FROM intents").fetchall())


def judge(outcome: OrdersOutcome, truth: Truth, heard: Heard, journal: dict[str, Any]) -> None:
    """Account for everything."""
    names = Counter(order.client_order_id for order in truth.orders)
    for id, told in heard.told.items():
        del id
        for deed, result, _ in told:
            outcome.results[f"{result} ({deed})"] += 1
    outcome.counts["orders that the exchange has accepted"] = len(truth.orders)
    outcome.counts["intents in the journal"] = len(journal)
    outcome.counts["fills"] = len(truth.fills)
    twice = [f"{id} came {n} times" for id, n in truth.reached.items() if n > 1]
    outcome.count("client order ids that reached the engine twice", twice)
    outcome.count("orders that nobody asked for", [id for id in names if id not in heard.asked])
    outcome.count("intents without exactly one final state", [*_endless(heard, journal)])
    outcome.count("final states that contradict the exchange", [*_false(names, heard, journal)])
    outcome.count("questions without an answer", [*_silent(heard)])
    outcome.count("ends that were not told after an unknown one", [*_untold(heard)])
    _settle_accounts(outcome, truth, heard)


def _endless(heard: Heard, journal: dict[str, Any]) -> Iterable[str]:
    """Intents whose end is open, or that have several."""
    for id, ending in journal.items():
        if ending is None:
            yield f"{id} is open in the journal"
        if id not in heard.asked:
            yield f"{id} is in the journal, and was not asked for"
    for id, deeds in heard.asked.items():
        if id in journal:
            continue
        placed = [result for _, result, _ in heard.told[id] if result == Result.PLACED]
        if placed:
            yield f"{id} ({deeds}) is not in the journal, and was told as placed"


def _false(names: Counter[str], heard: Heard, journal: dict[str, Any]) -> Iterable[str]:
    for id in {*heard.asked, *journal}:
        is_there = names[id] > 0
        ending, told = journal.get(id), heard.told[id]
        if ending is not None and (ending == Result.PLACED) != is_there:
            yield f"{id}: the journal says {ending}, the exchange has {names[id]}"
        for deed, result, words in told:
            if deed == "again":
                continue  # it is about the second question
            if result == Result.PLACED and not is_there:
                yield f"{id}: told as placed ({deed}), the exchange has none"
            if result in (Result.REFUSED, Result.NEVER) and is_there:
                yield f"{id}: told as {result} ({deed}: {words}), the exchange has it"
    for life in heard.lives:
        for _, order_id, id, status, *_ in life.news:
            if not order_id and status == "REJECTED" and names[id]:
                yield f"{id}: an event says that it was never placed, the exchange has it"


def _silent(heard: Heard) -> Iterable[str]:
    for id, told in heard.told.items():
        for deed, result, _ in told:
            if result == Result.SILENCE:
                yield f"{id} ({deed})"
            if deed == "again" and result in (Result.PLACED, Result.UNKNOWN):
                yield f"{id}: used again, and told as {result}"


def _untold(heard: Heard) -> Iterable[str]:
    """In the last process: an event has to tell of each that was told as unknown."""
    last = heard.lives[-1]
    told = {id for _, _, id, *_ in last.news}
    for id, results in heard.told.items():
        is_open = any(result == Result.UNKNOWN for deed, result, _ in results if deed != "again")
        if (
            is_open
            and id not in told
            and not any(id == each[2] for life in heard.lives for each in life.news)
        ):
            yield id


def _settle_accounts(outcome: OrdersOutcome, truth: Truth, heard: Heard) -> None:
    """What the connector knows of the account, and what the exchange does."""
    last = heard.lives[-1]
    if not heard.is_settled:
        outcome.failures.append("the bot did not come to say what it holds")
    if last.deaths:
        outcome.failures.append("the account's stream was dead in the end")
    held = _held({asset: (one.free, one.locked) for asset, one in truth.balances.items()})
    outcome.count("balances that differ, asked for", [*_unequal(held, _held(_rows(heard.held)))])
    told = _rows(each[:3] for each in last.balances.values())
    outcome.count("balances that differ, as told", [*_unequal(held, _held(told))])
    open_orders = {
        (order.symbol, str(order.order_id)): (order.executed,)
        for order in truth.orders
        if order.status not in FINAL
    }
    asked = {(symbol, id): (Decimal(executed),) for symbol, id, executed in heard.opened}
    outcome.count("open orders that differ, asked for", [*_unequal(open_orders, asked)])
    news = {key: (Decimal(each[4]),) for key, each in last.orders.items() if each[3] not in FINAL}
    outcome.count("open orders that differ, as told", [*_unequal(open_orders, news)])
    told_falsely = [*_false_orders(truth, last, outcome.venue)]
    outcome.count("orders told as they are not", told_falsely)
    _settle_fills(outcome, truth, heard)


def _false_orders(truth: Truth, last: Life, venue: Venue) -> Iterable[str]:
    known = {(order.symbol, str(order.order_id)): order for order in truth.orders}
    for key, (_, _, id, status, executed, *_) in last.orders.items():
        order = known.get(key)
        if order is None:
            yield f"{id} {key}: the exchange has none"
        elif order.executed != Decimal(executed) or not _is_told(order.status, status, venue):
            yield f"{id}: {status} {executed} was the last news, {order.status} {order.executed}"


def _is_told(true: str, told: str, venue: Venue) -> bool:
    """Whether it is the engine's status; where the exchange has fewer, how it ended is not told."""
    return true == told or (not venue.says_expired and {true, told} <= FINAL - {"REJECTED"})


def _settle_fills(outcome: OrdersOutcome, truth: Truth, heard: Heard) -> None:
    true = {
        (fill.symbol, str(fill.trade_id), str(fill.order_id)): (
            fill.quantity,
            fill.price,
            fill.commission,
        )
        for fill in truth.fills
    }
    asked = {(row[0], row[1], row[6]): tuple(map(Decimal, row[2:5])) for row in heard.fills}
    outcome.count("fills that differ, asked for", [*_unequal(true, asked)])
    doubled, false = list[str](), list[str]()
    for number, life in enumerate(heard.lives):
        counted = Counter((row[0], row[1], row[2]) for row in life.fills)
        doubled += [f"{key} {n} times by process {number}" for key, n in counted.items() if n > 1]
        for row in life.fills:
            found = true.get((row[0], row[1], row[2]))
            if found != tuple(map(Decimal, row[3:6])):
                false.append(f"{row}: {found}")
    outcome.count("fills told twice by one process", doubled)
    outcome.count("fills told as they are not", false)
    last = heard.lives[-1]
    told = {(row[0], row[1], row[2]) for row in last.fills}
    began = last.follows * 1e6
    since = [one for one in truth.fills if one.time_us > began]
    lost = [
        f"{one.symbol} {one.trade_id} of {one.client_order_id}"
        for one in since
        if (one.symbol, str(one.trade_id), str(one.order_id)) not in told
    ]
    outcome.counts["fills since the last process follows the account"] = len(since)
    outcome.count("of these not told", lost)
    for symbol in sorted({one.symbol for one in truth.fills}):
        ours = sum((Decimal(row[2]) for row in heard.fills if row[0] == symbol), Decimal(0))
        theirs = sum((one.quantity for one in truth.fills if one.symbol == symbol), Decimal(0))
        if ours != theirs:
            outcome.failures.append(f"{symbol}: fills of {ours}, the exchange has {theirs}")


def _rows(rows: Iterable[list[Any]]) -> dict[str, tuple[Decimal, ...]]:
    return {row[0]: tuple(map(Decimal, row[1:3])) for row in rows}


def _held(rows: dict[str, tuple[Decimal, ...]]) -> dict[str, tuple[Decimal, ...]]:
    """Without assets of which there is nothing: an exchange may leave them out."""
    return {asset: amounts for asset, amounts in rows.items() if any(amounts)}


def _unequal(true: dict[Any, Any], ours: dict[Any, Any]) -> Iterable[str]:
    """Keys whose values differ."""
    for key in {*true, *ours}:
        mine, theirs = ours.get(key), true.get(key)
        if mine != theirs:
            yield f"{key}: {mine} here, {theirs} there"
