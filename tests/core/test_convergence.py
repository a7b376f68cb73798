"""From what a session carries to what it should carry."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from exchange_connector.core.commands import Command, Outcome
from exchange_connector.core.convergence import Convergence


def connected(
    *names: str, max_batch: int = 100, limit: int | None = None, characters: int | None = None
) -> Convergence:
    machine = Convergence(max_batch, 10.0, limit, characters)
    machine.connected(0.0)
    machine.want(names)
    return machine


def commands(machine: Convergence, now: float = 0.0) -> list[tuple[bool, tuple[str, ...]]]:
    """All that is due, each answered as done."""
    sent: list[tuple[bool, tuple[str, ...]]] = []
    while (command := machine.next_command(now)) is not None:
        sent.append((command.subscribe, command.names))
        machine.answered(command.id, None, now)
    return sent


def sent(machine: Convergence, now: float = 0.0) -> Command:
    command = machine.next_command(now)
    assert command is not None
    return command


def test_what_is_wanted_is_subscribed_in_batches() -> None:
    """In the order of wishes, and confirmed by the answers."""
    machine = connected("a", "b", "c", max_batch=2)
    assert machine.pending == {"a", "b", "c"}
    first, second = sent(machine), sent(machine)
    assert (first.names, second.names) == (("a", "b"), ("c",))
    assert machine.next_command(0.0) is None
    assert machine.answered(second.id, None, 1.0) == Outcome(confirmed=("c",))
    assert machine.confirmed == {"c"}
    machine.answered(first.id, None, 1.0)
    assert (machine.confirmed, machine.pending) == (machine.wanted, frozenset())


def test_nothing_is_sent_without_a_connection() -> None:
    """What is wanted waits for one."""
    machine = Convergence()
    machine.want(["a"])
    assert machine.next_command(0.0) is None
    machine.connected(1.0)
    assert sent(machine, 1.0) == Command(1, True, ("a",))


def test_what_is_wanted_no_more_is_left() -> None:
    """New wishes first: leaving can wait."""
    machine = connected("a", "b")
    commands(machine)
    machine.want(["b", "c"])
    assert commands(machine) == [(True, ("c",)), (False, ("a",))]
    assert machine.confirmed == {"b", "c"}


def test_a_full_session_leaves_before_it_subscribes() -> None:
    """The exchange would refuse the stream that is one too many."""
    machine = connected("a", "b", limit=2)
    commands(machine)
    machine.want(["b", "c"])
    assert commands(machine) == [(False, ("a",)), (True, ("c",))]


def test_names_that_are_too_long_together() -> None:
    """A session leaves before it subscribes to one more, and nothing overtakes that one."""
    machine = connected("aaaa", "bbb", characters=8)
    commands(machine)
    machine.want(["bbb", "ccccc", "d"])
    assert commands(machine) == [(False, ("aaaa",)), (True, ("ccccc",))]
    machine.want(["ccccc", "d"])
    assert commands(machine) == [(False, ("bbb",)), (True, ("d",))]


def test_a_command_takes_what_there_is_room_for() -> None:
    """What is under way counts, and so does what is being left until it is gone."""
    machine = connected("aaa", "bbb", "ccc", max_batch=2, characters=9)
    first, second = sent(machine), sent(machine)
    assert (first.names, second.names) == (("aaa", "bbb"), ("ccc",))
    machine.answered(first.id, None, 0.0)
    machine.answered(second.id, None, 0.0)
    machine.want(["aaa", "bbb", "ddd"])
    leaving = sent(machine)
    assert (leaving.subscribe, leaving.names) == (False, ("ccc",))
    assert machine.next_command(0.0) is None
    machine.answered(leaving.id, None, 0.0)
    assert sent(machine).names == ("ddd",)


def test_a_name_that_is_too_long_by_itself() -> None:
    """The exchange is asked, and says so: else nobody would ever hear of it."""
    machine = connected("far too long", characters=8)
    command = sent(machine)
    assert command.names == ("far too long",)
    assert machine.answered(command.id, "refused", 0.0).refused == (("far too long", "refused"),)


def test_a_reconnection_starts_from_nothing() -> None:
    """What had been confirmed is told, and answers to the old connection's commands are ignored."""
    machine = connected("a")
    commands(machine)
    machine.want(["a", "b"])
    late = sent(machine)
    assert machine.disconnected() == {"a"}
    assert machine.next_command(1.0) is None
    machine.connected(2.0)
    assert machine.answered(late.id, None, 2.0) == Outcome()
    assert machine.confirmed == frozenset()
    again = sent(machine, 2.0)
    assert again.names == ("a", "b")
    assert again.id > late.id


