"""Recognises audio files with the configured recognizer, and prints one JSON line a file.

Any format libsndfile reads (WAV, FLAC, OGG, MP3), any rate; it is brought to telephone quality (8 kHz) first.
Without --flow, --phrases, --digits and --kind anything the model knows is recognised: with the built-in
models that is their own small vocabulary (an official Vosk model, named in the settings, takes dictation).

  voice transcribe --lang es --phrases frases.txt llamada.wav
  voice transcribe --lang en --digits recordings/*.flac
  voice transcribe --lang es --kind dates respuesta.wav
  voice transcribe --lang es --flow telecom:menu llamada.wav    # as that step of the flow hears it

--flow brings what callers may say, and the pronunciations in lexicon.es.txt or lexicon.en.txt beside it.

Each line has: path, text, confidence (0 to 1), words (text, start_ms, end_ms, confidence), seconds and
real_time_factor (decoding time over audio time). A file that cannot be read gives a line with path and error;
the others still follow, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from voice import settings
from voice.audio.wav import read_pcm
from voice.call.conversation import grammar_of
from voice.dialogue.flow_steps import AskStep, MenuStep
from voice.dialogue.hours import zone
from voice.dialogue.listening import ask_expect, menu_expect
from voice.dialogue.loader import load_business
from voice.errors import CentralitaError, ConfigError, FlowError
from voice.model import FRAME_BYTES, FRAME_MS, LANGUAGES, SAMPLE_RATE, Transcript, Word
from voice.settings import Settings
from voice.speech.endpointing import Endpointer, SpeechOff
from voice.speech.kinds import KINDS
from voice.speech.phrases import spoken
from voice.speech.seam import Grammar, Recognizer
from voice.speech.user_lexicon import Entries, lexicon_file, read_user_lexicon
from voice.speech.vad import VoiceActivity
from voice.speech.vosk_engine import VoskRecognizer
from voice.speech.vosk_server import VoskServerRecognizer, servers

BYTES_A_MS = SAMPLE_RATE * 2 // 1000
WHOLE_MS = 20_000  # up to this length a file is one utterance; a longer one is cut at its pauses
MARGIN_MS = 250  # silence around files that were cut close: models are used to hearing it
PRE_ROLL_MS = 300


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("audio", nargs="+", metavar="AUDIO", help="audio files")
    parser.add_argument("--lang", choices=LANGUAGES, default="es", help="language spoken (default: es)")
    parser.add_argument(
        "--flow",
        metavar="NAME[:STEP]",
        help="what may be said in a flow, or at one of its steps; a name in the prompts folder, or a path",
    )
    parser.add_argument("--prompts", type=Path, metavar="DIR", help="prompts folder (default: settings)")
    parser.add_argument(
        "--phrases", type=Path, metavar="FILE", help="what may be said: a phrase a line, # starts a comment"
    )
    parser.add_argument("--digits", action="store_true", help="also any sequence of spoken digits")
    parser.add_argument(
        "--kind",
        action="append",
        choices=KINDS,
        default=[],
        help="also what such answers are made of; may be given several times",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument("--data", type=Path, metavar="DIR", help="data folder, for compiled vocabulary")


def run(args: argparse.Namespace) -> int:
    configured = settings.load(args.config, overrides={"data": args.data, "prompts": args.prompts})
    phrases = read_phrases(args.phrases) if args.phrases else ()
    asked, entries, learned = Grammar(args.lang), Entries(), phrases
    if args.flow:
        asked, entries, learned = in_flow(args.flow, configured.prompts, args.lang)
    recognizer = configured_recognizer(configured, args.lang)
    recognizer.pronounce(args.lang, entries)
    unheard = recognizer.prepare(args.lang, tuple(dict.fromkeys((*learned, *phrases))))
    if unheard:
        print(f"voice transcribe: words that cannot be heard: {', '.join(unheard)}", file=sys.stderr)
    grammar = replace(
        asked,
        phrases=tuple(dict.fromkeys((*asked.phrases, *phrases))),
        digits=asked.digits or args.digits,
        kinds=tuple(dict.fromkeys((*asked.kinds, *args.kind))),
    )
    failed = False
    for path in args.audio:
        try:
            line = transcribe(recognizer, grammar, path)
        except CentralitaError as error:
            failed = True
            line = {"path": path, "error": str(error)}
        print(json.dumps(line, ensure_ascii=False), flush=True)
    return 1 if failed else 0


def in_flow(named: str, prompts: Path, lang: str) -> tuple[Grammar, Entries, tuple[str, ...]]:
    """What may be said there, the flow's own pronunciations, and all its phrases. Raises
    :class:`CentralitaError`."""
    name, step = (named, "") if Path(named).is_file() or ":" not in named else named.rsplit(":", 1)
    flow = load_business(name, prompts).flow
    if lang not in flow.languages:
        raise ConfigError(f"--lang {lang}: the flow speaks {', '.join(flow.languages)}")
    entries, problems = read_user_lexicon(lexicon_file(flow.file, lang), lang)
    if problems:
        raise FlowError(problems)
    phrases = flow.phrases(lang)
    if not step:
        return Grammar(lang, phrases, loose=True), entries, phrases
    wanted = flow.steps.get(step)
    if isinstance(wanted, AskStep):
        expect = ask_expect(flow, step, wanted, lang, datetime.now(zone(flow.timezone)).date())
    elif isinstance(wanted, MenuStep):
        expect = menu_expect(flow, step, wanted, lang)
    else:
        there = [at for at, one in flow.steps.items() if isinstance(one, AskStep | MenuStep)]
        raise ConfigError(f"--flow {named}: '{step}' is no step that listens; there are: {', '.join(there)}")
    return grammar_of(expect), entries, phrases


def configured_recognizer(configured: Settings, lang: str) -> VoskRecognizer | VoskServerRecognizer:
    """The language's recognition server where one is set, else the local engine."""
    found = servers(configured)
    if lang in found:
        return VoskServerRecognizer(found)
    return VoskRecognizer.from_settings(configured, (lang,))


