"""espeak-ng through its wheel: what callers and prompts need beyond the synthesizer contract."""

from __future__ import annotations

import ctypes
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from voice.errors import VoiceError
from voice.speech import espeak as module
from voice.speech import espeak_library as lib
from voice.speech.espeak import VOICES, EspeakSynthesizer
from voice.speech.espeak_lock import ESPEAK_LOCK
from voice.speech.seam import Voice

SENTENCES = {
    "es": "Gracias por llamar, le atiende el asistente virtual.",
    "en": "Thank you for calling, this is the virtual assistant.",
}
ALL_VOICES = [(lang, name) for lang, names in VOICES.items() for name in names]


@pytest.fixture(scope="module")
def espeak() -> EspeakSynthesizer:
    return EspeakSynthesizer()


def speak(espeak: EspeakSynthesizer, text: str, voice: Voice) -> bytes:
    return b"".join(espeak.stream(text, voice))


def samples(pcm: bytes) -> Any:
    return np.frombuffer(pcm, "<i2").astype(np.float64)


@pytest.mark.parametrize(("lang", "name"), ALL_VOICES)
def test_every_offered_voice_is_level_and_trimmed(espeak: EspeakSynthesizer, lang: str, name: str) -> None:
    audio = samples(speak(espeak, SENTENCES[lang], Voice(lang, name)))
    loud = np.flatnonzero(np.abs(audio) > 131)
    assert loud[0] <= 60 * 8, "leading silence"
    assert len(audio) - loud[-1] <= 60 * 8, "trailing silence"
    level = 20 * np.log10(np.sqrt((audio**2).mean()) / 32768)
    assert -23 < level < -18
    assert np.abs(audio).max() <= 30000


def test_the_same_text_has_the_same_bytes_whatever_was_said_before(espeak: EspeakSynthesizer) -> None:
    first = speak(espeak, SENTENCES["es"], Voice("es"))
    speak(espeak, "Otra cosa, con otra longitud.", Voice("es", "es+f2", 210))
    speak(espeak, SENTENCES["en"], Voice("en", "", 120))
    assert speak(espeak, SENTENCES["es"], Voice("es")) == first
    assert speak(EspeakSynthesizer(), SENTENCES["es"], Voice("es")) == first


def test_the_same_bytes_after_an_abort(espeak: EspeakSynthesizer) -> None:
    long_text = "Esta es una frase bastante larga " * 15
    whole = speak(espeak, SENTENCES["es"], Voice("es"))
    stream = espeak.stream(long_text, Voice("es"))
    next(stream)
    stream.close()  # type: ignore[attr-defined]  # the seam's iterators can be closed
    assert speak(espeak, SENTENCES["es"], Voice("es")) == whole


def test_an_abandoned_iterator_does_not_keep_the_library(espeak: EspeakSynthesizer) -> None:
    stream = espeak.stream("Uno. " + "Esta es una frase bastante larga " * 15, Voice("es"))
    next(stream)
    # not closed, not read on: another voice must still be able to speak
    assert ESPEAK_LOCK.acquire(timeout=10)
    ESPEAK_LOCK.release()
    assert speak(espeak, SENTENCES["en"], Voice("en"))


def test_speaks_after_another_user_of_the_library_changed_everything(espeak: EspeakSynthesizer) -> None:
    before = speak(espeak, SENTENCES["es"], Voice("es"))
    library = lib.load()
    callback = lib.SynthCallback(lambda _samples, _count, _events: 0)
    with ESPEAK_LOCK:
        library.espeak_SetVoiceByName(b"en-us")
        library.espeak_SetParameter(lib.PARAMETER_PITCH, 90, 0)
        library.espeak_SetParameter(lib.PARAMETER_VOLUME, 10, 0)
        library.espeak_SetSynthCallback(callback)
        library.espeak_Synth(b"hello", 6, 0, lib.POSITION_CHARACTER, 0, lib.CHARS_UTF8, None, None)
    assert speak(espeak, SENTENCES["es"], Voice("es")) == before


