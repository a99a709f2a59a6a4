"""Days, times and lengths of time in whole conversations, told from the moment of the call: both languages.

The call begins on Wednesday, 14 January 2026, at 10:00 in Madrid.
"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.dialogue.text_caller import Caller, head, make_prompts
from voice.dialogue.loader import Business, load_business
from voice.events import SlotFilled

FLOW = (
    head("visits", "Visitas", "Visits")
    + """\
timezone: Europe/Madrid
start: menu
steps:
  menu:
    type: menu
    prompt: {es: "¿Qué necesita?", en: "What do you need?"}
    retry: [{es: "Diga visita o avería.", en: "Say visit or fault."}]
    intents:
      visit:
        label: {es: pedir una visita, en: ask for a visit}
        then: day
        examples:
          es: [quiero una visita, pedir una visita, que venga un técnico, una visita de un técnico]
          en: [i want a visit, ask for a visit, send a technician, a visit of a technician]
      fault:
        label: {es: avisar de una avería, en: report a fault}
        then: since
        examples:
          es: [tengo una avería, una avería, no funciona internet, quiero avisar de una avería]
          en: [i have a fault, a fault, my internet is down, i want to report a fault]
  day:
    type: ask
    slot: day
    kind: date
    label: {es: día de la visita, en: day of the visit}
    min: today
    max: today+90
    prompt: {es: "¿Qué día?", en: "Which day?"}
    retry: [{es: "Diga el día, por ejemplo, el lunes.", en: "Say the day, for example, Monday."}]
    then: hour
  hour:
    type: ask
    slot: hour
    kind: time
    label: {es: hora de la visita, en: time of the visit}
    prompt: {es: "¿A qué hora?", en: "At what time?"}
    retry: [{es: "Diga la hora, por ejemplo, las nueve.", en: "Say the time, for example, nine o'clock."}]
    then: length
  length:
    type: ask
    slot: length
    kind: duration
    label: {es: tiempo que estará en casa, en: time you will be at home}
    prompt: {es: "¿Cuánto tiempo estará en casa?", en: "How long will you be at home?"}
    retry: [{es: "Diga, por ejemplo, dos horas.", en: "Say, for example, two hours."}]
    then: booked
  booked:
    type: hang_up
    text: {es: "Visita: {day}, {hour}, {length}.", en: "Visit: {day}, {hour}, {length}."}
  since:
    type: ask
    slot: since
    kind: date
    label: {es: día de la avería, en: day of the fault}
    max: today
    prompt: {es: "¿Desde cuándo?", en: "Since when?"}
    retry: [{es: "Diga el día en que empezó.", en: "Say the day it began."}]
    then: reported
  reported:
    type: hang_up
    text: {es: "Avería desde {since}.", en: "Fault since {since}."}
