"""Our connector as it is soaked: a program that does as it is told, and can be hurt from inside.

Beside the lines of `clients` it writes

    {"did": NUMBER, "error": WORDS | null, ...}   an order was carried out
    {"log": [LEVEL, COMPONENT, WORDS], "at": AT}  a record above WARNING, of any logger
    {"fault": WORDS}                              something that must not be

and reads orders, one a line: {"id": NUMBER, "do": WHAT, ...}, see `Patient`.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import msgspec
import pykka

from ...messages.config import Config
from ...messages.errors import ConnectorError, NotRunningError
from ...messages.requests import GetHealth, GetServerTime
from ...runtime import ConnectorActor, ask
from ...venues import DRIVERS
from ...venues.control import Refusal
from ..markets import Market, market_of
from ..ours import CONFIRMED_S, Voice, listen
from .users import KINDS, User
from .vitals import vitals

STREAMS_A_SESSION = 96
"""So that there are several sessions."""
HANDS = 24
"""Orders that are carried out at the same time."""
ANSWER_S = 60.0
HUNG_S = 2.0
"""Seconds after which a part counts as hung; a noisy machine must not look like that."""
STOP_S = 20.0
NO_LIMIT = 100_000
MOST_BAN_S = 6.0
"""Of ten minutes, which some exchanges want, the rest of a soak would have no REST."""
WEIGHT = 20_000
"""A minute, of the exchange too: each lost session costs a snapshot for each order book."""


@dataclass(frozen=True)
class Case:
    """What the patient is told first."""

    rest_url: str
    stream_url: str
    exchange: str
    market: str


class Death(msgspec.Struct, frozen=True):
    """To the connector: let a part die in some way; the answer is whether there is one."""

    room: str
    way: str


class Mortal(ConnectorActor):
    """A connector whose parts can be told to die."""

    _busy_limit = HUNG_S

    def on_receive(self, message: Any) -> Any:
        """Let a part die, or do as any connector."""
        if isinstance(message, Death):
            return self._let_die(message)
        return super().on_receive(message)

    def _let_die(self, death: Death) -> bool:
        child = self._children.get(death.room)
        ref = child.ref if child is not None else None
        room: Any = getattr(ref, "_actor_weakref", lambda: None)()  # there is no other way in
        if ref is None or room is None or not ref.is_alive():
            return False
        if death.way == "stop":
            ref.stop(block=False)
        else:
            room.receive = partial(_die, death.way)
            ref.tell(None)
        return True


def _die(way: str, _message: Any) -> None:
    match way:
        case "hang":
            time.sleep(2 * HUNG_S)
        case "exit":
            raise SystemExit("a bug that would stop every actor")
        case _:
            raise RuntimeError("a bug in a part")


class Scribe(logging.Handler):
    """Writes down what is logged above WARNING."""

    def __init__(self, voice: Voice) -> None:
        super().__init__(logging.ERROR)
        self._voice = voice

    def emit(self, record: logging.LogRecord) -> None:
        """One record."""
        words = f"{record.name}: {record.getMessage()}"[:300]
        if record.exc_info and record.exc_info[1] is not None:
            words += f" ({record.exc_info[1]!r})"[:200]
        component = str(getattr(record, "component", ""))
        self._voice.say(log=[record.levelname, component, words], at=time.monotonic())


class Patient:
    """The connector, its users, and what can be done to them."""

    def __init__(self, case: Case, voice: Voice) -> None:
        self._voice = voice
        self._market = market_of(case.exchange, case.market)
        self._users = {kind: User(kind, voice, self._market) for kind in KINDS}
        self._subscriptions: dict[str, Any] = {}
        self._hands = ThreadPoolExecutor(HANDS, thread_name_prefix="hand")
        _raise_all(self._hands)
        self._ending, self._is_asking = threading.Event(), True
        self._bare = vitals()
        self._ref = Mortal.start(config_of(case))
        self._connector = self._ref.proxy()
        self._connector.subscribe_events(partial(listen, voice)).get(timeout=CONFIRMED_S)
        self._asking = threading.Thread(target=self._ask_for_the_time, name="bot")
        self._asking.start()

    def order(self, order: dict[str, Any]) -> None:
        """Carry an order out, when there is a hand free."""
        self._hands.submit(self._carry_out, order)

    def _carry_out(self, order: dict[str, Any]) -> None:
        more: dict[str, Any] = {}
        error: str | None = None
        try:
            more = getattr(self, order["do"])(order) or {}
        except NotRunningError as failed:
            error = f"not running: {failed}"
        except Exception as failed:  # noqa: BLE001 - told, and judged there
            error = f"{type(failed).__name__}: {failed}"
        self._voice.say(did=order["id"], error=error, **more)

    def join(self, order: dict[str, Any]) -> None:
        """Subscribe a user to a stream."""
        user, channel, symbol = self._users[order["user"]], order["channel"], order["symbol"]
        user.begin(channel, symbol, order["key"])
        arguments = (symbol, self._market.interval) if channel == "klines" else (symbol,)
        method = getattr(self._connector, f"subscribe_{channel}")
        try:
            future = method(*arguments, user.subscriber, **user.options)
            self._subscriptions[order["key"]] = future.get(timeout=ANSWER_S)
        except BaseException:
            user.end(channel, symbol)
            raise

    def leave(self, order: dict[str, Any]) -> None:
        """End a subscription."""
        subscription = self._subscriptions[order["key"]]
        self._connector.unsubscribe(subscription).get(timeout=ANSWER_S)
        del self._subscriptions[order["key"]]
        self._users[order["user"]].end(order["channel"], order["symbol"])

    def kill(self, order: dict[str, Any]) -> dict[str, Any]:
        """Let a part of the connector die."""
        death = Death(order["room"], order["way"])
        return {"killed": self._ref.ask(death, timeout=ANSWER_S)}

    def roll(self, _order: dict[str, Any]) -> dict[str, Any]:
        """Replace every session."""
        return {"rolled": self._connector.roll_over().get(timeout=ANSWER_S).sessions}

    def rest(self, order: dict[str, Any]) -> None:
        """Whether the bot makes requests."""
        self._is_asking = not order["rests"]

    def look(self, _order: dict[str, Any]) -> dict[str, Any]:
        """How the process is, and the connector."""
        return {"vitals": vitals(), "health": msgspec.to_builtins(ask(self._ref, GetHealth()))}

    def look_bare(self, _order: dict[str, Any]) -> dict[str, Any]:
        """How the process was before there was a connector."""
        return {"vitals": self._bare}

    def stop(self, _order: dict[str, Any]) -> dict[str, Any]:
        """Stop the connector, and say what is left then."""
        self._ending.set()
        self._asking.join()
        self._ref.stop(timeout=STOP_S)
        return {"vitals": vitals()}

    def end(self) -> None:
        """Leave nothing behind."""
        self._ending.set()
        if self._ref.is_alive():
            self._ref.stop(timeout=STOP_S)
        self._hands.shutdown()
        for user in self._users.values():
            user.stop()

    def _ask_for_the_time(self) -> None:
        """A request now and then, as a bot makes them; it is answered, however."""
        while not self._ending.wait(0.5):
            if not self._is_asking:
                continue
            try:
                ask(self._ref, GetServerTime(), timeout=ANSWER_S)
            except ConnectorError:
                pass
            except pykka.Timeout:
                self._voice.say(fault=f"a request was not answered within {ANSWER_S:g} s")


def _raise_all(hands: ThreadPoolExecutor) -> None:
    """Have all its threads started now, so that none counts as new later."""
    together = threading.Barrier(HANDS + 1)
    for _ in range(HANDS):
        hands.submit(together.wait)
    together.wait()


def config_of(case: Case) -> Config:
    """Timings with which silence is noticed within seconds; limits that a soak does not reach."""
    return (
        Config.builder()
        .exchange(
            case.exchange,
            market=case.market,
            rest_url=case.rest_url,
            stream_url=case.stream_url,
        )
        .rate_limit(max_weight=WEIGHT)
        .circuit_breaker(max_failures=20, open_timeout=1.0, success_threshold=1)
        .clock_sync(sync_interval=30.0)
        .connection(
            timeout=5.0,
            ping_interval=1.0,
            reconnect_delay=0.1,
            max_reconnect_wait=1.0,
            stop_timeout=10.0,
        )
        .supervision(max_restarts=NO_LIMIT)
        .health(suspect_after=2.0, stale_after=4.0, pong_timeout=1.0)
        .rollover(after=15.0)
        .recovery(max_weight=WEIGHT // 2, timeout=5.0)
        .build()
    )


def few_streams(market: Market) -> None:
    """An exchange that allows fewer streams on one session, and shuts nobody out for long."""
    name = market.exchange, market.name
    driver = DRIVERS[name]
    limits = replace(driver.limits, streams=STREAMS_A_SESSION, dials=NO_LIMIT, weight=WEIGHT)

    def refusal(*answer: Any) -> Refusal | None:
        found = driver.refusal(*answer)
        if found is None or found.wait is None:
            return found
        return replace(found, wait=min(found.wait, MOST_BAN_S))

    DRIVERS[name] = replace(driver, limits=limits, refusal=refusal)


def main() -> None:
    """Do as ordered until the input ends."""
    case = Case(**json.loads(sys.stdin.readline()))
    few_streams(market_of(case.exchange, case.market))
    voice = Voice()
    logging.getLogger().addHandler(Scribe(voice))
    try:
        patient = Patient(case, voice)
        try:
            voice.say(up=True)
            for line in sys.stdin:
                patient.order(json.loads(line))
        finally:
            patient.end()
    finally:
        voice.end()


if __name__ == "__main__":
    main()
