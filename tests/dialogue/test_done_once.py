"""What a call has done outside itself: done once, corrected rather than done again, and told to a person."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dialogue.conftest import Load
from tests.dialogue.text_caller import APPOINTMENT_ACTIONS, APPOINTMENTS, Caller, make_prompts
from voice.dialogue.loader import Business, load_business
from voice.dialogue.seam import ActionFailed, CutCall, Heard, Input, Invoke, Keyed, Tick
from voice.model import Ended, Handoff, Transcript, Tried, Utterance
from voice.queue.summary import ByRules, Facts

LANGS = ("es", "en")
BOOK = {
    "es": ["quiero pedir cita", "dentista", "el lunes", "sí", "#600111222"],
    "en": ["i want an appointment", "the dentist", "on monday", "yes", "#600111222"],
}
OTHER_PHONE = {
    "es": "no, el número de teléfono es seis cero cero dos dos dos tres tres tres",
    "en": "no, the phone number is six zero zero two two two three three three",
}
CODE = "#042137"
PERSON = {"es": "una persona", "en": "an agent"}


class Recorded(Caller):
    """Keeps what was asked of the back office. ``fails``: action to how it fails, with a question mark where
    it may have been done all the same."""

    def __init__(self, business: Business, lang: str, *, cut: CutCall | None = None, **fails: str) -> None:
        self.asked: list[Invoke] = []
        self.fails = fails
        super().__init__(business, lang, cut=cut)

    def run(self, invoke: Invoke) -> Input:
        self.asked.append(invoke)
        if invoke.name in self.fails:
            kind = self.fails[invoke.name]
            return ActionFailed(invoke.id, kind.rstrip("?"), uncertain=kind.endswith("?"))
        return super().run(invoke)

    def talks(self, *lines: str) -> Recorded:
        for line in lines:
            assert not self.over, f"over before {line!r}: {self.said[-2:]}"
            self.says(line)
        return self

    def ran(self, *names: str) -> list[dict[str, Any]]:
        return [invoke.arguments for invoke in self.asked if invoke.name in names]


def summary(handoff: Handoff, lang: str) -> str:
    return ByRules().summarise(Facts(handoff, ()), lang)


def tried(caller: Caller, code: str) -> list[Tried]:
    return [one for one in caller.handed().tried if one.code == code]


# --- corrections after something was done ---------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_a_corrected_phone_changes_the_booking(line: Load, lang: str) -> None:
    caller = Recorded(line("clinic"), lang).talks(*BOOK[lang], OTHER_PHONE[lang])
    (booked,) = caller.ran("clinic_book")
    (changed,) = caller.ran("clinic_change")
    assert changed["booking"]
    assert changed | {"phone": booked["phone"]} == booked | {"booking": changed["booking"]}
    assert changed["phone"] == "+34600222333"
    assert {"es": "Tiene cita", "en": "You have an appointment"}[lang] in caller.text
    assert {"es": "repito", "en": "again"}[lang] not in caller.text
    handoff = caller.says(PERSON[lang]).handed()
    assert tried(caller, "changed")
    assert {"es": "después lo corrigió", "en": "then corrected it"}[lang] in summary(handoff, lang)


@pytest.mark.parametrize(
    ("lang", "day"), [("es", "no, el día es el martes"), ("en", "no, the day is tuesday")]
)
def test_a_corrected_day_is_offered_and_then_changes_the_booking(line: Load, lang: str, day: str) -> None:
    caller = Recorded(line("clinic"), lang).talks(*BOOK[lang], day)
    assert not caller.ran("clinic_change"), "the new time has not been accepted yet"
    caller.says({"es": "no", "en": "no"}[lang])
    assert caller.listens().step == "day", "a no asks for another day, and takes none from before"
    caller.talks({"es": "el jueves", "en": "on thursday"}[lang], {"es": "sí", "en": "yes"}[lang])
    assert [one["day"] for one in caller.ran("clinic_change")] == ["2026-01-15"]
    assert len(caller.ran("clinic_book")) == 1


@pytest.mark.parametrize("lang", LANGS)
def test_a_second_appointment_is_no_correction(line: Load, lang: str) -> None:
    again = {
        "es": ["quiero pedir cita", "médico", "el martes", "sí"],
        "en": ["i need an appointment", "doctor", "on tuesday", "yes"],
    }
    caller = Recorded(line("clinic"), lang).talks(*BOOK[lang], *again[lang])
    assert [one["specialty"] for one in caller.ran("clinic_book")] == ["dentist", "general"]
    assert not caller.ran("clinic_change")
    first, second = (invoke.key for invoke in caller.asked if invoke.name == "clinic_book")
    assert first != second


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("es", ["#3", "una farola apagada", "en la calle mayor doce",
                "no, el lugar es calle mayor catorce"]),
        ("en", ["#3", "a light is out", "in high street twelve",
                "no, the place is high street fourteen"]),
    ],
)  # fmt: skip
def test_a_corrected_report_is_filed_once(line: Load, lang: str, says: list[str]) -> None:
    caller = Recorded(line("municipality"), lang).talks(*says)
    (filed,) = caller.ran("town_report")
    (changed,) = caller.ran("town_change_report")
    assert changed["what"] == filed["what"]
    assert changed["where"].endswith({"es": "catorce", "en": "fourteen"}[lang])
    assert changed["code"]
    assert caller.listens().step == "anything_else"


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("es", ["quiero devolver algo", "#123456", "llegó roto", "sí", "no, el motivo es la talla"]),
        (
            "en",
            [
                "i want to return something",
                "#123456",
                "it arrived broken",
                "yes",
                "no, the reason is the size",
            ],
        ),
    ],
)
def test_a_corrected_return_is_one_return(line: Load, lang: str, says: list[str]) -> None:
    caller = Recorded(line("shop"), lang).talks(*says)
    assert [one["reason"] for one in caller.ran("shop_return")] == ["broken"]
    assert [one["reason"] for one in caller.ran("shop_change_return")] == ["size"]


@pytest.mark.parametrize(
    ("lang", "number"),
    [("es", "no, el número de pedido es seis cinco cuatro tres dos uno"),
     ("en", "no, the order number is six five four three two one")],
)  # fmt: skip
def test_a_correction_goes_on_where_the_question_was_answered(line: Load, lang: str, number: str) -> None:
    says = {
        "es": ["quiero devolver algo", "#123456", "llegó roto", "sí"],
        "en": ["i want to return something", "#123456", "it arrived broken", "yes"],
    }
    caller = Recorded(line("shop"), lang).talks(*says[lang], number)
    assert [one["order"] for one in caller.ran("shop_change_return")] == ["654321"], "not the order's status"


@pytest.mark.parametrize("lang", LANGS)
def test_a_phone_that_is_wrong_is_asked_for_again(line: Load, lang: str) -> None:
    caller = Recorded(line("clinic"), lang).talks(*BOOK[lang])
    caller.says({"es": "el teléfono está mal", "en": "the phone is wrong"}[lang])
    assert caller.listens().step == "phone"
    caller.says("#600222333")
    assert [one["phone"] for one in caller.ran("clinic_change")] == ["+34600222333"]


@pytest.mark.parametrize("lang", LANGS)
def test_a_value_just_read_back_is_corrected_where_it_was_asked_for(line: Load, lang: str) -> None:
    """The telephone of who cancels is asked for apart from the one of who books."""
    cancel = {"es": "quiero anular mi cita", "en": "i want to cancel my appointment"}
    caller = Recorded(line("clinic"), lang).talks(cancel[lang], "#600111222", OTHER_PHONE[lang])
    assert [one["phone"] for one in caller.ran("clinic_send_code")] == ["+34600111222", "+34600222333"]
    assert not caller.ran("clinic_book")


@pytest.mark.parametrize("lang", LANGS)
def test_a_correction_without_its_article_is_no_goodbye(line: Load, lang: str) -> None:
    says = {
        "es": [
            "quiero devolver algo",
            "#123456",
            "llegó roto",
            "no, número de pedido es seis cinco cuatro tres dos uno",
        ],
        "en": [
            "i want to return something",
            "#123456",
            "it arrived broken",
            "no, order number is six five four",
        ],
    }
    assert Recorded(line("shop"), lang).talks(*says[lang]).listens()


@pytest.mark.parametrize("lang", LANGS)
def test_a_change_that_fails_is_told_to_a_person(line: Load, lang: str) -> None:
    caller = Recorded(line("clinic"), lang, clinic_change="fault").talks(*BOOK[lang], OTHER_PHONE[lang])
    handoff = caller.handed()
    assert handoff.reason == "action_failed"
    (undone,) = tried(caller, "unchanged")
    assert "+34600111222" in undone.detail
    said = summary(handoff, lang)
    assert "+34600111222" in said
    assert {"es": "Falta corregir", "en": "Correct what"}[lang] in said


@pytest.mark.parametrize("lang", LANGS)
def test_something_wrong_is_no_goodbye(line: Load, lang: str) -> None:
    caller = Recorded(line("clinic"), lang).talks(*BOOK[lang])
    caller.says({"es": "la dirección está mal", "en": "the address is wrong"}[lang])
    assert caller.listens()


ONCE = APPOINTMENTS.replace(
    "    save: {code: code}\n    on: {ok: booked, timeout: slow}",
    "    save: {code: code}\n    once: true\n    on: {ok: booked, timeout: slow}",
)


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Business:
    folder = make_prompts(tmp_path_factory.mktemp("once") / "prompts", ONCE, APPOINTMENT_ACTIONS)
    return load_business("appointments", folder)


VISIT = {
    "es": ["quiero pedir cita", "el veinte de enero", "centro", "llego tarde"],
    "en": ["i want an appointment", "january twentieth", "centre", "i will be late"],
}
NORTH = {"es": "no, el lugar es el norte", "en": "no, the place is the north"}


@pytest.mark.parametrize("lang", LANGS)
def test_without_an_action_for_it_a_person_corrects(once: Business, lang: str) -> None:
    caller = Recorded(once, lang).talks(*VISIT[lang], NORTH[lang])
    assert len(caller.ran("book")) == 1
    handoff = caller.handed()
    assert handoff.reason == "correction"
    assert {"es": "ya está hecho", "en": "already done"}[lang] in caller.announced
    (undone,) = tried(caller, "unchanged")
    assert {"es": "lugar el centro", "en": "place the centre"}[lang] in undone.detail
    assert next(slot.value for slot in handoff.slots if slot.name == "place") == "north"
    assert {"es": "falta cambiarlo", "en": "still needs changing"}[lang] in summary(handoff, lang)


@pytest.mark.parametrize("lang", LANGS)
def test_what_was_not_answered_in_time_is_not_asked_for_otherwise(once: Business, lang: str) -> None:
    caller = Recorded(once, lang, book="timeout?").talks(*VISIT[lang], NORTH[lang])
    assert len(caller.ran("book")) == 1
    assert caller.handed().reason == "action_failed"
    assert {"es": "ya está hecho", "en": "already done"}[lang] not in caller.announced, "nobody knows that"


UNCERTAIN = {"es": "puede que se haya hecho", "en": "it may have been done"}
CHECK_FIRST = {"es": "Antes de repetir nada", "en": "Before repeating anything"}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", ["fault?", "unreachable?", "timeout?", "invalid?"])
def test_a_person_learns_what_may_have_been_done(line: Load, lang: str, kind: str) -> None:
    caller = Recorded(line("clinic"), lang, clinic_book=kind).talks(*BOOK[lang])
    handoff = caller.handed()
    assert handoff.reason == "action_failed"
    (attempt,) = tried(caller, "uncertain")
    assert attempt.outcome == {"es": "no se sabe si se hizo", "en": "not known whether it was done"}[lang]
    for reader in LANGS:
        said = summary(handoff, reader)
        assert UNCERTAIN[reader] in said
        assert CHECK_FIRST[reader] in said
        assert {"es": "Queda pendiente", "en": "Still to do"}[reader] not in said


@pytest.mark.parametrize("lang", LANGS)
def test_what_was_certainly_not_done_is_still_to_do(line: Load, lang: str) -> None:
    caller = Recorded(line("clinic"), lang, clinic_book="unreachable").talks(*BOOK[lang])
    said = summary(caller.handed(), lang)
    assert {"es": "Queda pendiente", "en": "Still to do"}[lang] in said
    assert UNCERTAIN[lang] not in said


RETRIED = ONCE.replace("on: {ok: booked, timeout: slow}", "on: {ok: booked, failed: again, timeout: slow}")
RETRIED = RETRIED.replace(
    "steps:\n",
    """steps:
  again:
    type: menu
    same_as: menu
    prompt: {es: "No ha funcionado. ¿Qué hacemos?", en: "That did not work. What shall we do?"}
    retry: [{es: "Dígame qué necesita.", en: "Tell me what you need."}]
