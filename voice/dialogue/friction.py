"""How hard a call is going for its caller: a running score, what it is made of, and what to do about it.

Pure. Signs come in two kinds. *Strong* ones are what went wrong or what the caller said about it; *weak*
ones (silence, interruptions, a louder voice, a long call, a VIP) happen in contented calls too, so they never
count for more than the strong ones do: alone they are nothing. Progress halves what has been added up. The
marks at which something is done, and what each sign weighs, are the flow's own (:class:`FrictionRules`,
``friction:`` at its head); ``docs/friction.md`` has the measurements behind the defaults.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from voice.dialogue.annoyance import annoyance
from voice.dialogue.conditions import parse_condition
from voice.model import MoodSign

DECAY: Final = 0.5  # what is left of the score when the caller gets somewhere
MOST_OFFERS: Final = 2  # of a person, in one call; the way to one is open all along
MOST_APOLOGIES: Final = 2
LOUD_DB: Final = 6.0  # above the caller's own first turns; of 916 turns of 75 content voices 14 reached it
FAST: Final = 1.5  # times the caller's own first speech rate; of 117 turns of one content voice 1 reached it


class Sign(StrEnum):
    """What raises the score. The weak ones are in :data:`WEAK`."""

    NOT_UNDERSTOOD = "not_understood"
    REPEATED = "repeated"  # the caller asked to hear it again, or for help
    CORRECTED = "corrected"  # a value that the caller said is wrong
    ACTION_FAILED = "action_failed"
    ALREADY_TOLD = "already_told"
    COMPLAINED = "complained"
    SWORE = "swore"
    INSULTED = "insulted"
    SILENT = "silent"
    INTERRUPTED = "interrupted"
    LOUD = "loud"
    FAST = "fast"
    LONG_CALL = "long_call"
    URGENT = "urgent"
    VIP = "vip"
    CLOSING = "closing"


WEAK: Final = frozenset(
    {
        Sign.SILENT,
        Sign.INTERRUPTED,
        Sign.LOUD,
        Sign.FAST,
        Sign.LONG_CALL,
        Sign.URGENT,
        Sign.VIP,
        Sign.CLOSING,
    }
)
LASTING: Final = frozenset({Sign.LONG_CALL, Sign.URGENT, Sign.VIP, Sign.CLOSING})  # true or not; no decay
SAID: Final = frozenset({Sign.ALREADY_TOLD, Sign.COMPLAINED, Sign.SWORE, Sign.INSULTED})
WEIGHTS: Final[Mapping[Sign, float]] = {
    Sign.NOT_UNDERSTOOD: 1.0,
    Sign.REPEATED: 0.75,
    Sign.CORRECTED: 1.0,
    Sign.ACTION_FAILED: 2.0,
    Sign.ALREADY_TOLD: 2.5,
    Sign.COMPLAINED: 2.5,
    Sign.SWORE: 1.5,
    Sign.INSULTED: 3.0,
    Sign.SILENT: 0.5,
    Sign.INTERRUPTED: 0.25,
    Sign.LOUD: 0.75,
    Sign.FAST: 0.5,
    Sign.LONG_CALL: 0.75,
    Sign.URGENT: 1.0,
    Sign.VIP: 1.0,
    Sign.CLOSING: 0.5,
}


class Response(StrEnum):
    """What is done about it, least first."""

    SIMPLIFY = "simplify"  # shorter questions, the keypad offered
    APOLOGISE = "apologise"
    OFFER = "offer"  # a person, by a word or a key
    HAND_OVER = "hand_over"


def _never(value: Any) -> Any:
    # YAML reads off and no as false; "never" is what the guide says
    return "never" if value is False else value


Mark = Annotated[Annotated[float, Field(gt=0, le=100)] | Literal["never"], BeforeValidator(_never)]


class FrictionRules(BaseModel):
    """``friction:`` at the head of a flow: from which score on what is done, and what each sign weighs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    simplify: Mark = Field(
        2.5, description="Score from which questions get shorter and the keypad is offered"
    )
    apologise: Mark = Field(2.5, description="Score from which the line says that it is sorry")
    offer: Mark = Field(4.0, description="Score from which a person is offered")
    hand_over: Mark = Field(6.0, description="Score from which the caller goes to a person, ahead of others")
    priority: int = Field(3, ge=0, le=9, description="Priority of a caller handed over so; 0 is most urgent")
    failed_actions: int = Field(
        2, ge=1, le=9, description="Failures in a row after which a person takes over"
    )
    long_call_s: int = Field(300, ge=30, le=7200, description="A call that lasts longer weighs in")
    vip: str | None = Field(None, description="Condition that makes a caller a VIP: 'tier is gold'")
    hours: str | None = Field(None, description="Opening hours of the people who take calls")
    closing_min: int = Field(
        10, ge=1, le=120, description="Minutes before closing in which a person is offered early"
    )
    weigh: dict[Sign, Annotated[float, Field(ge=0, le=10)]] = Field(
        default_factory=dict, description="Weights of signs that differ from the usual"
    )

    @field_validator("vip")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        if value is not None:
            parse_condition(value)
        return value

    @model_validator(mode="after")
    def _rising(self) -> Self:
        marks = [m for m in (self.apologise, self.offer, self.hand_over) if not isinstance(m, str)]
        if marks != sorted(marks):
            raise ValueError(
                "apologise, offer and hand_over must rise: a person is offered before being insisted on"
            )
        return self

    def mark(self, response: Response) -> float:
        """The score from which ``response`` is due; infinity where the flow says never."""
        mark = getattr(self, response.value)
        return float("inf") if mark == "never" else float(mark)

    def weight(self, sign: Sign) -> float:
        return self.weigh.get(sign, WEIGHTS[sign])


