"""What callers ask about the conversation itself, when they leave the day open, and how they close it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue.text_caller import APPOINTMENT_ACTIONS, APPOINTMENTS, PROMPTS, Caller, at, make_prompts
from voice.dialogue.asides import lacks_it
from voice.dialogue.inquiries import asks_what_is_meant, asks_who_answers
from voice.dialogue.loader import Business, load_business
from voice.dialogue.open_when import Vague, vague_when
from voice.dialogue.pauses import looks_it_up
from voice.dialogue.wishes import says_no_more, thanks_only, wants_person
from voice.events import CallerNotUnderstood
from voice.languages.base import word_list

LANGS = pytest.mark.parametrize("lang", ["es", "en"])
BALANCE = {"es": "quiero saber mi saldo", "en": "i want to know my balance"}
YES = {"es": "sí", "en": "yes"}
MACHINE = {"es": "Soy un asistente automático.", "en": "I am an automatic assistant."}


def misunderstood(caller: Caller) -> int:
    return len(caller.note(CallerNotUnderstood))


# --- who is this ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "es usted una máquina"),
        ("es", "perdone, ¿con quién hablo?"),
        ("es", "¿eres un robot?"),
        ("es", "estoy hablando con una persona o con una máquina"),
        ("en", "are you a robot"),
        ("en", "sorry, who am I talking to?"),
        ("en", "am i speaking to a real person"),
        ("en", "is this a recording"),
    ],
)
def test_who_asks_is_told_that_it_is_a_machine(telecom: Business, lang: str, words: str) -> None:
    caller = at(telecom, lang, words)
    assert MACHINE[lang] in caller.text
    assert caller.listens().step == "menu"
    caller.says(BALANCE[lang]).says(words)
    assert MACHINE[lang] in caller.text
    assert caller.listens().step == "customer"
    caller.says("12345678").says(words)
    assert MACHINE[lang] in caller.text
    assert caller.listens().kind == "yes_no"
    assert misunderstood(caller) == 0
    person = {"es": "pues quiero una persona", "en": "then i want a person"}[lang]
    assert caller.says(person).handed().intent is not None


@LANGS
def test_who_asks_it_for_ever_gets_a_person(telecom: Business, lang: str) -> None:
    caller = at(telecom, lang)
    for _ in range(4):
        caller.says({"es": "eres un robot", "en": "are you a robot"}[lang])
    assert caller.handed().reason == "loop"


@pytest.mark.parametrize(
    ("lang", "words"),
    [("es", "quiero hablar con una persona real"), ("en", "is there a real person i can talk to")],
)
def test_a_wish_for_a_person_is_no_question(lang: str, words: str) -> None:
    assert wants_person(words, lang)
    assert not asks_who_answers(words, lang)


# --- what is meant --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words", "told"),
    [
        ("es", "¿qué quiere decir?", "las que eligió con su contrato"),
        ("es", "para qué necesita mi clave", "las que eligió con su contrato"),
        ("es", "no entiendo nada", "las que eligió con su contrato"),
        ("es", "qué clave", "las que eligió con su contrato"),
        ("en", "what do you mean?", "the four digits you chose with your contract"),
        ("en", "why do you need that", "the four digits you chose with your contract"),
        ("en", "what pin", "the four digits you chose with your contract"),
    ],
)
def test_a_question_about_the_question_is_answered(
    telecom: Business, lang: str, words: str, told: str
) -> None:
    caller = at(telecom, lang, BALANCE[lang], "12345678", YES[lang], words, knows_pin=False)
    assert told in caller.text
    assert caller.listens().step == "pin"
    assert misunderstood(caller) == 0
    caller.says(words)  # again: other words
    assert caller.listens().step == "pin"
    caller.says("#2580")
    assert {"es": "cuarenta y dos euros", "en": "forty-two euros"}[lang] in caller.text


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "por qué pago tanto"),
        ("es", "qué es el roaming"),
        ("en", "why do i pay so much"),
        ("en", "what is roaming"),
    ],
)
def test_questions_about_the_business_are_not_about_the_question(lang: str, words: str) -> None:
    assert not asks_what_is_meant(words, lang)


@pytest.mark.parametrize(("lang", "words"), [("es", "¿está usted seguro?"), ("en", "are you sure?")])
def test_are_you_sure_is_no_yes(telecom: Business, lang: str, words: str) -> None:
    caller = at(telecom, lang, BALANCE[lang], "12345678", words)
    assert caller.listens().kind == "yes_no"
    assert misunderstood(caller) == 0
    caller = at(telecom, lang, {"es": "mi factura", "en": "my invoice"}[lang], "12345678", YES[lang], words)
    assert caller.handoff is None, "no yes to a person who goes over it"


# --- a moment -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "espere un momento que la busco"),
        ("es", "un segundo, que voy a por él"),
        ("es", "déjeme que lo mire"),
        ("es", "espere, que estoy conduciendo"),
        ("en", "hang on i'm driving"),
        ("en", "hold on, I'll get it"),
        ("en", "give me a second to find my card"),
        ("en", "one moment while i look for it"),
    ],
)
def test_who_looks_it_up_gets_time(telecom: Business, lang: str, words: str) -> None:
    caller = at(telecom, lang, BALANCE[lang], words)
    assert misunderstood(caller) == 0
    assert caller.listens().no_input_ms >= 20_000
    caller.says("").says("12345678")
    assert caller.listens().kind == "yes_no"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "busco un móvil nuevo"),
        ("es", "espere, es el doce"),
        ("en", "i am looking for a new phone"),
        ("en", "hang on it's twelve"),
    ],
)
def test_who_wants_something_else_asks_for_no_time(lang: str, words: str) -> None:
    assert not looks_it_up(words, lang)


# --- when -----------------------------------------------------------------------------------------------

VISIT = {"es": "quiero pedir cita", "en": "i want an appointment"}
AT_TIME = """
  time_of_day:
    type: ask
    slot: hour
    kind: time
    confirm: implicit
    label: {es: hora, en: time}
    prompt: {es: "¿A qué hora?", en: "What time?"}
    retry:
      - {es: "Dígame la hora.", en: "Tell me the time."}
      - {es: "Por ejemplo: a las cinco.", en: "For example: at five."}
    then: notes
  notes:
"""


@pytest.fixture(scope="module")
def tomorrow(tmp_path_factory: pytest.TempPathFactory) -> Business:
    """Appointments from tomorrow on, at a time of day."""
    flow = APPOINTMENTS.replace("min: today", "min: today+1", 1).replace(
        "then: notes", "then: time_of_day", 1
    )
    flow = flow.replace("\n  notes:\n", AT_TIME, 1)
    folder = make_prompts(tmp_path_factory.mktemp("when") / "prompts", flow, APPOINTMENT_ACTIONS)
    return load_business("appointments", folder)


@pytest.mark.parametrize(
    ("lang", "words", "first"),
    [
        ("es", "cuanto antes", "Lo antes posible sería mañana"),
        ("es", "lo antes posible, por favor", "Lo antes posible sería mañana"),
        ("es", "ahora mismo", "Lo antes posible sería mañana"),
        ("es", "el primer día que haya", "Lo antes posible sería mañana"),
        ("es", "me da igual", "Lo antes posible sería mañana"),
        ("en", "as soon as possible", "The earliest would be tomorrow"),
        ("en", "right now", "The earliest would be tomorrow"),
        ("en", "the earliest you have", "The earliest would be tomorrow"),
        ("en", "any day", "The earliest would be tomorrow"),
    ],
)
def test_as_soon_as_possible_is_offered_the_first_day(
    tomorrow: Business, lang: str, words: str, first: str
) -> None:
    caller = at(tomorrow, lang, VISIT[lang], words)
    assert first in caller.text
    assert misunderstood(caller) == 0
    other = at(tomorrow, lang, VISIT[lang], words)
    assert caller.says(YES[lang]).listens().step == "place"
    other.says("no")
    assert other.listens().step == "day"
    assert {"es": "vamos otra vez", "en": "try again"}[lang] not in other.text, "nothing was misheard"
    other.says({"es": "el lunes", "en": "monday"}[lang])
    assert other.listens().step == "place"


@pytest.mark.parametrize(
    ("lang", "words", "asks", "day", "taken"),
    [
        ("es", "este fin de semana", "¿El sábado o el domingo?", "el sábado", "diecisiete"),
        ("es", "mejor la semana que viene", "¿Qué día de la semana que viene?", "el viernes", "veintitrés"),
        ("en", "this weekend", "Saturday or Sunday?", "saturday", "seventeenth"),
        ("en", "sometime next week", "Which day next week?", "on friday", "twenty-third"),
    ],
)
def test_a_week_or_a_weekend_is_asked_for_its_day(
    tomorrow: Business, lang: str, words: str, asks: str, day: str, taken: str
) -> None:
    caller = at(tomorrow, lang, VISIT[lang], words)
    assert asks in caller.text
    assert misunderstood(caller) == 0
    assert taken in caller.says(day).text
    assert caller.listens().step == "place"


@LANGS
def test_who_leaves_the_day_open_for_ever_gets_a_person(tomorrow: Business, lang: str) -> None:
    caller = at(tomorrow, lang, VISIT[lang])
    for _ in range(8):
        if not caller.over:
            caller.says({"es": "la semana que viene", "en": "next week"}[lang])
    assert caller.handed()


@LANGS
def test_right_now_is_a_time_and_no_wish_to_wait(tomorrow: Business, lang: str) -> None:
    said = {"es": ("el lunes", "centro", "ahora mismo"), "en": ("monday", "centre", "right now")}[lang]
    caller = at(tomorrow, lang, VISIT[lang], *said)
    assert {"es": "diez de la mañana", "en": "ten in the morning"}[lang] in caller.text
    assert caller.listens().step == "notes"
    caller = at(tomorrow, lang, VISIT[lang], *said[:2])
    caller.says({"es": "cuanto antes", "en": "as soon as possible"}[lang])
    assert {"es": "Dígame la hora", "en": "Tell me the time"}[lang] in caller.text
    assert misunderstood(caller) == 0


@LANGS
def test_at_other_questions_right_now_still_asks_for_time(telecom: Business, lang: str) -> None:
    caller = at(telecom, lang, BALANCE[lang], {"es": "ahora mismo", "en": "one moment"}[lang])
    assert {"es": "tómese su tiempo", "en": "take your time"}[lang] in caller.text


# --- not having it, and nothing else --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words", "called"),
    [
        ("es", "no me llega el código al móvil", "código"),
        ("es", "el código todavía no me ha llegado", "código"),
        ("es", "no he recibido ningún mensaje", "código"),
        ("es", "pues no sé los números", "últimas cuatro cifras de la tarjeta"),
        ("es", "no sé qué código postal puse", "código postal"),
        ("es", "no sé cuáles son las últimas cifras", "últimas cuatro cifras de la tarjeta"),
        ("en", "i haven't received the code", "code"),
        ("en", "the text never arrived", "code"),
        ("en", "i don't know what postcode i used", "postcode"),
        ("en", "i don't know what the pin is", "customer PIN"),
    ],
)
def test_who_lacks_what_is_asked_for_is_understood(lang: str, words: str, called: str) -> None:
    assert lacks_it(words, lang, (called,))


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "no me ha llegado el pedido"),
        ("es", "no tengo línea"),
        ("en", "i haven't received my order"),
        ("en", "i don't have internet"),
    ],
)
def test_another_trouble_is_not_that(lang: str, words: str) -> None:
    assert not lacks_it(words, lang, ("número de cliente", "customer number"))


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "eso es todo, gracias"),
        ("es", "no, nada más, muchas gracias"),
        ("es", "con eso me vale, gracias"),
        ("en", "that's all, thank you"),
        ("en", "no that will be all thanks"),
        ("en", "i'm good, thanks"),
    ],
)
def test_nothing_else_is_understood_in_any_menu(telecom: Business, lang: str, words: str) -> None:
    assert says_no_more(words, lang)
    caller = at(telecom, lang, BALANCE[lang], "12345678", YES[lang], words)
    assert caller.hang_up is not None
    # also where a wish is being confirmed, as no yes
    caller = at(telecom, lang, BALANCE[lang], "12345678", YES[lang])
    caller.says({"es": "lo de la factura esa", "en": "the thing with that bill"}[lang], 0.7)
    caller.says(words)
    assert caller.handoff is None
    assert caller.over or caller.says(words).hang_up is not None


@LANGS
def test_thanks_are_no_answer_and_no_trouble(telecom: Business, lang: str) -> None:
    words = {"es": "muchas gracias", "en": "thank you very much"}[lang]
    assert thanks_only(words, lang)
    caller = at(telecom, lang, BALANCE[lang], words)
    assert misunderstood(caller) == 0
    assert caller.listens().step == "customer"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "no gracias"),
        ("es", "eso no es lo que quiero"),
        ("es", "yo no he pedido eso"),
        ("en", "no thank you"),
        ("en", "that's not what i want"),
        ("en", "i didn't ask for that"),
    ],
)
def test_what_was_not_wanted_is_dropped(telecom: Business, lang: str, words: str) -> None:
    caller = at(telecom, lang, BALANCE[lang], words)
    assert caller.listens().step == "menu"
    assert {"es": "De acuerdo, lo dejamos.", "en": "All right"}[lang] in caller.text
    caller.says({"es": "dónde está mi pedido", "en": "where is my order"}[lang])
    assert caller.listens().step == "order_number"


@LANGS
def test_what_was_told_is_told_again_in_the_other_language(telecom: Business, lang: str) -> None:
    caller = at(telecom, lang, BALANCE[lang], "12345678", YES[lang])
    caller.says({"es": "in english please", "en": "en español por favor"}[lang])
    caller.says({"es": "how much was that", "en": "cuánto era"}[lang])
    assert {"es": "forty-two euros", "en": "cuarenta y dos euros"}[lang] in caller.text


# --- readers take anything ------------------------------------------------------------------------------

WORDS = st.lists(
    st.sampled_from(
        word_list(
            """
            no que es el la un una por favor para quiero espere momento busco gracias nada todo semana cuanto
            what is the a you robot why do need wait let me get it find thanks all that next week any day
            """
        )
    ),
    max_size=14,
).map(" ".join)


@settings(max_examples=60, deadline=None)
@given(WORDS, st.sampled_from(["es", "en"]))
def test_any_words_are_read(words: str, lang: str) -> None:
    read = [f(words, lang) for f in (asks_who_answers, asks_what_is_meant, looks_it_up, says_no_more)]
    assert all(isinstance(one, bool) for one in read)
    assert vague_when(words, lang) in {None, *Vague}


# --- long accounts, and what was told in other words ----------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "es",
            "buenas tardes señorita mire usted es que mi hijo me lo mira todo y me dice que hay un error en"
            " mi factura y yo no entiendo de estas cosas",
        ),
        (
            "en",
            "good afternoon dear look i am calling because i was at my sister's and then i saw that there is"
            " a mistake on my bill and i really do not know",
        ),
    ],
)
def test_a_wish_is_found_in_a_long_account_and_asked_about(telecom: Business, lang: str, words: str) -> None:
    caller = at(telecom, lang, words)
    assert misunderstood(caller) == 0
    if caller.listens().kind == "yes_no":
        assert {"es": "factura", "en": "invoice"}[lang] in caller.text
        caller.says(YES[lang])
    assert caller.listens().step == "customer"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "no sé mi número de cliente estoy muy nervioso"),
        ("es", "no tengo el número aquí porque estoy en la calle"),
        ("en", "i don't know my customer number i'm very nervous"),
        ("en", "i don't have the number with me because i'm in the street"),
    ],
)
def test_who_lacks_it_and_says_why_is_understood(telecom: Business, lang: str, words: str) -> None:
    caller = at(telecom, lang, BALANCE[lang], words)
    assert misunderstood(caller) == 0
    assert {"es": "arriba en su factura", "en": "at the top of your"}[lang] in caller.text


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("es", "y qué dijo de la fecha"),
        ("es", "está segura"),
        ("es", "cuándo tengo que pagar ha dicho"),
        ("en", "when do i have to pay again"),
        ("en", "are you sure"),
        ("en", "what did you say about the date"),
    ],
)
def test_what_was_told_is_told_again_however_it_is_asked(telecom: Business, lang: str, words: str) -> None:
    caller = at(telecom, lang, BALANCE[lang], "12345678", YES[lang], words)
    assert {"es": "cuarenta y dos euros", "en": "forty-two euros"}[lang] in caller.text
    assert misunderstood(caller) == 0


@pytest.mark.parametrize(
    ("lang", "words", "question", "meant"),
    [
        ("es", "qué es un NIE", "Dígame su DNI o NIE", True),
        ("es", "qué es el roaming", "Dígame su DNI o NIE", False),
        ("en", "what is a NIE", "Tell me your DNI or NIE", True),
        ("en", "what is roaming", "Tell me your DNI or NIE", False),
    ],
)
def test_what_a_word_of_the_question_is(lang: str, words: str, question: str, meant: bool) -> None:
    assert asks_what_is_meant(words, lang, question) is meant


def test_no_template_puts_a_preposition_before_a_day() -> None:
    """A day may be "ayer" or "el lunes": "del el lunes" and "on yesterday" are no language."""
    templates = sorted((PROMPTS.parent / "voice" / "templates").glob("*/flow.yaml"))
    flows = [*templates, *(PROMPTS / "flows").glob("*.yaml")]
    assert len(flows) > 5
    for flow in flows:
        text = flow.read_text(encoding="utf-8")
        assert not re.search(r"\b(?:de|del|al|a|el|on|the)\s\{[\w.]+\|date\}", text), flow