""",
    1,
)


@pytest.fixture(scope="module")
def retried(tmp_path_factory: pytest.TempPathFactory) -> Business:
    folder = make_prompts(tmp_path_factory.mktemp("retried") / "prompts", RETRIED, APPOINTMENT_ACTIONS)
    return load_business("appointments", folder)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("corrected", [False, True])
def test_a_deed_that_failed_after_it_was_sent_is_not_done_otherwise(
    retried: Business, lang: str, corrected: bool
) -> None:
    """Asked for anew, as it was or otherwise: the same goes under the same key, anything else to a person."""
    caller = Recorded(retried, lang, book="fault?").talks(*VISIT[lang])
    assert caller.listens().step == "again"
    if corrected:
        caller.says(NORTH[lang])
        assert len(caller.ran("book")) == 1
        assert caller.handed().reason == "action_failed"
        assert UNCERTAIN[lang] in summary(caller.handed(), lang)
        return
    caller.fails.clear()
    caller.talks(VISIT[lang][0])
    first, second = (invoke for invoke in caller.asked if invoke.name == "book")
    assert (first.key, first.arguments) == (second.key, second.arguments)
    handoff = caller.says(PERSON[lang]).handed()
    assert UNCERTAIN[lang] not in summary(handoff, lang), "it is known by now"


@pytest.mark.parametrize("lang", LANGS)
def test_a_change_that_may_have_been_made_is_told_as_such(line: Load, lang: str) -> None:
    caller = Recorded(line("clinic"), lang, clinic_change="fault?").talks(*BOOK[lang], OTHER_PHONE[lang])
    (change,) = tried(caller, "uncertain_change")
    assert "+34600111222" in change.detail
    said = summary(caller.handed(), lang)
    assert {"es": "no se sabe si quedó cambiado", "en": "whether that was changed is not known"}[lang] in said
    assert CHECK_FIRST[lang] in said


@pytest.mark.parametrize("lang", LANGS)
def test_a_person_asked_for_meanwhile_learns_that_it_may_be_done(line: Load, lang: str) -> None:
    caller = Recorded(line("clinic"), lang)
    caller.talks(*BOOK[lang][:-1])
    caller.act = False
    caller.says(BOOK[lang][-1])
    assert caller.invoke is not None
    caller.feed(Keyed("0"))
    assert UNCERTAIN[lang] in summary(caller.handed(), lang)


def test_a_booking_that_came_late_is_known(once: Business) -> None:
    caller = Recorded(once, "es")
    caller.act = False
    caller.talks(*VISIT["es"])
    assert caller.invoke is not None
    late = caller.invoke
    while caller.expect is None:
        caller.feed(Tick(), (caller.dialogue.deadline() or caller.now) - caller.now)
    caller.feed(caller.run(late))
    caller.act = True
    caller.says(NORTH["es"])
    assert caller.handed().reason == "correction"


# --- what was said and let go ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("es", ["dónde está mi pedido", "#654321", "#28013"]),
        ("en", ["where is my order", "#654321", "#28013"]),
    ],
)
def test_what_did_not_fit_is_still_told_to_a_person(line: Load, lang: str, says: list[str]) -> None:
    caller = Recorded(line("shop"), lang).talks(*says, PERSON[lang])
    handoff = caller.handed()
    (number,) = [slot for slot in handoff.slots if slot.name == "order_number"]
    assert (number.value, number.dropped, number.confirmed, number.verified) == ("654321", True, False, False)
    assert "postcode" not in {slot.name for slot in handoff.slots}, "of a secret there is nothing to tell"
    for reader in LANGS:
        said = summary(handoff, reader)
        assert "654321" in said
        assert {"es": "que no se dio por bueno", "en": "which was not accepted"}[reader] in said


@pytest.mark.parametrize("lang", LANGS)
def test_the_value_that_takes_its_place_is_the_one_that_is_told(line: Load, lang: str) -> None:
    says = {"es": "dónde está mi pedido", "en": "where is my order"}
    caller = Recorded(line("shop"), lang).talks(says[lang], "#654321", "#28013", "#123456", PERSON[lang])
    (number,) = [slot for slot in caller.handed().slots if slot.name == "order_number"]
    assert (number.value, number.dropped) == ("123456", False)


# --- full days ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("template", ["clinic", "municipality"])
def test_another_day_is_offered_as_often_as_needed(line: Load, template: str, lang: str) -> None:
    wish = {"es": "quiero pedir cita", "en": "i want an appointment"}[lang]
    matter = {
        "clinic": {"es": "dentista", "en": "dentist"},
        "municipality": {"es": "padrón", "en": "register"},
    }
    days = {"es": ["el sábado", "el domingo", "el sábado"], "en": ["on saturday", "on sunday", "on saturday"]}
    caller = Recorded(line(template), lang).talks(wish, matter[template][lang])
    for day in days[lang]:
        caller.talks(day)
        assert {"es": "el lunes, diecinueve", "en": "Monday, January nineteenth"}[lang] in caller.text
        caller.talks("no")
    caller.talks(PERSON[lang])
    assert caller.handed().reason == "caller_asked"


# --- why a person ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", ["timeout", "fault"])
def test_what_could_not_be_checked_is_not_called_wrong(line: Load, lang: str, kind: str) -> None:
    says = {"es": "dónde está mi pedido", "en": "where is my order"}
    caller = Recorded(line("shop"), lang, shop_prove=kind).talks(says[lang], "#654321", "#28013")
    handoff = caller.handed()
    assert (handoff.reason, handoff.queue) == ("action_failed", "orders")
    assert {"es": "no puedo consultarlo", "en": "can't look that up"}[lang] in caller.announced
    assert [one.outcome for one in handoff.tried] == [
        {"es": "no se pudo comprobar", "en": "could not be checked"}[lang]
    ]
    assert {"es": "no se sabe si es correcto", "en": "is not known"}[lang] in summary(handoff, lang)


@pytest.mark.parametrize("lang", LANGS)
def test_a_lock_out_is_the_reason(line: Load, lang: str) -> None:
    says = {"es": "cuánto dinero tengo", "en": "how much money do i have"}
    yes = {"es": "sí", "en": "yes"}
    caller = Recorded(line("bank"), lang).talks(says[lang], "#12345678", yes[lang], "#1111", "#2222", "#3333")
    handoff = caller.handed()
    assert (handoff.reason, handoff.queue) == ("not_verified", "security")
    assert {"es": "Por su seguridad", "en": "For your safety"}[lang] in caller.announced
    said = summary(handoff, lang)
    assert {"es": "demasiados intentos", "en": "too many tries"}[lang] in said
    assert {"es": "comprueba quién llama", "en": "check who is calling"}[lang] in said
    assert {"es": "lo que dio no era correcto", "en": "was not right"}[lang] not in said, "once is enough"


# --- what the person reads --------------------------------------------------------------------------------

CANCEL = {"es": "quiero anular mi cita", "en": "i want to cancel my appointment"}


@pytest.mark.parametrize("lang", LANGS)
def test_a_wrong_code_is_not_answered_as_if_another_had_been_sent(line: Load, lang: str) -> None:
    caller = Recorded(line("clinic"), lang).talks(CANCEL[lang], "#600111222")
    sent = {"es": "Le mandamos un código", "en": "We are sending a code"}[lang]
    assert sent in caller.text
    caller.says("#000000")
    assert sent not in caller.text
    assert caller.listens().step == "code"


@pytest.mark.parametrize("lang", LANGS)
def test_who_proved_to_be_somebody_still_is_where_nothing_was_found(line: Load, lang: str) -> None:
    caller = Recorded(line("clinic"), lang, clinic_visit="not_found")
    caller.talks(CANCEL[lang], "#600111222", CODE, PERSON[lang])
    handoff = caller.handed()
    (phone,) = [slot for slot in handoff.slots if slot.name == "phone"]
    assert (phone.verified, phone.dropped) == (True, False)
    said = summary(handoff, lang)
    assert {"es": "Demostró su identidad", "en": "proved their identity"}[lang] in said
    assert {"es": "con ellos no se encontró nada", "en": "nothing was found with those"}[lang] in said


@pytest.mark.parametrize("lang", LANGS)
def test_the_answer_that_was_heard_is_quoted(line: Load, lang: str) -> None:
    caller = Recorded(line("clinic"), lang).talks(*BOOK[lang], PERSON[lang])
    (answer,) = tried(caller, "answered")
    assert answer.detail == next(
        text for text in caller.said if text.startswith(("Tiene cita", "You have an"))
    )
    for reader in LANGS:
        assert answer.detail.rstrip(".") in summary(caller.handed(), reader), (
            "also for who reads another language"
        )


@pytest.mark.parametrize("lang", LANGS)
def test_an_answer_that_was_cut_is_not_quoted(line: Load, lang: str) -> None:
    caller = Recorded(line("clinic"), lang).talks(*BOOK[lang])
    cut = tuple(Utterance(p.text, p.text[:9], 500, Ended.CUT) for p in caller.answer)
    caller.feed(Heard(Transcript(PERSON[lang], 1.0, lang=lang), cut), 1000)
    (answer,) = tried(caller, "answered")
    assert not answer.detail


@pytest.mark.parametrize("lang", LANGS)
def test_silence_at_a_yes_or_no_reads_as_one(line: Load, lang: str) -> None:
    caller = Recorded(line("clinic"), lang).talks(*BOOK[lang][:3], "", "", "")
    said = summary(caller.handed(), lang)
    assert {"es": "A «acepta la hora» no se oyó", "en": "To “accepts the time” they did not"}[lang] in said


@pytest.mark.parametrize(
    ("template", "lang", "says", "reads"),
    [
        ("bank", "es", ["he perdido la tarjeta"], "cuando se le pedían las últimas cuatro cifras"),
        ("shop", "en", ["i want to return something", "#123456"], "They want to return something"),
        ("clinic", "es", BOOK["es"][:3], "Pidió hablar con una persona. "),  # a yes or no has no noun
    ],
)  # fmt: skip
def test_the_summary_is_grammatical(
    line: Load, template: str, lang: str, says: list[str], reads: str
) -> None:
    caller = Recorded(line(template), lang).talks(*says, PERSON[lang])
    assert reads in summary(caller.handed(), lang)