"""
)


@pytest.fixture(scope="module")
def visits(tmp_path_factory: pytest.TempPathFactory) -> Business:
    return load_business("visits", make_prompts(tmp_path_factory.mktemp("visits"), FLOW, name="visits"))


def talk(business: Business, lang: str, *lines: str) -> Caller:
    caller = Caller(business, lang)
    for line in lines:
        assert not caller.over, caller.said[-2:]
        caller.says(line)
    return caller


def values(caller: Caller) -> list[str]:
    return [str(note.value) for note in caller.note(SlotFilled) if isinstance(note, SlotFilled)]


@pytest.mark.parametrize(
    ("lang", "lines", "slots", "last"),
    [
        (
            "es",
            ("quiero una visita", "el viernes", "a las cinco y media de la tarde", "hora y media"),
            ["2026-01-16", "17:30", "PT1H30M"],
            "dieciséis de enero, las cinco y media de la tarde, una hora y treinta minutos.",
        ),
        (
            "en",
            ("i want a visit", "friday", "half past five in the afternoon", "an hour and a half"),
            ["2026-01-16", "17:30", "PT1H30M"],
            "Visit: Friday, January sixteenth, five thirty in the afternoon, one hour and thirty minutes.",
        ),
        # the day and the time in one answer
        (
            "es",
            ("quiero una visita", "pasado mañana a las cinco y media de la tarde", "un par de horas"),
            ["2026-01-16", "17:30", "PT2H"],
            "",
        ),
        (
            "en",
            (
                "i want a visit",
                "two weeks from friday at quarter to nine in the morning",
                "the whole day",
                "yes",
            ),
            ["2026-01-30", "08:45", "P1D"],
            "",
        ),
        # told from the time of the call
        (
            "es",
            ("quiero una visita", "hoy", "dentro de media hora", "tres horas"),
            ["2026-01-14", "10:30", "PT3H"],
            "",
        ),
        (
            "en",
            ("i want a visit", "today", "half an hour from now", "three hours"),
            ["2026-01-14", "10:30", "PT3H"],
            "",
        ),
    ],
)
def test_a_visit_is_booked(
    visits: Business, lang: str, lines: tuple[str, ...], slots: list[str], last: str
) -> None:
    caller = talk(visits, lang, *lines)
    assert values(caller) == slots
    assert caller.hang_up is not None, caller.said[-2:]
    assert caller.text.endswith(last)


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("es", ("quiero una visita", "dentro de dos horas", "sí", "una hora")),
        ("en", ("i want a visit", "in two hours", "yes", "an hour")),
    ],
)
def test_hours_from_now_answer_both_the_day_and_the_time(
    visits: Business, lang: str, lines: tuple[str, ...]
) -> None:
    caller = talk(visits, lang, *lines)
    assert values(caller) == ["2026-01-14", "12:00", "PT1H"]
    assert caller.hang_up is not None, caller.said[-2:]


@pytest.mark.parametrize(("lang", "wish", "answer"), [
    ("es", "quiero una visita", "dentro de dos horas"), ("en", "i want a visit", "in two hours"),
])  # fmt: skip
def test_hours_from_now_late_at_night_are_tomorrow(
    visits: Business, lang: str, wish: str, answer: str
) -> None:
    late = int(datetime(2026, 1, 14, 22, 30, tzinfo=UTC).timestamp() * 1000)  # 23:30 in Madrid
    caller = Caller(visits, lang, wall_ms=late)
    caller.says(wish).says(answer)
    assert values(caller)[0] == "2026-01-15"


@pytest.mark.parametrize(
    ("lang", "lines", "since"),
    [
        ("es", ("tengo una avería", "empezó el lunes"), "2026-01-12"),
        ("en", ("i have a fault", "it started on monday"), "2026-01-12"),
        ("es", ("tengo una avería", "hace unos tres días"), "2026-01-11"),
        ("en", ("i have a fault", "about three days ago"), "2026-01-11"),
        ("es", ("tengo una avería", "hace doce horas"), "2026-01-13"),
        ("en", ("i have a fault", "twelve hours ago"), "2026-01-13"),
        ("es", ("tengo una avería", "llevo tres días sin internet"), "2026-01-11"),
        ("en", ("i have a fault", "since the tenth"), "2026-01-10"),
    ],
)
def test_a_fault_began_on_a_day_gone_by(
    visits: Business, lang: str, lines: tuple[str, ...], since: str
) -> None:
    caller = talk(visits, lang, *lines)
    if not caller.over:
        caller.says("sí" if lang == "es" else "yes")
    assert values(caller) == [since], caller.said[-2:]


@pytest.mark.parametrize(
    ("lang", "lines", "why", "then", "day"),
    [
        (
            "es",
            ("quiero una visita", "el jueves o el viernes"),
            "más de una respuesta",
            "el viernes",
            "2026-01-16",
        ),
        ("en", ("i want a visit", "thursday or friday"), "more than one answer", "friday", "2026-01-16"),
        ("es", ("quiero una visita", "el jueves no puedo"), "no le va bien", "el viernes", "2026-01-16"),
        ("en", ("i want a visit", "i can't on thursday"), "does not suit", "friday", "2026-01-16"),
        (
            "es",
            ("quiero una visita", "no puedo el jueves", "mañana me es imposible"),
            "no le va bien",
            "el viernes",
            "2026-01-16",
        ),
    ],
)
def test_of_two_days_or_one_that_does_not_suit_another_is_asked_for(
    visits: Business, lang: str, lines: tuple[str, ...], why: str, then: str, day: str
) -> None:
    caller = talk(visits, lang, *lines)
    assert why in caller.text
    caller.says(then)
    assert values(caller) == [day]


@pytest.mark.parametrize(
    ("lang", "answers"),
    [
        ("es", ("quiero una visita", "hoy", "ahora")),
        ("en", ("i want a visit", "today", "right now")),
    ],
)
def test_now_is_a_time(visits: Business, lang: str, answers: tuple[str, ...]) -> None:
    caller = talk(visits, lang, *answers)
    assert values(caller) == ["2026-01-14", "10:00"]


@pytest.mark.parametrize(
    ("lang", "lines"),
    [
        ("es", ("quiero una visita", "hoy", "ahora no")),
        ("en", ("i want a visit", "today", "not now")),
        ("es", ("quiero una visita", "hoy", "durante dos horas")),
        ("en", ("i want a visit", "today", "for two hours")),
    ],
)
def test_what_is_no_time_is_asked_again(visits: Business, lang: str, lines: tuple[str, ...]) -> None:
    caller = talk(visits, lang, *lines)
    assert values(caller) == ["2026-01-14"]
    assert not caller.over
    assert caller.listens()
