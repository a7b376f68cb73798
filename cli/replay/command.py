"""`exchange-connector replay`: a file in, the same decisions or the differences out."""

from __future__ import annotations

from pathlib import Path

import msgspec
import typer

from ...messages.errors import ConfigurationError
from ...messages.notes import Header
from ...venues import DRIVERS
from ...venues.driver import Driver
from ...venues.questions import GetSnapshot
from ..output import say
from .decisions import differences
from .player import Player, stopped
from .reading import NoRecordingError, Recording, configured, read
from .script import Script
from .stage import Stage
from .watch import Watch, watched


class Outcome(msgspec.Struct, frozen=True):
    """What has come of a replay.

    Attributes:
        same: Whether everything could be played, and every decision was the recorded one.
        seconds: How long the recording is.
        decisions: How many were compared.
        differences: Where the replay decided otherwise, in words.
        obstacles: What could not be played as it was.
        not_compared: Subscriptions that were too slow when it was recorded, and streams that were
            found silent then.
    """

    same: bool
    seconds: float
    frames: int
    decisions: int
    differences: list[str]
    obstacles: list[str]
    not_compared: list[str]


def run(path: Path, *, speed: float, as_json: bool) -> int:
    """Replay, and print what has come of it; the exit code.

    Raises:
        typer.BadParameter: The file is no recording.
    """
    try:
        recording = read(path)
        outcome = replayed(recording, speed)
    except (NoRecordingError, ConfigurationError) as error:
        raise typer.BadParameter(f"'{path}': {error}", param_hint="FILE") from error
    except OSError as error:
        reason = f"'{path}' cannot be read: {error.strerror or error}"
        raise typer.BadParameter(reason, param_hint="FILE") from error
    say(msgspec.json.encode(outcome).decode() if as_json else text(outcome))
    return 0 if outcome.same else 1


def replayed(recording: Recording, speed: float = 0.0) -> Outcome:
    """Run a recording through the actors.

    Raises:
        NoRecordingError: It is of an exchange that is not known here, or whose connections cannot
            be played.
    """
    header = recording.header
    driver = _driver(header)
    script, watch = Script(driver, recording.notes), Watch()
    room = script.sessions(header.connections)
    with Stage(script.held, script.listing(), script.refused(), room) as stage:
        config = configured(header, f"http://{stage.address}", f"ws://{stage.address}")
        ref = watched(watch).start(config)
        try:
            player = Player(recording, script, stage, watch, ref, speed)
            player.play()
        finally:
            stopped(ref)
    return _outcome(recording, player, watch)


def _driver(header: Header) -> Driver:
    driver = DRIVERS.get((header.exchange, header.market))
    if driver is None:
        market = "" if header.market == "spot" else f" (market {header.market!r})"
        raise NoRecordingError(f"the exchange {header.exchange!r}{market} is not supported")
    if driver.list_command is None or GetSnapshot not in driver.endpoints:
        # the stage speaks as an exchange that lists what a connection carries, with REST snapshots
        raise NoRecordingError(f"recordings of {header.exchange} cannot be replayed yet")
    return driver


def _outcome(recording: Recording, player: Player, watch: Watch) -> Outcome:
    header, recorded = recording.header, player.recorded
    found = differences(recorded, watch.decisions, player.before_the_end or {})
    compared = [about for about in recorded.made if not recorded.is_left_out(about)]
    return Outcome(
        same=not (found or player.obstacles),
        seconds=round((header.ended - header.began) / 1e9, 3),
        frames=header.frames,
        decisions=sum(len(recorded.made[about]) for about in compared),
        differences=found,
        obstacles=player.obstacles,
        not_compared=[
            *(f"{each}: its subscriber was too slow" for each in sorted(recorded.lagged)),
            *(f"{each}: the stream was found silent" for each in sorted(recorded.silent)),
        ],
    )


def text(outcome: Outcome) -> str:
    """An outcome in lines."""
    lines = [f"{outcome.seconds:.1f} s, {outcome.frames} frames, {outcome.decisions} decisions"]
    lines += [f"not played: {each}" for each in outcome.obstacles]
    lines += [f"not compared: {each}" for each in outcome.not_compared]
    lines += [f"different: {each}" for each in outcome.differences]
    return "\n".join([*lines, "same decisions" if outcome.same else "other decisions"])
