from __future__ import annotations

from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from voice.queue.machine import (
    Agent,
    Claim,
    Entry,
    Finish,
    Gone,
    Join,
    Leave,
    Moved,
    Output,
    Place,
    QueueMachine,
    Refused,
    SignIn,
    Taken,
    Unclaim,
)


def _line(*names: str) -> QueueMachine:
    machine = QueueMachine()
    for since, name in enumerate(names):
        machine.step(Join(Entry(name, "q", 5, since)))
    machine.step(SignIn(Agent("ana")))
    machine.step(SignIn(Agent("luis")))
    return machine


def test_positions_are_told_when_they_change() -> None:
    machine = _line("a", "b")
    assert machine.step(Join(Entry("c", "q", 5, 2))) == [Moved("c", 3)]
    assert machine.step(Join(Entry("urgent", "q", 0, 3))) == [
        Moved("urgent", 1),
        Moved("a", 2),
        Moved("b", 3),
        Moved("c", 4),
    ]
    assert machine.step(Join(Entry("elsewhere", "other", 5, 4))) == [Moved("elsewhere", 1)]
    assert machine.step(Claim("c", "ana")) == [Taken("c", "ana")]
    assert machine.step(Leave("a")) == [Gone("a"), Moved("b", 2)]


def test_one_agent_gets_a_ticket_and_the_other_hears_who() -> None:
    machine = _line("a")
    assert machine.step(Claim("a", "ana")) == [Taken("a", "ana")]
    assert machine.step(Claim("a", "luis")) == [Refused("a", "luis", "taken", by="ana")]
    assert machine.step(Finish("a", "luis")) == [Refused("a", "luis", "not_yours", by="ana")]
    assert machine.step(Leave("a")) == []
    assert machine.step(Finish("a", "ana")) == [Gone("a")]
    assert machine.step(Claim("a", "ana")) == [Refused("a", "ana", "unknown")]


def test_a_claim_that_could_not_be_kept_gives_the_place_back() -> None:
    machine = _line("a", "b")
    assert machine.step(Claim("a", "ana")) == [Taken("a", "ana"), Moved("b", 1)]
    assert machine.step(Unclaim("a", "luis")) == []
    assert machine.step(Unclaim("a", "ana")) == [Moved("a", 1), Moved("b", 2)]


def test_nothing_is_kept_of_a_ticket_that_is_gone() -> None:
    machine = _line("a", "b")
    machine.step(Claim("a", "ana"))
    machine.step(Finish("a", "ana"))
    machine.step(Leave("b"))
    assert machine.position("b") == 0
    assert [machine.entries, machine.told, machine.before] == [{}, {}, {}]


def test_callbacks_have_no_position_and_can_be_claimed() -> None:
    machine = _line("a", "b")
    assert machine.step(Leave("a", callback=True)) == [Moved("b", 1)]
    assert machine.step(Leave("a")) == []
    assert machine.position("a") == 0
    assert machine.step(Claim("a", "luis")) == [Taken("a", "luis")]


def test_agents_get_what_they_can_serve() -> None:
    machine = QueueMachine()
    machine.step(Join(Entry("a", "sales", 5, 0, "en", frozenset({"fibre"}))))
    assert machine.step(Claim("a", "x")) == [Refused("a", "x", "signed_out")]
    for agent, lacks in [
        (Agent("x", languages=frozenset({"es"})), "language en"),
        (Agent("x", queues=frozenset({"general"})), "queue sales"),
        (Agent("x", skills=frozenset({"mobile"})), "skill fibre"),
    ]:
        machine.step(SignIn(agent))
        assert machine.step(Claim("a", "x")) == [Refused("a", "x", "lacks", lacks=lacks)]
    fits = Agent("x", "X", frozenset({"en"}), frozenset({"sales"}), frozenset({"fibre", "mobile"}))
    machine.step(SignIn(fits))
    assert machine.step(Claim("a", "x")) == [Taken("a", "x")]


AGENTS = ["ana", "luis", "kim"]
QUEUES = ["general", "sales"]


class AnyOrder(RuleBasedStateMachine):
    """Whatever happens in whatever order, against the simplest possible account of it."""

    def __init__(self) -> None:
        super().__init__()
        self.machine = QueueMachine()
        self.now = 0
        self.names = 0
        self.owner: dict[str, str] = {}  # who was told Taken, minus what was given back
        self.told: dict[str, int] = {}
        self.open: set[str] = set()
        for agent in AGENTS:
            self.machine.step(SignIn(Agent(agent)))

    tickets = Bundle("tickets")

    def _step(self, event: Join | Claim | Unclaim | Finish | Leave) -> list[Output]:
        self.now += 10
        out = self.machine.step(event)
        for output in out:
            match output:
                case Moved(ticket, position):
                    assert self.told.get(ticket) != position
                    self.told[ticket] = position
                case Taken(ticket, agent):
                    assert ticket not in self.owner
                    self.owner[ticket] = agent
                    self.told.pop(ticket, None)
                case Gone(ticket):
                    self.open.discard(ticket)
                    self.owner.pop(ticket, None)
                    self.told.pop(ticket, None)
                case Refused():
                    assert len(out) == 1
        return out

    @rule(target=tickets, queue=st.sampled_from(QUEUES), priority=st.integers(0, 5), age=st.integers(0, 100))
    def join(self, queue: str, priority: int, age: int) -> str:
        self.names += 1
        name = f"t{self.names}"
        self.open.add(name)
        entry = Entry(name, queue, priority, self.now - age)
        self._step(Join(entry))
        assert self._step(Join(replace(entry, priority=0))) == []
        return name

    @rule(ticket=tickets, agent=st.sampled_from(AGENTS))
    def claim(self, ticket: str, agent: str) -> None:
        had = self.owner.get(ticket)
        (first, *_) = self._step(Claim(ticket, agent))
        if ticket not in self.open:
            assert first == Refused(ticket, agent, "unknown")
        elif had:
            assert first == Refused(ticket, agent, "taken", by=had)
        else:
            assert isinstance(first, Taken)

    @rule(ticket=tickets, agent=st.sampled_from(AGENTS))
    def unclaim(self, ticket: str, agent: str) -> None:
        if self.owner.get(ticket) == agent:
            del self.owner[ticket]
        self._step(Unclaim(ticket, agent))

    @rule(ticket=tickets, agent=st.sampled_from(AGENTS))
    def finish(self, ticket: str, agent: str) -> None:
        mine = self.owner.get(ticket) == agent
        out = self._step(Finish(ticket, agent))
        assert (out[0] == Gone(ticket)) is mine

    @rule(ticket=tickets, callback=st.booleans())
    def leave(self, ticket: str, callback: bool) -> None:
        taken = ticket in self.owner
        if callback and not taken:
            self.told.pop(ticket, None)
        out = self._step(Leave(ticket, callback))
        if taken:
            assert out == []

    @invariant()
    def callers_know_their_places(self) -> None:
        for queue in QUEUES:
            line = self.machine.line(queue)
            assert [e.ticket for e in line] == [
                e.ticket for e in sorted(line, key=lambda e: (e.priority, e.since, e.ticket))
            ]
            assert [self.told[e.ticket] for e in line] == list(range(1, len(line) + 1))

    @invariant()
    def nothing_is_lost_and_nobody_shares(self) -> None:
        assert set(self.machine.entries) == self.open
        taken = {t: e.agent for t, e in self.machine.entries.items() if e.place is Place.TAKEN}
        assert taken == self.owner


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyOrder = AnyOrder.TestCase