def test_one_bad_name_harms_no_other() -> None:
    """The batch is halved until it stands alone; then it is refused, and not tried again."""
    machine = connected("a", "b", "bad", "c", "d")
    refused: list[tuple[str, object]] = []
    rounds = 0
    while (command := machine.next_command(0.0)) is not None:
        rounds += 1
        error = "no such symbol" if "bad" in command.names else None
        refused += machine.answered(command.id, error, 0.0).refused
    assert refused == [("bad", "no such symbol")]
    assert machine.confirmed == {"a", "b", "c", "d"}
    assert machine.pending == frozenset()
    assert rounds == 5


def test_a_refused_name_is_tried_again_when_it_comes_back() -> None:
    """Not when the connection does."""
    machine = connected("bad")
    machine.answered(sent(machine).id, "refused", 0.0)
    machine.want(["bad"])
    machine.disconnected()
    machine.connected(1.0)
    assert machine.next_command(1.0) is None
    machine.want([])
    machine.want(["bad"])
    assert sent(machine, 2.0).names == ("bad",)


def test_a_refused_name_is_tried_again_for_who_asks_anew() -> None:
    """It left and came back between two wishes, so it never left what is wanted."""
    machine = connected("a", "b")
    for _ in range(3):  # both, then each by itself
        machine.answered(sent(machine).id, "no", 0.0)
    machine.want(["a", "b"])
    assert machine.next_command(0.0) is None
    machine.retry_refused({"a"})
    assert sent(machine).names == ("a",)


def test_a_wish_withdrawn_while_under_way() -> None:
    """It is confirmed, then left."""
    machine = connected("a")
    command = sent(machine)
    machine.want([])
    assert machine.next_command(0.0) is None
    assert machine.answered(command.id, None, 0.0).confirmed == ("a",)
    assert commands(machine) == [(False, ("a",))]
    assert machine.confirmed == frozenset()


def test_a_wish_that_returns_while_it_is_being_left() -> None:
    """It is removed, which is told, and subscribed to anew."""
    machine = connected("a")
    commands(machine)
    machine.want([])
    command = sent(machine)
    machine.want(["a"])
    assert machine.next_command(0.0) is None
    assert machine.answered(command.id, None, 0.0) == Outcome(removed=("a",))
    assert commands(machine) == [(True, ("a",))]


def test_what_cannot_be_left_is_gone() -> None:
    """An error for an unsubscribe means that there was nothing to leave."""
    machine = connected("a")
    commands(machine)
    machine.want([])
    assert machine.answered(sent(machine).id, "unknown", 0.0).removed == ("a",)
    assert machine.next_command(0.0) is None


def test_a_half_that_is_wanted_no_more_is_not_sent() -> None:
    """Nor what has been withdrawn of it."""
    machine = connected("a", "b", "c", "d")
    machine.answered(sent(machine).id, "refused", 0.0)
    machine.want(["d", "e"])
    assert commands(machine) == [(True, ("d",)), (True, ("e",))]


def test_halves_come_before_what_is_new() -> None:
    """So they always fit into the room that their command had."""
    machine = connected("a", "b", "c", "d", limit=4)
    machine.answered(sent(machine).id, "refused", 0.0)
    machine.want(["x", "a", "b", "c", "d"])
    assert [sent(machine).names, sent(machine).names] == [("a", "b"), ("c", "d")]
    assert machine.next_command(0.0) is None


def test_a_reconnection_forgets_the_halves() -> None:
    """They belong to commands of the old connection; wishes are sent in their order again."""
    machine = connected("a", "b")
    machine.answered(sent(machine).id, "refused", 0.0)
    machine.disconnected()
    machine.connected(1.0)
    assert sent(machine).names == ("a", "b")


