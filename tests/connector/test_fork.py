"""After `os.fork()` the child refuses, at once and loudly, and the parent goes on."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from exchange_connector.simulator import SimulatedExchange

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")

BEGIN = """
import json, multiprocessing, os, signal, sys, threading, time, warnings
import pykka
from exchange_connector import *

warnings.filterwarnings("ignore", "This process", DeprecationWarning)
signal.alarm(25)


def start(**more):
    config = (
        Config.builder()
        .exchange("binance", "k", "s", rest_url={rest!r}, stream_url={stream!r}, **more)
        .connection(stop_timeout=5.0, reconnect_delay=0.05, timeout=3.0)
        .build()
    )
    ref = ConnectorActor.start(config)
    ref.proxy().ready().get(timeout=10)
    return ref


class Take:
    def __init__(self):
        self.events, self.came = [], threading.Condition()

    def __call__(self, event):
        with self.came:
            self.events.append(event)
            self.came.notify_all()

    def more(self, count=3):
        with self.came:
            want = len(self.events) + count
            assert self.came.wait_for(lambda: len(self.events) >= want, 8), self.events[-3:]


def fork(work, leave=os._exit):
    "What `work` gives, or raises, in a forked child, and how long it took."
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        signal.alarm(10)
        os.close(reader)
        with os.fdopen(writer, "w") as out:
            out.write(json.dumps(attempt(work)))
        leave(7)
    os.close(writer)
    with os.fdopen(reader) as source:
        text = source.read()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    return json.loads(text)


def attempt(work):
    began = time.monotonic()
    try:
        outcome = work()
    except BaseException as error:
        outcome = [type(error).__name__, str(error)]
    return [outcome, time.monotonic() - began]


def say(*what):
    print(json.dumps(what), flush=True)
"""
UP = """
ref = start()
connector = ref.proxy()
take, life = Take(), Take()
connector.subscribe_events(life).get(timeout=5)
subscription = connector.subscribe_trades("BTCUSDT", take).get(timeout=5)
take.more()
"""
UNHARMED = """
take.more()
assert connector.server_time().get(timeout=5)
names = [type(event).__name__ for event in life.events]
assert "Disconnected" not in names, names
assert not any(type(event).__name__ == "StreamGap" for event in take.events)
ids = [int(event.trade_id) for event in take.events]
assert ids == list(range(ids[0], ids[0] + len(ids)))
assert ref.stop(timeout=5) is True
say("unharmed")
"""


def run(exchange: SimulatedExchange, script: str) -> list[list[Any]]:
    """Run a script behind the common beginning; what it has said."""
    begin = BEGIN.replace("{rest!r}", repr(exchange.rest_url))
    begin = begin.replace("{stream!r}", repr(exchange.stream_url))
    with subprocess.Popen(
        [sys.executable, "-c", begin + script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=30)
        finally:  # children, too
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, err[-3000:]
    assert err == ""
    return [json.loads(line) for line in out.splitlines()]


USES = {
    "ask": "ref.ask(GetHealth(), timeout=5)",
    "ask for ever": "ref.ask(GetHealth())",
    "ask, not waiting": "ref.ask(GetHealth(), block=False)",
    "the typed ask": "ask(ref, GetServerTime())",
    "tell": "ref.tell(GetHealth())",
    "proxy()": "ref.proxy()",
    "a proxy's method": "connector.health()",
    "another": "connector.subscribe_trades('ETHUSDT', print)",
    "deferred": "connector.health.defer()",
    "is_running": "connector.is_running()",
    "unsubscribe": "subscription.unsubscribe()",
    "unsubscribe, inline": "inlined.unsubscribe()",
    "a future that waits": "waiting.get()",
    "stop": "ref.stop()",
    "stop, not waiting": "ref.stop(block=False)",
    "is_alive": "ref.is_alive()",
    "actor_stopped": "ref.actor_stopped.wait()",
    "an actor of ours": "bot.ask('x')",
    "stopping that": "bot.stop()",
}


def test_every_use_in_the_child_is_refused(exchange: SimulatedExchange) -> None:
    """With the reason, and at once; also while the parent's threads hold its locks."""
    exchange.delay("/api/v3/exchangeInfo", 2.0)
    uses = ",\n".join(f"lambda: {use}" for use in USES.values())
    script = f"""
inlined = connector.subscribe_trades("ETHUSDT", Take(), delivery="inline").get(timeout=5)
bot = SubscriberActor.start()
waiting = connector.exchange_info()
say(*fork(lambda: [attempt(use) for use in [{uses}]])[0])
bot.stop()
"""
    told, *rest = run(exchange, UP + script + UNHARMED)
    assert rest == [["unharmed"]]
    for name, (outcome, took) in zip(USES, told, strict=True):
        kind, words = outcome
        assert kind == "NotRunningError", (name, outcome)
        assert "forked" in words
        assert took < 0.5, name


