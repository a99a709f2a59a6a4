"""The handoff in words, as a colleague would write it, in the caller's language and without any model.

Only facts of the packet are used, so the same packet always gives the same words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from babel.dates import format_date

from voice.dialogue.slots import declines, greets, parse, wants_person
from voice.insight.transcript import CALLER, Line
from voice.model import ExpectKind, Handoff, IntentGuess, Slot, Source

QUOTE_CHARS: Final = 90
NUMBER_DIGITS: Final = 4  # so many dictated digits are a number, not an account
QUOTE_WORDS: Final = 3  # shorter accounts add nothing to a known intent
ONE_LINE_SLOTS: Final = 2
SURE: Final = 0.8  # below it, the intent is given as a supposition

REASONS: Final[Mapping[str, Mapping[str, str]]] = {
    "es": {
        "caller_asked": "pidió hablar con una persona",
        "no_match": "el asistente no consiguió entender lo que decía",
        "no_input": "dejó de contestar al asistente",
        "flow": "esta gestión la termina una persona",
        "action_failed": "falló una consulta a nuestros sistemas",
        "urgent": "es urgente",
        "loop": "la conversación no avanzaba",
        "fault": "el asistente tuvo un fallo",
    },
    "en": {
        "caller_asked": "asked to speak to a person",
        "no_match": "the assistant could not understand them",
        "no_input": "stopped answering the assistant",
        "flow": "this is one for a person to finish",
        "action_failed": "one of our systems did not answer",
        "urgent": "it is urgent",
        "loop": "the conversation was going in circles",
        "fault": "the assistant had a fault",
    },
}

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "es": {
        "words": "En sus palabras: «{quote}».",
        "urgent": "Urgente",
        "wants": "Llama por: {intent}.",
        "maybe": "Parece que llama por: {intent} (seguridad del {percent} %).",
        "or": "También podría ser: {intents}.",
        "said": "No llegó a quedar claro qué quiere. Dijo: «{quote}».",
        "silent": "No llegó a decir qué quiere.",
        "said_short": "Dijo «{quote}»",
        "silent_short": "Sin motivo conocido",
        "verified": "Confirmado con la persona: {slots}.",
        "unverified": "Sin confirmar: {slots}.",
        "known": "Ya consta en el sistema: {slots}.",
        "tried": "El asistente intentó: {tried}.",
        "nothing": "El asistente no llegó a intentar nada.",
        "why": "Pasa a una persona porque {reason}.",
        "calm": "Habla con calma.",
        "frustrated": "Se nota molestia: conviene no volver a preguntar lo ya dicho.",
        "unsure": "{percent} %",
        "lang": "Habla español.",
    },
    "en": {
        "words": "In their words: “{quote}”.",
        "urgent": "Urgent",
        "wants": "Calling about: {intent}.",
        "maybe": "Probably calling about: {intent} ({percent}% sure).",
        "or": "It could also be: {intents}.",
        "said": "What they want never became clear. They said: “{quote}”.",
        "silent": "They never said what they want.",
        "said_short": "Said “{quote}”",
        "silent_short": "Reason unknown",
        "verified": "Confirmed with the caller: {slots}.",
        "unverified": "Not confirmed: {slots}.",
        "known": "Already on record: {slots}.",
        "tried": "The assistant tried: {tried}.",
        "nothing": "The assistant had not tried anything yet.",
        "why": "Handed over because {reason}.",
        "calm": "They sound calm.",
        "frustrated": "They sound frustrated: best not to ask again what they already said.",
        "unsure": "{percent}%",
        "lang": "They speak English.",
    },
}

# in English the reasons of the caller's own doing need a subject when they stand after "because"
_EN_SUBJECT: Final = frozenset({"caller_asked", "no_input"})

_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


def reason_text(reason: str, lang: str) -> str:
    return REASONS[lang].get(reason) or reason.replace("_", " ")


def one_line(handoff: Handoff, slots: Sequence[Slot], lines: Sequence[Line]) -> str:
    """What fits a row of the queue, which marks urgency itself: what they want, the facts that identify
    them, why a person."""
    words = _WORDS[handoff.lang]
    if handoff.intent is not None:
        subject = _capital(intent_label(handoff.intent))
    else:
        quote = _quote(lines, handoff.lang)
        subject = words["said_short"].format(quote=quote) if quote else words["silent_short"]
    facts = [_fact(slot, handoff.lang) for slot in slots if slot.confirmed and not slot.sensitive]
    parts = [subject]
    if facts:
        parts.append(", ".join(facts[:ONE_LINE_SLOTS]))
    if handoff.reason != "urgent":
        parts.append(reason_text(handoff.reason, handoff.lang))
    return " · ".join(parts)


def full(handoff: Handoff, slots: Sequence[Slot], lines: Sequence[Line]) -> str:
    """Who, what they want, what is known for sure, what was tried, why a person, how they feel."""
    words = _WORDS[handoff.lang]
    said = [words["urgent"] + "."] if handoff.urgent else []
    said += _wants(handoff, lines, words)
    said += _known(handoff, slots, words)
    if handoff.tried:
        tried = "; ".join(
            f"{_lower(t.what)}: {_lower(t.outcome)}" + (f" ({t.detail})" if t.detail else "")
            for t in handoff.tried
        )
        said.append(words["tried"].format(tried=tried.rstrip(".")))
    else:
        said.append(words["nothing"])
    reason = reason_text(handoff.reason, handoff.lang)
    if handoff.lang == "en" and handoff.reason in _EN_SUBJECT:
        reason = f"the caller {reason}"
    said.append(words["why"].format(reason=reason))
    if handoff.mood in ("calm", "frustrated"):
        said.append(words[handoff.mood])
    said.append(words["lang"])
    return " ".join(said)


def intent_label(intent: IntentGuess) -> str:
    return _lower(intent.label or intent.intent.replace("_", " ").replace(".", " "))


def value_text(value: str, lang: str) -> str:
    """A normalised value as people write it: ``2026-03-15`` is ``15 de marzo de 2026`` in Spanish."""
    if _ISO_DATE.fullmatch(value):
        try:
            return format_date(date.fromisoformat(value), format="long", locale=lang)
        except ValueError:
            return value
    return value


def _wants(handoff: Handoff, lines: Sequence[Line], words: Mapping[str, str]) -> list[str]:
    if handoff.intent is None:
        quote = _quote(lines, handoff.lang)
        return [words["said"].format(quote=quote) if quote else words["silent"]]
    label = intent_label(handoff.intent)
    quote = _wish(lines, handoff.lang)
    own = [words["words"].format(quote=quote)] if quote else []
    if handoff.intent.confidence >= SURE:
        return [words["wants"].format(intent=label), *own]
    said = [words["maybe"].format(intent=label, percent=_percent(handoff.intent.confidence))]
    others = [intent_label(other) for other in handoff.alternatives[:2]]
    if others:
        said.append(words["or"].format(intents=_either(others, handoff.lang)))
    return said + own


def _known(handoff: Handoff, slots: Sequence[Slot], words: Mapping[str, str]) -> list[str]:
    lang = handoff.lang
    told = [s for s in slots if s.source in (Source.SPEECH, Source.DTMF)]
    groups = {
        "verified": [_fact(s, lang) for s in told if s.confirmed],
        "unverified": [
            _fact(s, lang)
            + ("" if s.confidence >= SURE else f" ({words['unsure'].format(percent=_percent(s.confidence))})")
            for s in told
            if not s.confirmed
        ],
        "known": [_fact(s, lang) for s in slots if s not in told],
    }
    return [words[name].format(slots="; ".join(facts)) for name, facts in groups.items() if facts]


def _fact(slot: Slot, lang: str) -> str:
    label = _lower(slot.label or slot.name.replace("_", " "))
    if slot.value.isidentifier() and slot.spoken:  # a name of the flow's, not what people call it
        return f"{label}: {slot.spoken}"
    return f"{label} {value_text(slot.value, lang)}"


def _quote(lines: Sequence[Line], lang: str) -> str:
    """The caller's own account: of the first few things said that tell anything, the one with the most
    words."""
    said = [line.text for line in lines if line.who == CALLER and _tells(line.text, lang)]
    if not said:
        return ""
    return _short(max(said[:4], key=lambda text: len(text.split())))


def _wish(lines: Sequence[Line], lang: str) -> str:
    """The first account of some length: answers come after it."""
    told = (line.text for line in lines if line.who == CALLER and _tells(line.text, lang))
    return _short(next((text for text in told if len(text.split()) >= QUOTE_WORDS), ""))


def _short(best: str) -> str:
    if len(best) <= QUOTE_CHARS:
        return best
    return best[:QUOTE_CHARS].rsplit(" ", 1)[0] + "…"


def _tells(text: str, lang: str) -> bool:
    """Whether it says what the call is about: not a wish for a person, a greeting, or digits."""
    if not any(c.isalpha() for c in text) or _is_number(text, lang):
        return False
    return not (wants_person(text, lang) or greets(text, lang) or declines(text, lang))


def _is_number(text: str, lang: str) -> bool:
    day = date.min  # only dates depend on it
    return (
        parse(ExpectKind.DIGITS, text, lang, min_length=NUMBER_DIGITS, max_length=40, today=day) is not None
    )


def _either(names: Sequence[str], lang: str) -> str:
    return (" o " if lang == "es" else " or ").join(names)


def _percent(confidence: float) -> int:
    return round(confidence * 100)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower(text: str) -> str:
    """Lower-cases the first letter within a sentence, but leaves abbreviations (SIM, DNI) alone."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