def test_what_is_being_left_is_not_left_twice() -> None:
    """Whether or not the answer is slow."""
    machine = connected("a")
    commands(machine)
    machine.want([])
    assert machine.carried == {"a"}
    assert sent(machine).names == ("a",)
    assert machine.next_command(0.0) is None
    assert machine.confirmed == {"a"}
    assert machine.carried == frozenset()


def test_a_missing_answer_is_overdue() -> None:
    """The oldest command decides."""
    machine = connected("a", "b", max_batch=1)
    assert machine.next_deadline() is None
    assert not machine.overdue(99.0)
    first = sent(machine, 1.0)
    second = sent(machine, 4.0)
    assert machine.next_deadline() == 11.0
    assert not machine.overdue(10.9)
    assert machine.overdue(11.0)
    machine.answered(first.id, None, 11.0)
    assert machine.next_deadline() == 14.0
    machine.answered(second.id, None, 11.0)
    assert not machine.overdue(99.0)


def test_a_renewal_ends_and_begins_a_stream_at_once() -> None:
    """Both halves leave one after the other; meanwhile nobody loses it, and it is carried after."""
    machine = connected("a", "b")
    commands(machine)
    machine.renew("a")
    ending, beginning = sent(machine), sent(machine)
    assert (ending.subscribe, ending.names) == (False, ("a",))
    assert (beginning.subscribe, beginning.names) == (True, ("a",))
    assert machine.next_command(0.0) is None
    assert machine.confirmed == {"a", "b"}
    assert machine.carried == {"b"}
    assert machine.answered(ending.id, None, 0.0) == Outcome()
    assert machine.answered(beginning.id, None, 0.0) == Outcome()
    assert machine.carried == {"a", "b"}
    assert machine.is_settled


def test_a_renewal_that_is_refused_is_tried_again_for_a_while() -> None:
    """Events were missed until then; and if it is refused again and again, that is told."""
    machine = connected("a", "b")
    commands(machine)
    machine.renew("a")
    ending, beginning = sent(machine), sent(machine)
    machine.answered(ending.id, None, 0.0)
    assert machine.answered(beginning.id, "busy", 0.0) == Outcome(removed=("a",))
    now, waits = 0.0, list[float]()
    for _ in range(5):
        again = sent(machine, now)
        assert (again.subscribe, again.names) == (True, ("a",))
        assert machine.answered(again.id, "busy", now) == Outcome()
        began = now
        while machine.next_command(now) is None:
            assert now - began < 20
            now += 0.5
            if machine._lost["a"].at <= now:
                break
        waits.append(now - began)
    assert waits == [1, 2, 4, 8, 16]
    last = sent(machine, now)
    assert machine.answered(last.id, "gone", now) == Outcome(refused=(("a", "gone"),))
    assert machine.carried == {"b"}


def test_only_what_is_carried_is_renewed() -> None:
    """Once at a time; and a stream that was left meanwhile is left then."""
    machine = connected("a")
    machine.renew("a")
    machine.renew("z")
    assert commands(machine) == [(True, ("a",))]
    machine.renew("a")
    machine.renew("a")
    machine.want(())
    assert commands(machine) == [(False, ("a",)), (True, ("a",)), (False, ("a",))]
    assert machine.confirmed == frozenset()


def test_several_renewals_are_one_pair_of_commands() -> None:
    """Nothing comes between the two; how many commands belong together is said before."""
    machine = connected("a", "b", "c")
    commands(machine)
    for name in "abc":
        machine.renew(name)
    assert machine.next_commands == 2
    ending = sent(machine)
    assert machine.next_commands == 1
    machine.want(("a", "b", "c", "d"))
    beginning, other = sent(machine), sent(machine)
    assert (ending.subscribe, ending.names) == (False, ("a", "b", "c"))
    assert (beginning.subscribe, beginning.names) == (True, ("a", "b", "c"))
    assert (other.subscribe, other.names) == (True, ("d",))
    assert machine.next_commands == 1