CHILDS: dict[str, str] = {
    "ends as a script does": "assert fork(lambda: 'nothing', leave=sys.exit)[0] == 'nothing'",
    "ends at once": """
child = os.fork()
if not child:
    os._exit(0)
os.waitpid(child, 0)
""",
    "collects its garbage": """
def collect():
    global connector, subscription, take, life, ref
    connector = subscription = take = life = ref = None
    import gc
    return gc.collect() >= 0

assert fork(collect, leave=sys.exit)[0] is True
""",
    "stops all actors": """
bot = SubscriberActor.start()
assert fork(lambda: pykka.ActorRegistry.stop_all(timeout=5))[0] == []
assert fork(lambda: [str(each) for each in pykka.ActorRegistry.get_all()])[0] == []
bot.stop()
""",
    "starts a connector": """
def anew():
    other, taken = start(), Take()
    assert pykka.ActorRegistry.get_all() == [other]
    mine = other.proxy().subscribe_trades("BTCUSDT", taken).get(timeout=5)
    taken.more()
    assert other.proxy().server_time().get(timeout=5)
    mine.unsubscribe()
    return other.stop(timeout=5)

outcome, _ = fork(anew, leave=sys.exit)
assert outcome is True, outcome
""",
    "starts one, and does not stop it": """
assert fork(lambda: start().is_alive(), leave=sys.exit)[0] is True
""",
    "forks again": """
assert fork(lambda: fork(lambda: start().stop(timeout=5)))[0][0] is True
""",
    "is one of multiprocessing": """
def work(results):
    outcome, _ = attempt(lambda: ref.ask(GetHealth()))
    other = start()
    results.put([*outcome, other.stop(timeout=5)])

context = multiprocessing.get_context("fork")
results = context.Queue()
process = context.Process(target=work, args=(results,))
process.start()
kind, words, stopped = results.get(timeout=10)
process.join(10)
assert (kind, stopped, process.exitcode) == ("NotRunningError", True, 0)
""",
    "is one of a pool": """
def work(number):
    outcome, _ = attempt(lambda: connector.health())
    return outcome[0]

with multiprocessing.get_context("fork").Pool(2) as pool:
    assert pool.map(work, range(4)) == ["NotRunningError"] * 4
""",
    "is forked by a callback": """
told = []

def forking(event):
    if not told:
        told.append(fork(lambda: [attempt(lambda: ref.ask(GetHealth()))[0][0], start().stop()]))

connector.subscribe_trades("BTCUSDT", forking).get(timeout=5)
deadline = time.monotonic() + 10
while not told and time.monotonic() < deadline:
    time.sleep(0.01)
assert told[0][0] == ["NotRunningError", True], told
""",
    "returns from the callback that forked": """
children, parent = [], os.getpid()

def forking(event):
    if not children:
        children.append(None)
        child = os.fork()
        if child:
            children.append(child)
    elif os.getpid() != parent:
        os.write(2, b"delivered in the child")

for more in ({}, {"delivery": "inline"}, {"batch": True}):
    children.clear()
    subscription = connector.subscribe_trades("BTCUSDT", forking, **more).get(timeout=5)
    deadline = time.monotonic() + 10
    while len(children) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert os.waitstatus_to_exitcode(os.waitpid(children[1], 0)[1]) == 0
    connector.unsubscribe(subscription).get(timeout=5)  # else it would fork again
    forking = type(forking)(forking.__code__, globals())
""",
}


@pytest.mark.parametrize("name", CHILDS)
def test_the_parent_is_not_harmed(name: str, exchange: SimulatedExchange) -> None:
    """Whatever the child does, the parent's connection lives on, and nothing is missed there."""
    said = run(exchange, UP + CHILDS[name] + UNHARMED)
    assert said[-1] == ["unharmed"]


def test_a_child_that_lives_on_does_not_keep_the_parents_connections(
    exchange: SimulatedExchange,
) -> None:
    """What the parent closes, the exchange sees closed."""
    begin = BEGIN.replace("{rest!r}", repr(exchange.rest_url))
    begin = begin.replace("{stream!r}", repr(exchange.stream_url))
    script = """
assert connector.server_time().get(timeout=5)
if not os.fork():
    sys.stdin.read()
    os._exit(0)
assert ref.stop(timeout=5)
say("stopped")
os._exit(0)
"""
    with subprocess.Popen(
        [sys.executable, "-c", begin + UP + script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline()) == ["stopped"]
        assert exchange.wait_until(lambda e: not e.connections)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0


@pytest.mark.parametrize("count", [30])
def test_forks_in_the_midst_of_everything(count: int, exchange: SimulatedExchange) -> None:
    """Whatever the parent's threads are at, a child can start a connector; none hangs."""
    script = f"""
stop = threading.Event()

def churn():
    while not stop.is_set():
        connector.subscribe_trades("ETHUSDT", Take()).get(timeout=5).unsubscribe()
        connector.server_time().get(timeout=5)

threads = [threading.Thread(target=churn) for _ in range(3)]
for thread in threads:
    thread.start()
for number in range({count}):
    outcome, took = fork(lambda: [attempt(lambda: ref.ask(GetHealth()))[0][0],
                                  NonceGenerator().generate() != "",
                                  start().stop(timeout=5) if not number % 10 else True])
    assert outcome == ["NotRunningError", True, True], outcome
stop.set()
for thread in threads:
    thread.join(10)
"""
    assert run(exchange, UP + script + UNHARMED)[-1] == ["unharmed"]
