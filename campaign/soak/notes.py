"""What the patient of a soak has said: the accounts' entries, its answers, its complaints."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..accounting import Delivered, Dropped, Item, Missed
from ..clients import Heard


@dataclass(frozen=True, slots=True)
class BookSeen:
    """An order book that was delivered; `key` is that of the update that it came of."""

    update_id: int
    digest: str
    key: Hashable


@dataclass
class Notes(Heard):
    """As any client's, and beside it what only the patient says.

    Attributes:
        items: Of each subscription, by its key, what came, in order.
        books: Order books that have not been compared yet, with their subscription's key.
        answers: To orders, by their number.
        records: Of the log: level, component, words, and when.
        faults: What must not be, in words.
        events: How many events have come.
    """

    items: dict[str, list[Item | BookSeen]] = field(
        default_factory=lambda: defaultdict[str, list[Item | BookSeen]](list)
    )
    unchecked: deque[tuple[str, BookSeen]] = field(default_factory=deque[tuple[str, BookSeen]])
    answers: dict[int, dict[str, Any]] = field(default_factory=dict[int, dict[str, Any]])
    records: list[tuple[str, str, str, float]] = field(
        default_factory=list[tuple[str, str, str, float]]
    )
    faults: list[str] = field(default_factory=list[str])
    events: int = 0

    def take(self, line: Mapping[str, Any], trades: str) -> None:
        """Take one line."""
        if "up" in line:
            self.is_up = True
        if "did" in line:
            self.answers[int(line["did"])] = dict(line)
        if "log" in line:
            level, component, words = line["log"]
            self.records.append((level, component, words, float(line["at"])))
        if "fault" in line:
            self.faults.append(str(line["fault"]))
        for key, item, _ in line.get("took", ()):
            self._note(str(key), item)

    def answered(self) -> dict[int, dict[str, Any]]:
        """The answers that nobody has seen yet."""
        answers, self.answers = self.answers, {}
        return answers

    def _note(self, key: str, item: Sequence[Any]) -> None:
        match item:
            case ["event", [*parts], is_recovered]:  # JSON has no tuples
                self.events += 1
                self.last[key] = tuple(parts)
                self.items[key].append(Delivered(self.last[key], bool(is_recovered)))
            case ["event", name, is_recovered]:
                self.events += 1
                self.last[key] = name
                self.items[key].append(Delivered(self.last[key], bool(is_recovered)))
            case ["gap", first, last]:
                self.items[key].append(Missed(first, last))
            case ["book", update_id, digest, update]:
                self.events += 1
                self.last[key] = update
                book = BookSeen(update_id, digest, update)
                self.items[key].append(book)
                self.unchecked.append((key, book))
            case _:
                self.items[key].append(Dropped(0))
                self.faults.append(f"no item: {item!r}")