def test_rate_changes_the_length(espeak: EspeakSynthesizer) -> None:
    slow, fast = (len(speak(espeak, SENTENCES["es"], Voice("es", "", rate))) for rate in (120, 240))
    assert slow > 1.5 * fast


def test_rates_out_of_range_are_brought_into_it(espeak: EspeakSynthesizer) -> None:
    assert speak(espeak, "Hola", Voice("es", "", 1)) == speak(espeak, "Hola", Voice("es", "", 80))


def test_sentences_are_apart(espeak: EspeakSynthesizer) -> None:
    audio = samples(speak(espeak, "Primera frase. Segunda frase.", Voice("es")))
    quiet = np.abs(audio) < 100
    longest = run = 0
    for is_quiet in quiet:
        run = run + 1 if is_quiet else 0
        longest = max(longest, run)
    assert 150 <= longest / 8 <= 400


def test_a_short_first_piece_comes_before_the_sentence_is_finished(espeak: EspeakSynthesizer) -> None:
    pieces = list(espeak.stream(SENTENCES["es"], Voice("es")))
    assert len(pieces) > 3
    assert len(pieces[0]) <= 120 * 16


@pytest.mark.parametrize(
    ("voice", "words"),
    [
        (Voice("fr"), "fr"),
        (Voice("es", "nope"), "nope"),
        (Voice("es", "es-419+nope"), "nope"),
        (Voice("es", "es-419+../../x"), "variant"),
    ],
)
def test_wrong_voices_say_what_there_is(espeak: EspeakSynthesizer, voice: Voice, words: str) -> None:
    with pytest.raises(VoiceError, match=words):
        list(espeak.stream("hola", voice))


@pytest.mark.parametrize("name", ["ES-419", "es-419+Annie", "en-GB", "es-mx"])
def test_names_are_found_in_any_case_and_by_alias(espeak: EspeakSynthesizer, name: str) -> None:
    assert speak(espeak, "Hola", Voice("es", name))


def test_without_a_short_temporary_folder_voices_go_by_name(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: "/" + "x" * 60)
    monkeypatch.setattr(module, "_SHORT_PARENTS", ("/" + "x" * 60,))
    espeak = EspeakSynthesizer()
    assert speak(espeak, SENTENCES["es"], Voice("es", "es-419+f2"))
    assert "varies slightly" in caplog.text


def test_a_voice_file_that_cannot_be_written_falls_back_to_the_name(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    espeak = EspeakSynthesizer()
    monkeypatch.setattr(Path, "write_text", refuse)
    assert speak(espeak, SENTENCES["es"], Voice("es"))
    assert "No space left" in caplog.text


def test_voices_made_at_the_same_time_have_files_of_their_own(espeak: EspeakSynthesizer) -> None:
    fresh = EspeakSynthesizer()
    wanted = {
        (lang, name): speak(espeak, SENTENCES[lang], Voice(lang, name)) for lang, name in ALL_VOICES[:6]
    }
    got: dict[tuple[str, str], bytes] = {}

    def say(lang: str, name: str) -> None:
        got[lang, name] = speak(fresh, SENTENCES[lang], Voice(lang, name))

    threads = [threading.Thread(target=say, args=key) for key in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == wanted


def test_a_failing_library_is_a_voice_error(
    espeak: EspeakSynthesizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            if name == "espeak_Synth":
                return lambda *_: -1
            return getattr(lib.load(), name)

    fresh = EspeakSynthesizer()
    list(fresh.stream("hola", Voice("es")))
    monkeypatch.setattr(fresh, "_library", Broken())
    with pytest.raises(VoiceError, match="status -1"):
        list(fresh.stream("hola", Voice("es")))


def test_the_library_is_the_wheels(espeak: EspeakSynthesizer) -> None:
    assert espeak.version.startswith("1.")
    assert isinstance(lib.load(), ctypes.CDLL)
