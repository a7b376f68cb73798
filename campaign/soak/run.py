"""The soak: many faults at once, at random, for as long as is wanted, and everything accounted for.

All that is drawn follows from the seed; how things meet is the machine's own business.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from ..clients import Client, Program
from ..markets import Market
from ..rig import Rig
from .notes import Notes
from .outcome import SoakOutcome, line
from .patient import WEIGHT, Case
from .plan import FOR_GOOD, NOTICED_S, ROOMS, Harm, Incident, Kill, Roll, Turn, incidents
from .talk import Talk, UnwellError
from .verdict import growth, leftovers, records_unexplained, settle
from .wards import SYMBOLS, Ward, Wards

STEPS_A_SECOND = 2.0
"""Of the market; about 700 events a second in all."""
KEPT = 1_000_000
LAG_S = 0.08
"""On the way, in both directions: what must not meet, such as two connections in a rollover, can."""
LINE_S = 10.0
UP_S = 30.0
WELL_S = 60.0
GOES_ON_S = 30.0
QUIET_S = 10.0
REST_S = 13.0
"""The connector's own threads end when they have idled for ten seconds."""
PATIENT = Program("patient", ("-m", f"{__package__}.patient"), is_full=True)


def new_seed() -> int:
    """Some seed."""
    return random.SystemRandom().randrange(1_000_000)


def soak(market: Market, seconds: float, seed: int, tell: Callable[[str], object]) -> SoakOutcome:
    """Soak for so many seconds, beside those for coming to rest; `tell` gets a line now and then."""
    options: dict[str, Any] = {
        "symbols": SYMBOLS,
        "seed": seed,
        "rate": STEPS_A_SECOND,
        "keep_published": KEPT,
        "max_weight": WEIGHT,
    }
    outcome = SoakOutcome(seed, seconds)
    with Rig(market, LAG_S, **options) as rig:
        case = Case(rig.rest_url, rig.stream_url, market.exchange, market.name)
        with Client(PATIENT, case, rig.controls.path, Notes()) as client:
            try:
                Soak(outcome, rig, Talk(rig, client), tell).go()
            except UnwellError as reason:
                complaints = " ".join(client.complaints[-3:])
                outcome.failures.insert(0, f"it cannot go on: {reason} {complaints}".strip())
    return outcome


