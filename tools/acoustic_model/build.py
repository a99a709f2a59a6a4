"""The stages from text to a model folder, in order; each leaves a file that the next run finds again."""

from __future__ import annotations

import itertools
import json
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch

from tools.acoustic_model.alignment import align
from tools.acoustic_model.corpora import debian_takes, real_takes, split_of
from tools.acoustic_model.features import (
    IGNORED,
    MFCC_CONF,
    Floats,
    Labels,
    Mfcc,
    Segment,
    pdfs_of,
    phone_table,
    phones_of_pdfs,
)
from tools.acoustic_model.network import (
    AcousticNetwork,
    Shape,
    blend,
    divide_priors,
    export,
    load,
    posteriors,
    save,
)
from tools.acoustic_model.rendering import (
    Material,
    render_aligned,
    render_synthetic,
    resampled,
    segments_of,
    training_voices,
)
from tools.acoustic_model.steps import Plan, Progress
from tools.acoustic_model.takes import Take
from tools.acoustic_model.training import Pool, priors_of, train_frames, train_sequences
from voice.speech import builtin
from voice.speech.lexicon import Pronunciation, pronounce
from voice.speech.whole_words import sound_of

LANGUAGES = ("en", "es")
STAGES = ("synthetic", "first", "voices", "aligned", "real", "second", "alone", "sequences", "export")
# A wide lattice, so that what else it could have been is weighed and not just cut off: with a beam of 2 a
# Spanish menu told 70 % of other speech apart, with 6 it tells 91 %. What makes that cheap: no
# determinization by phones, of which the loop that stands for other speech holds too many sequences; and
# none while somebody speaks, where every path still open counts as another end. With Kaldi's usual ones 12 s
# of babble took up to seven times as long, and half a minute of it under a digit loop minutes. The limit on
# memory (bytes; beyond it the lattice is made narrower) keeps the end of a loop's half a minute to 0.2 s.
# Vosk ends no utterance by itself: endpointing is voice.speech.endpointing's.
MODEL_CONF = """--min-active=200
--max-active=3000
--beam=11.0
--lattice-beam=5.0
--phone-determinize=false
--determinize-max-delay=3000
--determinize-max-active=20
--max-mem=1000000
--acoustic-scale={scale}
--frame-subsampling-factor=3
--endpoint.silence-phones=1
--endpoint.rule1.min-trailing-silence=3600
--endpoint.rule2.min-trailing-silence=3600
--endpoint.rule3.min-trailing-silence=3600
--endpoint.rule4.min-trailing-silence=3600
--endpoint.rule5.min-utterance-length=3600
"""
# English sounds that a Spanish line may hear as its own: with them the Spanish outputs, too, learn from
# people. DH is what stands for a d between vowels, HH the j of the Caribbean and the Andes. Vowels other
# than the corners of the triangle and AO have no equal and teach nothing.
_ALIKE = """SIL=SIL P=p B=b T=t D=d K=k G=g F=f S=s M=m N=n NG=n L=l W=w Y=j CH=tS TH=T
    DH=d V=b HH=x Z=s IY=i UW=u EH=e AA=a AO=o"""
