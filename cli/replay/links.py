"""Which recorded connection is played on which websocket of the replay."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from ...messages.notes import CommandSent, ConnectionClosed, ConnectionOpened, FrameRead
from .line import Line
from .script import Script
from .stage import Stage
from .watch import Watch

PATIENCE = 5.0
"""Seconds for the connector to do what it did; what it was about is not waited for again."""
_BY_ITSELF = 0.3
"""Seconds for it to dial another connection; then that counts as asked for by somebody."""
_ASKS = 10
_MOST_AT_ONCE = 500
_CODE = re.compile(r"closed by the server \(code (\d{4})\)")


class Links:
    """The connections that stand; of a session there are two while one takes the other's place.

    Args:
        obstacle: Told what could not be played, in words.
    """

    def __init__(
        self, script: Script, stage: Stage, watch: Watch, obstacle: Callable[[str], None]
    ) -> None:
        self._script, self._stage, self._watch, self._obstacle = script, stage, watch, obstacle
        self._standing: dict[int, str] = {}
        self._lines: dict[int, Line] = {}
        self._left: set[int] = set()  # whose place another one has taken
        self._given_up: set[str] = set()
        self._batch: list[bytes] = []
        self._batch_line: Line | None = None

    # what the exchange did

    def opened(self, note: ConnectionOpened) -> None:
        """One more; where it is a session's second one, the connector has to dial it, too."""
        session, number = note.session, note.connection
        other = next((each for each, name in self._standing.items() if name == session), None)
        self._standing[number] = session
        if other is None:
            return
        self._stage.make_room(1)
        if self._line(other, "") is None:
            return
        for _ in range(_ASKS):
            if self._stage.wait(lambda: self._found(number, ""), _BY_ITSELF):
                break
            self._watch.roll_over(session)
        self._line(number, "")

    def send(self, note: FrameRead) -> None:
        """A frame of the exchange's, on its connection, once its stream is subscribed there."""
        number = note.connection
        if number in self._left:
            return  # it came before the connector had hung up; the other one brought it as well
        data = note.data
        name = self._script.name(data)
        if not name and self._script.is_answer(data):
            if self._script.is_last_answer(note):
                self._leave(number)
            return
        line = self._line(number, name)
        if line is None:
            return
        if line is not self._batch_line or len(self._batch) >= _MOST_AT_ONCE:
            self.flush()
            self._batch_line = line
        self._batch.append(data)

    def asked(self, note: CommandSent) -> None:
        """The connector sent something: a last question says that another connection is ready."""
        number = note.connection
        others = [name for each, name in self._standing.items() if each != number]
        line = self._lines.get(number)
        if line is None or self._standing.get(number) not in others:
            return
        if self._script.is_question(note):
            self._stage.wait(lambda: line.questions or None, PATIENCE)

    def flush(self) -> None:
        """Send what was put together."""
        batch, self._batch = self._batch, []
        if batch and self._batch_line is not None:
            self._batch_line.send(batch)

    def closed(self, note: ConnectionClosed) -> bool:
        """One less; whether its session has none any more."""
        number = note.connection
        session = self._standing.pop(number, note.session)
        is_last = session not in self._standing.values()
        if number not in self._left:
            self._end(number, note.reason)
        if not is_last:
            self._stage.make_room(-1)
        self._lines.pop(number, None)
        return is_last

    def _end(self, number: int, reason: str) -> None:
        line = self._wait_for(f"connection {number}", lambda: self._found(number, ""))
        if line is None:
            return
        if (code := _CODE.search(reason)) is not None:
            line.close(int(code[1]))
        else:
            line.cut()
        self._has_gone(line)

    def _leave(self, number: int) -> None:
        """It has answered its last question: the connector hangs up, and the other one delivers."""
        self.flush()
        line = self._line(number, "")
        if line is None:
            return
        for other in self._lines.values():  # since when: since the session has it
            other.streams |= {
                name: at for name, at in line.streams.copy().items() if name in other.streams
            }
        for _ in range(_ASKS):  # an earlier question may be one about a connection that has failed
            if self._stage.wait(lambda: line.questions or None, PATIENCE) is None:
                break
            line.say_what_it_carries()
            if self._has_gone(line, _BY_ITSELF):
                self._left.add(number)
                return
        self._obstacle(f"connection {number} was not left for another one in the replay")

    def _has_gone(self, line: Line, seconds: float = PATIENCE) -> bool:
        return bool(self._stage.wait(lambda: None if line in self._stage.lines else True, seconds))

    def carried(self, name: str) -> float:
        """Since when what stands carries a stream; 0 where nothing does."""
        lines: Iterable[Line] = tuple(self._stage.lines)
        return next((line.streams[name] for line in lines if name in line.streams), 0.0)

    # which it is

    def _line(self, number: int, name: str) -> Line | None:
        line = self._lines.get(number)
        if line is not None and (not name or name in line.streams):
            return line
        self.flush()
        what = f"the stream {name}" if name else f"connection {number}"
        line = self._wait_for(what, lambda: self._found(number, name))
        if line is not None:
            self._lines[number] = line
        return line

    def _found(self, number: int, name: str) -> Line | None:
        bound = self._lines.get(number)
        standing = tuple(self._stage.lines)
        if bound is not None and bound in standing:
            return bound if not name or name in bound.streams else None
        others = [line for key, line in self._lines.items() if key != number]
        free = (line for line in standing if line not in others)
        return next((line for line in free if not name or name in line.streams), None)

    def _wait_for(self, what: str, found: Callable[[], Line | None]) -> Line | None:
        seconds = 0.0 if what in self._given_up else PATIENCE
        line = self._stage.wait(found, seconds)
        if line is None and what not in self._given_up:
            self._given_up.add(what)
            self._obstacle(f"{what} was not asked for in the replay")
        return line