class Soak:
    """One soak."""

    def __init__(
        self, outcome: SoakOutcome, rig: Rig, talk: Talk, tell: Callable[[str], object]
    ) -> None:
        self._outcome = outcome
        self._rig, self._talk, self._tell = rig, talk, tell
        self._wards = Wards(rig.market)
        self._begun = time.monotonic()

    def go(self) -> None:
        """From the first subscription to the last account."""
        talk, rests = self._talk, self._outcome.rests
        talk.until(lambda: talk.notes.is_up, UP_S, "the patient is not up")
        rests["bare"] = talk.ask("look_bare")["vitals"]
        self._join_all()
        rests["at rest before"] = self._at_rest(None)
        self._suffer()
        self._heal()
        # with the market, since where that stands still, the connector asks why
        rests["at rest after"] = self._at_rest(rests["at rest before"])
        self._stop_the_market()
        self._settle()

    # what happens

    def _suffer(self) -> None:
        self._begun = time.monotonic()
        seconds, plan = self._outcome.seconds, incidents(self._outcome.seed, self._rig.market)
        due, incident = next(plan)
        next_line = LINE_S
        while (now := self._elapsed) < seconds:
            if now >= next_line:
                self._talk.order(partial(self._sampled, now), do="look")
                next_line += LINE_S
            while due <= now:
                self._let_happen(incident, seconds - now)
                pause, incident = next(plan)
                due += pause
            self._talk.beat()

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._begun

    def _let_happen(self, incident: Incident, left: float) -> None:
        count = self._outcome.incidents
        match incident:
            case Harm():
                self._harm(incident, left)
            case Kill(room=room, way=way):
                self._talk.order(self._killed, do="kill", room=room, way=way)
            case Roll():
                count["rollover asked for"] += 1
                self._talk.order(self._rolled, do="roll")
            case Turn(leave=leave, join=join, draw=draw):
                count["subscriptions turned"] += 1
                leaving, joining = self._wards.draw(leave, join, draw)
                for ward in leaving:
                    self._leave(ward)
                for ward in joining:
                    self._join(ward)

    def _harm(self, harm: Harm, left: float) -> None:
        is_for_good = harm.lasts == FOR_GOOD
        if harm.lasts >= NOTICED_S and not is_for_good and left < harm.lasts:
            return  # it would end before anybody could have noticed
        self._outcome.incidents[harm.name] += 1
        for action in harm.actions:
            undo = self._rig.apply(action)
            if harm.lasts and not is_for_good:
                self._talk.undo_after(harm.lasts, undo)

    def _killed(self, answer: dict[str, Any]) -> None:
        if not answer.get("killed"):
            return  # it is dead, or not needed at the moment
        room, outcome = answer["room"], self._outcome
        outcome.kills[room] += 1
        outcome.incidents[f"killed {room} ({answer['way']})"] += 1
        if answer["way"] in ("error", "exit"):
            outcome.raised[room.split("-")[0]] += 1

    def _rolled(self, answer: dict[str, Any]) -> None:
        self._judge("rollover", answer, answer["error"])

    def _sampled(self, now: float, answer: dict[str, Any]) -> None:
        if answer["error"] is not None:
            self._fail(f"how it is: {answer['error']}")
            return
        self._outcome.samples.append((now, answer["vitals"]))
        events, on = self._talk.notes.events, len(self._wards.on())
        self._tell(line(self._outcome, now, events, on, answer))

    # subscriptions

    def _join(self, ward: Ward) -> None:
        ward.is_busy = True
        self._talk.order(
            lambda answer: self._turned(ward, answer, is_on=answer["error"] is None),
            do="join",
            **ward.names(ward.next_key()),
        )

    def _leave(self, ward: Ward) -> None:
        ward.is_busy = True
        self._talk.order(
            lambda answer: self._turned(ward, answer, is_on=answer["error"] is not None),
            do="leave",
            **ward.names(ward.key),
        )

    def _turned(self, ward: Ward, answer: dict[str, Any], *, is_on: bool) -> None:
        ward.is_busy, ward.is_on = False, is_on
        self._judge(f"{answer['do']} {ward.key}", answer, answer["error"])

    def _judge(self, what: str, answer: dict[str, Any], error: str | None) -> None:
        """A part that dies takes what it was asked with it; nothing else may be refused."""
        if error is None:
            return
        self._outcome.refused[f"{answer['do']}: {error}"[:120]] += 1
        if not error.startswith("not running") and answer["do"] != "roll":
            self._fail(f"{what}: {error}")

    def _fail(self, words: str) -> None:
        self._outcome.failures.append(f"{words} (at {self._elapsed:.0f} s)")

    # how it begins, and how it ends

    def _join_all(self) -> None:
        for ward in self._wards.wanting():
            self._join(ward)
        self._talk.until_answered()
        if missing := self._wards.wanting():
            raise UnwellError(f"not subscribed to {missing[0].stream}")

    def _at_rest(self, before: dict[str, int] | None) -> dict[str, int]:
        """What it uses while nobody makes requests, once threads that idle have ended.

        Args:
            before: What it was then, which is waited for; None where it is not known.
        """
        talk = self._talk
        talk.order(lambda _: None, do="rest", rests=True)
        deadline = time.monotonic() + (REST_S if before is None else 3 * REST_S)
        found: dict[str, int] = talk.ask("look")["vitals"]
        while time.monotonic() < deadline:
            if before is not None and found["threads"] <= before["threads"]:
                break
            talk.pause(1.0)
            found = min(found, talk.ask("look")["vitals"], key=lambda vitals: vitals["threads"])
        talk.order(lambda _: None, do="rest", rests=False)
        return found

    def _heal(self) -> None:
        """Undo everything; what lasts is subscribed again, all is well, and every stream goes on."""
        talk = self._talk
        talk.undo_all()
        talk.until_answered()
        for ward in self._wards.passing():
            self._leave(ward)
        self._join_all()
        try:
            talk.until(lambda: not self._ills(), WELL_S, "not well")
        except UnwellError as reason:
            self._fail(f"{reason}: {', '.join(self._ills())}")
        now, wanting = time.monotonic(), {ward.key: ward for ward in self._wards.on()}

        def all_go_on() -> bool:
            for key, ward in [*wanting.items()]:
                if talk.last(key) in self._rig.said_since(ward.stream, now):
                    del wanting[key]
            return not wanting

        try:
            talk.until(all_go_on, GOES_ON_S, "streams did not go on")
        except UnwellError as reason:
            self._fail(f"{reason}: {sorted(wanting)[:5]}")

    def _ills(self) -> list[str]:
        """What is not as it should be at the end, in words."""
        health = self._talk.ask("look")["health"]
        subjects = {(ward.channel, ward.symbol) for ward in self._wards.on()}
        found = {
            f"the connector is {health['state']}": health["state"] != "LIVE",
            f"{health['subscribers']} subscribers": health["subscribers"] != len(self._wards.on()),
            f"{len(health['streams'])} streams": len(health["streams"]) != len(subjects),
            "a part is missing": not health["components"].keys() >= {*ROOMS},
        }
        return [words for words, is_so in found.items() if is_so]

    def _stop_the_market(self) -> None:
        """And wait for what is on its way."""
        self._rig.stop_the_market()
        ends = {ward.key: self._rig.last_said(ward.stream) for ward in self._wards.on()}
        deadline = time.monotonic() + QUIET_S
        while time.monotonic() < deadline:
            if all(self._talk.last(key) == last for key, last in ends.items()):
                break
            self._talk.beat()

    def _settle(self) -> None:
        outcome, notes = self._outcome, self._talk.notes
        open_keys = [ward.key for ward in self._wards.on()]
        outcome.rests["stopped"] = self._talk.ask("stop")["vitals"]
        streams = {ward.stream for ward in self._wards.all}
        everything = {name: self._rig.said(name) for name in streams}
        outcome.totals = settle(notes.items, everything, open_keys, self._talk.false_books)
        outcome.failures += outcome.totals.words
        outcome.failures += sorted({*notes.faults})
        outcome.failures += records_unexplained(notes.records, outcome.kills, outcome.raised)
        outcome.failures += growth(outcome.samples)
        outcome.failures += leftovers(outcome.rests, outcome.samples)