@dataclass(frozen=True, slots=True)
class Decision:
    """Something to be done now. ``why``: what the score is made of, heaviest first. ``reason`` is the
    handoff's machine-readable reason where ``response`` is to hand over."""

    response: Response
    score: float
    why: tuple[MoodSign, ...]
    reason: str = "friction"


class Friction:
    """One call's score. Methods say what happened; :meth:`decide` says what to do about it."""

    __slots__ = (
        "_apologies", "_counts", "_failures", "_fresh", "_lasting", "_offers", "_progressed", "_ready",
        "_rules", "_strong", "_weak", "simple",
    )  # fmt: skip

    def __init__(self, rules: FrictionRules) -> None:
        self._rules = rules
        self._strong = self._weak = 0.0
        self._lasting: set[Sign] = set()
        self._counts: dict[Sign, int] = {}  # since the call began: for the reasons
        self._fresh: set[Sign] = set()  # since the last decision
        self._progressed = False  # since the last decision
        self._failures = 0
        self._offers = self._apologies = 0
        self._ready = {Response.APOLOGISE, Response.OFFER}  # not answered yet at this height
        self.simple = False  # questions are to be short

    @property
    def score(self) -> float:
        """0 for a call that goes well. Weak signs at most double it."""
        weak = self._weak + sum(self._rules.weight(sign) for sign in self._lasting)
        return round(self._strong + min(self._strong, weak), 2)

    @property
    def frustrated(self) -> bool:
        """The caller said so, or much went wrong lately."""
        return self.score >= min(self._rules.mark(Response.APOLOGISE), 2.5)

    def add(self, sign: Sign) -> None:
        """``sign`` was seen once more."""
        self._counts[sign] = self._counts.get(sign, 0) + 1
        self._fresh.add(sign)
        if sign in LASTING:
            self._lasting.add(sign)
        elif sign in WEAK:
            self._weak += self._rules.weight(sign)
        else:
            self._strong += self._rules.weight(sign)
        if sign is Sign.ACTION_FAILED:
            self._failures += 1

    def heard(self, text: str, lang: str) -> None:
        """The caller said ``text``: the words of annoyance in it count, each kind once."""
        for kind in sorted(annoyance(text, lang)):
            sign = Sign(kind.value)
            if sign not in LASTING or sign not in self._lasting:
                self.add(sign)

    def sounded(self, louder_db: float, faster: float) -> None:
        """How the caller's last turn sounded against their first ones (0 dB and 1.0: the same)."""
        if louder_db >= LOUD_DB:
            self.add(Sign.LOUD)
        if faster >= FAST:
            self.add(Sign.FAST)

    def circumstance(self, sign: Sign, holds: bool) -> None:
        """A lasting sign holds or not: a long call, a VIP, urgency, closing time."""
        if holds and sign not in self._lasting:
            self._lasting.add(sign)
            self._counts[sign] = 1
        elif not holds and sign in self._lasting:
            self._lasting.discard(sign)
            self._counts.pop(sign, None)

    def progress(self) -> None:
        """The caller got somewhere: a wish understood, a value confirmed, an answer given."""
        self._strong *= DECAY
        self._weak *= DECAY
        self._progressed = True
        for response in (Response.APOLOGISE, Response.OFFER):
            if self.score < self._rules.mark(response) / 2:
                self._ready.add(response)
        if self.score < self._rules.mark(Response.SIMPLIFY) / 2:
            self.simple = False

    def action_done(self) -> None:
        self._failures = 0

    def decide(self) -> tuple[Decision, ...]:
        """What the last turn calls for, in the order in which it is said; empty when nothing does. To be
        asked once a turn, when the turn has been understood or not."""
        fresh, self._fresh = self._fresh, set()
        progressed, self._progressed = self._progressed, False
        if self._failures >= self._rules.failed_actions and Sign.ACTION_FAILED in fresh:
            return (self._decision(Response.HAND_OVER, "action_failed"),)
        if not fresh - LASTING:
            return ()  # nothing new went wrong
        score = self.score
        # only who said that they have had enough, or was offered a person before, is not asked any more
        insists = bool(fresh & SAID) or self._offers > 0
        if insists and score >= self._rules.mark(Response.HAND_OVER) and not progressed:
            return (self._decision(Response.HAND_OVER),)
        found = []
        if score >= self._rules.mark(Response.SIMPLIFY) and not self.simple:
            self.simple = True
            found.append(self._decision(Response.SIMPLIFY))
        if self._due(Response.APOLOGISE) and self._apologies < MOST_APOLOGIES:
            self._apologies += 1
            found.append(self._decision(Response.APOLOGISE))
        offers = self._offers < MOST_OFFERS and not progressed
        if offers and (self._due(Response.OFFER) or self._early_offer()):
            self._offers += 1
            self._ready.discard(Response.OFFER)
            found.append(self._decision(Response.OFFER))
        return tuple(found)

    def at_handoff(self, reason: str, *, progressed: bool) -> Decision | None:
        """What the rules say of a caller who goes to a person for ``reason``, whichever way led there: that
        they go ahead of others, or that the systems' failures sent them; None when neither. ``progressed``:
        this turn got somewhere."""
        if not progressed and self.score >= self._rules.mark(Response.HAND_OVER):
            return self._decision(Response.HAND_OVER)
        if reason == "action_failed" and self._failures >= self._rules.failed_actions:
            return self._decision(Response.HAND_OVER, reason)
        return None

    def _due(self, response: Response) -> bool:
        """Reached for the first time, or again after it went better."""
        if response not in self._ready or self.score < self._rules.mark(response):
            return False
        self._ready.discard(response)
        return True

    def _early_offer(self) -> bool:
        """Little time is left with people at work: a call that already needs an apology had better know."""
        if Sign.CLOSING not in self._lasting or Response.OFFER not in self._ready:
            return False
        return self._rules.offer != "never" and self.score >= self._rules.mark(Response.APOLOGISE)

    def _decision(self, response: Response, reason: str = "friction") -> Decision:
        return Decision(response, self.score, self.why(), reason)

    def why(self) -> tuple[MoodSign, ...]:
        """What was seen in this call, heaviest first."""

        def weight(sign: Sign) -> float:
            return self._rules.weight(sign) * self._counts[sign]

        ordered = sorted(self._counts, key=lambda sign: (sign in WEAK, -weight(sign), sign.value))
        return tuple(MoodSign(sign.value, self._counts[sign]) for sign in ordered if weight(sign) > 0)


