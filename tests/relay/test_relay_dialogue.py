"""A flow that lends the caller to an application: what goes there, what is said, and every way back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.relay.relay_flow import business
from voice.cli import main
from voice.dialogue.loader import Business
from voice.dialogue.machine import FlowDialogue
from voice.dialogue.seam import (
    Action,
    Began,
    HangUp,
    Heard,
    Input,
    Invoke,
    Keyed,
    Listen,
    Note,
    PartlyHeard,
    RelayClose,
    RelayClosed,
    RelayHeard,
    RelayOpen,
    RelaySend,
    Say,
    Silence,
    Tick,
    Transfer,
)
from voice.errors import FlowError, WireError
from voice.events import RelayEnded
from voice.model import BargeIn, Ended, ExpectKind, Prompt, Source, Transcript, Utterance
from voice.queue.summary import full
from voice.relay import messages
from voice.relay.dialogue import MOST_IMPOSED_CHARS, MOST_INVALID, RelayDialogue, with_relays
from voice.relay.stale import PAUSE_MS, Answers

CODES = {"es": "es-ES", "en": "en-US"}
WISH = {"es": "quiero consejo", "en": "i want advice"}


@pytest.fixture(scope="module")
def lent(tmp_path_factory: pytest.TempPathFactory) -> Business:
    return business(tmp_path_factory.mktemp("lent"))


class Talk:
    """One call, and what the application is told."""

    def __init__(self, made: Business, lang: str = "es") -> None:
        inner = FlowDialogue(made.flow, made.texts, made.understanding, lang)
        self.dialogue = with_relays(inner, made.flow, made.texts, CODES)
        self.lang = lang
        self.now = 0
        self.said: list[Prompt] = []
        self.sent: list[dict[str, Any]] = []
        self.opened: RelayOpen | None = None
        self.closed = 0
        self.ended: list[str] = []
        self.batch: list[Action] = []
        self.feed(Began("+34600000000", "+34900000000", 1_768_381_200_000, {"lang": lang}, call_id="CA1"))

    def feed(self, item: Input, after_ms: int = 100) -> list[Action]:
        self.now += after_ms
        self.batch = self.dialogue.step(item, self.now)
        for action in self.batch:
            match action:
                case Say():
                    self.said += action.prompts
                case RelayOpen():
                    self.opened = action
                    self.sent.append(action.setup)
                case RelaySend():
                    self.sent.append(action.message)
                case RelayClose():
                    self.closed += 1
                case Note(RelayEnded() as ended):
                    self.ended.append(ended.how)
                case _:
                    pass
        return self.batch

    def to_the_application(self) -> Talk:
        self.says(WISH[self.lang])
        self.feed(Keyed("1234"))
        assert self.opened is not None
        return self

    def says(self, words: str, *heard: Utterance) -> list[Action]:
        return self.feed(Heard(Transcript(words, 0.9, lang=self.lang), heard))

    def app(self, **message: Any) -> list[Action]:
        assert self.opened is not None
        return self.feed(RelayHeard(self.opened.id, json.dumps(message)))

    def one(self, kind: type[Action]) -> Any:
        found = [action for action in self.batch if isinstance(action, kind)]
        assert len(found) == 1, self.batch
        return found[0]

    def words(self) -> list[str]:
        found = [prompt.text for action in self.batch if isinstance(action, Say) for prompt in action.prompts]
        return found


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_application_gets_the_caller_and_no_secret(lent: Business, lang: str) -> None:
    talk = Talk(lent, lang).to_the_application()
    assert talk.opened is not None
    assert talk.opened.url == "wss://adviser.example.com/relay"
    assert talk.sent[0]["type"] == "setup"
    assert (talk.sent[0]["callSid"], talk.sent[0]["from"]) == ("CA1", "+34600000000")
    assert talk.sent[0]["customParameters"] == {"caller": "+34600000000", "lang": lang}
    assert talk.one(Listen).expect.kind is ExpectKind.TEXT
    talk.says("buenas" if lang == "es" else "good morning")
    assert talk.sent[-1] == {
        "type": "prompt",
        "voicePrompt": "buenas" if lang == "es" else "good morning",
        "lang": CODES[lang],
        "last": True,
    }


def test_a_secret_is_sent_where_the_flow_says_so(tmp_path: Path) -> None:
    talk = Talk(business(tmp_path, more="send_sensitive: true")).to_the_application()
    assert talk.sent[0]["customParameters"]["pin"] == "1234"


def test_tokens_are_said_sentence_by_sentence(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    assert talk.app(type="text", token="Hola, soy ", last=False) == []
    assert talk.app(type="text", token="Ana. Le", last=False)
    assert talk.words() == ["Hola, soy Ana."]
    talk.one(Listen)
    talk.app(type="text", token=" cuesta 3.50 euros", last=False)
    talk.app(type="text", token=" al mes.", last=True, interruptible=False)
    assert talk.words() == ["Le cuesta 3.50 euros al mes."]
    assert talk.said[-1].barge_in is BargeIn.NONE


def test_what_was_heard_of_an_interrupted_answer_goes_back(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    talk.app(type="text", token="Hola, soy Ana. ¿Qué necesita?", last=True)
    heard = Utterance("Hola, soy Ana.", "Hola,", 400, Ended.CUT)
    talk.says("una pregunta", heard, Utterance("¿Qué necesita?", "", 0, Ended.UNHEARD))
    assert talk.sent[-2:] == [
        {"type": "interrupt", "utteranceUntilInterrupt": "Hola,", "durationUntilInterruptMs": 400},
        {"type": "prompt", "voicePrompt": "una pregunta", "lang": "es-ES", "last": True},
    ]
    talk.app(type="text", token="Dígame.", last=True)
    talk.says("otra", Utterance("Dígame.", "Dígame.", 500, Ended.FULL))
    assert talk.sent[-2]["type"] == "prompt", "nothing was interrupted"


def test_keys_go_to_the_application_but_zero_is_a_person(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    talk.feed(Keyed("5"))
    assert talk.sent[-1] == {"type": "dtmf", "digit": "5"}
    talk.feed(Keyed("0"))
    assert talk.one(Transfer).handoff.reason == "caller_asked"
    assert (talk.closed, talk.ended) == (1, ["person"])
    assert talk.app(type="text", token="late", last=True) == []


@pytest.mark.parametrize(
    ("lang", "words"), [("es", "quiero hablar con una persona"), ("en", "an agent please")]
)
def test_a_person_is_one_sentence_away(lent: Business, lang: str, words: str) -> None:
    talk = Talk(lent, lang).to_the_application()
    talk.app(type="text", token="Hola.", last=True)
    talk.says(words)
    handoff = talk.one(Transfer).handoff
    assert handoff.reason == "caller_asked"
    assert handoff.intent is not None
    assert handoff.intent.intent == "advice"


def test_the_end_leads_on(lent: Business) -> None:
    talk = Talk(lent, "en").to_the_application()
    talk.app(type="text", token="All done", last=False)
    talk.app(type="end")
    assert talk.words() == ["All done", "Goodbye."]
    assert talk.one(HangUp).outcome == "completed"
    assert talk.ended == ["ended"]


def test_what_is_handed_back_is_known_to_the_flow(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    talk.app(type="end", handoffData=json.dumps({"reason": "hipoteca", "deep": {"x": 1}}))
    transfer = talk.one(Transfer)
    assert transfer.handoff.queue == "advice"
    assert talk.ended == ["handoff"]
    topic = next(slot for slot in transfer.handoff.slots if slot.name == "topic")
    assert (topic.value, topic.confirmed, topic.source) == ("hipoteca", False, Source.ACTION)


@pytest.mark.parametrize("why", ["unreachable", "refused", "closed", "flood"])
def test_an_application_that_is_not_there_is_no_dead_end(lent: Business, why: str) -> None:
    talk = Talk(lent).to_the_application()
    assert talk.opened is not None
    talk.feed(RelayClosed(talk.opened.id, why))
    assert talk.words()[0] == "Sigo yo."
    assert talk.one(Listen).expect.kind is ExpectKind.INTENT
    assert talk.ended == [why]


def test_an_application_that_says_nothing_is_waited_for_aloud_and_left(lent: Business) -> None:
    talk = Talk(lent, "en").to_the_application()
    said = []
    for _ in range(3):
        due = talk.dialogue.deadline()
        assert due is not None
        talk.feed(Tick(), due - talk.now)
        said += talk.words()
    assert said[2] == "No answer."
    assert talk.ended == ["no_answer"]
    assert talk.one(Listen).expect.kind is ExpectKind.INTENT


ASK_AND_PAUSE = {
    "es": ("Hola, soy Ana. ¿Qué necesita?", "Entendido, un"),
    "en": ("I'm Ana. What is it?", "So, a"),
}


@pytest.mark.parametrize("lang", ["es", "en"])
def test_an_answer_that_is_never_ended_is_said_when_it_pauses(lent: Business, lang: str) -> None:
    whole, half = ASK_AND_PAUSE[lang]
    talk = Talk(lent, lang).to_the_application()
    talk.app(type="text", token=whole)  # `last` is false where it is missing
    assert len(talk.words()) == 1
    due = talk.dialogue.deadline()
    assert due is not None
    talk.feed(Tick(), due - talk.now)
    assert " ".join(prompt.text for prompt in talk.said[-2:]) == whole
    talk.one(Listen)
    assert isinstance(talk.dialogue, RelayDialogue)
    assert not talk.dialogue.awaited
    talk.says("un consejo" if lang == "es" else "some advice")
    talk.app(type="text", token=half)
    for _ in range(2):  # half a sentence, and not a word of ours
        due = talk.dialogue.deadline()
        assert due is not None
        talk.feed(Tick(), due - talk.now)
        if talk.words():
            break
    assert talk.words() == [half]


@pytest.mark.parametrize("lang", ["es", "en"])
def test_no_application_keeps_the_caller_from_a_person_for_long(lent: Business, lang: str) -> None:
    talk = Talk(lent, lang).to_the_application()
    sentence = "Esto no se puede interrumpir. " if lang == "es" else "This cannot be interrupted. "
    for _ in range(3):
        talk.app(type="text", token=sentence * 20, last=True, interruptible=False)
    imposed = [prompt for prompt in talk.said if prompt.key == "relay" and prompt.barge_in is BargeIn.NONE]
    assert imposed
    assert sum(len(prompt.text) for prompt in imposed) <= MOST_IMPOSED_CHARS
    last = [talk.said[-1].barge_in]
    talk.says("bien" if lang == "es" else "fine")
    talk.app(type="text", token=sentence, last=True, interruptible=False)
    assert [*last, talk.said[-1].barge_in] == [BargeIn.ANY, BargeIn.NONE]


def test_a_slow_token_is_waited_for_before_half_a_sentence_is_said(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    talk.app(type="text", token="El primer paso ")
    talk.feed(Tick(), 600)
    assert talk.words() == []
    talk.app(type="text", token="es fácil.", last=True)
    assert talk.words() == ["El primer paso es fácil."]


def test_a_caller_who_says_nothing_is_asked_and_then_back_in_the_flow(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    talk.app(type="text", token="¿Sí?", last=True)
    for _ in range(3):
        talk.feed(Silence(), 8000)
    assert talk.ended == ["silence"]
    assert talk.words()[0] == "No contesta."


def test_the_longest_time_ends_it(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    talk.app(type="text", token="¿Sí?", last=True)
    due = talk.dialogue.deadline()
    assert due is not None
    talk.feed(Tick(), due - talk.now)
    assert talk.ended == ["longest"]


def test_languages_change_only_to_those_of_the_flow(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    talk.app(type="language", ttsLanguage="fr-FR", transcriptionLanguage="fr-FR")
    assert talk.sent[-1]["type"] == "error"
    talk.app(type="language", ttsLanguage="en-US", transcriptionLanguage="en-US")
    assert talk.one(Listen).expect.lang == "en"
    talk.app(type="text", token="Hello.", last=True)
    assert talk.said[-1].lang == "en"
    talk.app(type="end")
    assert talk.words() == ["Goodbye."]


@pytest.mark.parametrize("kind", ["play", "sendDigits"])
def test_what_is_not_done_here_is_said_to_the_application(lent: Business, kind: str) -> None:
    talk = Talk(lent).to_the_application()
    talk.app(type=kind, source="http://169.254.169.254/", digits="1")
    assert talk.sent[-1]["type"] == "error"
    assert kind in talk.sent[-1]["description"]


def test_nonsense_is_answered_and_then_left(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    assert talk.opened is not None
    nonsense: list[str | bytes] = ["{", "[]", "{}", b"\0", '{"type": "text"}', '{"type": "x"}', "x" * 100_000]
    for n, bad in enumerate(nonsense * 2):
        talk.feed(RelayHeard(talk.opened.id, bad))
        if n + 1 == MOST_INVALID:
            break
        assert talk.sent[-1]["type"] == "error"
    assert talk.ended == ["bad_messages"]


def test_an_endless_answer_is_left(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    for _ in range(20):
        if talk.ended:
            break
        talk.app(type="text", token="bla " * 400, last=False)
    assert talk.ended == ["too_much"]


def test_only_sockets_without_passwords_are_addresses(tmp_path: Path) -> None:
    for url in ("https://x.example.com", "wss://user:pass@x.example.com", "wss://{host}/x"):
        with pytest.raises(FlowError, match="url"):
            business(tmp_path, url)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("says"), st.sampled_from(["", "hola", "repita", "no"])),
        st.tuples(st.just("keys"), st.sampled_from(["5", "9", "12"])),
        st.tuples(st.just("text"), st.sampled_from(["Hola. ", "a", "", "¿Sí? No."]), st.booleans()),
        st.tuples(st.just("raw"), st.text(max_size=20)),
        st.tuples(st.sampled_from(["silence", "tick"])),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=30)
@given(STEPS)
def test_there_is_no_silent_state_whatever_comes(lent: Business, steps: list[tuple[Any, ...]]) -> None:
    talk = Talk(lent).to_the_application()
    for step in steps:
        if any(isinstance(action, Transfer | HangUp) for action in talk.batch):
            return
        match step:
            case ("says", words):
                talk.says(words)
            case ("keys", keys):
                talk.feed(Keyed(keys))
            case ("text", token, last):
                talk.app(type="text", token=token, last=last)
            case ("raw", text):
                assert talk.opened is not None
                talk.feed(RelayHeard(talk.opened.id, text))
            case ("silence",):
                talk.feed(Silence(), 8000)
            case _:
                due = talk.dialogue.deadline()
                talk.feed(Tick(), max(0, (due or 0) - talk.now))
        over = any(isinstance(action, Transfer | HangUp) for action in talk.batch)
        assert over or talk.dialogue.deadline() is not None


def test_words_in_the_clear_are_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    business(tmp_path, "ws://adviser.example.com/relay")
    assert main(["check", str(tmp_path / "prompts")]) == 0
    assert "unencrypted" in capsys.readouterr().out


@pytest.mark.parametrize("depth", [200, 300, 1000])
def test_deeply_nested_handoff_data_is_data_or_a_refusal(depth: int) -> None:
    nested = '{"a":' * depth + "1" + "}" * depth
    try:
        end = messages.read(f'{{"type":"end","handoffData":{nested}}}')
    except WireError:
        return
    assert end == messages.End({}, True)


def test_what_an_application_hands_back_has_no_control_characters() -> None:
    raw = json.dumps({"note": "a\x1b[31m\nb\u202ec", "x" * 61: "too long a name", "handed": False})
    end = messages.read(json.dumps({"type": "end", "handoffData": raw}))
    assert end == messages.End({"note": "a [31m b c", "handed": False}, True)


def test_words_so_far_are_sent_where_the_step_asks(lent: Business, tmp_path: Path) -> None:
    talk = Talk(business(tmp_path, more="partial: true")).to_the_application()
    assert talk.one(Listen).expect.partials
    for words in ("una", "una hipoteca", "una hipoteca", "", "quiero hablar con una persona"):
        talk.feed(PartlyHeard(words))
        assert not talk.words()
    talk.says("una hipoteca")
    prompts = [(one["voicePrompt"], one["last"]) for one in talk.sent if one["type"] == "prompt"]
    assert prompts == [("una", False), ("una hipoteca", False), ("una hipoteca", True)]
    talk.feed(PartlyHeard("una hipoteca"))
    assert talk.sent[-1] == {"type": "prompt", "voicePrompt": "una hipoteca", "lang": "es-ES", "last": False}
    talk = Talk(lent).to_the_application()
    assert not talk.one(Listen).expect.partials
    assert talk.feed(PartlyHeard("una")) == []


def interrupted(lent: Business, *tokens: str) -> Talk:
    """An answer of ``tokens`` that goes on, and that the caller has interrupted."""
    talk = Talk(lent).to_the_application()
    for token in tokens:
        talk.app(type="text", token=token)
    talk.says("una cosa", Utterance("Hola, soy Ana.", "Hola,", 400, Ended.CUT))
    assert [message["type"] for message in talk.sent[-2:]] == ["interrupt", "prompt"]
    return talk


@pytest.mark.parametrize("ends", [True, False])
def test_the_rest_of_an_interrupted_answer_is_not_said(lent: Business, ends: bool) -> None:
    talk = interrupted(lent, "Hola, soy Ana.", " Le cuesta")
    for token in (" tres", " eu", "ros", " al mes.", " ¿", "Qué", " más?"):
        assert talk.app(type="text", token=token) == [], token
    if ends:
        assert talk.app(type="text", token="", last=True) == []
    else:
        talk.now += 500
    assert talk.dialogue.deadline() is not None, "the caller still waits, with fillers"
    talk.app(type="text", token="claro que sí.", last=True)
    assert talk.words() == ["claro que sí."]


def test_an_application_that_stops_its_answer_loses_nothing_of_the_next(lent: Business) -> None:
    for answer in ("Dígame.", "¿Sí?", "3 euros.", "Claro."):
        talk = interrupted(lent, "Hola, soy Ana.", " Le cuesta tres")
        talk.app(type="text", token=answer, last=True)
        assert talk.words() == [answer]


def test_an_answer_that_was_whole_leaves_nothing_to_drop(lent: Business) -> None:
    talk = Talk(lent).to_the_application()
    talk.app(type="text", token="Hola, soy Ana.", last=True)
    talk.says("una cosa", Utterance("Hola, soy Ana.", "Hola,", 400, Ended.CUT))
    talk.app(type="text", token="sí, dígame.", last=True)
    assert talk.words() == ["sí, dígame."]


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.text(alphabet="aA1 .¿", max_size=4), max_size=6),
    st.lists(st.tuples(st.text(alphabet="aA1 .¿", max_size=4), st.integers(0, 600)), max_size=8),
)
def test_no_answer_is_dropped_for_long(before: list[str], after: list[tuple[str, int]]) -> None:
    """Whatever came, the text after a pause or after an end is said."""
    for paused in (True, False):
        answers, now = Answers(), 0
        for token in before:
            assert answers.takes(token, False, now)
        answers.interrupted()
        for token, ms in after:
            now += ms
            answers.takes(token, False, now)
        if paused:
            now += PAUSE_MS + 1
        else:
            answers.takes("", True, now)
        assert answers.takes("sí", False, now)


def test_a_tool_with_the_name_of_a_relay_step_opens_nothing(lent: Business) -> None:
    inner = FlowDialogue(lent.flow, lent.texts, lent.understanding, "es")
    dialogue = RelayDialogue(inner, lent.flow, lent.texts, CODES)
    tool = Invoke("advisor-1", "look_up", {}, 1000)
    assert dialogue._flow_goes_on([tool]) == [tool]


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_summary_tells_whose_the_words_are(lent: Business, lang: str) -> None:
    talk = Talk(lent, lang).to_the_application()
    talk.app(type="end", handoffData=json.dumps({"reason": "vip"}))
    told = full(talk.one(Transfer).handoff, ())
    noted, asked = {
        "es": (
            "La aplicación externa anotó",
            "Al hablar con el consejero, la aplicación pidió que siguiera una persona.",
        ),
        "en": (
            "The external application noted the topic (vip).",
            "When the assistant tried to talk to the adviser, the application asked for a person to go on.",
        ),
    }[lang]
    assert noted in told
    assert asked in told
    assert not any(wrong in told for wrong in ("consta", "records", "pudo", "managed"))
