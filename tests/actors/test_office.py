"""Stable addresses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pykka

from exchange_connector.actors.office import NOBODY, Office, Offices


class Silent(pykka.ThreadingActor):
    """Takes everything."""

    def on_receive(self, message: Any) -> None:
        """Take it."""


def test_the_present_occupant_gets_the_message(new_probe: Callable[[], Any]) -> None:
    """A successor moves in without the senders' knowing."""
    first, second = new_probe(), new_probe()
    office = Office(first)
    office.tell(1)
    office.move_in(second)
    office.tell(2)
    assert (first.told, second.told) == ([1], [2])
    assert office.dead_letters == 0


def test_a_vacant_office_counts_dead_letters() -> None:
    """Telling it never raises."""
    office = Office()
    office.tell(1)
    office.tell(2)
    assert office.dead_letters == 2


def test_telling_a_dead_occupant_never_raises() -> None:
    """In Pykka it would, in the sender, and kill it."""
    ref = Silent.start()
    ref.stop(timeout=5)
    office = Office(ref)
    office.tell(1)
    assert office.dead_letters == 1


def test_offices_by_name(probe: Any) -> None:
    """Made when first asked for, the same ever after, and counted together."""
    offices = Offices()
    assert offices.of("rest") is offices.of("rest")
    assert offices.of("rest") is not offices.of("clock")
    offices.of("rest").tell(1)
    offices.of("clock").tell(2)
    offices.of("clock").move_in(probe)
    offices.of("clock").tell(3)
    assert offices.dead_letters == 2
    assert probe.told == [3]


def test_dead_letters_of_many_senders_are_all_counted(restless: None) -> None:
    """Senders on several threads lose none of the count."""
    office = Office()

    def send() -> None:
        for number in range(3000):
            office.tell(number)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert office.dead_letters == 12_000


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
    """There is a place for what nobody wants to hear."""
    NOBODY.tell("hello")