SHARED_SOUNDS = dict(pair.split("=") for pair in _ALIKE.split())
SHORTEST_FRAMES = 10


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that decides the result. Rebuilding with the same recipe and data gives the same models."""

    seed: int = 1
    hours: float = 10.0  # of synthetic speech a language
    pieces: int = 2  # files it is made in, side by side
    versions: int = 8  # telephone versions of each real recording
    shape: Shape = field(default_factory=Shape)
    voice_hours: float = 3.0  # of the other voices
    first_steps: int = 800  # on synthetic speech only, to align the real
    first_rate: float = 2e-3
    frame_steps: int = 4800
    frame_rate: float = 2e-3
    # A language by itself, from what both have learned: Spanish has the fewer people, and shares its layers
    # with English until here.
    alone_steps: dict[str, int] = field(default_factory=lambda: {"es": 400})
    alone_rate: float = 1e-3
    sequence_steps: int = 400
    sequence_rate: float = 3e-4
    # How much of each batch is people; the Spanish ones are fewer, and one of them speaks most of it.
    real_share: dict[str, float] = field(default_factory=lambda: {"en": 0.45, "es": 0.25})
    voice_share: dict[str, float] = field(default_factory=lambda: {"en": 0.15, "es": 0.2})
    borrowed_share: float = 0.2  # of each Spanish batch: sounds of English speakers
    # The exported weights lie between the network before (0) and after (1) the sequence training: before,
    # single words are heard better, after, words in a row. Then what is taken off silence, and the scale of
    # the scores in decoding; all three by measurement.
    blend: float = 0.6
    silence_off: dict[str, float] = field(default_factory=lambda: {"en": 1.0, "es": 0.0})
    scale: dict[str, float] = field(default_factory=lambda: {"en": 0.6, "es": 0.5})
    workers: int = 2
    threads: int = 2


_NO_MATTER = ("workers", "threads")  # to the result, but for the last bits of sums


class OtherRecipe(Exception):
    """The work folder was begun with another recipe, or other recordings."""


class Build:
    def __init__(self, recipe: Recipe, data: Path, work: Path, out: Path, say: Progress) -> None:
        self.recipe, self.data, self.work, self.out, self.say = recipe, data, work, out, say

    def run(self, until: str = STAGES[-1]) -> None:
        """Raises FileNotFoundError when recordings are missing, and :class:`OtherRecipe`."""
        self.work.mkdir(parents=True, exist_ok=True)
        self.same_recipe()
        torch.set_num_threads(self.recipe.threads)
        for stage in STAGES[: STAGES.index(until) + 1]:
            self.say(f"--- {stage}")
            getattr(self, f"_{stage}")()

    def same_recipe(self) -> None:
        """Stages of one recipe and data never go on with another's."""
        decides = {key: value for key, value in asdict(self.recipe).items() if key not in _NO_MATTER}
        recordings = {
            str(path.relative_to(self.data)): path.stat().st_size
            for part in ("speech", "noise")
            for path in sorted((self.data / part).rglob("*"))
            if path.is_file()
        }
        now = json.loads(json.dumps({"recipe": decides, "recordings": recordings}))
        noted = self.work / "recipe.json"
        if not noted.exists():
            _write_json(noted, now)
            return
        before = json.loads(noted.read_text())
        other = [key for key, value in now["recipe"].items() if before["recipe"].get(key) != value]
        other += ["recordings"] if before["recordings"] != recordings else []
        if other:
            raise OtherRecipe(
                f"{self.work} has stages of a run with other {', '.join(other)}: name another folder with "
                f"--work, or delete this one to begin again"
            )

    # --- material -----------------------------------------------------------------------------------

    def _synthetic(self) -> None:
        recipe = self.recipe
        jobs = []
        for number in range(recipe.pieces):
            for lang in LANGUAGES:
                target = self._synthetic_path(lang, number)
                if not target.exists():
                    seed = 1000 * recipe.seed + number
                    jobs.append((lang, recipe.hours / recipe.pieces, seed, self.data, target))
        # not multiprocessing.Pool: that waits for ever when a process dies with its job
        with ProcessPoolExecutor(recipe.workers, multiprocessing.get_context("spawn")) as pool:
            for done in as_completed([pool.submit(_render, job) for job in jobs]):
                self.say(f"made {done.result()}")

    def _voices(self) -> None:
        """Speech of the voices that do not time their phones, or are few: aligned by the first network."""
        for lang in LANGUAGES:
            target = self.work / f"voices-{lang}.npz"
            voices = training_voices(lang, exact=False)
            if target.exists() or not voices:
                continue
            network, priors = load(self.work / "first.pt")
            seed = 3000 * self.recipe.seed
            aligner = _Aligner(network, priors[lang], lang)
            hours = self.recipe.voice_hours
            render_synthetic(lang, hours, seed, self.data, voices, self.say, aligner.segments).save(target)

    def _aligned(self) -> None:
        for lang in LANGUAGES:
            target = self.work / f"alignments-{lang}.json"
            if not target.exists():
                network, priors = load(self.work / "first.pt")
                _write_json(target, self._align_all(network, priors[lang], lang))

    def _align_all(self, network: AcousticNetwork, priors: Floats, lang: str) -> dict[str, list[Segment]]:
        aligner = _Aligner(network, priors, lang)
        found, lost = {}, 0
        scores: dict[str, float] = {}
        for number, take in enumerate(self._training_takes(lang)):
            result = aligner.align(take)
            if result is None:
                lost += 1
            else:
                found[str(number)], scores[str(number)] = result
        # the worst fits are most often wrong transcripts or noises
        bad = set(sorted(scores, key=scores.__getitem__)[: len(scores) // 50])
        self.say(f"{lang}: {len(found) - len(bad)} recordings aligned, {lost + len(bad)} left out")
        return {key: segments for key, segments in found.items() if key not in bad}

    def _training_takes(self, lang: str) -> Iterator[Take]:
        takes = itertools.chain(real_takes(lang, self.data), debian_takes(lang))
        return (take for take in takes if split_of(take) == "train")

    def _real(self) -> None:
        for lang in LANGUAGES:
            target = self.work / f"real-{lang}.npz"
            if target.exists():
                continue
            aligned = json.loads((self.work / f"alignments-{lang}.json").read_text())
            takes = [
                (take, [(phone, start, end) for phone, start, end in aligned[str(number)]])
                for number, take in enumerate(self._training_takes(lang))
                if str(number) in aligned
            ]
            if takes:
                seed = 2000 * self.recipe.seed
                material = render_aligned(takes, lang, self.recipe.versions, seed, self.data)
                self.say(f"{lang}: {material.hours:.1f} h of real speech on telephone lines")
                material.save(target)

    # --- training -----------------------------------------------------------------------------------

    def _first(self) -> None:
        target = self.work / "first.pt"
        if not target.exists():
            pools = self._pools(real=False)
            plan = Plan(self.recipe.first_steps, self.recipe.first_rate)
            self._train(AcousticNetwork(self.recipe.shape), pools, plan, target)

    def _second(self) -> None:
        target = self.work / "second.pt"
        if not target.exists():
            network, _ = load(self.work / "first.pt")
            plan = Plan(self.recipe.frame_steps, self.recipe.frame_rate)
            self._train(network, self._pools(real=True), plan, target)

    def _train(self, network: AcousticNetwork, pools: list[Pool], plan: Plan, target: Path) -> None:
        with _resumable(target) as kept:
            train_frames(network, pools, plan, self.recipe.seed, self.say, kept)
            save(network, {lang: priors_of(pools, lang) for lang in LANGUAGES}, target)

    def _alone(self) -> None:
        for lang, steps in self.recipe.alone_steps.items():
            target = self.work / f"alone-{lang}.pt"
            if not target.exists():
                self.say(lang)
                network, priors = load(self.work / "second.pt")
                plan = Plan(steps, self.recipe.alone_rate)
                pools = self._own_pools(lang, real=True)
                with _resumable(target) as kept:
                    train_frames(network, pools, plan, self.recipe.seed, self.say, kept)
                    save(network, priors, target)

    def _frames(self, lang: str) -> tuple[AcousticNetwork, dict[str, Floats]]:
        """The network trained frame by frame, as far as ``lang`` was."""
        alone = self.work / f"alone-{lang}.pt"
        return load(alone if lang in self.recipe.alone_steps else self.work / "second.pt")

    def _sequences(self) -> None:
        for lang in LANGUAGES:
            target = self.work / f"sequence-{lang}.pt"
            if target.exists():
                continue
            self.say(lang)
            network, priors = self._frames(lang)
            divide_priors(network, lang, priors[lang])  # as the scores will be used
            plan = Plan(self.recipe.sequence_steps, self.recipe.sequence_rate)
            pools = self._own_pools(lang, real=True) + (self._borrowed_pools() if lang == "es" else [])
            with _resumable(target) as kept:
                train_sequences(network, pools, lang, plan, self.recipe.seed, self.say, kept)
                save(network, priors, target)

    def _pools(self, *, real: bool) -> list[Pool]:
        own = [pool for lang in LANGUAGES for pool in self._own_pools(lang, real=real)]
        return own + self._borrowed_pools() if real else own

    def _own_pools(self, lang: str, *, real: bool) -> list[Pool]:
        """Of the language's own speakers and voices."""
        recipe, pools = self.recipe, []
        recorded = self.work / f"real-{lang}.npz"
        share = recipe.real_share[lang] if real and recorded.exists() else 0.0
        if share:
            material = Material.load(recorded)
            pools.append(Pool(lang, material.features, material.labels, share))
        spoken = self.work / f"voices-{lang}.npz"
        if real and spoken.exists():
            material = Material.load(spoken)
            pools.append(Pool(lang, material.features, material.labels, recipe.voice_share[lang]))
            share += recipe.voice_share[lang]
        made = [Material.load(self._synthetic_path(lang, number)) for number in range(recipe.pieces)]
        return pools + [Pool(lang, one.features, one.labels, (1 - share) / len(made)) for one in made]

    def _borrowed_pools(self) -> list[Pool]:
        """Spanish ones, of English speakers."""
        recorded = self.work / "real-en.npz"
        if not recorded.exists():
            return []
        english = Material.load(recorded)
        return [Pool("es", english.features, borrowed(english.labels), self.recipe.borrowed_share)]

    def _synthetic_path(self, lang: str, number: int) -> Path:
        return self.work / f"synthetic-{lang}-{number}.npz"

    # --- models -------------------------------------------------------------------------------------

    def _export(self) -> None:
        for lang in LANGUAGES:
            before, priors = self._frames(lang)
            divide_priors(before, lang, priors[lang])
            network, _ = load(self.work / f"sequence-{lang}.pt")
            blend(network, before, self.recipe.blend)
            with torch.no_grad():
                network.heads[lang].bias[0] -= self.recipe.silence_off[lang]
            write_model(self.out / lang, lang, export(network, lang), self.recipe.scale[lang])
            self.say(f"wrote {self.out / lang}")


def _render(job: tuple[str, float, int, Path, Path]) -> str:
    lang, hours, seed, data, target = job
    voices = training_voices(lang, exact=True)
    render_synthetic(lang, hours, seed, data, voices, _say_in_a_worker).save(target)
    return target.name


@contextmanager
def _resumable(target: Path) -> Iterator[Path]:
    """The file that a stopped training goes on from, needed until ``target`` is there."""
    kept = target.with_name(f"{target.stem}-steps.pt")
    yield kept
    kept.unlink(missing_ok=True)


def _say_in_a_worker(text: str) -> None:
    print(f"       {text}", flush=True)


def _write_json(target: Path, content: object) -> None:
    part = target.with_suffix(".part")
    part.write_text(json.dumps(content))
    part.replace(target)


class _Aligner:
    """Times the phones of takes with a network that has been trained before."""

    def __init__(self, network: AcousticNetwork, priors: Floats, lang: str) -> None:
        self._network, self._log_priors, self._lang = network, np.log(priors), lang
        self._lexicon: dict[str, tuple[Pronunciation, ...]] = {}
        self._mfcc = Mfcc()

    def align(self, take: Take) -> tuple[list[Segment], float] | None:
        """The segments at 8 kHz, and how well they fit; None for words without a pronunciation, or when the
        recording is too short for them."""
        words = take.text.split()
        new = [word for word in dict.fromkeys(words) if word not in self._lexicon]
        if new:
            self._lexicon |= pronounce(new, self._lang)
        samples = resampled(take.pcm, take.rate)
        features = self._mfcc(samples)
        if len(features) < SHORTEST_FRAMES or not words or any(word not in self._lexicon for word in words):
            return None
        likelihoods = posteriors(self._network, self._lang, features) - self._log_priors
        result = align(likelihoods, words, self._lexicon, self._lang)
        return result and (segments_of(result[0], len(samples), self._lang), result[1])

    def segments(self, take: Take) -> list[Segment] | None:
        result = self.align(take)
        return result and result[0]


def borrowed(labels: Labels) -> Labels:
    """English labels as Spanish ones where the sounds are alike, ``IGNORED`` elsewhere."""
    spanish = {phone: number for number, phone in enumerate(phone_table("es"))}
    twins = [spanish.get(SHARED_SOUNDS.get(sound_of(phone), ""), -1) for phone in phone_table("en")]
    twin = np.array(twins)[phones_of_pdfs(labels)]
    later = (labels > 0) & (labels % 2 == 0)
    return np.where(twin < 0, IGNORED, pdfs_of(twin, later)).astype(np.uint16)


def write_model(folder: Path, lang: str, acoustic: bytes, scale: float) -> None:
    """A whole Vosk model folder with the words the folder's lexicon already has."""
    lexicon = pronounce(sorted(builtin.base_words(lang)), lang)
    files = {
        "am/final.mdl": acoustic,
        "conf/mfcc.conf": MFCC_CONF.encode(),
        "conf/model.conf": MODEL_CONF.format(scale=scale).encode(),
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    builtin.write_graph(folder, lang, lexicon)
