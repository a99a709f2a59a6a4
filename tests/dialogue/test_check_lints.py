"""What `voice check` finds in a flow whose parts are all well written: ways, wishes and long prompts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.text_caller import APPOINTMENT_ACTIONS, APPOINTMENTS, make_prompts
from voice.cli import main
from voice.dialogue.collisions import Sentence, collisions
from voice.dialogue.loader import Business, check_path
from voice.dialogue.spoken_length import spoken_length_ms
from voice.errors import Problem


def problems_of(tmp_path: Path, source: str) -> list[Problem]:
    folder = make_prompts(tmp_path / "prompts", source, APPOINTMENT_ACTIONS)
    return check_path(folder / "flows" / "appointments.yaml", folder)[1]


def line_of(source: str, needle: str) -> int:
    return source[: source.index(needle)].count("\n") + 1


TRAP = """
  trap:
    type: ask
    slot: trapped
    kind: yes_no
    label: {es: otra, en: more}
    prompt: {es: "¿Otra vez?", en: "Again?"}
    retry: [{es: "¿Sí o no?", en: "Yes or no?"}, {es: "Marque uno o dos.", en: "Press one or two."}]
    yes: sigh
    no: trap
  sigh:
    type: say
    text: {es: "Ay.", en: "Oh."}
    then: trap
  bye:
"""


def test_questions_that_lead_only_to_each_other_are_one_mistake(tmp_path: Path) -> None:
    source = APPOINTMENTS.replace("\n  bye:\n", TRAP).replace("timeout: slow", "timeout: trap")
    source = source.replace("  slow:\n", "  slow:\n").replace(
        "    then: menu\n  booked", "    then: trap\n  booked"
    )
    source = source.replace("ok: booked, timeout: trap", "ok: booked, timeout: slow")
    found = [p for p in problems_of(tmp_path, source) if "never comes to an end" in p.message]
    assert len(found) == 1
    assert "(slow, trap, sigh)" in found[0].message
    assert found[0].severity == "error"


def test_a_circle_without_a_question_is_told_once_with_its_steps(tmp_path: Path) -> None:
    source = APPOINTMENTS.replace("    then: menu\n  booked", "    then: book\n  booked")
    found = [p for p in problems_of(tmp_path, source) if "without a question" in p.message]
    assert [(p.message, p.line) for p in found] == [
        ("'book' leads back to itself without a question (book, slow)", line_of(source, "  book:\n"))
    ]


@pytest.mark.parametrize(("goodbye", "again"), [("", "day"), ("goodbye: bye\n", "day"), ("", "menu")])
def test_booking_for_ever_is_found_where_only_a_failure_or_a_goodbye_ends_it(
    tmp_path: Path, goodbye: str, again: str
) -> None:
    booked = APPOINTMENTS.partition("\n  booked:\n")[2].partition("    then: ")[0]
    source = APPOINTMENTS.replace(f"{booked}    then: menu", f"{booked}    then: {again}")
    source = source.replace("\nsteps:\n", f"\n{goodbye}steps:\n")
    found = [p for p in problems_of(tmp_path, source) if "never comes to an end" in p.message]
    assert bool(found) == (again == "day"), found


def test_a_value_that_is_emptied_before_it_is_said_is_found(tmp_path: Path) -> None:
    source = APPOINTMENTS.replace(
        "  booked:\n    type: say\n", "  booked:\n    type: say\n    forget: [day]\n"
    )
    assert source != APPOINTMENTS
    found = [p for p in problems_of(tmp_path, source) if "{day} is emptied" in p.message]
    assert {p.severity for p in found} == {"error"}
    assert len(found) == 2


SUBFLOW = """
flows:
  extra:
    inputs: []
    outputs: []
    start: ask
    steps:
      ask:
        type: say
        text: {es: "Extra.", en: "Extra."}
        then: back
      back: {type: return}
steps:
  again:
    type: do
    flow: extra
    with: []
    then: pause
  pause:
    type: ask
    slot: pause
    kind: yes_no
    label: {es: pausa, en: pause}
    prompt: {es: "¿Seguimos?", en: "Shall we go on?"}
    retry: [{es: "¿Sí o no?", en: "Yes or no?"}, {es: "Marque uno o dos.", en: "Press one or two."}]
    then: again
