"""Recognition with Vosk: the built-in models by default, official model folders by configuration."""

from __future__ import annotations

import json
import logging
import tempfile
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import soxr

from voice.errors import EngineError
from voice.model import LANGUAGES, SAMPLE_RATE, Transcript, Word
from voice.settings import Settings
from voice.speech import builtin, kinds, vosk_model
from voice.speech.compiled import Partials, Vocabulary
from voice.speech.confidence import DIGITS, PHRASES, Calibration
from voice.speech.graph import UNKNOWN
from voice.speech.other_language import OtherLanguageStream, Tongue
from voice.speech.phrases import all_pairs, closest_phrase, digit_words, in_phrases, repaired
from voice.speech.readings import read_aloud
from voice.speech.seam import Grammar
from voice.speech.second_look import DigitsLookStream, SecondLookStream

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Loaded:
    model: Any
    folder: vosk_model.ModelFolder
    vocabulary: Vocabulary | None  # of a graph that we compiled


Stream: TypeAlias = "VoskStream | SecondLookStream | DigitsLookStream"


class VoskRecognizer:
    """One model a language, shared by all calls; thread-safe.

    ``models`` names official model folders by language; a language without one uses the built-in model,
    whose vocabulary :meth:`prepare` extends in ``cache`` (a temporary folder when None). Models are
    opened at once, so that a wrong path is a :class:`voice.errors.ModelError` here and not in a call.
    ``closed`` names a second model for a language whose first one has a fixed graph and so takes no run-time
    grammar: it hears the closed answers and the digits, the first one what is open.
    """

    name = "vosk"

    def __init__(
        self,
        models: Mapping[str, Path] | None = None,
        cache: Path | None = None,
        languages: Iterable[str] = LANGUAGES,
        closed: Mapping[str, Path] | None = None,
    ) -> None:
        self._cache = cache
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._lock = threading.Lock()
        self._official = dict(models or {})
        self._prepared: dict[str, set[str]] = {lang: set() for lang in languages}
        self._own: dict[str, builtin.Lexicon] = {lang: {} for lang in self._prepared}
        self._whole: dict[str, set[str]] = {lang: set() for lang in self._prepared}
        self._loaded = {lang: self._open(lang, ()) for lang in self._prepared}
        self._calibration = {lang: builtin.calibration(lang) for lang in self._prepared}
        self._closed = {
            lang: _Loaded(*vosk_model.load(path, lang), None)
            for lang, path in (closed or {}).items()
            if lang in self._loaded and not self._loaded[lang].folder.runtime_grammar
        }

    @classmethod
    def from_settings(cls, settings: Settings, languages: Iterable[str] = LANGUAGES) -> VoskRecognizer:
        """The models that ``speech.model_es``, ``speech.closed_model_es`` and so on name, the cache in the
        data folder."""
        speech = settings.speech
        named = {"es": speech.model_es, "en": speech.model_en}
        models = {lang: Path(path) for lang, path in named.items() if path}
        named = {"es": speech.closed_model_es, "en": speech.closed_model_en}
        closed = {lang: Path(path) for lang, path in named.items() if path}
        return cls(models, settings.data / "cache" / "vocabulary", languages, closed)

    def lengths(self, lang: str) -> dict[str, float]:
        """The mean number of phones of every word of a built-in model; empty for one that is not ours."""
        vocabulary = self._loaded[lang].vocabulary
        return dict(vocabulary.lengths) if vocabulary else {}

    def languages(self) -> tuple[str, ...]:
        return tuple(self._loaded)

    def model_path(self, lang: str) -> Path:
        """The folder in use, for people who ask what is installed."""
        return self._loaded[lang].folder.path

    def prepare(self, lang: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
        """Makes a flow's phrases recognisable, each as a whole; returns the words that it cannot hear (for a
        warning).

        Utterances that are already open keep the model they were opened with. Blocks: about 3 ms for each
        word that is new to the cache and 0.3 ms for each phrase.
        """
        return self._learn(lang, phrases, whole=True)

    def pronounce(self, lang: str, entries: builtin.Lexicon) -> None:
        """Pronunciations that go before all others (see :mod:`voice.speech.user_lexicon`), for what
        :meth:`prepare` is asked for from now on. A model that is not ours keeps its own."""
        with self._lock:
            self._own[lang] = {**self._own[lang], **entries}

    def learns(self, lang: str) -> bool:
        """Whether new words and pronunciations can be learned: by a built-in model."""
        return lang not in self._official

    def with_pronunciations(self, lang: str, entries: builtin.Lexicon) -> VoskRecognizer:
        """Another recognizer of the built-in model of ``lang`` and the same cache, with ``entries`` before
        all other pronunciations. Blocks; raises :class:`voice.errors.ModelError`."""
        made = VoskRecognizer(cache=self._cache_folder(), languages=(lang,))
        made.pronounce(lang, {**self._own[lang], **entries})
        return made

    def _learn(self, lang: str, phrases: tuple[str, ...], *, whole: bool) -> tuple[str, ...]:
        words = {word for phrase in phrases for word in phrase.split()}
        if lang in self._official:
            model = self._for(Grammar(lang, phrases)).model
            return tuple(sorted(word for word in words if model.vosk_model_find_word(word) < 0))
        with self._lock:
            wanted, strict = self._prepared[lang] | words, self._whole[lang] | set(phrases if whole else ())
            if wanted - self._prepared[lang] - builtin.base_words(lang) or strict != self._whole[lang]:
                self._loaded[lang] = self._open(lang, wanted, strict)
            self._prepared[lang], self._whole[lang] = wanted, strict
            known = builtin.read_lexicon(self._loaded[lang].folder.path)
        return tuple(sorted(words - known.keys()))

    def open(self, grammar: Grammar) -> Stream | OtherLanguageStream:
        """Starts an utterance. Raises :class:`EngineError` for a language it has no model of."""
        if grammar.lang not in self._loaded:
            raise EngineError(f"no recognition for language '{grammar.lang}': known are {self.languages()}")
        first = self._in_one_language(replace(grammar, others=()))
        others = tuple(
            Tongue(phrases, partial(self._in_one_language, Grammar(lang, phrases, loose=grammar.loose)))
            for lang, phrases in grammar.others
            if lang in self._loaded
        )
        return OtherLanguageStream(first, grammar.phrases, others) if others else first

    def _in_one_language(self, grammar: Grammar) -> Stream:
        loaded = self._for(grammar)
        strict = replace(grammar, loose=False)
        menu = grammar.loose and grammar.phrases and not (grammar.digits or grammar.kinds)
        if menu and loaded.vocabulary is not None and loaded.vocabulary.whole(strict):
            loose = replace(strict, free=True)
            again = partial(self._stream, loaded, loose)
            return SecondLookStream(self._stream(loaded, strict), again, grammar.phrases)
        first = self._stream(loaded, strict)
        if grammar.digits and set(grammar.kinds) <= {"groups"} and loaded.vocabulary is not None:
            anything = partial(self._stream, loaded, Grammar(grammar.lang))
            return DigitsLookStream(first, anything, grammar.lang)
        return first

    def _stream(self, loaded: _Loaded, grammar: Grammar) -> VoskStream:
        fits = grammar.closed and (loaded.vocabulary is not None)
        return VoskStream(
            loaded.model,
            loaded.folder,
            grammar,
            loaded.vocabulary,
            self._calibration.get(grammar.lang) if fits else None,
        )

    def bare(self, lang: str, rate: int, sentences: list[str]) -> Any:
        """Vosk's own recognizer object for an utterance at ``rate`` Hz, with the words of ``sentences`` known
        where the model takes new ones. Blocks like :meth:`prepare`. Raises :class:`EngineError`."""
        if self.unknown(lang, sentences):
            self._learn(lang, tuple(sentences), whole=False)
        loaded = self._for(Grammar(lang, tuple(sentences)))
        return new_engine(loaded.model, rate, sentences if loaded.folder.runtime_grammar else [])

    def unknown(self, lang: str, phrases: Iterable[str]) -> frozenset[str]:
        """Words that :meth:`prepare` would have to make known first; none where a model's are fixed."""
        if lang in self._official:
            return frozenset()
        words = frozenset(word for phrase in phrases for word in phrase.split())
        return words - self._prepared[lang] - builtin.base_words(lang)

    def learned(self, lang: str) -> int:
        """How many words were made known."""
        return len(self._prepared[lang])

    def rate(self, lang: str) -> int:
        """The lowest rate in Hz that the model of ``lang`` takes."""
        models = (self._loaded[lang], self._closed.get(lang, self._loaded[lang]))
        return max(loaded.folder.rate for loaded in models)

    def _for(self, grammar: Grammar) -> _Loaded:
        """The model that hears a grammar best."""
        loaded = self._loaded[grammar.lang]
        return self._closed.get(grammar.lang, loaded) if grammar.closed else loaded

    def _open(self, lang: str, words: Iterable[str], phrases: Iterable[str] = ()) -> _Loaded:
        path = self._official.get(lang)
        if path is None:
            path = builtin.with_words(lang, words, self._cache_folder(), phrases, self._own[lang])
        model, folder = vosk_model.load(path, lang)
        return _Loaded(model, folder, Vocabulary.of(path, lang) if folder.ours else None)

    def _cache_folder(self) -> Path:
        if self._cache is not None:
            return self._cache
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="centralita-vocabulary-")
        return Path(self._temporary.name)


