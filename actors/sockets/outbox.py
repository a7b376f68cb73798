"""What other threads want of the one that owns a websocket: texts to send, and a bell to ring.

Two threads on one TLS socket break it, so others leave here what they want, and ring.
"""

from __future__ import annotations

import math
import socket
from collections import deque
from collections.abc import Iterator

from ...core.limiter import DialBudget
from ..base.forks import own

_MOST = 1024
_SENDS_A_TURN = 16


class Outbox:
    """Texts that wait to be sent, at the pace that the exchange admits.

    Whoever leaves them keeps the pace too; but left evenly, they may still be sent together, where
    the owner was kept from its work.

    Attributes:
        is_stopping: Whether the websocket is to be closed politely.
        is_called: Whether the owner is to come back from waiting.
        is_doubtful: Whether the peer is to be pinged.
        due: When the next text may leave, in monotonic seconds; infinite while none waits for that.
        ear: What is readable once somebody has rung.

    Args:
        pace: How often a text may be sent; None for no limit.
    """

    def __init__(self, pace: DialBudget | None) -> None:
        self.is_stopping = False
        self.is_called = False
        self.is_doubtful = False
        self.due = math.inf
        self._texts: deque[str] = deque()
        self._pace = pace
        self._bell, self.ear = map(own, socket.socketpair())
        self._bell.setblocking(False)
        self.ear.setblocking(False)

    # any thread

    def post(self, text: str) -> bool:
        """Have a text sent; False where too much waits already."""
        if len(self._texts) >= _MOST:
            return False
        self._texts.append(text)
        self.ring()
        return True

    def left(self) -> frozenset[str]:
        """What was not sent in full, so that the peer can do nothing with it.

        Once the owner has ended nobody sends it any more.
        """
        return frozenset(self._texts)

    def stop(self) -> None:
        """Have the websocket closed politely."""
        self.is_stopping = True
        self.ring()

    def call(self) -> None:
        """Have the owner come back from waiting."""
        self.is_called = True
        self.ring()

    def doubt(self) -> None:
        """Have the peer pinged."""
        self.is_doubtful = True
        self.ring()

    def ring(self) -> None:
        """Wake the owner."""
        try:
            self._bell.send(b"!")
        except BlockingIOError:
            pass  # it rings already
        except OSError:
            pass  # closed

    # the owner's thread

    def take(self, now: float) -> Iterator[str]:
        """What is to be sent now; the rest comes when it is `due`, or with the next ring.

        Each is gone once the next is asked for: one that could not be sent, all of it, is `left`.
        """
        self.due = math.inf
        for _ in range(_SENDS_A_TURN):
            if not self._texts:
                return
            if self._pace is not None and not self.is_stopping:
                if (at := self._pace.ready_at(now)) > now:
                    self.due = at
                    return
                self._pace.dialled(now)
            yield self._texts[0]
            self._texts.popleft()
        if self._texts:
            self.ring()  # the rest after the next read

    def passed_by(self, now: float) -> None:
        """The owner has sent a text of its own, which counts, though it cannot wait."""
        if self._pace is not None:
            self._pace.dialled(now)

    def end(self) -> None:
        """Let go of every descriptor."""
        self._bell.close()
        self.ear.close()