"""


def test_a_sub_flow_that_returns_is_no_end_of_the_call(tmp_path: Path) -> None:
    source = APPOINTMENTS.replace("\nsteps:\n", SUBFLOW).replace(
        "    then: menu\n  booked", "    then: again\n  booked"
    )
    found = [p for p in problems_of(tmp_path, source) if "never comes to an end" in p.message]
    assert len(found) == 1
    assert found[0].line == line_of(source, "  again:\n")


def test_examples_that_collide_are_told_with_both_sentences(tmp_path: Path) -> None:
    paying = "en: [i want to make a payment, i need to pay, a payment please,"
    collides = "can i have an appointment please today, i owe you money, pay my debt"
    assert paying in APPOINTMENTS
    source = APPOINTMENTS.replace(paying, f"{paying} {collides},")
    (found,) = problems_of(tmp_path, source)
    assert found.severity == "warning"
    assert "is understood as 'visit'" in found.message
    assert "'an appointment please'" in found.message
    assert found.line == line_of(source, paying)


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_demonstrations_wishes_can_be_told_apart(telecom: Business, lang: str) -> None:
    said = [Sentence(n, e) for n, i in telecom.flow.intents.items() for e in i.examples[lang]]
    assert collisions(tuple(said), lang) == ()
    worse = {
        "es": [Sentence("invoice", "cuánto debo en total"), Sentence("invoice", "quiero pagar lo que debo")],
        "en": [
            Sentence("invoice", "how much do i owe in total"),
            Sentence("cancel", "a question about my bill please"),
        ],
    }[lang]
    assert {c.one for c in collisions((*said, *worse), lang)} >= set(worse)


def test_an_example_written_twice_and_one_that_is_also_a_no(tmp_path: Path) -> None:
    source = APPOINTMENTS.replace("es: [quiero pedir cita,", "es: [quiero pedir cita, Quiero pedir cita,")
    source = source.replace(
        "    intents:\n", "    no: bye\n    no_says: {es: [cita], en: [nothing]}\n    intents:\n", 1
    )
    messages = [p.message for p in problems_of(tmp_path, source)]
    assert messages == [
        "'cita' is also an example of 'visit'",
        "'Quiero pedir cita' is already an example of 'visit'",
    ]


def test_a_list_of_keys_takes_longer_than_its_letters(tmp_path: Path) -> None:
    listed = "Marque uno, saldo; dos, pedidos; tres, facturas; cuatro, averías; cero, una persona."
    plain = "Puede marcar el número de la opción que prefiera o decirme en pocas palabras qué necesita."
    assert len(listed) < len(plain)
    assert spoken_length_ms(listed, "es") > spoken_length_ms(plain, "es") + 1000
    assert spoken_length_ms("", "es") == 0


def test_strict_makes_warnings_count(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = APPOINTMENTS.replace('es: "¿Qué día?"', f'es: "{"muy largo " * 20}"')
    folder = make_prompts(tmp_path / "prompts", source, APPOINTMENT_ACTIONS)
    assert main(["check", str(folder), "--quiet"]) == 0
    assert "seconds to say" in capsys.readouterr().out
    assert main(["check", str(folder), "--strict"]) == 1


SAID = '"Booked for {day} in {place}, code {code|digits}."'


@pytest.mark.parametrize(
    ("lang", "text", "beside"),
    [
        ("es", "Le esperamos a las {code|time}.", "'las' would be said twice beside {code|time}"),
        ("es", "Cerramos a las {desk.closes}.", "'las' would be said twice beside {desk.closes}"),
        ("es", "Desde la {code|time} horas.", "'horas' would be said twice beside {code|time}"),
        ("es", "Será el {day}.", "'el' would be said twice beside {day}"),
        ("es", "Hasta el día {day}.", "'día' would be said twice beside {day}"),
        ("es", "Debe {amount} euros.", "'euros' would be said twice beside {amount}"),
        ("en", "At {code|time} o'clock.", "'o'clock' would be said twice beside {code|time}"),
        ("en", "It is {code|amount} dollars.", "'dollars' would be said twice beside {code|amount}"),
        ("en", "On the {day}.", "'the' would be said twice beside {day}"),
    ],
)
def test_a_word_that_the_value_brings_along_is_warned_of(
    tmp_path: Path, lang: str, text: str, beside: str
) -> None:
    source = APPOINTMENTS.replace(
        SAID if lang == "en" else '"Reservado para {day} en {place}, código {code|digits}."', f'"{text}"'
    )
    found = [p for p in problems_of(tmp_path, source) if "said twice" in p.message]
    assert beside in [p.message for p in found]
    assert {p.severity for p in found} == {"warning"}
    assert found[0].line == line_of(source, text)


@pytest.mark.parametrize(
    "text",
    ["A {code|time}, {day}.", "Las citas de {day}.", "Lasta {code|time}", "Del {place} {day}", "{day}"],
)
def test_words_of_their_own_are_no_repetition(tmp_path: Path, text: str) -> None:
    source = APPOINTMENTS.replace('"Reservado para {day} en {place}, código {code|digits}."', f'"{text}"')
    assert [p.message for p in problems_of(tmp_path, source) if "said twice" in p.message] == []


def test_what_a_profile_may_tell_is_to_be_named_at_the_head(tmp_path: Path) -> None:
    source = APPOINTMENTS.replace("start: menu\n", "profile: [tier]\nstart: menu\n").replace(
        SAID, '"Hello, {profile.area}."'
    )
    (found,) = [p for p in problems_of(tmp_path, source) if p.severity == "error"]
    assert "{profile.area}" in found.message
    assert "write profile: [tier, area] at the head" in found.remedy
