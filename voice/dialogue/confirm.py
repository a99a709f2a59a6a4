"""Confirmation by confidence and risk: take it, echo it, ask about it, or ask again."""

from __future__ import annotations

from enum import Enum

from voice.dialogue.flow import AskStep, Thresholds
from voice.languages import fold, language
from voice.languages.base import word_list


class Decision(Enum):
    TAKE = "take"  # without a word
    ECHO = "echo"  # implicitly: said with the next prompt, and open to "no, ..."
    QUESTION = "question"  # explicitly: yes or no
    REFUSE = "refuse"  # not sure enough to even ask


def decide(step: AskStep, confidence: float, thresholds: Thresholds) -> Decision:
    """``confidence`` is of recognition and parsing together; 1.0 for keys.

    Money is always confirmed with a question. A sensitive value is never read back: in doubt it is
    asked again.
    """
    if confidence < thresholds.low:
        return Decision.REFUSE
    if step.kind == "amount":
        return Decision.QUESTION
    if step.kind == "yes_no" or step.confirm == "never":
        return Decision.TAKE
    if step.sensitive:
        return Decision.ECHO if confidence >= thresholds.high else Decision.REFUSE
    if step.confirm == "explicit":
        return Decision.QUESTION
    if step.confirm == "implicit" or confidence >= thresholds.high:
        return Decision.ECHO
    return Decision.QUESTION


_NO_ORDER = {  # words of refusals and questions: no order to do it
    "es": frozenset(word_list("no ni nada nunca sin que quien cual como cuando donde si espere")),
    "en": frozenset(word_list("no not dont do never what who which why how when if did does is was wait")),
}
_DONE = {"es": ("ado", "ada", "ados", "adas", "ido", "ida"), "en": ("ed",)}  # "it has been blocked"
_STEM = 4  # letters that two forms of a verb share


def says_to(text: str, deed: str, lang: str) -> bool:
    """Whether ``text`` says to do what is asked about: "block it" where ``deed``, the question's label, is
    "block the line now"."""
    said = fold(text).split()
    verb, *rest = fold(deed).split() or [""]
    facts = language(lang)
    if len(verb) < _STEM or not _NO_ORDER[lang].isdisjoint(said):
        return False
    polite = {*fold(facts.please).split(), "it", "please", "mi", "my"}
    more = [w for w in said if w not in facts.function_words and w not in polite and w not in rest]
    return len(more) == 1 and more[0][:_STEM] == verb[:_STEM] and not more[0].endswith(_DONE[lang])


def after_no(text: str, lang: str) -> str | None:
    """What follows a leading "no" in normalised ``text``: "" for a bare one, None when there is none."""
    for phrase in sorted(language(lang).no_phrases, key=len, reverse=True):
        if text == phrase:
            return ""
        if text.startswith(phrase + " "):
            rest = text[len(phrase) + 1 :]
            return after_no(rest, lang) or rest if rest != phrase else ""
    return None
