"""What keys mean at each step: how many make an answer, and how that is said to who cannot be heard."""

from __future__ import annotations

from voice.dialogue.flow import AskStep, Flow, MenuStep
from voice.dialogue.texts import Texts
from voice.model import ExpectKind, KeypadSpec
from voice.slots.identifiers import document_keys, documents_of
from voice.slots.postcodes import postcode_keys

YES_KEY, NO_KEY = "1", "2"
REPEAT_KEY, BACK_KEY = "*", "#"  # where one key is the answer
ONE_KEY = KeypadSpec()


def keypad_of(step: AskStep) -> KeypadSpec:
    if not step.keypad:
        return ONE_KEY  # key 0 works everywhere
    match step.expects:
        case ExpectKind.DIGITS:
            return KeypadSpec(step.shortest, step.longest, inter_digit_ms=step.inter_digit_ms)
        case ExpectKind.AMOUNT:
            return KeypadSpec(1, 6, inter_digit_ms=step.inter_digit_ms)
        case ExpectKind.DATE | ExpectKind.TIME:
            return KeypadSpec(4, 4, inter_digit_ms=step.inter_digit_ms)
        case _:
            sizes = key_counts(step)
            return KeypadSpec(*sizes, inter_digit_ms=step.inter_digit_ms) if sizes else ONE_KEY


def key_counts(step: AskStep) -> tuple[int, int] | None:
    """The fewest and the most keys of a number with a form of its own; None where keys cannot say it."""
    match step.expects:
        case ExpectKind.INTEGER:
            return (1, 6)
        case ExpectKind.PHONE:
            return (6, 17)
        case ExpectKind.CARD:
            return (12, 19)
        case ExpectKind.IBAN:
            return (12, 32)
        case ExpectKind.POSTCODE:
            size = postcode_keys(step.home)
            return (size, size) if size else None
        case ExpectKind.IDENTIFIER:
            sizes = [n for name in documents_of(step.home, step.documents) for n in document_keys(name)]
            return (min(sizes), max(sizes)) if sizes else None
        case _:
            return None


def keypad_text(flow: Flow, texts: Texts, step: AskStep | MenuStep, lang: str) -> str | None:
    """How to answer this step with keys alone, or None when that is impossible."""
    if isinstance(step, MenuStep):
        items = [
            texts.get("keypad_choice", lang, label=intent.label[lang], key=intent.key)
            for intent in flow.intents_of(step).values()
            if intent.key
        ]
        if not items:
            return None
        return " ".join([*items, texts.get("keypad_person", lang)])
    if not step.keypad:
        return None
    label = step.label[lang]
    match step.expects:
        case ExpectKind.YES_NO:
            return (
                f"{step.prompt[lang]} {texts.get('keypad_yes_no', lang)}"
                if plain(step.prompt[lang])
                else None
            )
        case ExpectKind.DIGITS:
            return texts.get("keypad_digits", lang, label=label)
        case ExpectKind.TIME:
            return texts.get("keypad_time", lang)
        case ExpectKind.IDENTIFIER if "dni" in documents_of(step.home, step.documents):
            return texts.get("keypad_dni", lang)
        case ExpectKind.AMOUNT:
            return texts.get("keypad_amount", lang, label=label)
        case ExpectKind.DATE:
            return texts.get("keypad_date", lang, label=label)
        case ExpectKind.CHOICE:
            items = [
                texts.get("keypad_option", lang, label=option.label[lang], key=option.key)
                for option in step.options.values()
                if option.key
            ]
            return " ".join([texts.get("keypad_choice_intro", lang), *items]) if items else None
        case _:
            return texts.get("keypad_digits", lang, label=label) if key_counts(step) else None


def plain(template: str) -> bool:
    return "{" not in template