def read_phrases(path: Path) -> tuple[str, ...]:
    """The phrases of a file, in spoken form. Raises :class:`ConfigError`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as UTF-8 text ({error}); check --phrases") from error
    phrases = tuple(dict.fromkeys(filter(None, (spoken(line.split("#")[0]) for line in lines))))
    if not phrases:
        raise ConfigError(f"{path}: holds no phrases; write one a line")
    return phrases


def transcribe(recognizer: Recognizer, grammar: Grammar, path: str) -> dict[str, Any]:
    """What a file says, as the command prints it. Raises :class:`CentralitaError`."""
    pcm = read_pcm(path)
    started = time.perf_counter()
    heard = [_decode(recognizer, grammar, piece, at_ms) for at_ms, piece in utterances(pcm)]
    elapsed = time.perf_counter() - started
    words = [word for transcript in heard for word in transcript.words]
    spoken_ms = [max(1, sum(word.end_ms - word.start_ms for word in one.words)) for one in heard]
    seconds = len(pcm) / BYTES_A_MS / 1000
    total = sum(one.confidence * ms for one, ms in zip(heard, spoken_ms, strict=True))
    return {
        "path": path,
        "text": " ".join(transcript.text for transcript in heard if transcript.text),
        "confidence": round(total / sum(spoken_ms), 3) if heard else 0.0,
        "words": [_word_line(word, seconds) for word in words],
        "seconds": round(seconds, 3),
        "real_time_factor": round(elapsed / seconds, 4),
    }


def utterances(pcm: bytes) -> Iterator[tuple[int, bytes]]:
    """The (start in ms, audio) of each utterance, with margins: a start may be negative."""
    margin = bytes(MARGIN_MS * BYTES_A_MS)
    if len(pcm) <= WHOLE_MS * BYTES_A_MS:
        yield -MARGIN_MS, margin + pcm + margin
        return
    activity, endpointer = VoiceActivity(), Endpointer(max_speech_ms=WHOLE_MS)
    padded = pcm + bytes(FRAME_BYTES - len(pcm) % FRAME_BYTES) + bytes(WHOLE_MS * BYTES_A_MS)
    for offset in range(0, len(padded), FRAME_BYTES):
        speech = activity.step(padded[offset : offset + FRAME_BYTES])
        turn = endpointer.step(speech, offset // BYTES_A_MS + FRAME_MS)
        if isinstance(turn, SpeechOff):
            start_ms = max(0, turn.start_ms - PRE_ROLL_MS)
            yield start_ms, pcm[start_ms * BYTES_A_MS : (turn.end_ms + PRE_ROLL_MS) * BYTES_A_MS] + margin


def _decode(recognizer: Recognizer, grammar: Grammar, pcm: bytes, at_ms: int) -> Transcript:
    stream = recognizer.open(grammar)
    try:
        stream.feed(pcm)
        heard = stream.finish()
    finally:
        stream.close()
    words = tuple(
        Word(word.text, word.start_ms + at_ms, word.end_ms + at_ms, word.confidence) for word in heard.words
    )
    return Transcript(heard.text, heard.confidence, words, lang=heard.lang)


def _word_line(word: Word, seconds: float) -> dict[str, Any]:
    last = round(seconds * 1000)
    return {
        "text": word.text,
        "start_ms": min(max(word.start_ms, 0), last),
        "end_ms": min(max(word.end_ms, 0), last),
        "confidence": round(word.confidence, 3),
    }
