"""The vosk-server protocol, client's side: what is sent, what answers mean, and answers that lie."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.errors import EngineError
from voice.model import Transcript
from voice.speech.seam import Grammar
from voice.speech.vosk_engine import runtime_grammar
from voice.speech.vosk_protocol import MAX_ANSWER_BYTES, MAX_PHONES, Dialog, ServerLied, sendable

PIECE = bytes(1600)
YES = Grammar("en", ("yes", "no"))


def final(*words: str, text: str | None = None, start: float = 0.0, conf: float = 1.0) -> str:
    items = [
        {"word": word, "start": start + i * 0.1, "end": start + i * 0.1 + 0.1, "conf": conf}
        for i, word in enumerate(words)
    ]
    return json.dumps({"result": items, "text": " ".join(words) if text is None else text})


def spoken(grammar: Grammar = YES, pieces: int = 3) -> Dialog:
    """An utterance whose audio is answered, waiting for the final answer."""
    dialog = Dialog(grammar)
    for n in range(pieces):
        dialog.audio(PIECE, n * 100)
        dialog.answer('{"partial": ""}')
    dialog.end(pieces * 100)
    return dialog


def test_the_configuration_is_what_the_local_engine_is_given() -> None:
    config = json.loads(Dialog(Grammar("es", ("sí", "no"), digits=True)).opening())["config"]
    assert config["sample_rate"] == 8000
    assert config["words"] is True
    assert config["phrase_list"] == runtime_grammar(Grammar("es", ("sí", "no"), digits=True))


OURS = {"result": [{"word": "ye", "start": 0.0, "end": 0.1, "conf": 0.4}], "text": "yes", "confidence": 0.7}


def ended_with(answer: dict[str, Any]) -> Transcript | None:
    dialog = Dialog(YES)
    dialog.opening(version=1)
    dialog.audio(PIECE, 0)
    dialog.answer('{"partial": ""}')
    dialog.end(0)
    return dialog.answer(json.dumps(answer))


def test_our_own_service_gets_the_grammar_and_makes_the_transcript() -> None:
    config = json.loads(Dialog(YES).opening(version=1))["config"]
    assert "phrase_list" not in config
    assert (config["grammar"]["lang"], config["grammar"]["phrases"]) == ("en", ["yes", "no"])
    heard = ended_with(OURS)
    assert heard is not None
    assert (heard.text, heard.confidence, heard.words[0].text) == ("yes", 0.7, "ye")


@pytest.mark.parametrize(
    "change",
    [
        {"confidence": 7},
        {"confidence": None},
        {"text": ""},
        {"text": " yes"},
        {"text": "y" * 20_001},
        {"result": []},
    ],
    ids=str,
)
def test_our_own_service_may_lie_as_well(change: dict[str, Any]) -> None:
    with pytest.raises(ServerLied):
        ended_with(OURS | change)


SAID = (("wifi", (("g", "w", "a"), ("u", "i"))),)


def test_pronunciations_go_only_to_a_service_that_takes_them() -> None:
    for version, sent in ((0, False), (1, False), (2, True), (7, True)):
        config = json.loads(Dialog(Grammar("es", ("wifi",)), SAID).opening(version=version))["config"]
        assert ("pronunciations" in config) is sent
    assert config["pronunciations"] == {"wifi": ["g w a", "u i"]}
    assert "pronunciations" not in Dialog(YES).opening(version=2)


def test_no_more_pronunciations_are_sent_than_are_taken() -> None:
    many = {f"word{number:04}": (("a",) * 50,) for number in range(1500)}
    sent, left_out = sendable({**many, "zzz": (("a",),), "long": (("a",) * 101,)}, ["zzz"])
    assert sum(len(way) for _, ways in sent for way in ways) <= MAX_PHONES
    assert "zzz" in dict(sent)
    assert "long" in left_out
    assert len(sent) + len(left_out) == 1502
    assert [word for word, _ in sent] == sorted(dict(sent))


def test_open_speech_has_no_phrase_list() -> None:
    assert "phrase_list" not in json.loads(Dialog(Grammar("es")).opening())["config"]


def test_the_end_is_written_as_servers_compare_it() -> None:
    assert Dialog(YES).end(0) == '{"eof" : 1}'


def test_partials_come_when_they_change_and_the_last_answer_is_the_transcript() -> None:
    dialog = Dialog(YES)
    heard: list[Transcript | None] = []
    for answer in (
        '{"partial" : ""}',
        '{"partial" : "yes"}',
        '{"partial" : "yes"}',
        '{"partial": "yes [unk]"}',
    ):
        dialog.audio(PIECE, 0)
        heard.append(dialog.answer(answer))
    assert [h.text if h else None for h in heard] == [None, "yes", None, None]
    dialog.end(0)
    last = dialog.answer(final("yes", conf=0.9))
    assert last is not None
    assert (last.text, last.confidence, last.final, last.lang) == ("yes", 0.9, True, "en")
    assert [(w.text, w.start_ms, w.end_ms) for w in last.words] == [("yes", 0, 100)]


def test_pieces_that_ended_at_pauses_belong_to_the_transcript() -> None:
    dialog = Dialog(Grammar("en", digits=True))
    for n in range(10):
        dialog.audio(PIECE, n)
    dialog.end(10)
    for n in range(10):
        dialog.answer(final("one", "two") if n == 4 else '{"partial": ""}')
    last = dialog.answer(final("three", start=0.6))
    assert last is not None
    assert last.text == "one two three"
    assert last.start_ms == 0


def test_an_answer_to_the_configuration_is_no_harm() -> None:
    """As the server in C++ does, which answers in binary too."""
    dialog = Dialog(YES)
    dialog.answer(b'{"partial" : ""}')
    dialog.audio(PIECE, 0)
    dialog.answer(b'{"partial" : "yes"}')
    dialog.end(0)
    last = dialog.answer(final("yes").encode())
    assert last is not None
    assert last.text == "yes"


def test_it_knows_what_waits_for_an_answer() -> None:
    dialog = Dialog(YES)
    assert Dialog(YES).waits_since is None
    dialog.audio(PIECE, 100)
    dialog.audio(PIECE, 200)
    assert [dialog.waits_since, dialog.unanswered_bytes] == [100, 3200]
    dialog.answer('{"partial": ""}')
    assert [dialog.waits_since, dialog.unanswered_bytes] == [200, 1600]


WORD = {"word": "yes", "start": 0.0, "end": 0.1, "conf": 1.0}
LIES: dict[str, Any] = {
    "not JSON": "<html>",
    "cut": '{"result": [',
    "a list": "[]",
    "a number": "7",
    "nothing": "{}",
    "text is a number": {"text": 4},
    "partial is a list": {"partial": []},
    "text without words": {"text": "yes"},
    "result is an object": {"text": "yes", "result": {}},
    "a word is a string": {"text": "yes", "result": ["yes"]},
    "no times": {"text": "yes", "result": [{"word": "yes"}]},
    "time is true": {"text": "yes", "result": [WORD | {"start": True}]},
    "time is NaN": '{"text": "yes", "result": [{"word": "yes", "start": NaN, "end": 1, "conf": 1}]}',
    "before the audio": {"text": "yes", "result": [WORD | {"start": -1.0}]},
    "after the audio": {"text": "yes", "result": [WORD | {"end": 1e9}]},
    "ends before it starts": {"text": "yes", "result": [WORD | {"start": 0.2}]},
    "out of order": {"text": "yes no", "result": [WORD | {"start": 0.1}, WORD]},
    "too sure": {"text": "yes", "result": [WORD | {"conf": 7}]},
    "two words in one": {"text": "yes no", "result": [WORD | {"word": "yes no"}]},
    "an endless word": {"text": "yes", "result": [WORD | {"word": "y" * 101}]},
    "a word with an escape": {"text": "yes", "result": [WORD | {"word": "yes\x1b[2J"}]},
    "a word that turns the line": {"text": "yes", "result": [WORD | {"word": "yes\u202e"}]},
    "a partial with an escape": {"partial": "yes\x1b]0;"},
    "a partial of a book": {"partial": "yes " * 200},
    "the words of a book": {
        "text": "yes",
        "result": [WORD | {"word": "y" * 90} for _ in range(10)],
    },
    "alternatives": {"alternatives": [{"text": "yes", "confidence": 200.1}]},
    "huge": {"partial": "y" * MAX_ANSWER_BYTES},
    "deep": "[" * 100_000,
    "not UTF-8": b'{"partial": "\xff"}',
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie_is_an_error_that_repeats_nothing_of_it(lie: Any) -> None:
    message = lie if isinstance(lie, str | bytes) else json.dumps(lie)
    with pytest.raises(ServerLied) as caught:
        spoken().answer(message)
    assert "yes" not in str(caught.value)
    assert len(str(caught.value)) < 120


def test_quick_speech_is_no_book() -> None:
    dialog = Dialog(Grammar("en"))
    for n in range(300):  # half a minute, a word in every 100 ms
        dialog.audio(PIECE, n * 100)
        dialog.answer(final("nonsense"))


def test_more_answers_than_questions_are_an_error() -> None:
    dialog = Dialog(YES)
    dialog.answer('{"partial": ""}')
    with pytest.raises(ServerLied, match="nobody asked"):
        dialog.answer('{"partial": ""}')


def test_nothing_counts_after_the_transcript() -> None:
    dialog = spoken()
    assert dialog.answer(final("no")) is not None
    assert dialog.answer("<html>") is None


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["text", "partial", "result", "word", "start", "end", "conf", "x"]), inner
        )
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(st.lists(json_values.map(json.dumps) | st.text(max_size=40) | st.binary(max_size=40), max_size=6))
def test_whatever_a_server_sends_is_a_transcript_or_an_engine_error(answers: list[str | bytes]) -> None:
    dialog = spoken(Grammar("es", ("sí",), digits=True))
    try:
        for answer in answers:
            heard = dialog.answer(answer)
            assert heard is None or 0.0 <= heard.confidence <= 1.0
    except EngineError:
        pass


def test_more_words_than_can_be_said_are_a_lie_in_one_answer_or_in_many() -> None:
    dialog = spoken(pieces=20)  # two seconds
    many = json.dumps({"result": [{"word": "yes", "start": 1, "end": 1, "conf": 0}] * 1000, "text": "yes"})
    with pytest.raises(ServerLied, match="more words"):
        dialog.answer(many)
    dialog = Dialog(YES)
    for n in range(20):
        dialog.audio(PIECE, n * 100)
    dialog.answer(final(*["yes"] * 25))
    with pytest.raises(ServerLied, match="more words"):
        dialog.answer(final(*["yes"] * 25))


def test_fast_speech_is_believed() -> None:
    heard = spoken(pieces=20).answer(final(*["yes"] * 20))
    assert heard is not None
    assert heard.text == "yes " * 19 + "yes"
