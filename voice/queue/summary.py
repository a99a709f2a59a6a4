"""The handoff in words, as a colleague would write it, in the reader's language and without any model.

Only facts of the packet are used, so the same packet always gives the same words. A richer wording may come
from elsewhere (:class:`Summariser`); it is taken only where it keeps to the same facts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

from voice.dialogue.asides import lacks_it
from voice.dialogue.friction import WEAK, in_words
from voice.dialogue.listening import plain_yes_no
from voice.dialogue.spoken_keys import spoken_key
from voice.dialogue.wishes import asks_ability, declines, does_not_know, greets, wants_person
from voice.insight.transcript import CALLER, MASK, Line
from voice.languages import fold, language
from voice.model import ExpectKind, Handoff, Source, Tried
from voice.queue.grammar import capital, contracted, is_plural, listed, lower
from voice.queue.known import ISO_DATE, SURE, is_yes_no, known, label_of, percent_of, value_of, value_text
from voice.queue.labels import intent_label, is_verb, named, quoted, theirs, topic
from voice.queue.wording import OWN_DOING, REASONS, SENTENCES
from voice.slots.reader import parse

TALK: Final = "talk"  # with a language model: what was tried
_TALKED: Final = ("answered", "unanswered")
QUOTE_CHARS: Final = 90
NUMBER_DIGITS: Final = 4  # so many dictated digits are a number, not an account
QUOTE_WORDS: Final = 3  # shorter accounts add nothing to a known intent
NEWS: Final = (
    0.5  # share of an account's long words that the intent's name must not have, to be worth quoting
)
ONE_LINE_SLOTS: Final = 2
MOST_REASONS: Final = 3

POSSIBLE: Final = 0.1  # below it, and below this share of the likeliest, another intent is not worth naming
LIKELY_SHARE: Final = 0.25

_DONE: Final = (
    *("ok", "late", "changed", "handed", "answered", "not_found", "verify_failed", "verify_locked"),
    *("running", "failed", "timeout", "unchecked", "unchanged", "uncertain", "uncertain_change"),
)
_FAILED: Final = ("failed", "timeout", "running")
_UNCERTAIN: Final = ("uncertain", "uncertain_change")
_PASSING: Final = ("failed", "timeout", "unchecked", "verify_failed", "uncertain")
_ENDED: Final = ("ok", "late", "changed", "handed", "verify_locked")
_UNPROVED: Final = ("verify_failed", "verify_locked", "unchecked")
_FAILURES: Final[Mapping[str, str]] = {  # sentences that give the reason of a handoff themselves
    "failed": "action_failed",
    "timeout": "action_failed",
    "unchecked": "action_failed",
    "uncertain": "action_failed",
    "verify_locked": "not_verified",
    "unchanged": "correction",
    "uncertain_change": "correction",
    "ask.no_match": "no_match",
    "question.no_match": "no_match",
    "menu.no_match": "no_match",
    "ask.no_input": "no_input",
    "question.no_input": "no_input",
    "menu.no_input": "no_input",
}
_CLAUSES: Final = frozenset(
    {"action_failed", "long_call", "closing"}
)  # English reasons with their own subject


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a summary may say: what the dialogue knew, sensitive values masked, and the conversation."""

    handoff: Handoff
    lines: tuple[Line, ...]


class Summariser(Protocol):
    """Words a packet for the person who takes the call. An implementation that asks a language model must do
    so beforehand: this is called while the caller waits for the packet, and may not block."""

    def summarise(self, facts: Facts, lang: str) -> str:
        """The summary in ``lang``; empty to leave it to :func:`full`."""


class ByRules:
    """The project's own :class:`Summariser`."""

    def summarise(self, facts: Facts, lang: str) -> str:
        return full(facts.handoff, facts.lines, lang)


_NUMBERED = ("cliente", "customer", "pin", "postal", "postcode", "DNI")  # whose numbers callers do not have


def in_language(handoff: Handoff, lang: str) -> Handoff:
    """The handoff with its labels in ``lang``, or as the caller's flow has them."""
    return next((other for other in handoff.worded if other.lang == lang), handoff)


