"""What each step listens for: recognizer phrases, keypad, endpointing, and what keys mean."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache

from voice.dialogue.answer_phrases import SAID_NO, SAID_YES, asked_besides, ways_to_say
from voice.dialogue.completeness import CORRECTION
from voice.dialogue.flow import AskStep, Flow, MenuStep
from voice.dialogue.keypad import ONE_KEY, keypad_of
from voice.dialogue.known import usual_forms
from voice.dialogue.minds import either_phrases, misheard
from voice.dialogue.render import Wording, render
from voice.dialogue.sayings import (
    PHRASES,
    Saying,
    change_phrases,
    order_phrases,
    said_at_menu,
    said_at_question,
    said_to_confirmation,
    usual_names,
    wish_phrases,
)
from voice.dialogue.texts import Texts
from voice.languages import fold, language
from voice.languages.base import phrase_list, word_list
from voice.model import Expect, ExpectKind
from voice.slots.digit_places import place_phrases
from voice.slots.identifiers import DOCUMENTS, documents_of
from voice.slots.postcodes import postcode_keys
from voice.slots.reader import parse

_REFERENCE = date(2026, 1, 1)  # any day: only the words of dates matter where this is used
# Digits are dictated in groups with pauses between them; a yes or no is over at once.
_ENDPOINT_MS = {
    ExpectKind.YES_NO: 400,
    ExpectKind.DIGITS: 1200,
    ExpectKind.AMOUNT: 800,
    ExpectKind.DATE: 700,
    ExpectKind.CHOICE: 500,
    ExpectKind.INTEGER: 700,
    ExpectKind.TIME: 700,
    ExpectKind.DURATION: 700,
    ExpectKind.PHONE: 1200,
    ExpectKind.EMAIL: 1500,
    ExpectKind.SPELLED: 1200,
    ExpectKind.NAME: 800,
    ExpectKind.POSTCODE: 1000,
    ExpectKind.IDENTIFIER: 1200,
    ExpectKind.CARD: 1200,
    ExpectKind.IBAN: 1500,
    ExpectKind.TEXT: 900,
    ExpectKind.INTENT: 600,
}


@lru_cache(maxsize=16_384)
def _normalised(phrase: str, lang: str) -> str:
    """For what authors and languages list, never for what callers say. A menu's 700 phrases took 6 ms of
    the caller's wait for every answer; remembered they take 0.3 ms."""
    return language(lang).normalise(phrase)


def _unique(phrases: Iterable[str], lang: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for phrase in phrases if (text := _normalised(phrase, lang))))


Meant = tuple[str, Iterable[str]]
"""A meaning, and the phrases that have it; "" when they are only part of an answer."""


