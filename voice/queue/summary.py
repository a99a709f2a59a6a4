"""The handoff in words, as a colleague would write it, in the reader's language and without any model.

Only facts of the packet are used, so the same packet always gives the same words. A richer wording may come
from elsewhere (:class:`Summariser`); it is taken only where it keeps to the same facts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, Protocol

from babel.dates import format_date
from babel.numbers import format_decimal

from voice.dialogue.asides import lacks_it
from voice.dialogue.friction import WEAK, in_words
from voice.dialogue.wishes import asks_ability, declines, does_not_know, greets, wants_person
from voice.insight.transcript import CALLER, MASK, Line
from voice.languages import fold, language
from voice.model import ExpectKind, Handoff, Result, Slot, Source, Tried
from voice.queue.grammar import capital, contracted, is_plural, listed, lower
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
MOST_RESULTS: Final = 4
SURE: Final = 0.8  # below it, the intent is given as a supposition

_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
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
    known = [slot for slot in handoff.slots if slot.confirmed and not slot.sensitive and not _is_yes_no(slot)]
    facts = [f"{lower(_label(slot))} {value_text(_value(slot), lang)}" for slot in known]
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
    said += _known(handoff, lang)
    said += _tried(handoff, lang)
    said.append(_why(handoff, lang))
    said += _mood(handoff, lang)
    if lang != caller:
        said.append(SENTENCES[lang]["speaks"])
    said.append(_next(handoff, lang))
    return " ".join(sentence for sentence in said if sentence)


def value_text(value: str, lang: str) -> str:
    """A normalised value as people write it: ``2026-03-15`` is ``15 de marzo de 2026`` in Spanish."""
    if _ISO_DATE.fullmatch(value):
        try:
            return format_date(date.fromisoformat(value), format="long", locale=lang)
        except ValueError:
            return value
    return value


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
    others = [topic(intent_label(other), handoff.lang, lang) for other in handoff.alternatives[:2]]
    maybe = words["or"].format(intents=listed(others, lang, other=True)) if others else ""
    percent = _percent(handoff.intent.confidence)
    said = [words["maybe"].format(intent=intent, percent=percent, others=maybe)]
    return [*said, *([words["own"].format(quote=quote)] if quote else []), *_also(handoff, lang)]


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
    aside = greets(text, lang) or declines(text, lang) or asks_ability(text, lang)
    return not (aside or wants_person(text, lang))


def _is_number(text: str, lang: str) -> bool:
    day = date.min  # only dates depend on it
    return (
        parse(ExpectKind.DIGITS, text, lang, min_length=NUMBER_DIGITS, max_length=40, today=day) is not None
    )


# --- what is known -------------------------------------------------------------------------------------


def _known(handoff: Handoff, lang: str) -> list[str]:
    words = SENTENCES[lang]
    answers = [slot for slot in handoff.slots if _is_yes_no(slot) and not slot.dropped]
    facts = [slot for slot in handoff.slots if slot not in answers and not slot.dropped]
    dropped = [slot for slot in handoff.slots if slot.dropped and not _is_yes_no(slot)]
    told = [slot for slot in facts if slot.source in (Source.SPEECH, Source.DTMF)]
    unconfirmed = [slot for slot in told if not (slot.confirmed or slot.verified)]
    elsewhere = [slot for slot in facts if slot not in told]
    # what our systems answered counts as confirmed; what an application was told does not
    noted = [slot for slot in elsewhere if slot.source is Source.ACTION and not slot.confirmed]
    groups = {
        "known": [slot for slot in elsewhere if slot not in noted],
        "noted": noted,
        "verified": [slot for slot in told if slot.verified],
        "confirmed": [slot for slot in told if slot.confirmed and not slot.verified],
        "given": [slot for slot in unconfirmed if slot.confidence >= SURE],
        "unconfirmed": [slot for slot in unconfirmed if slot.confidence < SURE],
        "dropped": dropped,
    }
    said = []
    for name, group in groups.items():
        told_of = [_fact(slot, handoff.lang, lang) for slot in group]
        labels = [_label(slot) for slot in group]
        if name == "known":
            answered = _answered(handoff)
            told_of += [_answer(one, handoff.lang, lang) for one in answered]
            labels += [one.label for one in answered]
        if not labels:
            continue
        many = len(labels) > 1 or is_plural(labels[0], handoff.lang)
        key = f"{name}_many" if many and f"{name}_many" in words else name
        said.append(words[key].format(slots=listed(told_of, lang)))
    for slot in answers:
        unsure = "" if slot.confirmed or slot.confidence >= SURE else words["yes_no_open"]
        said.append(words["yes_no"].format(label=lower(_label(slot)), value=_value(slot), open=unsure))
    return said


def _fact(slot: Slot, of: str, lang: str) -> str:
    """The label with its article, and the value: "el número de cliente (40271835)"."""
    words = SENTENCES[lang]
    shown = words["hidden"] if slot.sensitive else value_text(_value(slot), lang)
    notes = [shown] if shown else []
    told = slot.source in (Source.SPEECH, Source.DTMF)
    if told and not slot.confirmed and slot.confidence < SURE:
        notes.append(words["sure"].format(percent=_percent(slot.confidence)))
    label = named(_label(slot), of, lang)
    return f"{label} ({', '.join(notes)})" if notes else label


def _answered(handoff: Handoff) -> list[Result]:
    """What our systems answered that a colleague would say: what the caller has not heard yet, and people
    have a word for."""
    found = [one for one in handoff.results if one.label and not (one.sensitive or one.told)]
    return found[-MOST_RESULTS:]


def _answer(result: Result, of: str, lang: str) -> str:
    return f"{named(result.label, of, lang)} ({result_text(result, lang)})"


def result_label(result: Result) -> str:
    return result.label or result.name.rpartition(".")[2].replace("_", " ")


def result_text(result: Result, lang: str) -> str:
    """As people write it: ``42.50`` is ``42,50`` in Spanish."""
    if result.shown:
        return result.shown
    if result.type == "amount":
        try:
            amount = Decimal(result.value)
        except InvalidOperation:
            return result.value
        decimals = len(result.value.partition(".")[2])
        written = "#,##0." + "0" * decimals if decimals else "#,##0"
        return str(format_decimal(amount, written, locale=lang))
    return value_text(result.value, lang)


def _label(slot: Slot) -> str:
    return slot.label or slot.name.replace("_", " ")


def _value(slot: Slot) -> str:
    # a name of the flow's own is not what people call it
    return slot.spoken if slot.value.isidentifier() and slot.spoken else slot.value


def _is_yes_no(slot: Slot) -> bool:
    return slot.value in ("yes", "no") and not slot.sensitive


# --- what was done -------------------------------------------------------------------------------------


def _tried(handoff: Handoff, lang: str) -> list[str]:
    """What was done first, what failed last. The same thing several times is told once, and things that ended
    alike in one sentence."""
    if not handoff.tried:
        return [SENTENCES[lang]["nothing"]]
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
        dated = _ISO_DATE.sub(lambda found: value_text(found[0], lang), tried.detail)
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
        and not _is_yes_no(slot)
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
        names = listed([named(_label(slot), handoff.lang, lang) for slot in unsure], lang)
        said = words["next.confirm"].format(what=names)
    elif calls and calls[-1].code == "not_found":
        said = words["next.not_found"]
    elif any(_sentence(t, handoff, lang) == "answered_it" for t in handoff.tried):
        said = words["next.answered"]
    else:
        said = words["next.go"]
    if handoff.mood == "frustrated":
        return f"{said} {words['next.gently']}"
    return said


def _percent(confidence: float) -> int:
    return round(confidence * 100)


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
        value = _value(slot)
        if slot.sensitive or _is_yes_no(slot) or not value:
            continue
        if value not in text and value_text(value, lang) not in text:
            return False
    return bool(text.strip())
