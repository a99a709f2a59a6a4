"""Whole phrases, sub-grammars, other speech, own pronunciations and calibrated confidence."""

from __future__ import annotations

import argparse
import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from voice.commands.check import run as check
from voice.languages import language
from voice.model import LANGUAGES, ExpectKind, Transcript, Word
from voice.slots.reader import parse
from voice.slots.spelling import read_spelled
from voice.speech import builtin, kinds
from voice.speech.compiled import Partials, Vocabulary
from voice.speech.confidence import DIGITS, FEATURES, PHRASES, Calibration, decoder_confidence, features
from voice.speech.fillers import phrase_label
from voice.speech.graph import ELSE, UNKNOWN, phrase_of
from voice.speech.readings import readings, speakable
from voice.speech.seam import Grammar
from voice.speech.user_lexicon import MAX_BYTES, read_user_lexicon, unsayable
from voice.speech.vosk_engine import VoskRecognizer, runtime_grammar
from voice.speech.whole_words import MODEL_PHONES

TODAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def spanish(tmp_path_factory: pytest.TempPathFactory) -> VoskRecognizer:
    made = VoskRecognizer(cache=tmp_path_factory.mktemp("vocabulary"), languages=("es",))
    made.prepare("es", ("quiero un agente", "quiero una factura", "una factura"))
    return made


def hear(recognizer: VoskRecognizer, grammar: Grammar, pcm: bytes) -> tuple[Transcript, list[str]]:
    stream = recognizer.open(grammar)
    partials = [
        heard.text
        for start in range(0, len(pcm), 1600)
        if (heard := stream.feed(pcm[start : start + 1600])) is not None
    ]
    final = stream.finish()
    stream.close()
    return final, partials


def test_a_phrase_is_whole_and_grows_while_it_is_said(spanish: VoskRecognizer, speech: Any) -> None:
    pcm = speech("quiero un agente", "es", lead_ms=600)
    final, partials = hear(spanish, Grammar("es", ("quiero un agente", "quiero una factura")), pcm)
    assert final.text == "quiero un agente"
    assert [word.text for word in final.words] == ["quiero", "un", "agente"]
    assert final.start_ms == pytest.approx(600, abs=120)
    assert all(a.end_ms <= b.start_ms for a, b in zip(final.words, final.words[1:], strict=False))
    assert partials[0] in ("quiero", "quiero un")
    assert partials[-1] == "quiero un agente"


@pytest.mark.parametrize("free", [False, True])
def test_a_partial_of_whole_phrases_is_a_guess(spanish: VoskRecognizer, speech: Any, free: bool) -> None:
    phrases = ("quiero un agente", "quiero una factura")
    stream = spanish.open(Grammar("es", phrases, free=free))
    heard = stream.feed(speech("quiero un agente", "es"))
    stream.close()
    assert heard is not None
    assert heard.foreseen is not free


def test_words_of_different_phrases_do_not_mix(spanish: VoskRecognizer, speech: Any) -> None:
    phrases = ("quiero un agente", "una factura")
    final, _ = hear(spanish, Grammar("es", phrases), speech("quiero una factura", "es"))
    assert final.text in ("", *phrases, "quiero un agente una factura")


def test_other_speech_under_a_closed_list_is_nothing(spanish: VoskRecognizer, speech: Any) -> None:
    grammar = Grammar("es", ("quiero un agente", "una factura"))
    assert hear(spanish, grammar, speech("mañana por la tarde va a llover mucho", "es"))[0].text == ""


@pytest.mark.parametrize(
    ("kind", "said", "reads", "value"),
    [
        ("numbers", "treinta y cinco euros con cincuenta", ExpectKind.AMOUNT, "35.50"),
        ("dates", "quince de marzo", ExpectKind.DATE, "2026-03-15"),
    ],
)
def test_a_kind_hears_what_the_dialogue_reads(
    spanish: VoskRecognizer, speech: Any, kind: str, said: str, reads: ExpectKind, value: str
) -> None:
    final, _ = hear(spanish, Grammar("es", kinds=(kind,)), speech(said, "es", rate=130))
    parsed = parse(reads, final.text, "es", today=TODAY)
    assert parsed is not None, final.text
    assert parsed.value == value


def test_a_spelled_name_is_heard_and_read(spanish: VoskRecognizer, speech: Any) -> None:
    final, _ = hear(
        spanish, Grammar("es", kinds=("letters",)), speech("eme, i, ge, u, e, ele", "es", rate=110)
    )
    spelled = read_spelled(final.text, "es", language("es").lexicon)
    assert spelled is not None
    assert len(set(spelled) & set("miguel")) >= 4


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_is_of_words_that_the_built_in_model_knows(lang: str) -> None:
    assert kinds.words(lang) <= builtin.base_words(lang)
    vocabulary = Vocabulary.of(builtin.base(lang), lang)
    for kind in kinds.KINDS:
        said = vocabulary.sentences(Grammar(lang, kinds=(kind,)))
        assert {UNKNOWN, ELSE} < set(said)
        labels = {label for sentence in said for label in sentence.split()} - {UNKNOWN, ELSE}
        assert all((phrase_of(label) or label).split() for label in labels)
        assert not any("_" in sentence for sentence in runtime_grammar(Grammar(lang, kinds=(kind,))))