def test_more_renewals_than_a_command_has_room_for() -> None:
    """Each pair is over before the next begins."""
    machine = Convergence(max_batch=2)
    machine.want("abc")
    machine.connected(0.0)
    while (command := machine.next_command(0.0)) is not None:
        machine.answered(command.id, None, 0.0)
    for name in "abc":
        machine.renew(name)
    pairs = [(each.subscribe, each.names) for each in (sent(machine) for _ in range(4))]
    assert pairs == [(False, ("a", "b")), (True, ("a", "b")), (False, ("c",)), (True, ("c",))]


def test_a_lost_connection_forgets_renewals() -> None:
    """The next one begins with everything anyway."""
    machine = connected("a")
    commands(machine)
    machine.renew("a")
    machine.disconnected()
    machine.connected(1.0)
    assert commands(machine) == [(True, ("a",))]


NAMES = ("a", "b", "cc", "dd", "eee", "ffff", "g", "hhh")
BAD = frozenset(("g", "hhh"))
LIMIT = 5
CHARACTERS = 9


def length(names: Iterable[str]) -> int:
    return sum(map(len, names))


WISHES = st.sets(st.sampled_from(NAMES), max_size=LIMIT).filter(lambda n: length(n) <= CHARACTERS)


class ConvergenceMachine(RuleBasedStateMachine):
    """Any order of wishes, commands, answers and reconnections, against an exchange."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = Convergence(max_batch=3, limit=LIMIT, characters=CHARACTERS)
        self.is_connected = False
        self.carried: set[str] = set()
        self.unanswered: list[tuple[Command, object | None]] = []
        self.told: set[str] = set()
        self.last_id = 0
        self.under_way: dict[int, tuple[str, ...]] = {}

    @rule(names=WISHES)
    def want(self, names: set[str]) -> None:
        self.machine.want(names)
        assert self.machine.wanted == names

    @precondition(lambda self: not self.is_connected)
    @rule()
    def connect(self) -> None:
        self.machine.connected(0.0)
        self.is_connected = True

    @precondition(lambda self: self.is_connected)
    @rule()
    def disconnect(self) -> None:
        assert self.machine.disconnected() == self.told
        self.is_connected = False
        self.carried.clear()
        self.told.clear()
        self.under_way.clear()

    @rule()
    def send(self) -> None:
        command = self.machine.next_command(0.0)
        if command is None:
            return
        assert self.is_connected
        assert command.id > self.last_id
        self.last_id = command.id
        names = set(command.names)
        assert 1 <= len(names) == len(command.names) <= 3
        assert names.isdisjoint(chain(*self.under_way.values()))
        self.under_way[command.id] = command.names
        error: object | None = None
        if not command.subscribe:
            self.carried -= names
        elif names & BAD:
            error = "refused"
        else:
            assert not names & self.carried
            self.carried |= names
        assert len(self.carried) <= LIMIT
        assert length(self.carried) <= CHARACTERS
        self.unanswered.append((command, error))

    @precondition(lambda self: bool(self.unanswered))
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(0, len(self.unanswered) - 1))
        self.answer_to(*self.unanswered.pop(index))

    def answer_to(self, command: Command, error: object | None) -> None:
        outcome = self.machine.answered(command.id, error, 0.0)
        self.under_way.pop(command.id, None)
        assert {name for name, _ in outcome.refused} <= BAD
        assert not self.told & set(outcome.confirmed)
        self.told |= set(outcome.confirmed)
        assert set(outcome.removed) <= self.told
        self.told -= set(outcome.removed)

    @invariant()
    def told_is_confirmed(self) -> None:
        assert self.machine.confirmed == self.told

    def teardown(self) -> None:
        """Left alone it converges: everything wanted that exists, and nothing else."""
        if not self.is_connected:
            self.connect()
        for _ in range(100):
            while self.unanswered:
                self.answer_to(*self.unanswered.pop(0))
            self.send()
            if not self.unanswered:
                break
        assert self.carried == self.machine.confirmed == self.machine.wanted - BAD
        assert self.machine.pending == frozenset()


TestConvergenceMachine = ConvergenceMachine.TestCase
TestConvergenceMachine.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