def _meant(groups: Iterable[Meant], lang: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Phrases without repetition, and beside them their meanings; the first meaning of a phrase counts."""
    found: dict[str, str] = {}
    for meaning, phrases in groups:
        for phrase in phrases:
            if text := _normalised(phrase, lang):
                found.setdefault(text, meaning)
    return tuple(found), tuple(found.values())


def _universal(flow: Flow, lang: str) -> list[Meant]:
    facts = language(lang)
    return [
        ("person", facts.person_phrases),
        ("slower", facts.slower_phrases),
        ("faster", facts.faster_phrases),
        ("ability", facts.ability_phrases),
        ("repeat", facts.repeat_phrases),
        ("back", facts.back_phrases),
        ("help", facts.help_phrases),
        ("wait", facts.wait_phrases),
        *[(f"lang:{other}", language(other).switch_phrases) for other in flow.languages if other != lang],
    ]


def _yes_no(lang: str, *, asked: bool = True) -> list[Meant]:
    """With what is said beside a yes or no where one is ``asked`` for; to others it is one more confusion."""
    facts = language(lang)
    alone: list[Meant] = [("yes", facts.yes_phrases), ("no", facts.no_phrases), ("yes", [facts.please])]
    return [*alone, ("yes", SAID_YES[lang]), ("no", SAID_NO[lang])] if asked else alone


def _signs_of_listening(lang: str) -> Meant:
    """ "Ajá", "okay": without them in the grammar they would be heard as something that was offered. Beside
    digits and a yes or no they cost more than they save."""
    return ("backchannel", language(lang).backchannels)


def _menu(flow: Flow, step: MenuStep, lang: str) -> list[Meant]:
    groups: list[Meant] = [
        (name, [*i.examples.get(lang, ()), *wish_phrases(i.label[lang], lang)])
        for name, i in flow.intents_of(step).items()
    ]
    if flow.articles is not None:
        groups.append(("article", flow.articles.questions(lang)))
    return [*groups, ("yes", step.yes_says.get(lang, ())), ("no", step.no_says.get(lang, ()))]


def asides(flow: Flow, step: AskStep | MenuStep) -> frozenset[str]:
    """The intents that may interrupt this question and come back to it. Free text holds any words, so only
    what the step itself names."""
    if step.digressions == "none":
        return frozenset()
    own = flow.intents_of(step) if isinstance(step, MenuStep) else {}
    if step.digressions is None:
        free = isinstance(step, AskStep) and step.kind == "text"
        return frozenset() if free else flow.digressions - own.keys()
    return frozenset(step.digressions) & flow.intents.keys() - own.keys()


def _asides(flow: Flow, step: AskStep | MenuStep, lang: str) -> list[Meant]:
    """One word alone is left out: it would too often be heard in an answer."""
    found = {name: flow.intents[name].examples.get(lang, ()) for name in sorted(asides(flow, step))}
    return [
        (f"aside:{name}", [way for e in said if " " in e.strip() for way in asked_besides(e, lang)])
        for name, said in found.items()
    ]


def echo_phrases(step: AskStep, lang: str) -> list[str]:
    """What may be said of a value that was just repeated: that it is wrong, or which one is right."""
    options = option_phrases(step, lang).values() if step.expects is ExpectKind.CHOICE else ()
    return [*PHRASES[Saying.WRONG][lang], *(f"no {said}" for say in options for said in say)]


def universal_phrases(flow: Flow, lang: str) -> tuple[str, ...]:
    """What works in every step: a person, repeat, back, help, a moment, another language."""
    return _meant(_universal(flow, lang), lang)[0]


def telling_phrases(flow: Flow, lang: str) -> tuple[str, ...]:
    """What tells its meaning wherever it is said: the wishes of the flow, and what works in every step. One
    word alone does not."""
    wishes = [phrase for intent in flow.intents.values() for phrase in intent.examples.get(lang, ())]
    said = [*_universal(flow, lang), ("", wishes), ("bye", language(lang).bye_phrases)]
    return tuple(phrase for phrase in _meant(said, lang)[0] if " " in phrase)


def yes_no_phrases(lang: str) -> tuple[str, ...]:
    return _meant(_yes_no(lang), lang)[0]


def menu_phrases(flow: Flow, step: MenuStep, lang: str) -> tuple[str, ...]:
    return _meant(_menu(flow, step, lang), lang)[0]


def plain_yes_no(words: str, lang: str) -> bool:
    """True for a yes or no and nothing besides."""
    return fold(words) in _plain_answers(lang)


@cache
def _plain_answers(lang: str) -> frozenset[str]:
    facts = language(lang)
    return frozenset(fold(phrase) for phrase in (*facts.yes_phrases, *facts.no_phrases))


_CLEAR = 0.7  # of a yes or no in a menu's answer


def yes_or_no(step: MenuStep, words: str, lang: str, today: date) -> str | None:
    """``"yes"`` or ``"no"`` when the caller's words are that in this menu and it leads somewhere."""
    if not (step.yes or step.no):
        return None
    said = fold(words)
    if misheard(words, lang):
        return None  # what was said is wrong: an answer to no question of a menu
    if step.no_says.get(lang) and (thanked := _without_opening(said, lang)) != said:
        said = thanked if any(thanked == fold(phrase) for phrase in step.no_says[lang]) else said
    answer = None
    if any(said == fold(phrase) for phrase in step.no_says.get(lang, ())):
        answer = "no"
    elif any(said == fold(phrase) for phrase in step.yes_says.get(lang, ())):
        answer = "yes"
    elif parsed := parse(ExpectKind.YES_NO, words, lang, today=today):
        # with much else around it ("no, order number is six five ...") it is no answer to "anything else?"
        clear = parsed.confidence >= _CLEAR and not _tells_what_is_lacking(said)
        answer = parsed.value if clear else None
    return answer if (step.yes if answer == "yes" else step.no) else None


_BESIDE_A_NO = frozenset(
    word_list(
        """
    pues bueno ah ay eh oh mm hm um uh er well so ok okay vale y and but pero gracias thanks thank you señor
    senor senora sir madam eso that it nada mas anything else more es is fine all todo everything ahora now
    de por momento verdad creo que diria i id would say think va a ser guess suppose honestly actually
        """
    )
)


def _tells_what_is_lacking(said: str) -> bool:
    """ "Aquí no hay red", "there's no signal": something is not there, and that is no answer."""
    before, found, after = said.partition(" no ")
    return bool(found) and all(
        any(word not in _BESIDE_A_NO for word in part.split()) for part in (before, after)
    )


def _without_opening(said: str, lang: str) -> str:
    """Without the "okay" before what is meant: "okay, thanks" is no yes to "anything else?"."""
    openings = sorted((fold(phrase) for phrase in _OPENINGS[lang]), key=len, reverse=True)
    opening = next((o for o in openings if said.startswith(f"{o} ")), "")
    return said[len(opening) :].strip()


_OPENINGS = {
    "es": phrase_list("vale, de acuerdo, ok, okey, perfecto, muy bien, bien, bueno, estupendo, genial, pues"),
    "en": phrase_list("okay, ok, all right, alright, perfect, great, very well, good, fine, well, right"),
}


def option_phrases(step: AskStep, lang: str) -> dict[str, tuple[str, ...]]:
    """Option to the ways of saying it: its label and what the author listed."""
    found = {}
    for name, option in step.options.items():
        label = (option.label[lang],) if lang in option.label else ()
        found[name] = _unique([*option.say.get(lang, ()), *label], lang)
    return found


def _option_ways(step: AskStep, lang: str) -> dict[str, list[str]]:
    """Option to what callers say who name it; empty for a question without options."""
    if step.expects is not ExpectKind.CHOICE:
        return {}
    return {
        name: [way for phrase in said for way in ways_to_say(phrase, lang)]
        for name, said in option_phrases(step, lang).items()
    }


def slot_phrases(step: AskStep, lang: str, today: date) -> tuple[str, ...]:
    """The closed list of answers to an ask step, without the universal phrases."""
    match step.expects:
        case ExpectKind.YES_NO:
            return _unique([*yes_no_phrases(lang), *order_phrases(step.label[lang], lang)], lang)
        case ExpectKind.CHOICE:
            return _unique([p for say in option_phrases(step, lang).values() for p in say], lang)
        case ExpectKind.TIME | ExpectKind.DURATION:
            return _unique(language(lang).clock_phrases(), lang)
        case _:
            return ()


# the recognizer's names of what the answers to a slot are made of (voice.speech.kinds)
_KINDS = {
    ExpectKind.AMOUNT: ("numbers",),
    ExpectKind.INTEGER: ("numbers",),
    ExpectKind.DURATION: ("numbers",),
    ExpectKind.DATE: ("dates",),
    ExpectKind.TIME: ("times",),
    ExpectKind.PHONE: ("groups",),
    ExpectKind.CARD: ("groups",),
    ExpectKind.EMAIL: ("letters",),
    ExpectKind.SPELLED: ("letters",),
    ExpectKind.IBAN: ("letters", "groups"),
}
_OPEN = frozenset({ExpectKind.TEXT, ExpectKind.NAME})  # no list holds all names
_CODES = frozenset({ExpectKind.POSTCODE, ExpectKind.IDENTIFIER})


def slot_kinds(step: AskStep) -> tuple[str, ...]:
    """The sub-grammars that an answer to a step is made of, beside its phrases."""
    if step.grouped:
        return ("groups",)
    if step.expects in _CODES:
        return ("letters", "groups") if _has_letters(step) else ("groups",)
    return ("letters",) if step.spelled else _KINDS.get(step.expects, ())


def _has_letters(step: AskStep) -> bool:
    """Whether the postcodes or documents of a step may hold letters."""
    if step.expects is ExpectKind.POSTCODE:
        return postcode_keys(step.home) is None
    return any(DOCUMENTS[name].letters for name in documents_of(step.home, step.documents))


def _slot(step: AskStep, lang: str, today: date) -> list[Meant]:
    match step.expects:
        case ExpectKind.YES_NO:
            return [*_yes_no(lang), ("yes", order_phrases(step.label[lang], lang))]
        case ExpectKind.CHOICE:
            said = option_phrases(step, lang)
            return [*said.items(), *((name, ways) for name, ways in _option_ways(step, lang).items())]
        case _:
            return [("", slot_phrases(step, lang, today))]


def flow_phrases(flow: Flow, lang: str) -> tuple[str, ...]:
    phrases = [*universal_phrases(flow, lang), *yes_no_phrases(lang), *language(lang).digit_words]
    facts = language(lang)
    phrases += [*facts.backchannels, *facts.greeting_phrases, *facts.bye_phrases, *facts.unknown_phrases]
    for step in flow.steps.values():
        if isinstance(step, AskStep | MenuStep):
            phrases += [phrase for _, said in _asides(flow, step, lang) for phrase in said]
        if isinstance(step, MenuStep):
            phrases += menu_phrases(flow, step, lang)
        elif isinstance(step, AskStep):
            phrases += slot_phrases(step, lang, _REFERENCE)
            phrases += [phrase for _, said in said_at_question(step, lang) for phrase in said]
            phrases += echo_phrases(step, lang)
            phrases += [way for ways in _option_ways(step, lang).values() for way in ways]
    labels = [step.label[lang] for step in flow.slots.values() if lang in step.label]
    wishes = [intent.label[lang] for intent in flow.intents.values() if lang in intent.label]
    names = [*labels, *(name for step in flow.slots.values() for name in usual_names(step.kind, lang))]
    phrases += [*change_phrases(names, lang), *either_phrases(wishes, lang)]
    if any(step.expects is ExpectKind.DIGITS for step in flow.slots.values()):
        phrases += place_phrases(lang)
    phrases += [phrase for said in PHRASES.values() for phrase in said[lang]]
    return _unique([*phrases, *flow.lexicon.get(lang, ())], lang)


def ask_expect(flow: Flow, name: str, step: AskStep, lang: str, today: date) -> Expect:
    kind = step.expects
    phrases: tuple[str, ...] = ()
    meanings: tuple[str, ...] = ()
    if kind not in _OPEN or step.spelled:  # empty means open speech
        unknown = () if kind is ExpectKind.YES_NO else language(lang).unknown_phrases
        groups = [*_slot(step, lang, today), ("unknown", unknown), *_universal(flow, lang)]
        groups += [*_asides(flow, step, lang), *said_at_question(step, lang)]
        if kind in _WITH_SIGNS:
            groups.append(_signs_of_listening(lang))
        phrases, meanings = _meant(groups, lang)
    digits = kind is ExpectKind.DIGITS
    return Expect(
        kind,
        lang,
        phrases,
        digits=digits or kind in _DIGIT_KINDS,
        keypad=keypad_of(step),
        no_input_ms=step.no_input_ms,
        endpoint_ms=step.endpoint_ms or _ENDPOINT_MS[kind],
        max_speech_ms=step.max_speech_ms,
        sensitive=step.sensitive,
        step=name,
        meanings=meanings,
        shortest=step.shortest if digits else 0,
        longest=step.longest if digits else 0,
        check=step.check or _check_of(step),
        kinds=slot_kinds(step),
    )


_DIGIT_KINDS = frozenset({ExpectKind.PHONE, ExpectKind.CARD})
_WITH_SIGNS = frozenset(
    {ExpectKind.CHOICE, ExpectKind.AMOUNT, ExpectKind.INTEGER, ExpectKind.DATE, ExpectKind.TIME}
)


def _check_of(step: AskStep) -> str:
    """The test that a whole value of the step passes, for :func:`voice.dialogue.checks.check_named`."""
    match step.expects:
        case ExpectKind.CARD:
            return "card"
        case ExpectKind.PHONE | ExpectKind.POSTCODE | ExpectKind.IBAN as kind:
            return f"{kind.value}:{step.home}"
        case ExpectKind.IDENTIFIER:
            return f"identifier:{','.join(documents_of(step.home, step.documents))}"
        case _:
            return ""


def menu_expect(
    flow: Flow,
    name: str,
    step: MenuStep,
    lang: str,
    extra: Iterable[str] = (),
    kinds: tuple[str, ...] = (),
) -> Expect:
    facts = language(lang)
    corrections = tuple(extra)
    groups = [*_menu(flow, step, lang), *_universal(flow, lang), *_asides(flow, step, lang)]
    groups += [(CORRECTION if phrase != "no" else "no", [phrase]) for phrase in corrections]
    groups += said_at_menu(step, lang)
    groups.append(("greeting", facts.greeting_phrases))
    if flow.goodbye:
        groups.append(("bye", facts.bye_phrases))
    # "okay" where no yes is asked for is a sign of listening, and "quiero" the beginning of a wish
    answers = _yes_no(lang, asked=bool(step.yes))
    groups += [group for group in answers if (step.yes if group[0] == "yes" else step.no)]
    groups.append(_signs_of_listening(lang))
    phrases, meanings = _meant(groups, lang)
    return Expect(
        ExpectKind.INTENT,
        lang,
        phrases,
        keypad=ONE_KEY,
        no_input_ms=step.no_input_ms,
        endpoint_ms=step.endpoint_ms or _ENDPOINT_MS[ExpectKind.INTENT],
        max_speech_ms=step.max_speech_ms,
        step=name,
        meanings=meanings,
        kinds=kinds,
    )


def yes_no_meant(expect: Expect) -> Expect:
    """The same question, to which a yes or no is an answer as well."""
    phrases, meanings = _meant(
        [*_yes_no(expect.lang), *((m, [p]) for p, m in zip(expect.phrases, expect.meanings, strict=True))],
        expect.lang,
    )
    return replace(expect, phrases=phrases, meanings=meanings)


def confirm_expect(
    flow: Flow, name: str, lang: str, corrections: Iterable[str] = (), kinds: tuple[str, ...] = ()
) -> Expect:
    """A yes or no about something heard; ``corrections`` and ``kinds`` are answers that may follow a "no"."""
    groups: list[Meant] = [*_yes_no(lang), (CORRECTION, corrections), *_universal(flow, lang)]
    step = flow.steps.get(name)
    if isinstance(step, AskStep | MenuStep):
        groups += _asides(flow, step, lang)
    groups += said_to_confirmation(step, lang)
    phrases, meanings = _meant(groups, lang)
    return Expect(
        ExpectKind.YES_NO,
        lang,
        phrases,
        keypad=ONE_KEY,
        endpoint_ms=_ENDPOINT_MS[ExpectKind.YES_NO],
        step=name,
        meanings=meanings,
        kinds=kinds,
    )


def wording_of(flow: Flow, texts: Texts, today: date) -> Wording:
    """How this flow's values become words: its own word lists, and the usual form of each slot."""
    words = {name: dict(entries) for name, entries in flow.words.items()}
    usual: dict[str, str] = usual_forms(flow)
    for slot, step in flow.slots.items():
        if step.kind == "choice":
            words[slot] = {name: option.label for name, option in step.options.items()}
            usual[slot] = slot
        elif step.kind == "yes_no":
            both = {
                value: {lang: texts.get(value, lang) for lang in flow.languages} for value in ("yes", "no")
            }
            words[slot], usual[slot] = both, slot
        elif step.kind not in ("text", "name"):
            usual[slot] = step.kind
    for name, origin in flow.copies.items():  # a value is said the same way on both sides of a sub-flow
        if origin in usual:
            usual.setdefault(name, usual[origin])
    return Wording(today, flow.currency, words, usual, flow.home)


def value_in_words(step: AskStep, value: str, lang: str, wording: Wording) -> str:
    return render(f"{{{step.slot}}}", lang, {step.slot: value}, wording)