def reason_text(reason: str, lang: str) -> str:
    return REASONS[lang].get(reason) or reason.replace("_", " ")


def one_line(handoff: Handoff, lines: Sequence[Line], lang: str = "") -> str:
    """What fits a row of the queue, which marks urgency itself: what they want, the facts that identify
    them, why a person. In ``lang``, else the caller's language."""
    caller, lang = handoff.lang, lang or handoff.lang
    handoff, words = in_language(handoff, lang), SENTENCES[lang]
    if handoff.intent is not None:
        subject = capital(intent_label(handoff.intent))
    else:
        quote = _quote(lines, caller)
        subject = words["said_short"].format(quote=quote) if quote else words["silent_short"]
    sure = [slot for slot in handoff.slots if slot.confirmed and not slot.sensitive and not is_yes_no(slot)]
    facts = [f"{lower(label_of(slot))} {value_text(value_of(slot), lang)}" for slot in sure]
    parts = [subject]
    if facts:
        parts.append(", ".join(facts[:ONE_LINE_SLOTS]))
    if handoff.reason != "urgent":
        parts.append(reason_text(handoff.reason, lang))
    return " · ".join(parts)


def full(handoff: Handoff, lines: Sequence[Line], lang: str = "") -> str:
    """What they want, what is known for sure, what was done and what failed, why a person and where it
    stopped, how they feel, what to do next. In ``lang``, else the caller's language."""
    caller, lang = handoff.lang, lang or handoff.lang
    handoff = in_language(handoff, lang)
    said = [SENTENCES[lang]["urgent"]] if handoff.urgent else []
    said += _wants(handoff, lines, caller, lang)
    said += known(handoff, lang)
    said += _tried(handoff, lang)
    said.append(_why(handoff, lang))
    said += _mood(handoff, lang)
    if lang != caller:
        said.append(SENTENCES[lang]["speaks"])
    said.append(_next(handoff, lang))
    return " ".join(sentence for sentence in said if sentence)


# --- what they want ------------------------------------------------------------------------------------


def _wants(handoff: Handoff, lines: Sequence[Line], caller: str, lang: str) -> list[str]:
    words = SENTENCES[lang]
    if handoff.intent is None:
        quote = _quote(lines, caller)
        return [words["said"].format(quote=quote) if quote else words["silent"]]
    label = intent_label(handoff.intent)
    intent = topic(label, handoff.lang, lang)
    quote = _wish(lines, caller, handoff.intent.intent)
    if not _is_news(quote, label):
        quote = ""
    if handoff.intent.confidence >= SURE:
        key = "does" if handoff.lang == lang and is_verb(label, lang) else "wants"
        intent = theirs(label, lang) if key == "does" else intent
        key += "_said" if quote else ""
        return [words[key].format(intent=intent, quote=quote), *_also(handoff, lang)]
    does = handoff.lang == lang and is_verb(label, lang)
    least = max(POSSIBLE, LIKELY_SHARE * handoff.intent.confidence)
    likely = [other for other in handoff.alternatives[:2] if other.confidence >= least]
    others = [_other(intent_label(other), handoff.lang, lang) for other in likely]
    maybe = words["or"].format(intents=listed(others, lang, other=True)) if others else ""
    percent = percent_of(handoff.intent.confidence)
    key, intent = ("maybe_does", theirs(label, lang)) if does else ("maybe", intent)
    said = [words[key].format(intent=intent, percent=percent, others=maybe)]
    return [*said, *([words["own"].format(quote=quote)] if quote else []), *_also(handoff, lang)]


def _other(label: str, of: str, lang: str) -> str:
    """What else it may be: "to cancel an appointment", "the order status"."""
    if lang == "en" and of == lang and is_verb(label, lang):
        return f"to {theirs(label, lang)}"
    return topic(label, of, lang)


