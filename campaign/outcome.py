"""What came of a row: the figures, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .accounting import Account, account
from .clients import Heard
from .faults import Row
from .rig import SYMBOL, Rig

EXAMPLES = 3


@dataclass
class Outcome:
    """One row with one client; times in seconds, `None` where it did not happen.

    Attributes:
        detected: From the fault to the client's own first sign that something is wrong.
        told: From the fault to the first word to its user.
        recovered: From the end of the fault to the first trade that was made after it.
        answered: From the end of the fault to the first answer to a request.
        accounts: Of each stream that the client tells of.
        books: How many order books were compared with the exchange's own.
        false_books: Update ids of those that were not equal, or came out of order.
        settings: What the client was asked beyond its own defaults.
        failures: Why the row has not been passed, in words; nothing if it has.
        notes: What else was seen.
    """

    row: str
    title: str
    client: str
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    detected: float | None = None
    told: float | None = None
    recovered: float | None = None
    answered: float | None = None
    accounts: dict[str, Account] = field(default_factory=dict[str, Account])
    books: int = 0
    false_books: list[int] = field(default_factory=list[int])
    failures: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])

    @property
    def lost(self) -> int:
        """Events lost without notice, of all streams."""
        return sum(len(each.lost) for each in self.accounts.values())

    @property
    def doubled(self) -> int:
        """Events that came twice, or behind a later one."""
        return sum(len(each.doubled) + len(each.disordered) for each in self.accounts.values())

    @property
    def delivered(self) -> int:
        """Events that the user got, of all streams."""
        return sum(each.delivered for each in self.accounts.values())

    @property
    def missed(self) -> int:
        """Events that the user was told to have missed."""
        return sum(each.told for each in self.accounts.values())

    @property
    def said(self) -> int:
        """Events that the market had."""
        return sum(each.said for each in self.accounts.values())


def settle_accounts(outcome: Outcome, heard: Heard, rig: Rig) -> None:
    """Account for every stream, and compare every order book."""
    for stream, got in heard.took.items():
        items = [item for item, _ in got]
        outcome.accounts[stream] = account(rig.said(stream), items, is_complete=True)
    outcome.books = len(heard.books)
    updates = enumerate(rig.said(rig.market.stream("order_book", SYMBOL)))
    places = {update.key: place for place, update in updates}
    newest, newest_place = 0, -1
    for update_id, digest, key in heard.books:
        place = places.get(key, -1)  # a snapshot may lie between two updates
        is_behind = update_id < newest and place <= newest_place  # else it was numbered anew
        if is_behind or digest != rig.digest(update_id):
            outcome.false_books.append(update_id)
        newest, newest_place = update_id, place


def forgive(outcome: Outcome) -> None:
    """For a client that does not say where something is missing: a word to its user is notice.

    Whatever it said between the fault and the first live data afterwards counts, for all that is
    missing.
    """
    if outcome.told is None:
        return
    for each in outcome.accounts.values():
        each.told += len(each.lost)
        each.lost.clear()


def judge(outcome: Outcome, row: Row) -> None:
    """Find everything for which the row has not been passed."""
    failures = outcome.failures
    if outcome.recovered is None:
        failures.append(f"no live trade within {row.patience:g} s")
    if row.answers and outcome.answered is None:
        failures.append(f"no request answered within {row.patience:g} s")
    if row.tells and outcome.told is None:
        failures.append("the user was told nothing")
    elif row.told_within is not None and (outcome.told or 0.0) > row.told_within:
        failures.append(f"told after {outcome.told:.1f} s, not within {row.told_within:g} s")
    for stream, each in outcome.accounts.items():
        failures.extend(f"{stream}: {words}" for words in faults_of(each))
    if outcome.false_books:
        failures.append(f"books that never were: {outcome.false_books[:EXAMPLES]}")


def faults_of(found: Account) -> list[str]:
    kinds: dict[str, Sequence[object]] = {
        "lost without notice": found.lost,
        "doubled": found.doubled,
        "out of order": found.disordered,
        "never said": found.strange,
        "wrong notices": found.wrong,
    }
    words = [
        f"{len(each)} {kind}, such as {each[:EXAMPLES]}" for kind, each in kinds.items() if each
    ]
    if not found.said:
        words.append("nothing was delivered")
    if not found.balances:
        words.append("the account does not balance")
    return words
