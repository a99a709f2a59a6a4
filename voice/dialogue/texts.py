"""The line's own words: what every flow says when it apologises, waits, confirms or hands over.

They stand in ``prompts/texts/es.yaml`` and ``en.yaml``, one key a line. :data:`REQUIRED` is the closed
list of keys, each with the values its text may use. A key that a business's own files lack is said in
the built-in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from voice.dialogue.render import FORMS, RenderError, Wording, braces_balanced, placeholders, render
from voice.dialogue.yamlfile import parse_yaml
from voice.errors import FlowError, Problem
from voice.model import LANGUAGES

_V = ("value",)
_L = ("label",)
REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    # the dialogue
    "not_heard_1": (),
    "not_heard_2": (),
    "not_understood_1": (),
    "not_understood_2": (),
    "repeat": (),
    "help": (),
    "machine": (),
    "soonest": _V,
    "which_day": (),
    "which_day_of": _V,
    "proposed": _V,
    "told_before": _V,
    "which_of_weekend": (),
    "wait": (),
    "still_there": (),
    "slower": (),
    "faster": (),
    "abilities": ("list",),
    "going_back": (),
    "again_then": (),
    "dropped": (),
    "also_wanted": _L,
    "other_wish": (),
    "either": ("first", "second"),
    "either_1": ("first", "second"),
    "either_2": ("first", "second"),
    "listening": (),
    "never_mind": (),
    "moving_on": (),
    "main_menu": (),
    "digression_back": (),
    "language_changed": (),
    "confirm_value": _V,
    "confirm_value_1": _V,
    "confirm_value_2": _V,
    "confirm_intent": _L,
    "confirm_intent_1": _L,
    "confirm_intent_2": _L,
    "article_more": (),
    "implicit_value": _V,
    "implicit_sensitive": (),
    "corrected": _V,
    "rejected": (),
    "reason_question": (),
    "filler": (),
    "apology_wait": (),
    "answer_cut": (),
    "no_answer": (),
    "hearing_failed": (),
    "noisy_line": (),
    "returned": (),
    "returned_nobody": (),
    "resume_offer": (),
    "resumed": (),
    "keypad_choice_intro": (),
    "keypad_choice": ("label", "key"),
    "keypad_option": ("label", "key"),
    "keypad_yes_no": (),
    "keypad_digits": _L,
    "keypad_amount": (),
    "keypad_date": (),
    "why.short": (),
    "why.long": (),
    "why.check": (),
    "why.impossible": (),
    "why.range": (),
    "why.several": (),
    "why.unsuited": (),
    "keypad_time": (),
    "keypad_dni": (),
    "keypad_person": (),
    "yes": (),
    "no": (),
    "transfer.caller_asked": (),
    "transfer.no_input": (),
    "transfer.no_match": (),
    "transfer.flow": (),
    "transfer.action_failed": (),
    "transfer.not_verified": (),
    "transfer.correction": (),
    "transfer.urgent": (),
    "transfer.loop": (),
    "transfer.fault": (),
    "transfer.friction": (),
    "transfer.time": (),
    "friction.apology": (),
    "friction.offer": (),
    "friction.keypad": (),
    # what was tried, for the person who takes the call
    "tried.ok": (),
    "tried.failed": (),
    "tried.timeout": (),
    "tried.not_found": (),
    "tried.late": (),
    "tried.running": (),
    "tried.answered": (),
    "tried.unanswered": (),
    "tried.handed": (),
    "tried.ask": _L,
    "tried.menu": (),
    "tried.article": ("title",),
    "tried.no_input": (),
    "tried.no_match": (),
    "tried.rejected": (),
    "tried.unknown": (),
    "tried.changed": (),
    "tried.unchanged": (),
    "tried.unchecked": (),
    "tried.uncertain": (),
    "tried.uncertain_change": (),
    "tried.verify_failed": (),
    "tried.verify_locked": (),
    # the call session
    "apology": (),
    "resume": (),
    "busy": (),
    "failure": (),
    "stalled": (),
    "drain": (),
    "max_duration": (),
    "goodbye": (),
    "queue.first": ("position",),
    "queue.next": (),
    "queue.improved": ("position",),
    "queue.comfort_1": (),
    "queue.comfort_2": (),
    "queue.options": (),
    "queue.accepted": ("agent",),
    "queue.callback_confirmed": (),
    "queue.callback_impossible": (),
    "queue.back_to_assistant": (),
}


class Texts:
    """System texts in every language. Immutable; shared by all calls."""

    def __init__(self, by_lang: Mapping[str, Mapping[str, str]]) -> None:
        self._by_lang = {lang: dict(texts) for lang, texts in by_lang.items()}

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._by_lang)

    def get(self, key: str, lang: str, /, **values: Any) -> str:
        """The text in spoken form. Raises KeyError for a key that is not in :data:`REQUIRED`. A text
        that cannot be put into words is said without its placeholder's value, never refused."""
        template = self._by_lang[lang][key]
        if "{" not in template:
            return template
        wording = Wording(today=date(2026, 1, 1))
        try:
            return render(template, lang, values, wording)
        except RenderError:
            known = {name: "" for name, _ in placeholders(template)} | values
            for name, form in placeholders(template):
                source = f"{{{name}|{form}}}" if form else f"{{{name}}}"
                template = template.replace(source, str(known[name]))
            return " ".join(template.split())

    def static_texts(self, languages: tuple[str, ...] = LANGUAGES) -> list[tuple[str, str]]:
        """(text, lang) of everything said word for word (not what only people at a desk read)."""
        return [
            (text, lang)
            for lang in languages
            for key, text in self._by_lang.get(lang, {}).items()
            if "{" not in text and not key.startswith("tried.") and key not in ("yes", "no")
        ]


