"""Graphs: the file format, the lexicon, and that the shipped models are what the compiler makes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.errors import ModelError
from voice.model import LANGUAGES
from voice.speech import builtin, fst
from voice.speech.fillers import fillers
from voice.speech.graph import ELSE, UNKNOWN, compilable, graph_files, word_list
from voice.speech.lexicon import pronounce
from voice.speech.readings import speakable
from voice.speech.whole_words import MODEL_PHONES


@st.composite
def transducers(draw: st.DrawFn) -> fst.Fst:
    size = draw(st.integers(1, 8))
    made = fst.Fst()
    for _ in range(size):
        made.add_state()
    states = st.integers(0, size - 1)
    weights = st.floats(0, 100, width=32)
    for source, target in draw(st.lists(st.tuples(states, states), max_size=20)):
        made.add_arc(source, draw(st.integers(0, 500)), draw(st.integers(0, 500)), draw(weights), target)
    made.finals = draw(st.dictionaries(states, weights))
    return made


@given(transducers())
@settings(max_examples=50, deadline=None)
def test_a_transducer_survives_its_file(made: fst.Fst) -> None:
    assert fst.decode(fst.encode(made)) == made


@given(transducers(), st.integers(0, 2000))
@settings(max_examples=50, deadline=None)
def test_a_cut_file_is_refused(made: fst.Fst, length: int) -> None:
    data = fst.encode(made)
    with pytest.raises(ValueError, match="OpenFst"):
        fst.decode(data[: min(length, len(data) - 1)])
    with pytest.raises(ValueError, match="after its end"):
        fst.decode(data + b"\0")


@given(st.binary(max_size=200))
@settings(max_examples=50, deadline=None)
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="OpenFst"):
        fst.decode(data)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_shipped_model_is_whole_and_made_by_this_compiler(lang: str) -> None:
    folder = builtin.base(lang)
    assert builtin.is_whole(folder)
    for name, data in graph_files(builtin.read_lexicon(folder), lang).items():
        assert (folder / "graph" / name).read_bytes() == data, name


def test_the_graph_labels_words_and_keeps_kaldis_conventions() -> None:
    graph = fst.decode(graph_files({"no": (("n", "o"),), "sí": (("s", "i"),)}, "es")["HCLr.fst"])
    assert word_list({"sí": (), "no": ()}) == ["<eps>", "no", "sí", ELSE, UNKNOWN, "#0"]
    labels = word_list({"sí": (), "no": ()}, fillers("es").all)
    assert {labels[arc.olabel] for arcs in graph.arcs for arc in arcs} == {*labels} - {"#0"}
    symbols = 1 + 4 * len(MODEL_PHONES["es"])
    assert max(arc.ilabel for arcs in graph.arcs for arc in arcs) <= 2 * symbols
    for state, arcs in enumerate(graph.arcs):
        assert [arc.olabel for arc in arcs] == sorted(arc.olabel for arc in arcs)
        for arc in arcs:
            if arc.ilabel:  # odd ids are self-loops, even ones enter the next phone
                assert (arc.target == state) == (arc.ilabel % 2 == 1)


def test_phones_of_another_language_are_refused() -> None:
    with pytest.raises(ValueError, match="AA"):
        graph_files({"no": (("AA",),)}, "es")


@pytest.mark.parametrize(
    ("word", "lang", "way"),
    [
        ("señor", "es", ("s", "e", "ny", "o", "r")),
        ("guerra", "es", ("g", "e", "rr", "a")),
        ("ciudad", "es", ("T", "j", "u", "d", "a", "d")),
        ("ciudad", "es", ("s", "j", "u", "d", "a", "d")),
        ("router", "en", ("R", "AW", "D", "ER")),
        ("zero", "en", ("Z/zero", "IH/zero", "R/zero", "OW/zero")),
        ("the", "en", ("DH", "IY")),
    ],
)
def test_words_are_pronounced_as_their_language_says_them(word: str, lang: str, way: tuple[str, ...]) -> None:
    assert way in pronounce([word], lang)[word]


def test_what_is_no_word_has_no_pronunciation() -> None:
    assert pronounce(["[unk]", "¿qué?", "привет", "", "a_b", "e-mail"], "en").keys() == {"e-mail"}
    assert not speakable("uno dos")
    assert speakable("d'or")


@given(st.text(max_size=12))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_known_phones_or_nothing(word: str) -> None:
    for lang in LANGUAGES:
        for ways in pronounce([word], lang).values():
            assert ways
            assert all(way and set(way) <= set(MODEL_PHONES[lang]) for way in ways)


def test_new_words_are_compiled_once_and_found_again(tmp_path: Path) -> None:
    known = next(iter(builtin.base_words("es")))
    assert builtin.with_words("es", [known], tmp_path) == builtin.base("es")
    made = builtin.with_words("es", ["roaming", known, "router"], tmp_path)
    written = (made / "graph/HCLr.fst").stat().st_mtime_ns
    assert builtin.with_words("es", ["router", "roaming"], tmp_path) == made
    assert (made / "graph/HCLr.fst").stat().st_mtime_ns == written
    assert builtin.read_lexicon(made).keys() == builtin.base_words("es") | {"roaming", "router"}
    assert [path.name for path in tmp_path.iterdir()] == [made.name]


def test_the_cache_keeps_what_was_used_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin, "KEPT", 2)
    first, second = (builtin.with_words("es", [word], tmp_path) for word in ("roaming", "router"))
    english = builtin.with_words("en", ["router"], tmp_path)
    for age, path in enumerate((second, first)):  # the first one was used again since
        os.utime(path, ns=(0, age))
    assert builtin.with_words("es", ["roaming"], tmp_path) == first
    third = builtin.with_words("es", ["fibra", "router"], tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {first.name, third.name, english.name}


def test_a_phrase_with_other_spaces_is_no_label() -> None:
    """A label with a tab in it is a graph that Vosk cannot open."""
    lexicon = pronounce(["sí", "no"], "es")
    assert compilable(["sí no", "sí\tno", "sí  no", " sí", "no\n", ""], lexicon) == ("sí no",)


def test_a_damaged_cache_entry_is_made_again(tmp_path: Path) -> None:
    made = builtin.with_words("en", ["router"], tmp_path)
    graph = made / "graph/HCLr.fst"
    whole = graph.read_bytes()
    graph.write_bytes(whole[:1000])
    assert not builtin.is_whole(made)
    assert builtin.with_words("en", ["router"], tmp_path) == made
    assert graph.read_bytes() == whole


def test_a_cache_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(ModelError, match="writable"):
        builtin.with_words("es", ["router"], blocked)


def test_a_missing_model_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(builtin, "MODELS", tmp_path)
    with pytest.raises(ModelError, match=r"speech\.model_es"):
        builtin.base("es")
