"""Who talks with the callers: what makes each call's dialogue, and the ear and the mouth of all calls."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from voice.call.bench_line import BenchEar, new_bench_dialogue
from voice.clock import Clock
from voice.dialogue.flow import Flow
from voice.dialogue.loader import Business
from voice.dialogue.machine import FlowDialogue
from voice.dialogue.seam import Dialogue
from voice.errors import ConfigError, FlowError, VoiceError
from voice.metrics import Metrics
from voice.model import LANGUAGES, CallInfo
from voice.relay.dialogue import with_relays
from voice.settings import Settings
from voice.speech.ears import InlineEar, ThreadedEar
from voice.speech.elsewhere import acquaint, servers_first, teach
from voice.speech.espeak import EspeakSynthesizer
from voice.speech.mouths import InlineMouth, ThreadedMouth, ToneMouth
from voice.speech.prompt_cache import PromptCache
from voice.speech.pyttsx3_engine import Pyttsx3Synthesizer
from voice.speech.seam import Ear, Mouth, Synthesizer, Voice
from voice.speech.user_lexicon import lexicon_file, read_user_lexicon
from voice.speech.vosk_engine import VoskRecognizer
from voice.speech.vosk_server import Server as SpeechServer
from voice.speech.vosk_server import servers

log = logging.getLogger(__name__)

PREPARE_SECONDS = 30  # for the prompts; calls are answered after that all the same


def _nothing(_: Flow) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Talk:
    """Ready for the first call. ``learn`` teaches the ear another flow; it blocks."""

    new_dialogue: Callable[[CallInfo], Dialogue]
    ear: Ear
    mouth: Mouth
    learn: Callable[[Flow], None] = _nothing


async def begin_talk(
    settings: Settings,
    business: Business | None,
    inline: bool,
    bench: str,
    clock: Clock,
    counters: Metrics,
    stack: AsyncExitStack,
) -> Talk:
    """Who talks with the callers of a business; without one, of the bench. ``stack`` closes them. Raises
    ConfigError, FlowError or ModelError with what to do."""
    if business is None:
        ear = await asyncio.to_thread(_bench_ear, settings) if bench == "hearing" else BenchEar()
        talk = Talk(new_bench_dialogue, ear, ToneMouth())
    else:
        talk = await _of_business(settings, business, inline, clock, counters, stack)
    stack.callback(talk.ear.close)
    stack.callback(talk.mouth.close)
    return talk


async def _of_business(
    settings: Settings,
    business: Business,
    inline: bool,
    clock: Clock,
    counters: Metrics,
    stack: AsyncExitStack,
) -> Talk:
    # learned now, not by the first caller: it takes a fifth of a second of the loop's time
    await asyncio.to_thread(getattr, business, "understanding")
    clever = has_model(settings, inline)
    new_dialogue = partial(dialogue_of, business, settings.call.lang, settings.relay.codes, clever)
    recognizer = await asyncio.to_thread(VoskRecognizer.from_settings, settings)
    far: Mapping[str, SpeechServer] = {} if inline else servers(settings)
    learn = partial(_learn, recognizer, far)
    await asyncio.to_thread(learn, business.flow)
    ear: Ear
    if inline:
        ear = InlineEar(recognizer)
    else:
        local = ThreadedEar(recognizer, settings.speech.recognition_threads)
        ear = _with_servers(far, business.flow, local, clock, counters)
    mouth = await asyncio.to_thread(make_mouth, settings, inline, stack)
    if not inline:
        await asyncio.to_thread(prepare_prompts, mouth, business)
    return Talk(new_dialogue, ear, mouth, learn)


def prepare_prompts(mouth: Mouth, business: Business) -> None:
    """Makes what is said word for word, and waits for it. Blocks."""
    mouth.prepare(business.static_texts())
    if isinstance(mouth, ThreadedMouth):
        mouth.wait_prepared(PREPARE_SECONDS)


def has_model(settings: Settings, inline: bool) -> bool:
    """A replay must give the same log on any machine: it asks no model."""
    return bool(settings.model.url) and not inline


def dialogue_of(
    business: Business, lang: str, codes: dict[str, str], model: bool, info: CallInfo
) -> Dialogue:
    """The conversation of one call, in the language that its parameters ask for or in ``lang``. ``codes`` are
    the language codes of applications that a step lends the call to; ``model``: one may be asked."""
    wanted = info.parameters.get("lang", "")
    if wanted not in business.flow.languages:
        wanted = lang
    flow = business.flow
    dialogue = FlowDialogue(flow, business.texts, business.understanding, wanted, model)
    return with_relays(dialogue, flow, business.texts, codes)


def _learn(recognizer: VoskRecognizer, far: Mapping[str, SpeechServer], flow: Flow) -> None:
    """Makes a flow's words recognisable, beside those it knows, here and at recognition servers. Raises
    FlowError for a wrong lexicon."""
    for lang in flow.languages:
        entries, problems = read_user_lexicon(lexicon_file(flow.file, lang), lang)
        if problems:
            raise FlowError(problems)
        phrases = flow.phrases(lang)
        recognizer.pronounce(lang, entries)
        teach(far, lang, entries, phrases)
        unknown = recognizer.prepare(lang, phrases)
        if unknown:
            log.warning("flow %s: words that cannot be heard in %s: %s", flow.name, lang, ", ".join(unknown))

    acquaint({lang: server for lang, server in far.items() if lang in flow.languages}, flow.phrases)


def _with_servers(
    far: Mapping[str, SpeechServer], flow: Flow, local: Ear, clock: Clock, counters: Metrics
) -> Ear:
    found = {lang: server for lang, server in far.items() if lang in flow.languages}
    if not found:
        return local
    return servers_first(
        found, local, clock, lambda name, works: counters.recognizer_up.labels(name).set(works)
    )


def _bench_ear(settings: Settings) -> Ear:
    return ThreadedEar(VoskRecognizer.from_settings(settings, ("en",)), settings.speech.recognition_threads)


def make_mouth(settings: Settings, inline: bool, stack: AsyncExitStack) -> Mouth:
    """The synthesis that the settings name, with the other one behind it. Raises ConfigError for a voice that
    does not exist."""
    speech = settings.speech
    system = Pyttsx3Synthesizer()  # its process starts when it is first needed
    stack.callback(system.close)
    first: Synthesizer = EspeakSynthesizer()
    second: Synthesizer = system
    if speech.synthesizer == "pyttsx3":
        first, second = second, first
    names = {"es": speech.voice_es, "en": speech.voice_en}
    voices = {lang: Voice(lang, names[lang], speech.rate) for lang in LANGUAGES}
    if speech.synthesizer == "espeak":
        _check_voices(first, [voice for voice in voices.values() if voice.name])
    cache = PromptCache(settings.data / "cache" / "prompts")
    if inline:
        return InlineMouth(first, cache, voices, second)
    return ThreadedMouth(first, cache, voices, second)


def _check_voices(synthesizer: Synthesizer, voices: Sequence[Voice]) -> None:
    """A misspelt voice is found at start, not by every prompt in turn. Raises ConfigError."""
    for voice in voices:
        try:
            next(iter(synthesizer.stream("1", voice)), b"")
        except VoiceError as error:
            raise ConfigError(
                f"setting speech.voice_{voice.lang}: {error}; correct it, or leave it empty for the default"
            ) from error
