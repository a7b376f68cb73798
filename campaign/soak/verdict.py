"""Whether a soak was passed: every account, every order book, every record, what was used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from ..accounting import Account, Delivered, Item, Missed, Said, account
from ..outcome import faults_of
from .notes import BookSeen
from .wards import is_of_a_book, stream_of

WARM_UP = 0.4
"""Of a soak, the share after which its memory should be what it will be."""
SHORT_S = 300.0
"""Whatever is shorter is not warm by then: pools and caches still fill."""
GROWTH_MB, SHORT_GROWTH_MB = 6.0, 20.0
"""That memory may grow by after the warm-up, by its slope."""
GROWTH_OBJECTS = 0.15
"""Of the objects that there are, the share that may be added after the warm-up, by the slope."""
MOST_SAMPLES = 300
"""That are compared with each other, of those after the warm-up."""
MB = 1 << 20
PYKKAS = re.compile(r"pykka: Unhandled exception in (\w+)Actor ")
POOL = 16
"""Connections to REST that the connector may keep for later."""
THREADS, DESCRIPTORS = 40, 60
"""More than at rest there may be, at the worst."""


@dataclass
class Totals:
    """Of all accounts; the words say what is wrong."""

    subscriptions: int = 0
    silent: int = 0
    said: int = 0
    delivered: int = 0
    recovered: int = 0
    told: int = 0
    lost: int = 0
    doubled: int = 0
    books: int = 0
    false_books: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    gaps: int = 0
    words: list[str] = field(default_factory=list[str])

    def add(self, key: str, found: Account) -> None:
        """Enter an account."""
        self.subscriptions += 1
        self.said += found.said
        self.delivered += found.delivered
        self.recovered += found.recovered
        self.told += found.told
        self.lost += len(found.lost)
        self.doubled += len(found.doubled) + len(found.disordered)
        self.gaps += found.notices
        if found.said:
            self.words += [f"{key}: {words}" for words in faults_of(found)]
        else:
            self.silent += 1


def settle(
    items: Mapping[str, Sequence[Item | BookSeen]],
    said: Mapping[str, Sequence[Said]],
    open_keys: Iterable[str],
    false_books: list[tuple[str, int]],
) -> Totals:
    """Account for every subscription.

    Args:
        items: What came, by the subscription's key.
        said: What the market said, by the stream's name.
        open_keys: The subscriptions that were there to the end.
        false_books: Order books that never were.
    """
    totals, still = Totals(false_books=false_books), set(open_keys)
    totals.words += [f"{key}: there never was the book of {number}" for key, number in false_books]
    for key, came in items.items():
        name = stream_of(key)
        if is_of_a_book(key):
            came = books_as_items(came, {each.key: each for each in said[name]})
            totals.books += sum(isinstance(each, BookSeen) for each in items[key])
        plain = [each for each in came if not isinstance(each, BookSeen)]
        totals.add(key, account(said[name], plain, is_complete=key in still))
    return totals


def books_as_items(came: Sequence[Item | BookSeen], updates: Mapping[Hashable, Said]) -> list[Item]:
    """Order books as entries of the account of the updates that they were made with.

    A snapshot may lie between two updates: then it is none of them. After a notice there is no book
    until the next one, whichever ids it names; that may be the last one of before, where nothing
    has happened. Whatever is said again as a snapshot is a book again, too.
    """
    found: list[Item] = []
    newest: Hashable = None
    is_fresh = True
    for each in came:
        if not isinstance(each, BookSeen):
            found.append(Missed() if isinstance(each, Missed) else each)
            is_fresh = is_fresh or isinstance(each, Missed)
            continue
        update = updates.get(each.key)
        is_again = each.key == newest and (is_fresh or (update is not None and update.times > 1))
        if update is not None and not is_again:
            found.append(Delivered(each.key))
        is_fresh, newest = False, each.key
    return found


def records_unexplained(
    records: Iterable[tuple[str, str, str, float]], kills: Counter[str], raised: Counter[str]
) -> list[str]:
    """Records above WARNING that no death explains which the soak has brought about.

    Each death is good for one record that a part was restarted, and where the part raised
    something, for one of Pykka's.

    Args:
        records: Level, component, words, and when.
        kills: Deaths of each part.
        raised: Of those, the ones of parts that raised, by kind.
    """
    left, of_pykka, words = Counter(kills), Counter(raised), list[str]()
    for level, component, text, _ in records:
        if level == "ERROR" and "ActorRestarted" in text and left[component] > 0:
            left[component] -= 1
        elif (found := PYKKAS.search(text)) and of_pykka[found[1].lower()] > 0:
            of_pykka[found[1].lower()] -= 1
        else:
            words.append(f"log: {level} {component}: {text}")
    return words


def warm_slopes(samples: Sequence[tuple[float, Mapping[str, int]]]) -> tuple[float, float]:
    """Of memory and of objects after the warm-up, a second."""
    warm = samples[int(len(samples) * WARM_UP) :]
    warm = warm[:: 1 + len(warm) // MOST_SAMPLES]
    memory, objects = (
        slope([(at, each[what]) for at, each in warm]) for what in ("memory", "objects")
    )
    return memory, objects


def slope(points: Sequence[tuple[float, float]]) -> float:
    """The median of the slopes between any two points (Theil and Sen): outliers do not count."""
    slopes = [
        (y2 - y1) / (x2 - x1)
        for place, (x1, y1) in enumerate(points)
        for x2, y2 in points[place + 1 :]
        if x2 > x1
    ]
    return median(slopes) if slopes else 0.0


def growth(samples: Sequence[tuple[float, Mapping[str, int]]]) -> list[str]:
    """What grows, in words."""
    if len(samples) < 3:
        return []
    span = samples[-1][0] * (1 - WARM_UP)
    memory, objects = (each * span for each in warm_slopes(samples))
    words = list[str]()
    if memory > MB * (GROWTH_MB if samples[-1][0] > SHORT_S else SHORT_GROWTH_MB):
        words.append(f"memory grows by {memory / MB:.1f} MB in {span:.0f} s")
    if objects > GROWTH_OBJECTS * samples[-1][1]["objects"]:
        words.append(f"objects grow by {objects:.0f} in {span:.0f} s")
    return words


def leftovers(
    rests: Mapping[str, Mapping[str, int]], samples: Sequence[tuple[float, Mapping[str, int]]]
) -> list[str]:
    """Threads and descriptors that should not be there, in words."""
    bare, before, after, stopped = (
        rests[when] for when in ("bare", "at rest before", "at rest after", "stopped")
    )
    words = list[str]()
    for what, spare, idle in (("threads", THREADS, 0), ("descriptors", DESCRIPTORS, POOL)):
        worst = max((each[what] for _, each in samples), default=0)
        if after[what] > before[what] + idle:
            words.append(f"{what} at rest: {before[what]} before, {after[what]} after")
        if worst > before[what] + spare:
            words.append(f"{what}: {worst} at the worst, {before[what]} at rest")
        if stopped[what] > bare[what]:
            words.append(f"{what}: {stopped[what]} once it is stopped, {bare[what]} before")
    return words
