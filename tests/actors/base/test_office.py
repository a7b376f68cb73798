"""Stable addresses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pykka
import pytest
from pykka._envelope import Envelope

from exchange_connector.actors.base import office as module
from exchange_connector.actors.base.inbox import Inbox
from exchange_connector.actors.base.office import NOBODY, Office, Offices
from exchange_connector.actors.base.reply import Reply
from exchange_connector.actors.connector.hearsay import Hearsay


class Silent(pykka.ThreadingActor):
    """Takes everything."""

    def on_receive(self, message: Any) -> None:
        """Take it."""


class Dead:
    """An address whose actor has died."""

    def tell(self, message: Any, /) -> None:
        """Refuse it, as Pykka does."""
        raise pykka.ActorDeadError(str(message))


def test_the_present_occupant_gets_the_message(new_probe: Callable[[], Any]) -> None:
    """A successor moves in without the senders' knowing."""
    first, second = new_probe(), new_probe()
    office = Office(first)
    office.tell(1)
    office.move_in(second)
    office.tell(2)
    assert (first.told, second.told) == ([1], [2])
    assert office.dead_letters == 0


def test_what_comes_while_it_is_vacant_waits(probe: Any) -> None:
    """In order, before what comes later."""
    office = Office()
    office.tell(1)
    office.tell(2)
    office.move_in(probe)
    office.tell(3)
    assert probe.told == [1, 2, 3]
    office.vacate()
    office.tell(4)
    assert probe.told == [1, 2, 3]
    office.move_in(probe)
    assert probe.told == [1, 2, 3, 4]


def test_what_waits_has_a_bound(probe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond it there are dead letters, counted."""
    monkeypatch.setattr(module, "_MOST_WAITING", 3)
    office = Office()
    for number in range(5):
        office.tell(number)
    assert office.dead_letters == 2
    office.move_in(probe)
    assert probe.told == [0, 1, 2]


def test_a_closed_office_takes_nothing() -> None:
    """What waited is a dead letter, and what comes."""
    office = Office()
    office.tell(1)
    office.close()
    office.tell(2)
    assert office.dead_letters == 2


def test_closing_answers_whoever_waited() -> None:
    """A request in a message that is dropped answers by itself."""
    office = Office()
    outcomes: list[Any] = []
    office.tell(Reply(lambda value, error: outcomes.append(error)))
    assert outcomes == []
    office.close()
    assert len(outcomes) == 1


def test_telling_a_dead_occupant_never_raises(probe: Any) -> None:
    """In Pykka it would, in the sender, and kill it; the message waits for the successor."""
    ref = Silent.start()
    ref.stop(timeout=5)
    office = Office(ref)
    office.tell(1)
    office.move_in(probe)
    assert probe.told == [1]


def test_an_occupant_that_is_dead_as_it_moves_in(probe: Any) -> None:
    """Then the messages go on waiting, in their order."""
    office = Office()
    for number in range(3):
        office.tell(number)
    mover = threading.Thread(target=office.move_in, args=(Dead(),), daemon=True)
    mover.start()
    mover.join(2)
    assert not mover.is_alive()
    office.move_in(probe)
    assert probe.told == [0, 1, 2]


def test_passing_a_message_on_may_come_back_here() -> None:
    """A dying room's inbox drops what it had, whose answers may lead to the same office."""
    office = Office()
    inbox = Inbox()

    class Dying:
        def tell(self, message: Any, /) -> None:
            inbox.put(Envelope(message))

    inbox.put(Envelope(Reply(lambda value, error: office.tell(error))))
    inbox._closed = True  # torn down in this very moment
    office.move_in(Dying())
    teller = threading.Thread(target=office.tell, args=("late",), daemon=True)
    teller.start()
    teller.join(2)
    assert not teller.is_alive()


def test_offices_by_name(probe: Any) -> None:
    """Made when first asked for, the same ever after, closed and counted together."""
    offices = Offices()
    assert offices.of("rest") is offices.of("rest")
    assert offices.of("rest") is not offices.of("clock")
    offices.of("rest").tell(1)
    offices.of("clock").move_in(probe)
    offices.of("clock").tell(2)
    assert probe.told == [2]
    assert offices.dead_letters == 0
    offices.close()
    offices.of("clock").tell(3)
    assert offices.dead_letters == 2


def test_senders_keep_their_order_while_the_occupant_changes(
    new_probe: Callable[[], Any], restless: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No message overtakes another of the same sender, and none is lost."""
    monkeypatch.setattr(module, "_MOST_WAITING", 2000)
    office = Office()
    occupants = [new_probe() for _ in range(5)]

    def send() -> None:
        for number in range(2000):
            office.tell(number)

    sender = threading.Thread(target=send)
    sender.start()
    for occupant in occupants:
        office.move_in(occupant)
        office.vacate()
    office.move_in(occupants[-1])
    sender.join()
    got = [number for occupant in occupants for number in occupant.told]
    assert got == list(range(2000))


def test_an_office_is_made_once_however_many_ask(restless: None) -> None:
    """Two rooms that ask for the same name at once talk to the same office."""
    for _ in range(200):
        offices = Offices()
        start = threading.Barrier(2)
        found: list[Office] = []

        def find(where: Offices = offices, go: Any = start, got: Any = found) -> None:
            go.wait()
            got.append(where.of("rest"))

        threads = [threading.Thread(target=find) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found[0] is found[1]


def test_nobody_listens() -> None:
    """There is a place for what nobody wants to hear, which keeps nothing."""
    before = NOBODY.dead_letters
    NOBODY.tell("hello")
    assert NOBODY.dead_letters == before + 1


def test_what_feeds_tell_does_not_bury_the_root(probe: Any) -> None:
    """While it has much to read, more of the same only counts."""
    hearsay = Hearsay(probe)
    for number in range(1000):
        hearsay.tell(number)
    assert [each.message for each in probe.told] == list(range(100))
    assert hearsay.count == 1000
    hearsay.taken()
    hearsay.tell("next")
    assert probe.told[-1].message == "next"


def test_what_is_taken_back_comes_first(probe: Any) -> None:
    """Before what has come since, and behind what the successor has to hear beforehand."""
    ref = Silent.start()
    office = Office(ref)
    ref.stop(timeout=5)
    office.tell(3)
    office.take_back([1, 2])
    office.move_in(probe, ["first"])
    assert probe.told == ["first", 1, 2, 3]
    office.take_back([4])  # a successor is there already
    assert probe.told[-1] == 4


def test_a_closed_office_takes_nothing_back() -> None:
    """Nobody will come for it: it is dropped, which answers it."""
    office = Office()
    office.close()
    outcomes: list[Any] = []
    office.take_back([Reply(lambda value, error: outcomes.append(error))])
    assert len(outcomes) == 1
    assert office.dead_letters == 1