def _also(handoff: Handoff, lang: str) -> list[str]:
    """What they want besides, and nobody has seen to yet."""
    topics = [topic(intent_label(other), handoff.lang, lang) for other in handoff.also]
    return [SENTENCES[lang]["also"].format(intents=listed(topics, lang))] if topics else []


def _is_news(quote: str, label: str) -> bool:
    """Whether the caller's account says more than the intent's name does."""
    known = {word[:5] for word in fold(label).split()}
    told = [word for word in fold(quote).split() if len(word) > 3]
    return bool(told) and sum(word[:5] not in known for word in told) >= NEWS * len(told)


def _quote(lines: Sequence[Line], lang: str) -> str:
    """The caller's own account: of the first few things said that tell anything, the one with the most
    words."""
    said = [line.text for line in lines if line.who == CALLER and _tells(line.text, lang)]
    if not said:
        return ""
    return _short(max(said[:4], key=lambda text: len(text.split())))


def _wish(lines: Sequence[Line], lang: str, intent: str) -> str:
    """The first account of some length among what stated this wish; where it is not known what did, among
    what stated no other: answers come after it."""
    stated = [line for line in lines if line.intent == intent]
    lines = stated or [line for line in lines if not line.intent]
    told = (line.text for line in lines if line.who == CALLER and _tells(line.text, lang))
    return _short(next((text for text in told if len(text.split()) >= QUOTE_WORDS), ""))


def _short(best: str) -> str:
    if len(best) <= QUOTE_CHARS:
        return best
    return best[:QUOTE_CHARS].rsplit(" ", 1)[0] + "…"


def _tells(text: str, lang: str) -> bool:
    """Whether it says what the call is about: not a wish for a person, a greeting, or digits."""
    if not any(c.isalpha() for c in text) or MASK in text or _is_number(text, lang):
        return False
    if lacks_it(text, lang, _NUMBERED) or does_not_know(text, lang):
        return False
    if plain_yes_no(language(lang).normalise(text), lang) or spoken_key(text, lang):
        return False
    aside = greets(text, lang) or declines(text, lang) or asks_ability(text, lang)
    return not (aside or wants_person(text, lang))


def _is_number(text: str, lang: str) -> bool:
    day = date.min  # only dates depend on it
    return (
        parse(ExpectKind.DIGITS, text, lang, min_length=NUMBER_DIGITS, max_length=40, today=day) is not None
    )


# --- what was done -------------------------------------------------------------------------------------


def _tried(handoff: Handoff, lang: str) -> list[str]:
    """What was done first, what failed last. The same thing several times is told once, and things that ended
    alike in one sentence."""
    if not handoff.tried:  # nothing was to be tried where a flow leads to a person
        return [] if handoff.reason == "flow" else [SENTENCES[lang]["nothing"]]
    counts: dict[Tried, int] = {}
    for tried in _standing(handoff.tried):
        counts[tried] = counts.get(tried, 0) + 1
    groups: dict[str, list[str]] = {}
    others: list[str] = []
    for tried, times in counts.items():
        if tried.kind == TALK and tried.code in _TALKED:
            continue
        key = _sentence(tried, handoff, lang)
        many = "" if times == 1 else SENTENCES[lang]["times"].format(n=language(lang).say_number(times))
        dated = ISO_DATE.sub(lambda found: value_text(found[0], lang), tried.detail)
        detail = f" ({dated})" if dated else ""
        if key in ("answered", "answered_it", "answered_wish"):
            detail = ""
        if key == "other":
            what = quoted(lower(tried.what), lang)
            others.append(
                f"{what} ({lower(tried.outcome).rstrip('.')}{'; ' * bool(tried.detail)}{tried.detail}{many})"
            )
        else:
            groups.setdefault(key, []).append(_thing(key, tried, handoff.lang, lang) + detail + many)
    told = {key: _together(key, things, lang) for key, things in groups.items()}
    if "answered_it" in told and (words := _last_told(handoff, lang)):
        told["answered_it"] = SENTENCES[lang]["told_it"].format(what=words)
    failures = [text for key, text in told.items() if key in _FAILURES]
    first = [SENTENCES[lang]["other"].format(what=listed(others, lang))] if others else []
    done = [text for key, text in told.items() if key not in _FAILURES]
    return [*first, *done, *_talked(handoff, lang), *failures]


