"""How a soak speaks with its patient: orders, their answers, and what is due meanwhile."""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from typing import Any, cast

from ..clients import Client
from ..rig import Rig
from .notes import Notes
from .wards import stream_of

BEAT_S = 0.1
ANSWER_S = 90.0


class UnwellError(Exception):
    """The soak cannot go on."""


class Talk:
    """Orders to the patient; faults that are to be undone.

    Attributes:
        notes: What it has said.
        false_books: Of order books that never were, the subscription and the update id.
    """

    def __init__(self, rig: Rig, client: Client) -> None:
        self.notes = cast("Notes", client.heard)
        self.false_books: list[tuple[str, int]] = []
        self._rig, self._client = rig, client
        self._numbers = itertools.count(1)
        self._expected: dict[int, Callable[[dict[str, Any]], object]] = {}
        self._undoing: list[tuple[float, int, Callable[[], object]]] = []

    def order(self, then: Callable[[dict[str, Any]], object], **order: Any) -> None:
        """Have something done; `then` gets the order together with its answer."""
        number = next(self._numbers)
        self._expected[number] = lambda answer: then(order | answer)
        self._client.send({"id": number, **order})

    def undo_after(self, seconds: float, undo: Callable[[], object]) -> None:
        """Have a fault undone."""
        heapq.heappush(self._undoing, (time.monotonic() + seconds, next(self._numbers), undo))

    def undo_all(self) -> None:
        """Undo every fault now."""
        while self._undoing:
            heapq.heappop(self._undoing)[2]()

    def beat(self) -> None:
        """Wait a moment, and see to what is due."""
        self._client.wait(lambda heard: heard.has_ended, BEAT_S)
        if self.notes.has_ended:
            raise UnwellError("the patient has ended by itself")
        while self._undoing and self._undoing[0][0] <= time.monotonic():
            heapq.heappop(self._undoing)[2]()
        answers: dict[int, dict[str, Any]] = self._client.look(lambda _: self.notes.answered())
        for number, answer in answers.items():
            self._expected.pop(number)(answer)
        self._compare_books()

    def pause(self, seconds: float) -> None:
        """Let so much time pass."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.beat()

    def until(self, is_so: Callable[[], bool], seconds: float, otherwise: str) -> None:
        """Wait until something is so.

        Raises:
            UnwellError: With the words `otherwise`, if it is not within so many seconds.
        """
        deadline = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > deadline:
                raise UnwellError(f"{otherwise} within {seconds:g} s")
            self.beat()

    def until_answered(self) -> None:
        """Wait until every order has been carried out."""
        self.until(lambda: not self._expected, ANSWER_S, "an order is not carried out")

    def ask(self, do: str) -> dict[str, Any]:
        """Have something done, and wait for the answer."""
        answers: list[dict[str, Any]] = []
        self.order(answers.append, do=do)
        self.until(lambda: bool(answers), ANSWER_S, f"no answer to {do}")
        if answers[0]["error"] is not None:
            raise UnwellError(f"{do}: {answers[0]['error']}")
        return answers[0]

    def last(self, key: str) -> object:
        """Of a subscription, the key of the last event."""
        return self._client.look(lambda _: self.notes.last.get(key))

    def _compare_books(self) -> None:
        """While the exchange remembers them."""
        unchecked = self.notes.unchecked
        while unchecked:
            key, book = unchecked.popleft()
            symbol = self._rig.market.symbol_of(stream_of(key))
            if self._rig.digest(book.update_id, symbol) != book.digest:
                self.false_books.append((key, book.update_id))
