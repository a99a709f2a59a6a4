"""Vosk hears what was said, in both languages, and a broken model is an error and no crash."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path
from typing import Any

import pytest

from voice.errors import EngineError, ModelError
from voice.languages import language
from voice.model import Transcript, Word
from voice.settings import Settings, SpeechSettings
from voice.slots.spelling import read_spelled
from voice.speech import builtin, vosk_model
from voice.speech.confidence import DIGITS, FEATURES, Calibration
from voice.speech.confidence import decoder_confidence as confidence
from voice.speech.graph import UNKNOWN
from voice.speech.phrases import all_pairs, closest_phrase, digit_words, in_phrases, spoken
from voice.speech.seam import Grammar
from voice.speech.vosk_engine import VoskRecognizer, runtime_grammar, understood

PHRASES = {
    "es": ("sí", "no", "quiero hablar con un agente", "el router parpadea", "consultar mi saldo"),
    "en": ("yes", "no", "i want to speak to a person", "the router is blinking", "check my balance"),
}
STRINGS = {"es": "cinco cero nueve dos", "en": "five zero nine two"}


@pytest.fixture(scope="module")
def recognizer(tmp_path_factory: pytest.TempPathFactory) -> VoskRecognizer:
    made = VoskRecognizer(cache=tmp_path_factory.mktemp("vocabulary"))
    for lang, phrases in PHRASES.items():
        assert made.prepare(lang, phrases) == ()
    return made


def hear(recognizer: VoskRecognizer, grammar: Grammar, pcm: bytes, step: int = 1600) -> Transcript:
    stream = recognizer.open(grammar)
    for start in range(0, len(pcm), step):
        stream.feed(pcm[start : start + step])
    heard = stream.finish()
    stream.close()
    return heard


CASES = [(lang, phrase) for lang in PHRASES for phrase in PHRASES[lang]]


@pytest.mark.parametrize(("lang", "phrase"), CASES)
def test_phrases_are_heard(recognizer: VoskRecognizer, speech: Any, lang: str, phrase: str) -> None:
    heard = hear(recognizer, Grammar(lang, PHRASES[lang]), speech(phrase, lang))
    assert heard.text == phrase
    assert heard.confidence > 0.8
    assert heard.final
    assert heard.lang == lang


@pytest.mark.parametrize("lang", ["es", "en"])
def test_digit_strings_are_heard_with_times(recognizer: VoskRecognizer, speech: Any, lang: str) -> None:
    pcm = speech(STRINGS[lang], lang, lead_ms=700)
    heard = hear(recognizer, Grammar(lang, digits=True), pcm)
    assert heard.text == STRINGS[lang]
    assert heard.start_ms == pytest.approx(700, abs=100)
    assert heard.end_ms == pytest.approx(len(pcm) / 16 - 300, abs=200)
    assert [word.text for word in heard.words] == heard.text.split()
    assert all(a.end_ms <= b.start_ms + 1 for a, b in zip(heard.words, heard.words[1:], strict=False))


REPEATED = {
    "es": ("seis doble cero", "doble cinco uno triple siete", "cuatro dos doble nueve"),
    "en": ("six double oh", "double five one triple seven", "four two treble nine"),
}


@pytest.mark.parametrize("kinds", [(), ("groups",)])
@pytest.mark.parametrize("lang", ["es", "en"])
def test_repeated_digits_are_heard_in_every_loop_of_digits(
    recognizer: VoskRecognizer, speech: Any, lang: str, kinds: tuple[str, ...]
) -> None:
    for said in REPEATED[lang]:
        heard = hear(recognizer, Grammar(lang, digits=True, kinds=kinds), speech(said, lang))
        assert heard.text == said
        assert heard.confidence > 0.5
        assert [word.text for word in heard.words] == said.split()


@pytest.mark.parametrize(
    ("lang", "said", "means"),
    [
        ("es", "doble erre", "rr"),
        ("es", "doble cero, uno", "001"),
        ("es", "ka, uve doble", "kw"),
        ("en", "b, e, double l, o", "bello"),
        ("en", "w, y", "wy"),
    ],
)
def test_repeated_letters_are_heard_where_a_caller_spells(
    recognizer: VoskRecognizer, speech: Any, lang: str, said: str, means: str
) -> None:
    heard = hear(recognizer, Grammar(lang, kinds=("letters",)), speech(said, lang, rate=130))
    assert read_spelled(heard.text, lang, language(lang).lexicon) == means


def test_figures_in_a_phrase_are_read_to_a_model_that_is_not_ours_and_written_again() -> None:
    grammar = Grammar("es", ("quiero 5g", "un plan", "日本"))
    assert runtime_grammar(grammar) == ["quiero 5g", "un plan", "日本", "quiero cinco ge", UNKNOWN]
    said = [{"word": word, "start": 0.1, "end": 0.2, "conf": 1.0} for word in ["quiero", "cinco", "ge"]]
    heard = understood(grammar, [{"result": said}], 300)
    assert (heard.text, heard.confidence) == ("quiero 5g", 1.0)


def test_a_model_that_is_not_ours_is_told_of_repeated_digits_in_words() -> None:
    assert "one treble oh two" in runtime_grammar(Grammar("en", digits=True))


@pytest.mark.parametrize(
    ("lang", "grammar", "said", "calibrated"),
    [
        ("es", {"digits": True}, "doble cero siete", True),
        ("en", {"digits": True, "phrases": ("i lost it",)}, "double oh seven", True),
        ("es", {"digits": True, "phrases": ("no lo tengo",)}, "no lo tengo", False),
        ("en", {"digits": True, "kinds": ("dates",)}, "may seven", False),
        ("es", {"kinds": ("amounts",)}, "siete euros", False),
        ("es", {"phrases": ("quiero mi saldo",), "free": True}, "mi saldo quiero", False),
        ("en", {"phrases": ("my bill",), "free": True}, "bill my", False),
    ],
)
def test_only_digits_are_believed_as_digits_are(
    lang: str, grammar: dict[str, Any], said: str, calibrated: bool
) -> None:
    never = Calibration({DIGITS: (-30.0, *[0.0] * (len(FEATURES) - 1))})
    words = [{"word": word, "start": 0.1, "end": 0.2, "conf": 0.9} for word in said.split()]
    heard = understood(Grammar(lang, **grammar), [{"result": words}], 300, calibration=never)
    assert heard.text == said
    assert heard.confidence == pytest.approx(0.0 if calibrated else 0.9, abs=1e-6)


@pytest.mark.parametrize("lang", ["es", "en"])
def test_something_else_is_not_taken_for_a_phrase(recognizer: VoskRecognizer, speech: Any, lang: str) -> None:
    other = {"es": "mañana por la tarde llueve", "en": "tomorrow it rains all afternoon"}[lang]
    heard = hear(recognizer, Grammar(lang, PHRASES[lang][:2]), speech(other, lang))
    assert heard.text == "" or heard.confidence < 0.5


def test_silence_has_no_words(recognizer: VoskRecognizer) -> None:
    heard = hear(recognizer, Grammar("es", PHRASES["es"]), bytes(32000))
    assert (heard.text, heard.words, heard.confidence) == ("", (), 0.0)
    assert hear(recognizer, Grammar("en", digits=True), b"") == Transcript("", 0.0, lang="en")


def test_without_a_grammar_the_whole_vocabulary_is_open(recognizer: VoskRecognizer, speech: Any) -> None:
    assert "saldo" in hear(recognizer, Grammar("es"), speech("consultar mi saldo", "es")).text


def test_pieces_of_any_size_give_the_same_words(recognizer: VoskRecognizer, speech: Any) -> None:
    pcm = speech("consultar mi saldo", "es")
    grammar = Grammar("es", PHRASES["es"])
    assert {hear(recognizer, grammar, pcm, step).text for step in (160, 320, 5000, 1 << 20)} == {
        "consultar mi saldo"
    }


def test_words_that_cannot_be_heard_are_named(recognizer: VoskRecognizer) -> None:
    assert recognizer.prepare("es", ("pagar 24 euros", "¿cuánto")) == ("¿cuánto",)


def test_an_open_utterance_survives_new_words(recognizer: VoskRecognizer, speech: Any) -> None:
    stream = recognizer.open(Grammar("es", PHRASES["es"]))
    recognizer.prepare("es", ("portabilidad numérica",))
    stream.feed(speech("consultar mi saldo", "es"))
    assert stream.finish().text == "consultar mi saldo"
    stream.close()
    heard = hear(recognizer, Grammar("es", ("portabilidad numérica",)), speech("portabilidad numérica", "es"))
    assert heard.text == "portabilidad numérica"


def test_a_language_without_a_model_is_an_error(tmp_path: Path) -> None:
    only = VoskRecognizer(cache=tmp_path, languages=("es",))
    assert only.languages() == ("es",)
    with pytest.raises(EngineError, match="'en'"):
        only.open(Grammar("en"))


@pytest.fixture
def official(tmp_path: Path) -> Path:
    """A model folder as somebody else would have made it: nothing in it says that it is ours."""
    copy = tmp_path / "vosk-model-small-es"
    shutil.copytree(builtin.base("es"), copy)
    (copy / builtin.CHECKSUMS).unlink()
    (copy / builtin.LEXICON).unlink()
    return copy


def test_a_configured_model_takes_over(official: Path, speech: Any, tmp_path: Path) -> None:
    named = VoskRecognizer.from_settings(
        Settings(data=tmp_path / "data", speech=SpeechSettings(model_es=str(official)))
    )
    assert named.model_path("es") == official
    assert named.model_path("en") == builtin.base("en")
    assert named.prepare("es", ("sí quiero roaming",)) == ("roaming",)
    assert hear(named, Grammar("es", ("sí", "no")), speech("sí", "es")).text == "sí"


def test_a_wideband_model_gets_audio_at_its_rate(official: Path, speech: Any, tmp_path: Path) -> None:
    conf = official / "conf/mfcc.conf"
    conf.write_text(conf.read_text().replace("frequency=8000", "frequency=16000"))
    assert vosk_model.inspect(official, "es").rate == 16000
    wide = VoskRecognizer({"es": official}, tmp_path, ("es",))
    assert hear(wide, Grammar("es", PHRASES["es"]), speech("consultar mi saldo", "es")).text
    conf.write_text(conf.read_text() + "--allow-upsample=true\n")
    assert vosk_model.inspect(official, "es").rate == 8000


BREAKAGES = {
    "am/final.mdl": b"\0Bjunk",
    "graph/HCLr.fst": b"junk" * 100,
    "graph/disambig_tid.int": b"x",
    "graph/Gr.fst": b"\xd6\xfd\xb2\x7e",
    "conf/model.conf": b"--no-such-option=1\n",
}


@pytest.mark.parametrize("name", BREAKAGES)
def test_a_broken_model_is_an_error(official: Path, name: str) -> None:
    (official / name).write_bytes(BREAKAGES[name])
    with pytest.raises(ModelError, match="unpack it again"):
        vosk_model.load(official, "es")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("am/final.mdl", "not a Vosk model"),
        ("graph/words.txt", "incomplete"),
        ("graph/HCLr.fst", "incomplete"),
        ("conf/mfcc.conf", "incomplete"),
    ],
)
def test_a_missing_file_is_named(official: Path, name: str, says: str) -> None:
    (official / name).unlink()
    with pytest.raises(ModelError, match=says):
        vosk_model.load(official, "es")


def test_wrong_paths_say_what_to_do(official: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"did you mean .*vosk-model-small-es"):
        VoskRecognizer({"es": official.parent}, tmp_path / "cache")
    with pytest.raises(ModelError, match=r"speech\.model_en"):
        VoskRecognizer({"en": tmp_path / "nowhere"}, tmp_path / "cache")
    packed = tmp_path / "model.zip"
    packed.write_bytes(b"PK")
    with pytest.raises(ModelError, match="unpack"):
        VoskRecognizer({"en": packed}, tmp_path / "cache")


def test_nothing_is_logged_by_the_engine(
    speech: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    quiet = VoskRecognizer(cache=tmp_path)
    hear(quiet, Grammar("es", ("sí", "palabra desconocida")), speech("sí", "es"))
    assert capfd.readouterr() == ("", "")


def test_grammars_hold_phrases_digits_and_the_unknown() -> None:
    assert runtime_grammar(Grammar("es", ("sí", "no", "sí"))) == ["sí", "no", "[unk]"]
    assert {"sí", "cero", "nueve", "[unk]"} < set(runtime_grammar(Grammar("es", ("sí",), digits=True)))


def test_every_digit_follows_every_digit_once() -> None:
    walk = all_pairs(digit_words("en")).split()
    pairs = list(itertools.pairwise(walk))
    assert len(pairs) == len(set(pairs)) == len(digit_words("en")) ** 2


def test_confidence_is_weighted_by_time_and_falls_with_unknown_words() -> None:
    assert confidence([]) == 0.0
    assert confidence([Word("sí", 0, 100, 1.0), Word("no", 100, 200, 0.5)]) == 0.75
    assert confidence([Word("sí", 0, 100, 1.0), Word("[unk]", 100, 400, 1.0)]) == 0.25


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("quiero hablar con agente", "quiero hablar con un agente"),
        ("consultar mi mi saldo", "consultar mi saldo"),
        ("hablar", None),
        ("sí quiero hablar con un agente por favor", None),
        ("", None),
        ("no", "no"),
    ],
)
def test_only_very_close_words_become_a_phrase(text: str, phrase: str | None) -> None:
    assert closest_phrase(text, PHRASES["es"]) == phrase


def test_two_phrases_about_as_near_decide_nothing() -> None:
    assert closest_phrase("bloquear la tarjetas", ("bloquear la tarjeta", "bloquear las tarjetas")) is None


@pytest.mark.parametrize(
    ("text", "worth"),
    [
        ("quiero hablar con un agente", 1.0),
        ("sí quiero hablar con un agente", 1.0),
        ("sí agente", 0.75),
        ("hablar con mi router", 0.5),
        ("", 1.0),
    ],
)
def test_words_outside_the_closed_list_are_believed_less(text: str, worth: float) -> None:
    assert in_phrases(text, PHRASES["es"]) == worth


def test_spoken_form() -> None:
    assert spoken("  ¿Cuál es mi SALDO?  ") == "cuál es mi saldo"
    assert spoken("Sen\u0303or") == "señor"
    assert spoken("I don't know.") == "i don't know"