def _talked(handoff: Handoff, lang: str) -> list[str]:
    """What stretches of talk with a language model came to: what it told last, or that it told nothing."""
    talks = [t for t in handoff.tried if t.kind == TALK and t.code in _TALKED]
    answers = {t.label or t.what: t.detail for t in talks if t.code == "answered"}
    said = []
    for label in dict.fromkeys(t.label or t.what for t in talks):
        what, told = lower(label), answers.get(label, "").rstrip(".")
        key = "talk.answered" if label in answers else "talk.unanswered"
        if handoff.lang != lang or not is_verb(what, lang):
            key, what = f"{key}_on", named(what, handoff.lang, lang)
        said.append(contracted(SENTENCES[lang][key].format(what=what, told=told)))
    return said


def _last_told(handoff: Handoff, lang: str) -> str:
    """The last answer to what they want, as they heard it, for who takes over to go on from."""
    told = (t.detail for t in reversed(handoff.tried) if _sentence(t, handoff, lang) == "answered_it")
    return next(told, "").rstrip(".")


def _standing(tried: Sequence[Tried]) -> list[Tried]:
    """Without failures of what was done, or locked, afterwards."""
    ends = {(t.kind, t.what): place for place, t in enumerate(tried) if t.code in _ENDED}
    return [
        t for place, t in enumerate(tried) if t.code not in _PASSING or ends.get((t.kind, t.what), -1) < place
    ]


def _sentence(tried: Tried, handoff: Handoff, lang: str) -> str:
    words, intent = SENTENCES[lang], handoff.intent
    if tried.kind == TALK:
        return "failed" if tried.code == "failed" else ""
    if tried.kind in ("ask", "menu", "question"):
        key = f"{tried.kind}.{tried.code}"
        return key if key in words else "other"
    if tried.code == "answered" and intent is not None and lower(tried.what) == intent_label(intent):
        return "answered_it"
    if tried.code == "answered" and handoff.lang == lang and is_verb(lower(tried.label or tried.what), lang):
        return "answered_wish"
    return tried.code if tried.kind and tried.code in _DONE else "other"


def _thing(key: str, tried: Tried, of: str, lang: str) -> str:
    what = lower(tried.label or tried.what)
    if key == "answered":
        return topic(what, of, lang)
    if key == "answered_wish":
        return theirs(what, lang)
    if key.startswith("question."):
        return what  # stands in quotes
    return named(what, of, lang) if key.startswith("ask.") or of != lang else what


def _together(key: str, things: list[str], lang: str) -> str:
    text = SENTENCES[lang][key].format(what=listed(things, lang))
    return contracted(text) if lang == "es" else text


# --- why, mood, next -----------------------------------------------------------------------------------


def _why(handoff: Handoff, lang: str) -> str:
    words = SENTENCES[lang]
    if handoff.reason == "urgent" and handoff.urgent:
        return ""  # the first word said so
    if any(_FAILURES.get(_sentence(t, handoff, lang)) == handoff.reason for t in _standing(handoff.tried)):
        return words["why_so"]
    reason = reason_text(handoff.reason, lang)
    if lang == "en" and handoff.reason in OWN_DOING:
        reason = f"they {reason}"
    where = ""
    if handoff.stopped_at and handoff.reason != "flow":
        many = "where_many" if is_plural(handoff.stopped_at, handoff.lang) else "where"
        where = words[many].format(what=named(handoff.stopped_at, handoff.lang, lang))
    if handoff.reason == "flow":
        return words["why.flow"]
    if handoff.reason == "caller_asked":
        return words["why.caller_asked"].format(where=where)
    return words["why"].format(reason=reason, where=where)


