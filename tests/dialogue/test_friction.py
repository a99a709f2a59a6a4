"""The running score of a hard call: what raises it, what lowers it, what it leads to, and in which words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from voice.dialogue.annoyance import Annoyance, annoyance
from voice.dialogue.friction import (
    LASTING,
    WEAK,
    WEIGHTS,
    Friction,
    FrictionRules,
    Response,
    Sign,
    in_words,
    reason_words,
)
from voice.model import LANGUAGES, MoodSign

RULES = FrictionRules()
SENTENCES = yaml.safe_load((Path(__file__).parent / "annoyed_sentences.yaml").read_text(encoding="utf-8"))
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "text"


def run(*signs: Sign) -> tuple[Friction, list[Response]]:
    """Each sign a turn of its own."""
    friction, done = Friction(RULES), []
    for sign in signs:
        friction.add(sign)
        done += [decision.response for decision in friction.decide()]
    return friction, done


def annoyed(lang: str, part: str) -> list[str]:
    found: list[str] = SENTENCES["annoyed"][lang][part]
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_words_of_annoyance(lang: str) -> None:
    missed = [text for text in annoyed(lang, "known") if not annoyance(text, lang) - {Annoyance.URGENT}]
    assert not missed
    new = annoyed(lang, "new")
    assert sum(bool(annoyance(text, lang)) for text in new) >= 0.25 * len(new), (
        "measured: 4 of 15 in each language"
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_content_callers_say_is_no_annoyance(lang: str) -> None:
    assert [text for text in SENTENCES["content"][lang] if annoyance(text, lang)] == []


def other_peoples_sentences() -> Iterator[tuple[str, str]]:
    for name in ("intents_es_en", "commands_es_en", "slots_es_en"):
        for line in (SHARED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            yield case["text"], case["lang"]


def test_hardly_any_of_thousands_of_requests_sounds_annoyed() -> None:
    if not SHARED.is_dir():
        pytest.skip("the shared texts are not here")
    heard = [(text, lang) for text, lang in other_peoples_sentences() if annoyance(text, lang)]
    assert len(heard) <= 1, heard  # one of 13,684, and it does say "¡Eso es absurdo...!"


@pytest.mark.parametrize(
    ("text", "lang", "kinds"),
    [
        ("Perdone, pero ya se lo he dicho.", "es", {"already_told"}),
        (
            "¡JODER! Ya te lo he dicho, esto no sirve para nada.",
            "es",
            {"already_told", "complained", "swore"},
        ),
        ("ya se lo e dicho", "es", {"already_told"}),  # as a recognizer writes it
        ("un cono", "es", set()),
        ("coño", "es", {"swore"}),
        ("es urgente", "es", {"urgent"}),
        ("You stupid machine, I already told you!", "en", {"already_told", "insulted"}),
        ("it's an emergency", "en", {"urgent"}),
        ("", "en", set()),
        ("this is useless", "fr", set()),
    ],
)
def test_kinds_of_annoyance(text: str, lang: str, kinds: set[str]) -> None:
    assert {str(kind) for kind in annoyance(text, lang)} == kinds


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_any_text_is_read(text: str, lang: str) -> None:
    annoyance(text, lang)


def test_one_slip_is_nothing() -> None:
    for sign in set(Sign) - {Sign.ALREADY_TOLD, Sign.COMPLAINED, Sign.INSULTED}:
        assert run(sign)[1] == [], sign


def test_weak_signs_alone_are_nothing_however_many() -> None:
    friction, done = run(*[sign for sign in WEAK for _ in range(20)])
    assert (friction.score, done) == (0, [])


def test_what_the_caller_says_is_answered_at_once() -> None:
    friction, done = run(Sign.ALREADY_TOLD)
    assert done == [Response.SIMPLIFY, Response.APOLOGISE]
    assert friction.frustrated
    assert friction.simple


def test_it_grows_from_simpler_to_a_person_and_each_is_done_once() -> None:
    _, done = run(
        Sign.NOT_UNDERSTOOD,
        Sign.CORRECTED,
        Sign.NOT_UNDERSTOOD,
        Sign.NOT_UNDERSTOOD,
        Sign.REPEATED,
        Sign.COMPLAINED,
    )
    assert done == [Response.SIMPLIFY, Response.APOLOGISE, Response.OFFER, Response.HAND_OVER]


def test_nobody_is_handed_over_without_a_word_of_theirs_or_an_offer_before() -> None:
    friction = Friction(RULES)
    for _ in range(7):
        friction.add(Sign.NOT_UNDERSTOOD)
    assert Response.HAND_OVER not in [d.response for d in friction.decide()]
    friction.add(Sign.NOT_UNDERSTOOD)
    assert [d.response for d in friction.decide()] == [Response.HAND_OVER], (
        "it was offered, and went on going wrong"
    )


def test_an_angry_caller_goes_at_once() -> None:
    friction = Friction(RULES)
    friction.heard("esto es inútil, ya se lo he dicho, gilipollas", "es")
    (decision,) = friction.decide()
    assert decision.response is Response.HAND_OVER
    assert in_words(decision.why, "es")[0] == "insultó"


def test_progress_halves_and_rearms() -> None:
    friction, done = run(Sign.COMPLAINED)
    assert Response.APOLOGISE in done
    friction.progress()
    assert friction.score == 1.25
    friction.progress()
    assert run(Sign.COMPLAINED)[0].simple != friction.simple, "it goes well again"
    friction.add(Sign.COMPLAINED)
    assert Response.APOLOGISE in [d.response for d in friction.decide()]
    friction.progress()
    friction.progress()
    friction.progress()
    friction.add(Sign.COMPLAINED)
    assert Response.APOLOGISE not in [d.response for d in friction.decide()], "twice is enough"


def test_a_turn_that_got_somewhere_hands_nobody_over() -> None:
    friction = Friction(RULES)
    friction.heard("esto es inútil, ya se lo he dicho: quiero mi saldo, gilipollas", "es")
    friction.progress()
    assert Response.HAND_OVER not in [d.response for d in friction.decide()]


def test_failures_in_a_row_go_to_a_person() -> None:
    friction = Friction(RULES)
    friction.add(Sign.ACTION_FAILED)
    assert friction.decide() == ()
    friction.action_done()
    friction.add(Sign.ACTION_FAILED)
    assert Response.HAND_OVER not in [d.response for d in friction.decide()], "one worked between"
    friction.add(Sign.ACTION_FAILED)
    (decision,) = friction.decide()
    assert (decision.response, decision.reason) == (Response.HAND_OVER, "action_failed")


def test_weak_signs_bring_it_forward() -> None:
    slow, _ = run(Sign.ALREADY_TOLD)
    friction = Friction(RULES)
    friction.circumstance(Sign.VIP, True)
    friction.sounded(8.0, 1.5)
    friction.add(Sign.ALREADY_TOLD)
    assert friction.score == slow.score + 1.0 + 0.75 + 0.5
    assert Response.OFFER in [d.response for d in friction.decide()]
    friction.circumstance(Sign.VIP, False)
    assert friction.score == slow.score + 0.75 + 0.5


def test_how_a_voice_sounds_counts_from_a_clear_difference_on() -> None:
    friction = Friction(RULES)
    friction.sounded(5.9, 1.49)
    assert friction.why() == ()
    friction.sounded(6.0, 1.5)
    assert {sign.sign for sign in friction.why()} == {"loud", "fast"}


def test_shortly_before_closing_a_person_is_offered_early() -> None:
    friction = Friction(RULES)
    friction.circumstance(Sign.CLOSING, True)
    assert friction.decide() == ()
    friction.add(Sign.ALREADY_TOLD)
    assert Response.OFFER in [d.response for d in friction.decide()]


@pytest.mark.parametrize(
    ("rules", "says"),
    [
        ({"offer": 7}, "must rise"),
        ({"simplify": 0}, "greater than 0"),
        ({"weigh": {"annoyed": 1}}, "weigh"),
        ({"vip": "tier is"}, "vip"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_wrong_rules_say_what_is_wrong(rules: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        FrictionRules(**rules)
    assert says in str(caught.value)


def test_a_flow_may_switch_it_off_and_weigh_otherwise() -> None:
    rules = FrictionRules(
        simplify="never", apologise="never", offer="never", hand_over="never", weigh={Sign.LOUD: 0}
    )
    friction = Friction(rules)
    for _ in range(9):
        friction.heard("esto es inútil, ya se lo he dicho", "es")
        friction.sounded(20.0, 1.0)
        assert friction.decide() == ()
    assert "loud" not in {sign.sign for sign in friction.why()}
    assert FrictionRules.model_validate(yaml.safe_load("offer: off\nhand_over: no")).offer == "never"


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("sign", list(Sign))
def test_every_sign_has_its_words(lang: str, sign: Sign) -> None:
    for count in (1, 2, 9):
        said = reason_words(MoodSign(sign.value, count), lang)
        assert said
        assert "{" not in said
        assert "_" not in said
        assert "  " not in said
    if sign not in LASTING:
        assert reason_words(MoodSign(sign.value, 2), lang) != reason_words(MoodSign(sign.value), lang)


def test_reasons_of_a_newer_version_are_given_by_name() -> None:
    assert reason_words(MoodSign("sighed_deeply"), "en") == "sighed deeply"


_EVENTS = st.lists(st.sampled_from([*Sign, "progress", "done"]), max_size=40)


@settings(max_examples=150, deadline=None)
@given(_EVENTS)
def test_whatever_happens(events: list[Any]) -> None:
    friction, offers = Friction(RULES), 0
    for event in events:
        if event == "progress":
            friction.progress()
        elif event == "done":
            friction.action_done()
        else:
            friction.add(event)
        decisions = [d.response for d in friction.decide()]
        assert friction.score >= 0
        assert len(decisions) == len(set(decisions))
        assert Response.HAND_OVER not in decisions or len(decisions) == 1
        offers += Response.OFFER in decisions
    assert offers <= 2
    assert set(WEIGHTS) == set(Sign)
