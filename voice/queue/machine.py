"""The queue's decisions: who stands where, and who gets whom. No I/O, no clock.

:class:`QueueMachine` takes an :data:`Input` and returns :data:`Output` values. Its promises:

* a ticket is claimed by exactly one agent; every other claim is :class:`Refused` with the reason,
* callers of one queue stand by priority, then age, then id: 1 is next, without holes,
* a caller is told a position exactly when it differs from the last one told,
* callbacks are nobody's line: they have no position, and wait behind the callers for an agent's choice.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

# --- inputs -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Agent:
    """A person who takes calls. Empty ``languages`` and ``queues``: all of them. ``skills`` are what the
    agent has: a ticket's skills must all be among them, unless the agent lists none (no routing)."""

    id: str
    name: str = ""
    languages: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()

    def lacks(self, entry: Entry) -> str:
        """What stands between this agent and a ticket; empty when nothing does."""
        if self.queues and entry.queue not in self.queues:
            return f"queue {entry.queue}"
        if self.languages and entry.lang not in self.languages:
            return f"language {entry.lang}"
        missing = entry.skills - self.skills
        if self.skills and missing:
            return f"skill {', '.join(sorted(missing))}"
        return ""


class Place(StrEnum):
    LINE = "line"  # on the line, waiting
    CALLBACK = "callback"  # to be rung back
    TAKEN = "taken"  # with an agent


@dataclass(frozen=True, slots=True)
class Entry:
    """A ticket as the machine sees it; ``since`` is UTC epoch milliseconds."""

    ticket: str
    queue: str
    priority: int
    since: int
    lang: str = "es"
    skills: frozenset[str] = frozenset()
    place: Place = Place.LINE
    agent: str = ""

    @property
    def order(self) -> tuple[int, int, str]:
        return (self.priority, self.since, self.ticket)


@dataclass(frozen=True, slots=True)
class SignIn:
    agent: Agent


@dataclass(frozen=True, slots=True)
class Join:
    """A ticket comes in (or back, after a restart). A known ticket is left as it is."""

    entry: Entry


@dataclass(frozen=True, slots=True)
class Claim:
    ticket: str
    agent: str


@dataclass(frozen=True, slots=True)
class Unclaim:
    """The claim could not be kept (the store refused): the ticket is where it was, with its old age."""

    ticket: str
    agent: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The agent completed the ticket."""

    ticket: str
    agent: str


@dataclass(frozen=True, slots=True)
class Leave:
    """The caller left the line. With ``callback`` the ticket stays, to be rung back."""

    ticket: str
    callback: bool = False


Input = SignIn | Join | Claim | Unclaim | Finish | Leave

# --- outputs ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """Tell the caller: ``position`` 1 is next."""

    ticket: str
    position: int


@dataclass(frozen=True, slots=True)
class Taken:
    ticket: str
    agent: str


@dataclass(frozen=True, slots=True)
class Refused:
    """``by`` is the agent who has the ticket, where that is the reason."""

    ticket: str
    agent: str
    why: str  # unknown, taken, lacks, signed_out, not_yours
    by: str = ""
    lacks: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """The ticket is out of the machine."""

    ticket: str


Output = Moved | Taken | Refused | Gone


@dataclass(slots=True)
class QueueMachine:
    entries: dict[str, Entry] = field(default_factory=dict)
    agents: dict[str, Agent] = field(default_factory=dict)
    told: dict[str, int] = field(default_factory=dict)  # the position each caller on the line last got
    # where a taken ticket stood before, for a claim that could not be kept
    before: dict[str, Place] = field(default_factory=dict)

    def step(self, event: Input) -> list[Output]:
        match event:
            case SignIn(agent):
                self.agents[agent.id] = agent
                return []
            case Join(entry):
                return self._join(entry)
            case Claim(ticket, agent_id):
                return self._claim(ticket, agent_id)
            case Unclaim(ticket, agent_id):
                return self._unclaim(ticket, agent_id)
            case Finish(ticket, agent_id):
                return self._finish(ticket, agent_id)
            case Leave(ticket, callback):
                return self._leave(ticket, callback)

    def line(self, queue: str) -> list[Entry]:
        """The callers of a queue, next one first."""
        found = [e for e in self.entries.values() if e.place is Place.LINE and e.queue == queue]
        return sorted(found, key=lambda e: e.order)

    def position(self, ticket: str) -> int:
        """1 is next; 0 for a ticket that is not on the line."""
        return self.told.get(ticket, 0)

    def _join(self, entry: Entry) -> list[Output]:
        if entry.ticket in self.entries:
            return []
        self.entries[entry.ticket] = entry
        return self._tell(entry.queue) if entry.place is Place.LINE else []

    def _claim(self, ticket: str, agent_id: str) -> list[Output]:
        entry = self.entries.get(ticket)
        agent = self.agents.get(agent_id)
        if entry is None:
            return [Refused(ticket, agent_id, "unknown")]
        if entry.place is Place.TAKEN:
            return [Refused(ticket, agent_id, "taken", by=entry.agent)]
        if agent is None:
            return [Refused(ticket, agent_id, "signed_out")]
        if lacks := agent.lacks(entry):
            return [Refused(ticket, agent_id, "lacks", lacks=lacks)]
        self.before[ticket] = entry.place
        self.entries[ticket] = replace(entry, place=Place.TAKEN, agent=agent_id)
        self.told.pop(ticket, None)
        out: list[Output] = [Taken(ticket, agent_id)]
        return out + self._tell(entry.queue)

    def _unclaim(self, ticket: str, agent_id: str) -> list[Output]:
        entry = self.entries.get(ticket)
        if entry is None or entry.place is not Place.TAKEN or entry.agent != agent_id:
            return []
        place = self.before.pop(ticket, Place.CALLBACK)
        self.entries[ticket] = replace(entry, place=place, agent="")
        return self._tell(entry.queue)

    def _finish(self, ticket: str, agent_id: str) -> list[Output]:
        entry = self.entries.get(ticket)
        if entry is None:
            return [Refused(ticket, agent_id, "unknown")]
        if entry.place is not Place.TAKEN or entry.agent != agent_id:
            return [Refused(ticket, agent_id, "not_yours", by=entry.agent)]
        return self._drop(entry)

    def _leave(self, ticket: str, callback: bool) -> list[Output]:
        """Only from the line: a taken ticket is the agent's to finish, a callback is nobody's to leave."""
        entry = self.entries.get(ticket)
        if entry is None or entry.place is not Place.LINE:
            return []
        if not callback:
            return self._drop(entry)
        self.entries[ticket] = replace(entry, place=Place.CALLBACK)
        self.told.pop(ticket, None)
        return self._tell(entry.queue)

    def _drop(self, entry: Entry) -> list[Output]:
        del self.entries[entry.ticket]
        self.told.pop(entry.ticket, None)
        self.before.pop(entry.ticket, None)
        return [Gone(entry.ticket), *self._tell(entry.queue)]

    def _tell(self, queue: str) -> list[Output]:
        out: list[Output] = []
        for position, entry in enumerate(self.line(queue), start=1):
            if self.told.get(entry.ticket) != position:
                self.told[entry.ticket] = position
                out.append(Moved(entry.ticket, position))
        return out