def new_engine(model: Any, rate: int, sentences: list[str]) -> Any:
    """A ``vosk.KaldiRecognizer``, confined to ``sentences`` when there are any. Raises EngineError."""
    import vosk

    grammar = [json.dumps(sentences, ensure_ascii=False)] if sentences else []
    try:
        return vosk.KaldiRecognizer(model, rate, *grammar)
    except Exception as error:  # Vosk raises the bare class
        raise EngineError(f"Vosk could not start an utterance: {error}") from error


class VoskStream:
    """One utterance. Used by one thread at a time."""

    def __init__(
        self,
        model: Any,
        folder: vosk_model.ModelFolder,
        grammar: Grammar,
        vocabulary: Vocabulary | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        self._grammar = grammar
        self._calibration = calibration
        self._vocabulary = vocabulary
        self._resampler = _Resampler(folder.rate) if folder.rate != SAMPLE_RATE else None
        sentences: list[str] = []
        if grammar.closed and folder.runtime_grammar:
            sentences = vocabulary.sentences(grammar) if vocabulary else runtime_grammar(grammar)
        self._engine = new_engine(model, folder.rate, sentences)
        self._engine.SetWords(True)
        self._pieces: list[dict[str, Any]] = []
        self._partials = Partials(vocabulary or Vocabulary())
        self._whole = bool(grammar.phrases) and vocabulary is not None and vocabulary.whole(grammar)
        self._partial = ""
        self._bytes = 0

    def feed(self, pcm: bytes) -> Transcript | None:
        """Takes 8 kHz PCM of any length; returns a new partial or None. Its confidence is not known: 0."""
        self._bytes += len(pcm)
        if self._accept(self._resampler.feed(pcm) if self._resampler else pcm):
            self._pieces.append(json.loads(self._engine.Result()))
        said = [piece["text"] for piece in self._pieces]
        said.append(json.loads(self._engine.PartialResult())["partial"])
        text = self._partials.text(" ".join(said), self._ms())
        if text == self._partial:
            return None
        self._partial = text
        lang, foreseen = self._grammar.lang, self._whole
        return Transcript(text, 0.0, final=False, lang=lang, end_ms=self._ms(), foreseen=foreseen)

    def finish(self) -> Transcript:
        if self._resampler:
            self._accept(self._resampler.flush())
        self._pieces.append(json.loads(self._engine.FinalResult()))
        return understood(self._grammar, self._pieces, self._ms(), self._vocabulary, self._calibration)

    @property
    def heard(self) -> list[Word]:
        """After :meth:`finish`: all words with the decoder's own confidences, ``[unk]`` among them."""
        return heard_words(self._pieces, self._vocabulary)

    def close(self) -> None:
        self._engine = None

    def _accept(self, pcm: bytes) -> bool:
        if self._engine is None:
            raise EngineError("this utterance is closed")
        try:
            return bool(self._engine.AcceptWaveform(pcm))
        except Exception as error:  # Vosk raises the bare class
            raise EngineError(f"Vosk could not decode: {error}") from error

    def _ms(self) -> int:
        return self._bytes // (2 * SAMPLE_RATE // 1000)


# As in voice.speech.compiled, where phrases are not words: of 166 real strings of 4 to 10 digits (AN4) beside
# 225 phrases 32 % were exact without these weights and 51 % with them; without any phrase, 53 % are.
_PAIRS_WEIGHT = 100
_DIGIT_WEIGHT = 300
_REPEATED_WEIGHT = 10
_UNKNOWN_WEIGHT = 400


class _Resampler:
    """To the rate of a model that cannot do it itself. Its 60 ms of delay come back in ``flush``."""

    def __init__(self, rate: int) -> None:
        self._stream = soxr.ResampleStream(SAMPLE_RATE, rate, 1, dtype="int16", quality="LQ")

    def feed(self, pcm: bytes, *, last: bool = False) -> bytes:
        samples = self._stream.resample_chunk(np.frombuffer(pcm, dtype="<i2"), last=last)
        return bytes(samples.astype("<i2").tobytes())

    def flush(self) -> bytes:
        return self.feed(b"", last=True)


def runtime_grammar(grammar: Grammar) -> list[str]:
    """The sentences Vosk estimates its bigram from, of words only, for a model that is not ours; ``[unk]``
    stands for something else."""
    phrases = list(dict.fromkeys((*grammar.phrases, *read_aloud(grammar.phrases, grammar.lang))))
    kinds_said = [
        " ".join(said.replace("_", " ").split())
        for kind in grammar.kinds
        for said in kinds.sentences(grammar.lang, kind)
    ]
    if not grammar.digits:
        return [*phrases, *kinds_said, UNKNOWN]
    repeated = [said.replace("_", " ") for said in kinds.repeated(grammar.lang)]
    digits = digit_words(grammar.lang)
    return [
        *[all_pairs(digits)] * _PAIRS_WEIGHT,
        *phrases,
        *kinds_said,
        *digits * _DIGIT_WEIGHT,
        *repeated * _REPEATED_WEIGHT,
        *[UNKNOWN] * _UNKNOWN_WEIGHT,
    ]


def heard_words(pieces: Iterable[Mapping[str, Any]], vocabulary: Vocabulary | None) -> list[Word]:
    """The words of Vosk's results."""
    return (vocabulary or Vocabulary()).words(item for piece in pieces for item in piece.get("result", ()))


def _kind(grammar: Grammar, text: str) -> str:
    """Which calibration fits what was heard; "" for none."""
    if grammar.free:
        return ""
    if text in grammar.phrases or not (grammar.digits or grammar.kinds):
        return PHRASES
    return DIGITS if grammar.digits and kinds.words_of_digits(grammar.lang).issuperset(text.split()) else ""


def understood(
    grammar: Grammar,
    pieces: Iterable[Mapping[str, Any]],
    ms: int,
    vocabulary: Vocabulary | None = None,
    calibration: Calibration | None = None,
) -> Transcript:
    """The final transcript of an utterance of ``ms``, from Vosk's own results wherever they were made:
    ``{"result": [{"word", "start", "end", "conf"}], "text"}``, times in seconds. ``vocabulary`` is that of
    the compiled model that heard it."""
    heard = heard_words(pieces, vocabulary)
    words = tuple(word for word in heard if word.text != UNKNOWN)
    text = " ".join(word.text for word in words)
    if vocabulary is None:
        text = read_aloud(grammar.phrases, grammar.lang).get(text, text)
    lengths = vocabulary.lengths if vocabulary else {}
    sure = (calibration or Calibration()).confidence(_kind(grammar, text), heard, lengths)
    whole = vocabulary is not None and vocabulary.whole(grammar)
    if grammar.phrases and not (whole or grammar.free or grammar.digits or grammar.kinds):
        near = closest_phrase(text, grammar.phrases)
        mended = None if near else repaired([(w.text, w.confidence) for w in words], grammar.phrases)
        if mended:
            text, sure = mended[0], min(sure, mended[1])
        else:
            text = near or text
            sure *= in_phrases(text, grammar.phrases)
    return Transcript(
        text,
        sure,
        words,
        lang=grammar.lang,
        start_ms=words[0].start_ms if words else 0,
        end_ms=words[-1].end_ms if words else ms,
    )