def _check_key(key: str, text: Any) -> tuple[str, str] | None:
    if key not in REQUIRED:
        return f"'{key}' is not a text this line uses", "Remove it, or correct its name."
    if not isinstance(text, str) or not text.strip():
        return f"'{key}' has no text", "Write what is to be said, between quotes."
    if not braces_balanced(text):
        return f"'{key}' has a single brace", "Write values as {name} or {name|form}."
    for name, form in placeholders(text):
        if name not in REQUIRED[key]:
            allowed = ", ".join(f"{{{n}}}" for n in REQUIRED[key]) or "no values"
            return f"'{key}' uses {{{name}}}, which it does not have", f"This text may use {allowed}."
        if form and form not in FORMS:
            return f"'{key}' uses the unknown form '{form}'", f"Forms are {', '.join(FORMS)}."
    return None


def _read(path: Path, problems: list[Problem], lang: str) -> Mapping[str, str]:
    file = str(path)
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        problems.append(
            Problem(file, 1, "cannot be read", "Every language needs its file of texts, in UTF-8.")
        )
        return {}
    texts, wrong = _parsed(source, lang)
    problems += [replace(problem, file=file) for problem in wrong]
    return texts


@lru_cache(maxsize=8)
def _parsed(source: str, lang: str) -> tuple[Mapping[str, str], tuple[Problem, ...]]:
    """The texts of a file, with the built-in ones of ``lang`` that it lacks ("": none), and its problems
    without its name. Kept, because most edits of a flow leave its texts as they are: reading them took 40 %
    of a small flow's check."""
    file = ""
    document = parse_yaml(file, source)
    problems = document.problems
    built_in = _built_in(lang) if lang else {}
    if not isinstance(document.data, dict):
        if not document.problems:
            problems.append(Problem(file, 1, "is not a list of texts", "Write lines of the form key: text."))
        return {}, tuple(problems)
    texts: dict[str, str] = {}
    for key, text in document.data.items():
        wrong = _check_key(key, text)
        if wrong is None:
            texts[key] = text.strip()
        else:
            problems.append(document.problem((key,), *wrong))
    missing = [key for key in REQUIRED if key not in document.data]
    problems += [_missing(file, key, built_in) for key in missing]
    found = {key: built_in[key] for key in missing if key in built_in} | texts
    return MappingProxyType(found), tuple(problems)


def _missing(file: str, key: str, built_in: Mapping[str, str]) -> Problem:
    missing = f"the text '{key}' is missing"
    if key not in built_in:
        return Problem(file, 1, missing, "Add it.")
    return Problem(
        file,
        1,
        f"{missing}: the built-in one is said",
        f'Add it, in your words: "{built_in[key]}"',
        "warning",
    )


@cache
def _built_in(lang: str) -> Mapping[str, str]:
    """What stands in for texts that a business's own files do not have, so that a new version with more
    texts takes over a folder written for an older one. Empty where the package came without them."""
    path = Path(__file__).parents[1] / "templates" / "texts" / f"{lang}.yaml"
    return _read(path, [], "") if path.is_file() else {}


def check_texts(prompts_dir: Path) -> tuple[Texts, list[Problem]]:
    """The texts, and what is wrong with their files. A text that is missing there is the built-in one, which
    is a warning."""
    problems: list[Problem] = []
    by_lang = {lang: _read(prompts_dir / "texts" / f"{lang}.yaml", problems, lang) for lang in LANGUAGES}
    return Texts(by_lang), problems


def load_texts(prompts_dir: Path) -> Texts:
    """Reads ``texts/es.yaml`` and ``texts/en.yaml``. Raises :class:`FlowError` with every error."""
    texts, problems = check_texts(prompts_dir)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        raise FlowError(errors)
    return texts