@pytest.mark.parametrize("lang", LANGUAGES)
@given(number=st.integers(0, 99_999))
@settings(max_examples=60, deadline=None)
def test_every_number_can_be_said(lang: str, number: int) -> None:
    said = language(lang).say_number(number).replace("-", " ").replace(" and ", " ")
    assert set(said.split()) <= kinds.words(lang)


@pytest.mark.parametrize(
    ("text", "lang", "value"),
    [
        ("ge a erre ce i a", "es", "garcia"),
        ("eme u eñe o zeta", "es", "muñoz"),
        ("be de barcelona uve de valencia i griega", "es", "bvy"),
        ("jota pe cinco arroba gmail punto com", "es", "jp5@gmail.com"),
        ("doble uve ve chica", "es", "wv"),
        ("b as in bravo double u zed", "en", "bwz"),
        ("j dot s at gmail dot com", "en", "j.s@gmail.com"),
        ("hello", "en", None),
        ("", "es", None),
    ],
)
def test_spelling_is_read(text: str, lang: str, value: str | None) -> None:
    assert read_spelled(text, lang, language(lang).lexicon) == value


@given(st.text(max_size=60))
@settings(max_examples=80, deadline=None)
def test_any_text_is_spelled_or_not(text: str) -> None:
    for lang in LANGUAGES:
        spelled = read_spelled(text, lang, language(lang).lexicon)
        assert spelled is None or (spelled and not any(c.isspace() for c in spelled))


def test_labels_become_words_with_times() -> None:
    vocabulary = Vocabulary({"quiero": 6, "pan": 3}, frozenset({"quiero pan"}))
    heard = [
        {"word": phrase_label("quiero pan"), "start": 1.0, "end": 1.9, "conf": 0.7},
        {"word": ELSE, "start": 1.9, "end": 2.0, "conf": 1.0},
    ]
    assert vocabulary.words(heard) == [
        Word("quiero", 1000, 1600, 0.7),
        Word("pan", 1600, 1900, 0.7),
        Word(UNKNOWN, 1900, 2000, 1.0),
    ]


def test_a_free_grammar_has_words_and_a_closed_one_labels() -> None:
    vocabulary = Vocabulary({"a": 1, "b": 2, "c": 2}, frozenset({"a b"}))
    assert vocabulary.sentences(Grammar("en", ("a b",))) == ["=a_b", ELSE]
    assert vocabulary.sentences(Grammar("en", ("a b",), free=True)) == ["a b", UNKNOWN]
    assert vocabulary.sentences(Grammar("en", ("a b", "c"))) == ["a b", "c", UNKNOWN]
    assert vocabulary.sentences(Grammar("en", ("a b", "日本"))) == ["=a_b", ELSE]


def test_a_partial_says_no_more_than_was_said() -> None:
    partials = Partials(Vocabulary({"quiero": 6, "pan": 3}, frozenset({"quiero pan"})))
    label = phrase_label("quiero pan")
    assert partials.text(UNKNOWN, 0) == ""
    assert partials.text(label, 100) == "quiero"
    assert partials.text(label, 300) == "quiero"
    assert partials.text(label, 900) == "quiero pan"


