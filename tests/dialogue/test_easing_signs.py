"""Each sign of a hard call, alone and together with the others, in whole conversations: what it leads to,
and the same reasons in both languages' words in the log."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialogue.text_caller import Caller
from voice.dialogue.friction import FrictionRules, Sign, in_words
from voice.dialogue.loader import Business
from voice.dialogue.seam import Heard
from voice.events import FrictionDecided
from voice.model import LANGUAGES, Ended, MoodSign, Transcript, Utterance

WORDS = {
    "balance": {"es": "quiero saber mi saldo", "en": "what is my balance"},
    "urgent": {"es": "es urgente, quiero saber mi saldo", "en": "it's urgent, what is my balance"},
    "noise": {"es": "patata", "en": "potato"},
    "swears": {"es": "joder", "en": "damn it"},
    "told": {"es": "ya se lo he dicho", "en": "i already told you"},
}
LOUD: dict[str, Any] = {"louder_db": 9.0}
FAST: dict[str, Any] = {"faster": 1.8}
SORRY, OFFERED = ("simplify", "apologise"), ("simplify", "apologise", "offer")
Turn = tuple[str, dict[str, Any]]
VIP = {"vip": "yes"}
UNHEARD = "not_understood"

CASES: dict[str, tuple[list[Turn], dict[str, str], tuple[str, ...], float, dict[str, int]]] = {
    "a raised voice": (
        [("noise", LOUD), ("noise", LOUD)], {}, SORRY, 3.5, {UNHEARD: 2, "loud": 2}
    ),
    "haste": ([("noise", FAST), ("noise", FAST)], {}, SORRY, 3.0, {UNHEARD: 2, "fast": 2}),
    "interruptions": (
        [("noise", {"cut": True}), ("noise", {"cut": True})], {}, SORRY, 2.5, {UNHEARD: 2, "interrupted": 2}
    ),
    "swearing": ([("swears", {})], {}, SORRY, 2.5, {"swore": 1, UNHEARD: 1}),
    "a long call": (
        [("noise", {"after": 310_000}), ("noise", {})], {}, SORRY, 2.75, {UNHEARD: 2, "long_call": 1}
    ),
    "a VIP": ([("noise", {}), ("noise", {})], VIP, SORRY, 3.0, {UNHEARD: 2, "vip": 1}),
    "voice, haste and interruptions": (
        [("told", LOUD | FAST | {"cut": True})], {}, OFFERED, 5.0,
        {"already_told": 1, UNHEARD: 1, "loud": 1, "fast": 1, "interrupted": 1},
    ),
    "everything": (
        [("noise", LOUD | FAST | {"cut": True, "after": 310_000}), ("swears", {"cut": True})], VIP,
        (*OFFERED, "hand_over"), 7.0,
        {UNHEARD: 2, "swore": 1, "vip": 1, "long_call": 1, "loud": 1, "fast": 1, "interrupted": 2},
    ),
}  # fmt: skip


def talk(business: Business, lang: str, turns: list[Turn], profile: dict[str, str]) -> Caller:
    flow = business.flow.model_copy(update={"friction": FrictionRules(vip="profile.vip is yes")})
    ruled = Business(flow, business.texts, business.registry)
    ruled.understanding = business.understanding
    caller = Caller(ruled, lang, profile=profile)
    for words, how in turns:
        sound = {key: value for key, value in how.items() if key not in ("cut", "after")}
        said = [Utterance(p.text, "", 300, Ended.CUT) for p in caller.answer] if "cut" in how else []
        caller.answer = []
        heard = Heard(Transcript(WORDS[words][lang], 1.0, lang=lang), tuple(said), **sound)
        caller.feed(heard, how.get("after", 1000))
    return caller


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_each_sign_alone_and_together(telecom: Business, lang: str, case: str) -> None:
    turns, profile, decisions, score, signs = CASES[case]
    caller = talk(telecom, lang, [("balance", {}), *turns], profile)
    logged = [note for note in caller.notes if isinstance(note, FrictionDecided)]
    assert {note.decision for note in logged} <= set(decisions)
    assert logged[-1].decision == decisions[-1]
    assert logged[-1].score == score
    assert dict(map(tuple, logged[-1].signs)) == signs
    why = tuple(MoodSign(str(sign), int(count)) for sign, count in logged[-1].signs)
    assert logged[-1].why == {reader: in_words(why, reader) for reader in LANGUAGES}
    assert (caller.handoff is not None) == ("hand_over" in decisions)
    if caller.handoff is not None:
        assert (caller.handoff.reason, caller.handoff.priority) == ("friction", 3)
        assert caller.handoff.why_mood == why


@pytest.mark.parametrize("lang", LANGUAGES)
def test_urgency_weighs_once_and_lasts(telecom: Business, lang: str) -> None:
    caller = talk(telecom, lang, [("urgent", {}), ("noise", {}), ("noise", {})], {})
    decided = [note for note in caller.notes if isinstance(note, FrictionDecided)]
    assert [note.decision for note in decided] == list(SORRY)
    assert dict(map(tuple, decided[-1].signs)) == {UNHEARD: 2, Sign.URGENT: 1}
    assert decided[-1].score == 3.0


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("how", [LOUD, FAST, {"cut": True}, {"after": 310_000}], ids=str)
def test_one_misunderstanding_with_a_weak_sign_is_nothing(
    telecom: Business, lang: str, how: dict[str, Any]
) -> None:
    caller = talk(telecom, lang, [("balance", {}), ("noise", how)], {})
    assert not caller.note(FrictionDecided)
