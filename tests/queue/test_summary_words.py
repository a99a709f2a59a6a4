"""The summary's sentences: every fact in them, nothing secret, sound grammar in both languages."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.queue.test_handoff_packet import HARD_EN, INFO
from voice.dialogue.friction import Sign
from voice.events import CallerSaid, Event
from voice.insight.transcript import Line
from voice.model import LANGUAGES, CallInfo, Handoff, IntentGuess, MoodSign, Slot, Source, Tried
from voice.queue.grammar import contracted, is_plural, listed, the
from voice.queue.packet import build
from voice.queue.summary import Facts, full, keeps_to_the_facts, one_line
from voice.queue.wording import REASONS, SENTENCES


@pytest.mark.parametrize(
    ("noun", "said"),
    [
        ("número de cliente", "el número de cliente"),
        ("fecha de la factura", "la fecha de la factura"),
        ("día de la cita", "el día de la cita"),
        ("clave", "la clave"),
        ("observaciones", "las observaciones"),
        ("datos de contacto", "los datos de contacto"),
        ("mes", "el mes"),
        ("ciudades", "las ciudades"),
        ("redes", "las redes"),
        ("agua", "el agua"),
        ("su saldo", "su saldo"),
        ("una factura que no reconoce", "una factura que no reconoce"),
        ("DNI", "el DNI"),
        ("", ""),
    ],
)
def test_spanish_articles(noun: str, said: str) -> None:
    assert the(noun, "es") == said


@pytest.mark.parametrize(
    ("noun", "said", "plural"),
    [
        ("customer number", "the customer number", False),
        ("your balance", "their balance", False),
        ("remarks", "the remarks", True),
        ("reasons for leaving", "the reasons for leaving", True),
        ("reason for calls", "the reason for calls", False),
        ("address", "the address", False),
        ("a lost phone", "a lost phone", False),
    ],
)
def test_english_articles(noun: str, said: str, plural: bool) -> None:
    assert the(noun, "en") == said
    assert is_plural(noun, "en") == plural


def test_lists_and_contractions() -> None:
    assert listed(["a", "b", "c"], "es") == "a, b y c"
    assert listed(["a", "internet"], "es") == "a e internet"
    assert listed(["a", "hielo"], "es") == "a y hielo"
    assert listed(["siete", "«ocho»"], "es", other=True) == "siete u «ocho»"
    assert listed(["a", "b"], "en", other=True) == "a or b"
    assert listed([], "en") == ""
    assert contracted("respuesta a el horario de el día") == "respuesta al horario del día"


@pytest.mark.parametrize(
    ("lang", "label", "said"),
    [
        ("es", "consultar su saldo", "Quiere consultar su saldo."),
        ("es", "darse de baja", "Quiere darse de baja."),
        ("es", "factura", "Llama por la factura."),
        ("es", "avería, queja o contratación", "Llama por la avería, queja o contratación."),
        ("en", "check your balance", "They want to check their balance."),
        ("en", "order status", "Calling about the order status."),
        ("en", "a lost or stolen phone", "Calling about a lost or stolen phone."),
        ("en", "talking to a person", "Calling about talking to a person."),
    ],
)
def test_what_they_want_is_a_verb_or_a_matter(lang: str, label: str, said: str) -> None:
    assert full(Handoff("flow", "q", 5, lang, IntentGuess("x", 0.9, label)), ()).startswith(said)


def test_verbs_agree_with_what_is_listed() -> None:
    number = Slot("n", "12345678", "", 0.5, False, Source.SPEECH, "número de cliente")
    remarks = Slot("r", "llego tarde", "", 0.5, False, Source.SPEECH, "observaciones")
    plan = Slot("p", "Fibra 600", "", 1.0, False, Source.PROFILE, "tarifa")
    one = Handoff("flow", "q", 5, "es", slots=(number, plan))
    assert "que queda por confirmar" in full(one, ())
    assert "consta la tarifa" in full(one, ())
    assert "que quedan por confirmar" in full(replace(one, slots=(remarks,)), ())
    both = full(replace(one, slots=(number, remarks, plan, replace(plan, label="línea"))), ())
    assert "que quedan por confirmar" in both
    assert "constan la tarifa (Fibra 600) y la línea (Fibra 600)" in both


def test_what_was_proved_is_told_apart() -> None:
    number = Slot("n", "12345678", "", 0.9, True, Source.DTMF, "número de cliente", verified=True)
    day = Slot("d", "2026-03-15", "", 0.9, True, Source.SPEECH, "fecha de nacimiento")
    text = full(Handoff("flow", "q", 5, "es", slots=(number, day)), ())
    assert "Demostró su identidad con el número de cliente (12345678)." in text
    assert "Confirmó la fecha de nacimiento (15 de marzo de 2026)." in text


def test_nothing_is_said_twice() -> None:
    failed = Tried("consultar el saldo", "falló", kind="call", code="failed")
    handoff = Handoff("action_failed", "q", 5, "es", IntentGuess("b", 0.9, "saldo"), tried=(failed,) * 3)
    text = full(handoff, [Line("caller", "mi saldo", 0)])
    assert text.count("falló") == 1
    assert text.count("saldo") == 3, "the wish, what failed and what is left to do"
    assert "tres veces" in text
    assert "«" not in text, "the wish's words tell nothing that its name does not"
    urgent = full(Handoff("urgent", "q", 0, "es", urgent=True), ())
    assert urgent.lower().count("urgente") == 1


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("reason", sorted(REASONS["es"]))
def test_it_says_where_it_stopped(lang: str, reason: str) -> None:
    handoff = Handoff(reason, "q", 5, lang, stopped_at={"es": "fecha", "en": "date"}[lang])
    text = full(handoff, ())
    assert ({"es": "se le pedía la fecha", "en": "being asked for the date"}[lang] in text) == (
        reason != "flow"
    )


def test_both_languages_have_the_same_sentences() -> None:
    assert SENTENCES["es"].keys() == SENTENCES["en"].keys()
    for key, text in SENTENCES["es"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", SENTENCES["en"][key])), key


def test_an_agent_reads_it_in_their_language() -> None:
    spanish = full(HARD_EN, (), "es")
    assert "Habla inglés." in spanish
    assert "el día de la entrega (15 de marzo de 2026)" in spanish
    assert "delivery" not in spanish
    assert "Habla" not in full(replace(HARD_EN, lang="es"), ())
    assert "They speak" not in full(HARD_EN, (), "en")


def test_another_ones_summary_must_keep_to_the_facts() -> None:
    facts = Facts(HARD_EN, (Line("caller", "it was 3 days late", 0),))
    good = "Line 600111222 wants another day than March 15, 2026, in the north. It was 3 days late."
    assert keeps_to_the_facts(good, facts, "en")
    assert not keeps_to_the_facts(good.replace("600111222", "600111223"), facts, "en")
    assert not keeps_to_the_facts(good.replace("2026", "2027"), facts, "en")
    assert not keeps_to_the_facts(good + " A refund of 45 euros was promised.", facts, "en")
    assert not keeps_to_the_facts(good.replace("in the north", ""), facts, "en"), "every value collected"
    assert not keeps_to_the_facts("", facts, "en")


class _Other:
    def __init__(self, text: str) -> None:
        self.text = text

    def summarise(self, facts: Facts, lang: str) -> str:
        return self.text if lang == "en" else ""


def test_a_summariser_is_taken_at_its_word_only_so_far() -> None:
    def summary(text: str) -> str:
        packet = build(
            HARD_EN,
            [],
            INFO,
            ticket_id="t",
            created_at_ms=0,
            recording=None,
            call_ms=0,
            summariser=_Other(text),
        )
        assert packet.worded["es"].summary == full(HARD_EN, (), "es")
        return packet.summary

    good = "Line 600111222, the north, March 15, 2026: wants another day."
    assert summary(good) == good
    assert summary("They want 9,000 euros.") == full(HARD_EN, ())
    assert summary("") == full(HARD_EN, ())


_NOUNS = {
    "es": ["número de cliente", "fecha", "observaciones", "clave", "tarjeta", "importe"],
    "en": ["customer number", "date", "remarks", "PIN", "card", "amount"],
}
_CODES = st.sampled_from(
    ["ok", "failed", "timeout", "not_found", "late", "running", "answered", "no_match", "x", ""]
)
_MOOD_SIGNS = st.builds(MoodSign, st.sampled_from(Sign), st.integers(1, 9))
_SECRET = "9174620358"


@st.composite
def handoffs(draw: st.DrawFn) -> Handoff:
    lang = draw(st.sampled_from(LANGUAGES))
    names = draw(st.lists(st.sampled_from(_NOUNS[lang]), max_size=4, unique=True))
    slots = []
    for index, name in enumerate(names):
        secret = draw(st.booleans())
        slots.append(
            Slot(
                f"s{index}",
                _SECRET if secret else draw(st.sampled_from(["4711", "2026-03-15", "north side", "20.50"])),
                "nueve uno siete" if secret else "algo",
                draw(st.sampled_from([0.2, 0.7, 0.95])),
                draw(st.booleans()),
                draw(st.sampled_from(Source)),
                name,
                secret,
            )
        )
    tried = draw(
        st.lists(
            st.builds(
                Tried,
                st.sampled_from(_NOUNS[lang]),
                st.sampled_from(["hecho", f"rechazada {_SECRET}"]),
                kind=st.sampled_from(["call", "ask", "menu", "answer", ""]),
                code=_CODES,
                label=st.sampled_from([*_NOUNS[lang], ""]),
            ),
            max_size=4,
        )
    )
    return Handoff(
        draw(st.sampled_from(sorted(REASONS["es"]))),
        "q",
        5,
        lang,
        draw(st.sampled_from([None, IntentGuess("i", 0.5, "fecha"), IntentGuess("i", 0.9, "fecha")])),
        slots=tuple(slots),
        tried=tuple(tried),
        mood=draw(st.sampled_from(["calm", "neutral", "frustrated"])),
        urgent=draw(st.booleans()),
        why_mood=tuple(draw(st.lists(_MOOD_SIGNS, max_size=4))),
        stopped_at=draw(st.sampled_from(["", _NOUNS[lang][1]])),
    )  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(handoffs())
def test_every_fact_and_no_secret(handoff: Handoff) -> None:
    said = [Event("C", 0, 0, CallerSaid(f"quiero pagar con {_SECRET} por favor", 0.9, handoff.lang, 0, 1))]
    packet = build(
        handoff, said, CallInfo("C", "M", "t"), ticket_id="t", created_at_ms=0, recording=None, call_ms=0
    )
    text = packet.model_dump_json()
    if any(slot.sensitive for slot in handoff.slots):
        assert _SECRET not in text
        assert "nueve uno siete" not in text
    for worded in packet.worded.values():
        summary = worded.summary
        for slot in handoff.slots:
            assert slot.label.lower() in summary.lower(), "every collected slot is there"
            if not slot.sensitive and slot.value != "2026-03-15":
                assert slot.value in summary
        assert "  " not in summary
        assert ".." not in summary
        assert "{" not in summary
        assert summary.endswith(".")
        assert not re.search(r"\b(?:a|de) el\b", summary)
    assert one_line(handoff, [])


@pytest.mark.parametrize(
    ("lang", "first", "wish", "label"),
    [
        ("es", "dame un consejo para la lámpara", "querría abonar lo de enero", "pagar"),
        ("en", "give me some advice on the lamp", "settle what i owe for january", "pay"),
    ],
)
def test_the_words_quoted_are_those_that_stated_the_wish(
    lang: str, first: str, wish: str, label: str
) -> None:
    handoff = Handoff("flow", "q", 5, lang, IntentGuess("pay", 1.0, label))
    told = [Line("caller", first, 0), Line("caller", wish, 1, intent="pay")]
    assert wish in full(handoff, told)
    assert first not in full(handoff, told)
    keyed = [Line("caller", first, 0, intent="advice"), Line("keypad", "1", 1, intent="pay")]
    assert first not in full(handoff, keyed), "a key is no quotation, and the words meant something else"
    assert first in full(handoff, [Line("caller", first, 0)]), "nobody knows what else stated it"


@pytest.mark.parametrize(
    ("lang", "label", "said"),
    [
        ("es", "pedir consejo", "Quería pedir consejo y ya se le contestó."),
        ("es", "el horario", "Ya se le contestó sobre el horario."),
        ("en", "get advice", "They wanted to get advice, and were answered."),
        ("en", "give advice", "They wanted to give advice, and were answered."),
        ("en", "check your balance", "They wanted to check their balance, and were answered."),
        ("en", "delivery days", "Already answered: the delivery days."),
    ],
)
def test_what_was_answered_is_a_verb_or_a_matter(lang: str, label: str, said: str) -> None:
    tried = Tried(label, "answered", kind="answer", code="answered", label=label)
    assert said in full(Handoff("flow", "q", 5, lang, tried=(tried,)), ())


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", ["answered", "unanswered"])
def test_talk_is_told_under_any_label(lang: str, code: str) -> None:
    verb, noun = {"es": ("aconsejar", "consejos"), "en": ("give advice", "advice on lamps")}[lang]
    for label in (verb, noun):
        tried = Tried(label, "x", "Cuesta 5.", kind="talk", code=code, label=label)
        twice = full(Handoff("flow", "q", 5, lang, tried=(tried, tried)), ())
        assert twice.count(label) == 1
        assert ("Cuesta 5" in twice) == (code == "answered")
        other = full(Handoff("flow", "q", 5, lang, tried=(tried,)), (), {"es": "en", "en": "es"}[lang])
        assert label in other


@pytest.mark.parametrize(
    ("lang", "label", "value", "said"),
    [
        ("es", "bloquear la línea ahora", "no", "A la pregunta de bloquear la línea ahora respondió que no."),
        ("es", "acepta la hora", "no", "Acepta la hora: no."),
        ("en", "block the line now", "yes", "Asked whether to block the line now, they said yes."),
        ("en", "try that first", "no", "Asked whether to try that first, they said no."),
        ("en", "recognises the charge", "no", "Recognises the charge: no."),
    ],
)
def test_an_answer_is_told_with_its_question(lang: str, label: str, value: str, said: str) -> None:
    slot = Slot("s", value, "", 0.9, False, Source.SPEECH, label)
    assert said in full(Handoff("flow", "q", 5, lang, slots=(slot,)), ())


@pytest.mark.parametrize(
    ("lang", "labels", "said"),
    [
        ("es", ("pedir una cita", "anular una cita"),
         "Parece que quiere pedir una cita (seguridad del 60 %), aunque podría ser anular una cita."),
        ("en", ("make an appointment", "cancel an appointment"),
         "They probably want to make an appointment (60% sure), though it could be to cancel an appointment"),
        ("en", ("order status", "invoice"),
         "Probably calling about the order status (60% sure), though it could be the invoice."),
    ],
)  # fmt: skip
def test_a_supposition_names_what_else_is_likely(lang: str, labels: tuple[str, str], said: str) -> None:
    best, other = (IntentGuess(label, sure, label) for label, sure in zip(labels, (0.6, 0.3), strict=True))
    unlikely = IntentGuess("z", 0.05, "z")
    handoff = Handoff("caller_asked", "q", 5, lang, best, alternatives=(other, unlikely))
    assert full(handoff, ()).startswith(said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_document_is_written_as_it_is(lang: str) -> None:
    slot = Slot("d", "X1234567L", "equis, uno, dos", 0.9, False, Source.SPEECH, "documento")
    assert "(X1234567L)" in full(Handoff("flow", "q", 5, lang, slots=(slot,)), ())


@pytest.mark.parametrize(
    ("lang", "next_step"),
    [("es", "Puedes ir directamente al asunto."), ("en", "You can go straight to the matter.")],
)
def test_who_wants_a_person_after_the_answer_has_not_got_it_all(lang: str, next_step: str) -> None:
    told = Tried("factura", "", kind="answer", code="answered")
    yes = Slot("review", "yes", "sí", 1.0, False, Source.SPEECH, "revisar la factura")
    handoff = Handoff("flow", "q", 5, lang, IntentGuess("i", 0.9, "factura"), tried=(told,))
    assert next_step not in full(handoff, ())
    assert full(replace(handoff, slots=(yes,)), ()).endswith(next_step)