_TIMES: Final = {
    "es": ("", "", " dos veces", " tres veces", " cuatro veces", " cinco veces"),
    "en": ("", "", " twice", " three times", " four times", " five times"),
}
_MANY: Final = {"es": " muchas veces", "en": " many times"}
_WHY: Final[Mapping[str, Mapping[str, str]]] = {
    "es": {
        "not_understood": "no se le entendió{times}",
        "repeated": "pidió{times} que se le repitiera o explicara algo",
        "corrected": "dijo{times} que lo entendido no era correcto",
        "action_failed": "falló{times} una consulta a nuestros sistemas",
        "already_told": "se quejó{times} de tener que repetir lo ya dicho",
        "complained": "se quejó{times} del trato o del asistente",
        "swore": "soltó{times} una palabrota",
        "insulted": "insultó{times}",
        "silent": "se quedó sin contestar{times}",
        "interrupted": "interrumpió{times} al asistente",
        "loud": "levantó la voz{times}",
        "fast": "habló{times} más deprisa que al principio",
        "long_call": "la llamada es larga",
        "urgent": "dijo que es urgente",
        "vip": "es un cliente preferente",
        "closing": "queda poco para el cierre",
    },
    "en": {
        "not_understood": "was not understood{times}",
        "repeated": "asked{times} for something to be said again or explained",
        "corrected": "said{times} that what was understood was wrong",
        "action_failed": "one of our systems failed{times}",
        "already_told": "complained{times} about having to repeat things",
        "complained": "complained{times} about the service or the assistant",
        "swore": "swore{times}",
        "insulted": "was insulting{times}",
        "silent": "did not answer{times}",
        "interrupted": "interrupted the assistant{times}",
        "loud": "raised their voice{times}",
        "fast": "spoke faster than at first{times}",
        "long_call": "the call has been long",
        "urgent": "said it is urgent",
        "vip": "is a priority customer",
        "closing": "it is close to closing time",
    },
}


def reason_words(sign: MoodSign, lang: str) -> str:
    """One reason as a clause about the caller: ``no se le entendió dos veces``. A sign of a newer version
    is given by its name."""
    lang = lang if lang in _WHY else "es"
    clause = _WHY[lang].get(sign.sign)
    if clause is None:
        return sign.sign.replace("_", " ")
    times = _TIMES[lang][max(0, sign.count)] if sign.count < len(_TIMES[lang]) else _MANY[lang]
    return clause.format(times=times)


def in_words(why: tuple[MoodSign, ...], lang: str) -> list[str]:
    return [reason_words(sign, lang) for sign in why]
