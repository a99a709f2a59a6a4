"""What is put over a prompt: sounds that must not stop it for good, signs of listening, interruptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tools.hearing.noise import Floats, held_out, rms, telephone_band
from tools.hearing.turns_callers import LEVEL, Synthetic, cut, levelled, main_menu, quiet
from tools.hearing.turns_line import Echo
from voice.audio.tones import hold_music
from voice.audio.wav import read_pcm
from voice.dialogue.listening import confirm_expect, menu_expect
from voice.model import SAMPLE_RATE, Expect
from voice.speech.seam import Voice

SNR_DB = 10.0
COUGH_EVERY_MS = 2500
TUNES = 4
TELEVISION = {"es": ("es+m5", "es-419+f2"), "en": ("en-gb+m5", "en-us+f2")}
SPEAKS_AT_MS = 2500  # into the prompt
OVER_MS = 9000  # after the prompt's end
ECHOES = tuple(Echo(loss, delay) for loss in (12, 20, 30) for delay in (50, 150, 250, 400))
STATEMENT = {
    "es": "Su última factura es del quince de enero y son treinta y cuatro euros. Es lo mismo que otros "
    "meses, y se cobra el día cinco en la cuenta que tenemos apuntada, así que no tiene que hacer nada más.",
    "en": "Your last invoice is from January fifteenth and comes to thirty four euros. It is the same as "
    "other months, and it is taken on the fifth from the account we have, so there is nothing more to do.",
}
SIGNS = {"es": ("ajá", "sí sí", "vale", "mhm"), "en": ("uh huh", "okay", "right", "mm hmm")}
INTERRUPTIONS = {
    "es": ("quiero saber mi saldo", "un agente", "no entiendo la factura", "dónde está mi pedido"),
    "en": ("what is my balance", "an agent", "i do not understand my bill", "where is my order"),
}
KITCHEN = ("pv_kitchen", "tau2_people_talking", "tau2_siren", "tau2_car_horn", "tau2_dog_bark", "sb_noise1")


@dataclass(frozen=True, slots=True)
class Over:
    """Something over a prompt: ``sound`` is all the caller's side sends. ``wanted``: ``goes on`` (the prompt
    is heard to its end, nothing is taken for a turn) or ``stops`` (a turn follows). ``before``: the question
    that came before a mere statement."""

    kind: str
    lang: str
    prompt: bytes
    sound: bytes
    expect: Expect | None
    before: Expect
    wanted: str = "goes on"
    echo: Echo | None = None
    speaks_ms: int = 0


def pcm(samples: Floats) -> bytes:
    return np.clip(samples, -32768, 32767).astype("<i2").tobytes()


class Sounds:
    """Makes what is put over prompts of a flow, the same every time."""

    def __init__(self, synthetic: Synthetic, data: Path, seed: int) -> None:
        self._synthetic = synthetic
        self._data = data
        self._rng = np.random.default_rng(seed)
        self._prompts = {lang: synthetic.speech(text, Voice(lang)) for lang, text in STATEMENT.items()}

    def all(self, quick: bool) -> Iterator[Over]:
        for lang in STATEMENT:
            yield from self._noises(lang, quick)
            yield from self._echoes(lang, quick)
            yield from self._signs(lang)
            yield from self._interruptions(lang)

    def _over(self, kind: str, lang: str, sound: Floats, **more: object) -> Over:
        prompt = pcm(self._prompts[lang])
        flow = self._synthetic.flow
        before = menu_expect(flow, *main_menu(flow), lang)
        expect = more.pop("expect", before)
        length = len(self._prompts[lang]) + OVER_MS * SAMPLE_RATE // 1000
        whole = np.concatenate([sound, quiet(OVER_MS * 6)])[:length]
        return Over(kind, lang, prompt, pcm(whole), expect, before, **more)  # type: ignore[arg-type]

    def _noises(self, lang: str, quick: bool) -> Iterator[Over]:
        length = len(self._prompts[lang])
        yield self._over("coughs", lang, self._coughs(length))
        for _ in range(1 if quick else TUNES):
            yield self._over("music", lang, self._music(length))
        held = np.frombuffer(hold_music(), "<i2").astype(np.float64)
        yield self._over("music", lang, levelled(np.tile(held, 1 + length // len(held))[:length]) / 2)
        for reader in TELEVISION[lang][: 1 if quick else None]:
            yield self._over("television", lang, self._television(lang, reader, length))
        for name in KITCHEN[: 2 if quick else None]:
            path = self._data / "noise" / f"{name}.flac"
            if path.is_file():
                noise = held_out(np.frombuffer(read_pcm(path), "<i2").astype(np.float64))
                noise = np.tile(noise, 1 + length // len(noise))[:length]
                noise *= LEVEL * 10 ** (-SNR_DB / 20) / rms(telephone_band(noise))
                yield self._over("recorded noise, 10 dB", lang, noise)

    def _coughs(self, length: int) -> Floats:
        """Two bursts of noise each, 90 and 160 ms, as loud as speech."""
        sound = np.zeros(length)
        for at in range(SAMPLE_RATE, length - SAMPLE_RATE, COUGH_EVERY_MS * SAMPLE_RATE // 1000):
            for offset, ms in ((0, 90), (250, 160)):
                count = ms * SAMPLE_RATE // 1000
                burst = telephone_band(self._rng.normal(0, LEVEL, count)) * np.exp(
                    -np.arange(count) / count * 3
                )
                start = at + offset * SAMPLE_RATE // 1000
                sound[start : start + count] += burst
        return sound

    def _music(self, length: int) -> Floats:
        """Chords of decaying tones, four notes a second, 10 dB below speech."""
        sound = np.zeros(length + 2 * SAMPLE_RATE)
        t = np.arange(SAMPLE_RATE) / SAMPLE_RATE
        scale = 220 * 2 ** (np.array([0, 2, 4, 5, 7, 9, 11, 12]) / 12)
        for at in range(0, length, SAMPLE_RATE // 4):
            for hertz in self._rng.choice(scale, 2):
                tone = sum(np.sin(2 * np.pi * hertz * n * t) / n for n in range(1, 7))
                sound[at : at + SAMPLE_RATE] += tone * np.exp(-3 * t)
        sound = telephone_band(sound[:length])
        return sound * (LEVEL * 10 ** (-SNR_DB / 20) / rms(sound))

    def _television(self, lang: str, reader: str, length: int) -> Floats:
        """Somebody else reading the news, 10 dB below the caller's own speech."""
        news = {
            "es": "El consejo se reunió ayer en la capital para hablar del precio del trigo. Según la "
            "oposición, la lluvia de las últimas semanas ha mejorado el estado de los pantanos del sur.",
            "en": "The council met yesterday in the capital to talk about the price of wheat. According to "
            "the opposition, the rain of the last weeks has improved the reservoirs in the south.",
        }[lang]
        voice = Voice(lang, reader, 170)
        speech = levelled(self._synthetic.speech(news, voice)) * 10 ** (-SNR_DB / 20)
        return np.tile(speech, 1 + length // len(speech))[:length]

    def _echoes(self, lang: str, quick: bool) -> Iterator[Over]:
        for echo in ECHOES[:: 3 if quick else 1]:
            yield self._over(f"echo at -{echo.loss_db:.0f} dB", lang, quiet(20), echo=echo)

    def _said(self, text: str, lang: str) -> Floats:
        speech = levelled(cut(self._synthetic.speech(text, self._synthetic.voice(lang))))
        return np.concatenate([quiet(SPEAKS_AT_MS), speech])

    def _signs(self, lang: str) -> Iterator[Over]:
        asked = confirm_expect(self._synthetic.flow, "step", lang)
        for sign in SIGNS[lang]:
            sound = self._said(sign, lang)
            yield self._over("sign of listening, statement", lang, sound, expect=None, speaks_ms=SPEAKS_AT_MS)
            yield self._over("sign of listening, menu", lang, sound, speaks_ms=SPEAKS_AT_MS)
            yield self._over(
                "the same, asked yes or no", lang, sound, expect=asked, wanted="stops", speaks_ms=SPEAKS_AT_MS
            )

    def _interruptions(self, lang: str) -> Iterator[Over]:
        for text in INTERRUPTIONS[lang]:
            for echo in (None, Echo(15, 150)):
                kind = "interruption" if echo is None else "interruption over echo"
                sound = self._said(text, lang)
                yield self._over(kind, lang, sound, wanted="stops", echo=echo, speaks_ms=SPEAKS_AT_MS)