def test_an_own_lexicon_is_read_and_its_mistakes_told(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.es.txt"
    path.write_text("# marcas\nwifi uifi\nWiFi g w a j f a j\n4g cuatroge\nmal X9\nsolo\n", encoding="utf-8")
    entries, problems = read_user_lexicon(path, "es")
    assert entries.keys() == {"wifi", "4g"}
    assert ("g", "w", "a", "j", "f", "a", "j") in entries["wifi"]
    assert len(entries["wifi"]) >= 2
    assert [problem.line for problem in problems] == [5, 6]
    assert all("tS" in problem.remedy for problem in problems)
    assert unsayable({"wifi", "24", "sí", "5g", "são", "日本"}, "es", entries) == ["日本"]
    assert read_user_lexicon(tmp_path / "lexicon.en.txt", "en") == ({}, [])


def test_a_file_that_is_no_lexicon_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "lexicon.es.txt"
    path.write_bytes(b"wifi uifi\n" * (MAX_BYTES // 10 + 1))
    entries, problems = read_user_lexicon(path, "es")
    assert entries == {}
    assert [problem.line for problem in problems] == [1]
    assert "larger than" in problems[0].message


@example(text="0 O")  # a letter by its name has the phones of that letter
@given(st.text(max_size=80))
@settings(max_examples=40, deadline=None)
def test_any_lexicon_gives_known_phones_or_problems(tmp_path_factory: Any, text: str) -> None:
    path = tmp_path_factory.mktemp("lexicon") / "lexicon.en.txt"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    entries, _ = read_user_lexicon(path, "en")
    assert all(way and set(way) <= set(MODEL_PHONES["en"]) for ways in entries.values() for way in ways)


NUMBERED = {
    "es": (("quiero 5g", "quiero cinco ge"), ("plan 24", "plan veinticuatro"), ("calle são", "calle sao")),
    "en": (("i want 5g", "i want five g"), ("plan 24", "plan twenty four"), ("dvořák hall", "dvorak hall")),
}
OTHERS = {
    "es": (("un corte", "otro corte"), "mañana por la tarde vamos al cine con mis primos"),
    "en": (("a haircut", "another haircut"), "tomorrow we are going to the cinema with my cousins"),
}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_no_plain_word_is_heard_and_what_cannot_be_takes_nothing_with_it(
    lang: str, speech: Any, tmp_path: Path
) -> None:
    listed, other = OTHERS[lang]
    phrases = (*listed, *(written for written, _ in NUMBERED[lang]), "日本")
    recognizer = VoskRecognizer(cache=tmp_path, languages=(lang,))
    assert recognizer.prepare(lang, phrases) == ("日本",)
    for written, said in (*NUMBERED[lang], *((phrase, phrase) for phrase in listed)):
        heard, _ = hear(recognizer, Grammar(lang, phrases, loose=True), speech(said, lang))
        assert heard.text == written
        assert heard.confidence > 0.5
    heard, _ = hear(recognizer, Grammar(lang, phrases), speech(other, lang))
    assert heard.text == ""


@pytest.mark.parametrize(
    ("lang", "word", "read"),
    [
        ("es", "wifi", "wifi"),
        ("es", "mp3", "eme pe tres"),
        ("es", "1ª", "primera"),
        ("es", "nº", "número"),
        ("es", "007", "cero cero siete"),
        ("es", "1", "uno/un/una"),
        ("en", "2nd", "second"),
        ("en", "h2o", "h two o"),
        ("en", "911", "nine hundred and eleven/nine one one/nine hundred eleven"),
        ("en", "straße", "strasse"),
        ("es", "日本", ""),
        ("es", "[unk]", ""),
        ("en", "1" * 40, ""),
    ],
)
def test_signs_are_read_aloud(lang: str, word: str, read: str) -> None:
    assert "/".join(" ".join(way) for way in readings(word, lang)) == read


@given(st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_word_is_read_as_plain_words_or_not_at_all(word: str) -> None:
    for lang in LANGUAGES:
        assert all(way and all(map(speakable, way)) for way in readings(word.lower(), lang))


def test_own_pronunciations_go_first(tmp_path: Path, speech: Any) -> None:
    recognizer = VoskRecognizer(cache=tmp_path, languages=("es",))
    recognizer.pronounce("es", {"xyz9": (("s", "a", "l", "d", "o"),)})
    assert recognizer.prepare("es", ("xyz9", "un agente")) == ()
    assert hear(recognizer, Grammar("es", ("xyz9", "un agente")), speech("saldo", "es"))[0].text == "xyz9"


def test_the_check_tells_what_cannot_be_pronounced(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(Path(__file__).parents[2] / "prompts", tmp_path / "prompts")
    (tmp_path / "prompts/flows/lexicon.en.txt").write_text("router\n", encoding="utf-8")
    status = check(argparse.Namespace(paths=[tmp_path / "prompts"], strict=False, quiet=False, schema=False))
    assert status == 1
    assert "lexicon.en.txt:1: error: 'router' has no pronunciation" in capsys.readouterr().out


HEARD = [Word("sí", 0, 300, 0.9), Word(UNKNOWN, 300, 400, 1.0)]


def test_a_calibration_belongs_to_one_model(tmp_path: Path) -> None:
    weights = {PHRASES: [-1.0] + [0.0] * (len(FEATURES) - 1)}
    made = {"model_sha256": "abc", "features": list(FEATURES), "weights": weights}
    (tmp_path / "calibration.json").write_text(json.dumps(made), encoding="utf-8")
    fitting = Calibration.of(tmp_path, "abc")
    assert fitting.confidence(PHRASES, HEARD, {}) == pytest.approx(0.2689, abs=1e-4)
    assert fitting.confidence(DIGITS, HEARD, {}) == decoder_confidence(HEARD)
    assert fitting.confidence(PHRASES, HEARD[1:], {}) == 0.0
    assert Calibration.of(tmp_path, "another").weights == {}


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"model_sha256": "abc", "features": []}'])
def test_a_broken_calibration_changes_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "calibration.json").write_text(content, encoding="utf-8")
    assert Calibration.of(tmp_path, "abc").weights == {}
    assert Calibration.of(tmp_path / "nowhere", "abc").weights == {}


@given(
    st.lists(
        st.builds(
            Word,
            st.sampled_from(["sí", UNKNOWN]),
            st.integers(0, 500),
            st.integers(500, 900),
            st.floats(0, 1),
        ),
        max_size=5,
    )
)
@settings(max_examples=60, deadline=None)
def test_features_are_numbers_whatever_was_heard(heard: list[Word]) -> None:
    values = features(heard, {})
    assert len(values) == len(FEATURES)
    assert all(-100 < value < 100 for value in values)