def _mood(handoff: Handoff, lang: str) -> list[str]:
    words = SENTENCES[lang]
    if handoff.mood != "frustrated":
        return [words["calm"]] if handoff.mood == "calm" else []
    signs = [s for s in handoff.why_mood if s.sign not in WEAK] or list(handoff.why_mood)
    if handoff.reason == "action_failed":
        signs = [s for s in signs if s.sign != "action_failed"]  # said already
    if lang == "en":
        # clauses with a subject of their own come last
        signs = sorted(signs[:MOST_REASONS], key=lambda sign: sign.sign in _CLAUSES)
    why = in_words(tuple(signs[:MOST_REASONS]), lang)
    if not why or (lang == "en" and signs[0].sign in _CLAUSES):
        return [words["frustrated"]]
    return [words["frustrated_why"].format(why=listed(why, lang))]


def _next(handoff: Handoff, lang: str) -> str:
    """One thing to do first; and for who is annoyed, what not to do."""
    words = SENTENCES[lang]
    standing = _standing(handoff.tried)
    open_calls = [
        lower(t.label or t.what) for t in standing if t.kind in ("call", TALK) and t.code in _FAILED
    ]
    calls = [t for t in standing if t.kind in ("call", "answer")]
    uncertain = [lower(t.label or t.what) for t in standing if t.code in _UNCERTAIN]
    undone = [lower(t.label or t.what) for t in standing if t.code == "unchanged"]
    unproved = any(t.code in _UNPROVED for t in standing)
    unsure = [
        slot
        for slot in handoff.slots
        if not (slot.confirmed or slot.verified)
        and (slot.confidence < SURE or slot.dropped)
        and not is_yes_no(slot)
        and slot.source in (Source.SPEECH, Source.DTMF)
    ]
    if handoff.urgent:
        said = words["next.hurry"]
    elif handoff.intent is None:
        said = words["next.ask"]
    elif handoff.intent.confidence < SURE:
        said = words["next.unsure"]
    elif uncertain:
        said = words["next.uncertain"].format(what=listed(list(dict.fromkeys(uncertain)), lang))
    elif open_calls:
        said = words["next.failed"].format(what=listed(list(dict.fromkeys(open_calls)), lang))
    elif undone:
        said = words["next.correct"].format(what=listed(list(dict.fromkeys(undone)), lang))
    elif unproved and not any(slot.verified for slot in handoff.slots):
        said = words["next.identify"]
    elif unsure:
        names = listed([named(label_of(slot), handoff.lang, lang) for slot in unsure], lang)
        said = words["next.confirm"].format(what=names)
    elif calls and calls[-1].code == "not_found":
        said = words["next.not_found"]
    elif _has_it_all(handoff, lang):
        said = words["next.answered"]
    else:
        said = words["next.go"]
    if handoff.mood == "frustrated":
        return f"{said} {words['next.gently']}"
    return said


def _has_it_all(handoff: Handoff, lang: str) -> bool:
    """Whether the caller was told what they asked for, and was asked nothing afterwards that led here."""
    asked = handoff.reason == "flow" and any(is_yes_no(s) and not s.dropped for s in handoff.slots)
    return not asked and any(_sentence(t, handoff, lang) == "answered_it" for t in handoff.tried)


# --- somebody else's words -----------------------------------------------------------------------------

_NUMBER: Final = re.compile(r"\d[\d.,:/ -]*\d|\d")


def keeps_to_the_facts(text: str, facts: Facts, lang: str) -> bool:
    """Whether a summary written elsewhere may stand in for ours: it has every value that was collected, as
    we write it or as it is, and no number that is not among the facts."""
    ours = ByRules().summarise(facts, lang)
    known = " ".join([ours, *(line.text for line in facts.lines), *(s.value for s in facts.handoff.slots)])
    digits = {re.sub(r"\D", "", number) for number in _NUMBER.findall(known)}
    if any(re.sub(r"\D", "", number) not in digits for number in _NUMBER.findall(text)):
        return False
    for slot in facts.handoff.slots:
        value = value_of(slot)
        if slot.sensitive or is_yes_no(slot) or not value:
            continue
        if value not in text and value_text(value, lang) not in text:
            return False
    return bool(text.strip())
