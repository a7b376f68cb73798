"""What one subscriber has not taken yet.

As long as there is room for everything, frames wait in the parcels that they came in. Once some
mailbox has none, each event is put into its mailbox by itself, where the mailbox's policy makes
room, until the subscriber has caught up. A backlog belongs to its feed, whose lock guards it.
"""

from __future__ import annotations

from collections import deque
from operator import itemgetter

from ...messages.enums import GapReason, Overflow
from .frame import Item
from .mailbox import Mailbox

__all__ = ["Backlog", "Item", "Parcel"]

Parcel = list[tuple[Mailbox, Item]]
"""Items in order of arrival, each with the mailbox it is for."""
_mailbox = itemgetter(0)


class Backlog:
    """Parcels while there is room, mailboxes and their turns when there is not."""

    def __init__(self) -> None:
        self._first: deque[Parcel] = deque()  # answers that mailboxes wait for
        self._parcels: deque[Parcel] = deque()
        self._waiting = 0  # items in the parcels
        self._too_many = 0  # so many would have been, when there was no room the last time
        self._turns: deque[Mailbox] = deque()  # one entry for each slot of a mailbox

    def __bool__(self) -> bool:
        return bool(self._parcels or self._turns or self._first)

    def take_up(self, parcel: Parcel, live_on: int) -> bool:
        """Add a parcel as it is; False where some of it has to be looked at by itself."""
        if self._turns:
            return False
        waiting = self._waiting + len(parcel)
        for mailbox in set(map(_mailbox, parcel)):
            if mailbox.live_on != live_on or waiting > mailbox.max_pending or mailbox.is_closed:
                self._too_many = waiting
                return False
        self._parcels.append(parcel)
        self._waiting = waiting
        return True

    def room(self, mailbox: Mailbox) -> int:
        """How many events of a mailbox are within its bound, at least."""
        return max(0, mailbox.max_pending - len(mailbox.pending) - self._waiting)

    @property
    def has_much_room(self) -> bool:
        """Whether who was held up should look again: not for every parcel that is taken."""
        return 2 * self._waiting <= self._too_many

    @property
    def is_in_turns(self) -> bool:
        """Whether there is room in some mailboxes and none in others."""
        return bool(self._turns)

    def is_held_up(self, parcel: Parcel) -> bool:
        """Whether everybody that a parcel is for wants it to wait until there is room."""
        if not self._parcels:
            return False
        boxes = {mailbox for mailbox, _ in parcel if not mailbox.is_closed}
        waiting = self._waiting + len(parcel)
        is_full = any(waiting > mailbox.max_pending for mailbox in boxes)
        return is_full and all(mailbox.overflow is Overflow.BLOCK for mailbox in boxes)

    def add(self, mailbox: Mailbox, item: Item) -> None:
        """Add one item, behind everything that is there."""
        while self._parcels:
            for each, waiting in self._parcels.popleft():
                if not each.is_closed:
                    self._put(each, waiting)
        self._waiting = 0
        self._put(mailbox, item)

    def add_first(self, mailbox: Mailbox, item: Item) -> None:
        """Add what a mailbox waits for, in front of everything; no bound holds for it."""
        self._first.append([(mailbox, item)])

    def carry(self, mailbox: Mailbox, live_on: int) -> bool:
        """Another connection carries the stream; False for one that a newer has replaced."""
        if not live_on:
            return True  # not a connection's doing
        if live_on < mailbox.live_on or live_on <= mailbox.ended_on:
            return False
        if mailbox.live_on:  # the old one's end has not been told
            self.add(mailbox, mailbox.interruption(GapReason.DISCONNECTED))
        mailbox.live_on = live_on
        return True

    def take(self, most: int | None = None) -> Parcel:
        """The oldest parcel, or the next turn; nothing where nothing is left.

        Args:
            most: So many items at most; what remains of a longer parcel is the oldest still.
        """
        if self._first:
            return self._first.popleft()
        if self._parcels:
            parcel = self._parcels.popleft()
            if most is not None and len(parcel) > most:
                self._parcels.appendleft(parcel[most:])
                parcel = parcel[:most]
            self._waiting -= len(parcel)
            return parcel
        while self._turns:
            mailbox = self._turns.popleft()
            mailbox.slots -= 1
            if mailbox.pending:
                notice = mailbox.lagged()
                item = mailbox.pending.popleft()
                return [(mailbox, item)] if notice is None else [(mailbox, notice), (mailbox, item)]
        return []

    def left_over(self) -> int:
        """How many items there are."""
        in_parcels = sum(not mailbox.is_closed for each in self._parcels for mailbox, _ in each)
        in_turns = sum(len(each.pending) for each in set(self._turns) if not each.is_closed)
        return in_parcels + in_turns

    def _put(self, mailbox: Mailbox, item: Item) -> None:
        mailbox.put(item)
        if mailbox.slots < len(mailbox.pending):
            mailbox.slots += 1
            self._turns.append(mailbox)
