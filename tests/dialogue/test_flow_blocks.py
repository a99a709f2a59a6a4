"""Sub-flows, digressions with return, reusable slots, ladders, menus with keys and campaigns, in text."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.dialogue.text_caller import WEDNESDAY, Caller, head, make_prompts
from voice.dialogue.actions import load_registry
from voice.dialogue.check import check_flow
from voice.dialogue.loader import Business, load_business, read_flow
from voice.dialogue.seam import ActionDone, Began, Recognised
from voice.errors import Problem
from voice.events import CampaignTold, ExperimentAssigned, StepEntered
from voice.model import BargeIn

SHOP = (
    head("shop", "Tienda", "Shop")
    + """\
goodbye: bye
profile: [area]
holidays:
  local: [01-06, 2026-01-16]
hours:
  desk: {mon-fri: "09:00-18:00", holidays: local, except: {01-05: "09:00-12:00"}}
experiments:
  offer: {plain: 50, warm: 50}
defaults:
  barge_in: speech
  no_input_ms: 5000
  ladder: {no_input: 1}
slots:
  card:
    kind: digits
    length: 4
    sensitive: true
    confirm: never
    label: {es: tarjeta, en: card}
    prompt: {es: "¿Las cuatro cifras?", en: "The four digits?"}
    retry:
      - {es: "Dígame cuatro cifras.", en: "Tell me four digits."}
campaigns:
  outage:
    text: {es: "Hay una avería en el norte.", en: "There is an outage in the north."}
    if: profile.area is north
    from: 2026-01-10
    until: "2026-01-14 12:00"
    enough: {es: "¿Era eso lo que quería saber?", en: "Is that what you wanted to know?"}
  english_only:
    text: {en: "We moved."}
    languages: [en]
    after: intent order
    barge_in: none
flows:
  payment:
    inputs: [amount]
    outputs: [code, day]
    start: card
    steps:
      card: {type: ask, slot: card, then: day}
      day:
        type: ask
        slot: day
        kind: date
        label: {es: día, en: day}
        prompt: {es: "¿Qué día?", en: "What day?"}
        retry: [{es: "Dígame el día.", en: "Tell me the day."}]
        then: sure
      sure:
        type: ask
        slot: sure
        kind: yes_no
        ask_again: true
        label: {es: seguro, en: sure}
        prompt: {es: "¿Cobramos {amount|amount} {day}?", en: "Shall we take {amount|amount} on {day}?"}
        retry: [{es: "¿Sí o no?", en: "Yes or no?"}]
        yes: take
        no: stopped
      take:
        type: call
        action: take
        label: {es: cobrar, en: take the money}
        with: [amount, card]
        save: {code: code}
        on: {ok: done, failed: stopped, timeout: stopped}
      done: {type: return, outcome: paid}
      stopped: {type: return, outcome: stopped}
start: menu
steps:
  menu:
    type: menu
    keys: always
    prompt: {es: "¿Qué necesita?", en: "What do you need?"}
    again: {es: "¿Algo más?", en: "Anything else?"}
    no: bye
    retry:
      - {es: "Diga pagar o pedido.", en: "Say pay or order."}
    intents:
      pay:
        label: {es: pagar, en: pay}
        key: 1
        then: owed
        examples:
          es: [quiero pagar la cuenta, necesito pagar, hacer un pago]
          en: [i want to pay the bill, i need to pay, make a payment]
      order:
        label: {es: hacer un pedido, en: place an order}
        key: 2
        then: what
        examples:
          es: [encargar algo, comprar una cosa, un pedido nuevo]
          en: [i want to place an order, order something, buy a thing]
      hours:
        label: {es: saber el horario, en: know the hours}
        key: 3
        then: hours
        digression: true
        examples:
          es: [qué horario tienen ustedes, a qué hora abren, cuándo cierran hoy]
          en: [what are your opening hours, what time do you open, when do you close today]
  owed:
    type: call
    action: owed
    label: {es: mirar lo que debe, en: look up what is owed}
    save: {debt: amount}
    on: {ok: pay}
  pay:
    type: do
    flow: payment
    with: {amount: debt}
    save: {receipt: code, when: day}
    then: paid
    on: {stopped: not_paid}
  paid:
    type: say
    answer: true
    text:
      es: "Pagado con código {receipt|digits} para {when}."
      en: "Paid with code {receipt|digits} for {when}."
    then: menu
  not_paid:
    type: say
    text: {es: "No hemos cobrado nada.", en: "We have taken nothing."}
    then: menu
  what:
    type: ask
    slot: what
    kind: choice
    ladder: {no_match: 1, then: catalogue}
    barge_in: none
    label: {es: artículo, en: item}
    prompt: {es: "¿Pan o vino?", en: "Bread or wine?"}
    retry: [{es: "Diga pan o vino.", en: "Say bread or wine."}]
    options:
      bread: {label: {es: el pan, en: the bread}, key: 1, say: {es: [pan], en: [bread]}}
      wine: {label: {es: el vino, en: the wine}, key: 2, say: {es: [vino], en: [wine]}}
    then: offer
  catalogue:
    type: say
    text: {es: "Le mando el catálogo.", en: "I'll send you the catalogue."}
    then: menu
  offer:
    type: branch
    when:
      - {if: experiment.offer is warm and (profile.vip is yes or profile.name is known), then: warm}
    otherwise: menu
  warm:
    type: say
    text: {es: "Gracias de corazón, {profile.name}.", en: "Thank you so much, {profile.name}."}
    then: menu
  hours:
    type: branch
    when: [{if: desk is open, then: open}]
    otherwise: closed
  open:
    type: say
    text: {es: "Cerramos a {desk.closes}.", en: "We close at {desk.closes}."}
    then: menu
  closed:
    type: say
    text: {es: "Abrimos {desk.opens_day} a {desk.opens}.", en: "We open {desk.opens_day} at {desk.opens}."}
    then: menu
  bye: {type: hang_up, text: {es: "Adiós.", en: "Goodbye."}}
"""
)

SHOP_ACTIONS = """
from voice.dialogue.actions import action

@action("owed")
def owed():
    return {"amount": "12.50"}

@action("take")
def take(amount, card):
    return {"code": "77"}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Business:
    folder = make_prompts(tmp_path_factory.mktemp("shop") / "prompts", SHOP, SHOP_ACTIONS, name="shop")
    return load_business("shop", folder)


def problems_of(folder: Path, source: str, **files: str) -> list[Problem]:
    """What is wrong with the shop's flow, written like this; the rest of the business is right."""
    folder.mkdir(exist_ok=True)
    for name, text in {"shop": source, **files}.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    if not (folder / "actions.py").exists():
        (folder / "actions.py").write_text(SHOP_ACTIONS, encoding="utf-8")
    flow, document, _ = read_flow(folder / "shop.yaml")
    if flow is None:
        return document.problems
    return document.problems + check_flow(flow, document, load_registry(folder)[0])


def talk(business: Business, lang: str, *turns: str, **began: object) -> Caller:
    caller = Caller(business, lang, **began)  # type: ignore[arg-type]  # only what Caller takes
    for turn in turns:
        caller.says(turn)
    return caller


def test_the_shop_is_clean(tmp_path: Path) -> None:
    assert problems_of(tmp_path, SHOP) == []


# --- sub-flows --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "turns", "asked", "said"),
    [
        (
            "es",
            ("necesito pagar", "#1234", "el quince de febrero", "sí"),
            "doce euros con cincuenta",
            "siete siete",
        ),
        ("en", ("i need to pay", "#1234", "february the fifteenth", "yes"), "twelve euros", "seven seven"),
    ],
)
def test_a_sub_flow_takes_its_input_and_gives_its_outputs(
    shop: Business, lang: str, turns: tuple[str, ...], asked: str, said: str
) -> None:
    caller = talk(shop, lang, *turns)
    spoken = " ".join(caller.said)
    assert asked in spoken
    assert said in caller.text
    assert ("quince de febrero" if lang == "es" else "fifteenth") in caller.text
    assert caller.listens().step == "menu"


def test_another_outcome_leads_elsewhere(shop: Business) -> None:
    caller = talk(shop, "es", "necesito pagar", "#1234", "el quince de febrero", "no")
    assert "No hemos cobrado nada" in caller.text


def test_a_sub_flow_begins_anew_each_time(shop: Business) -> None:
    caller = talk(shop, "es", "#1", "#1234", "el quince de febrero", "no")
    assert caller.says("#1").listens().step == "payment.card"


def test_the_person_sees_each_fact_once_and_no_secret(shop: Business) -> None:
    caller = talk(shop, "es", "#1", "#1234", "el quince de febrero", "sí", "#0")
    slots = {slot.name: slot for slot in caller.handed().slots}
    assert set(slots) == {"payment.card", "payment.day", "payment.sure", "payment.amount"} - {
        "payment.amount"
    }
    assert slots["payment.card"].value == "••••"
    assert not any("1234" in repr(item) for item in [*caller.notes, caller.handed(), *caller.said])


def test_a_person_and_the_main_menu_work_inside(shop: Business) -> None:
    assert talk(shop, "en", "#1", "an agent please").handed().intent is not None
    caller = talk(shop, "en", "#1", "#1234", "main menu")
    assert caller.listens().step == "menu"
    assert caller.says("#1").listens().step == "payment.card"


# --- digressions ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lang", "start", "words", "answer", "back", "question"),
    [
        ("es", "#1", "a qué hora abren", "Cerramos a", "Seguimos donde estábamos.", "¿Las cuatro cifras?"),
        ("en", "#1", "what time do you open", "We close at", "As we were saying.", "The four digits?"),
        ("es", "#2", "qué horario tienen ustedes", "Cerramos a", "Seguimos donde estábamos.", "¿Pan o vino?"),
        ("en", "#2", "what are your opening hours", "We close at", "As we were saying.", "Bread or wine?"),
    ],
)
def test_a_digression_is_answered_and_comes_back(
    shop: Business, lang: str, start: str, words: str, answer: str, back: str, question: str
) -> None:
    caller = talk(shop, lang, start)
    step = caller.listens().step
    caller.says(words)
    assert answer in caller.text
    assert caller.text.endswith(f"{back} {question}")
    assert caller.listens().step == step
    assert caller.dialogue._memory.intent is not None
    assert caller.dialogue._memory.intent.intent in ("pay", "order")


def test_a_digression_from_a_confirmation_comes_back_to_the_value(tmp_path: Path) -> None:
    source = SHOP.replace(
        "slot: day\n        kind: date\n", "slot: day\n        kind: date\n        confirm: explicit\n"
    )
    folder = make_prompts(tmp_path / "prompts", source, SHOP_ACTIONS, name="shop")
    caller = talk(load_business("shop", folder), "es", "#1", "#1234", "el quince de febrero")
    assert caller.listens().kind == "yes_no"
    assert caller.listens().step == "payment.day"
    caller.says("a qué hora abren")
    assert "quince de febrero. ¿Es correcto?" in caller.text
    assert "¿Cobramos" in caller.says("sí").text


def test_digressions_for_ever_end_at_a_person(shop: Business) -> None:
    caller = talk(shop, "es", "#1", *["a qué hora abren"] * 5)
    assert caller.listens().step == "payment.card"
    assert caller.says("a qué hora abren").handed().reason == "loop"


def test_what_digresses_can_be_heard(shop: Business) -> None:
    phrases = talk(shop, "es", "#2").listens().phrases
    assert "a que hora abren" in phrases or "a qué hora abren" in phrases


def test_a_step_may_forbid_digressions_or_name_its_own(tmp_path: Path) -> None:
    source = SHOP.replace("slot: what\n", "slot: what\n    digressions: none\n")
    folder = make_prompts(tmp_path / "prompts", source, SHOP_ACTIONS, name="shop")
    business = load_business("shop", folder)
    caller = talk(business, "es", "#2", "a qué hora abren")
    assert "Seguimos" not in caller.text
    source = SHOP.replace("slot: what\n", "slot: what\n    digressions: [pay]\n").replace(
        "digression: true", "urgent: false"
    )
    (folder / "flows" / "shop.yaml").write_text(source, encoding="utf-8")
    caller = talk(load_business("shop", folder), "es", "#2", "necesito pagar")
    assert caller.listens().step == "payment.card"
    caller.says("#1234").says("el quince de febrero").says("sí")
    assert caller.text.endswith("Seguimos donde estábamos. ¿Pan o vino?")


def test_nested_digressions_are_bounded(tmp_path: Path) -> None:
    source = SHOP.replace(
        "key: 1\n        then: owed", "key: 1\n        digression: true\n        then: owed"
    )
    folder = make_prompts(tmp_path / "prompts", source, SHOP_ACTIONS, name="shop")
    caller = talk(load_business("shop", folder), "es", "#2", "necesito pagar", "a qué hora abren")
    assert caller.text.endswith("¿Las cuatro cifras?")
    for _ in range(3):
        caller.says("necesito pagar")
        if caller.over:
            break
        assert len(caller.dialogue._frames) <= 5
    if not caller.over:
        caller.says("#1234").says("el quince de febrero").says("sí")
        assert caller.listens().step in ("payment.card", "what")


# --- questions: slots, defaults, ladders, keys ------------------------------------------------------


def test_a_reusable_slot_and_the_defaults(shop: Business) -> None:
    expect = talk(shop, "es", "#1").listens()
    assert (expect.sensitive, expect.longest, expect.no_input_ms) == (True, 4, 5000)
    caller = talk(shop, "es", "#1")
    assert caller.answer[-1].barge_in is BargeIn.SPEECH
    assert talk(shop, "es", "#2").answer[-1].barge_in is BargeIn.NONE


@pytest.mark.parametrize("turn", ["bla bla", ""])
@pytest.mark.parametrize(
    ("lang", "again", "then"),
    [
        ("es", "Diga pan o vino.", "Sigamos adelante. Le mando el catálogo."),
        ("en", "Say bread or wine.", "Let's move on. I'll send you the catalogue."),
    ],
)
def test_a_ladder_of_its_own(shop: Business, turn: str, lang: str, again: str, then: str) -> None:
    caller = talk(shop, lang, "#2", turn)
    assert again in caller.text
    caller.says(turn)
    assert caller.text.startswith(then)


def test_with_one_other_wording_the_keys_are_the_next(tmp_path: Path) -> None:
    source = (
        SHOP.replace("ladder: {no_match: 1, then: catalogue}", "digressions: none")
        .replace("  catalogue:\n    type: say\n", "  catalogue:\n    type: say\n")
        .replace("then: offer\n  catalogue", "then: offer\n    unknown: catalogue\n  catalogue")
    )
    folder = make_prompts(tmp_path / "prompts", source, SHOP_ACTIONS, name="shop")
    caller = talk(load_business("shop", folder), "es", "#2", "bla bla", "bla bla")
    assert "el pan: marque uno" in caller.text


def test_a_menu_reads_its_keys_and_takes_star_and_hash(shop: Business) -> None:
    caller = talk(shop, "en")
    assert "press one" in caller.text
    question = caller.answer[-1].text
    assert caller.says("#*").answer[-1].text == question
    assert caller.says("##").answer[-1].text == question


def test_a_hash_after_digits_is_no_answer_to_the_next_question(shop: Business) -> None:
    caller = talk(shop, "es", "#1", "#1234")
    assert caller.says("##").answer == []
    assert caller.listens().step == "payment.day"


# --- campaigns, profile, experiments, hours -----------------------------------------------------------


def known(
    business: Business, lang: str, wall_ms: int = WEDNESDAY, call_id: str = "", **profile: str
) -> Caller:
    caller = Caller(business, lang)
    caller.dialogue = type(caller.dialogue)(business.flow, business.texts, business.understanding, lang)
    caller.answer, caller.said, caller.notes = [], [], []
    caller.feed(Began("+34600000000", "", wall_ms, call_id=call_id, profile=profile))
    return caller


def test_a_campaign_is_told_to_whom_it_concerns(shop: Business) -> None:
    assert "avería" not in talk(shop, "es").text
    caller = known(shop, "es", area="north")
    assert caller.text.endswith("Hay una avería en el norte. ¿Era eso lo que quería saber?")
    assert [n.campaign for n in caller.note(CampaignTold)] == ["outage"]  # type: ignore[attr-defined]
    ended = caller.says("sí")
    assert ended.hang_up is not None
    caller = known(shop, "en", area="north").says("no")
    assert caller.listens().step == "menu"
    assert not talk(shop, "es", "#0").handed().slots


@pytest.mark.parametrize(
    ("when", "told"), [("2026-01-09T22:00", False), ("2026-01-14T10:59", True), ("2026-01-14T11:00", False)]
)
def test_a_campaign_begins_and_ends(shop: Business, when: str, told: bool) -> None:
    wall = int(datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp() * 1000)
    assert ("avería" in known(shop, "es", wall, area="north").text) is told


def test_a_campaign_may_follow_an_intent_in_one_language(shop: Business) -> None:
    caller = talk(shop, "en", "#2")
    assert [p.text for p in caller.answer] == ["We moved.", "Bread or wine?"]
    assert caller.answer[0].barge_in is BargeIn.NONE
    caller.says("main menu").says("#2")
    assert "We moved." not in caller.text
    assert "We moved." not in talk(shop, "es", "#2").text


def test_a_campaign_that_cannot_be_put_into_words_is_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    source = SHOP.replace("Hay una avería en el norte.", "Hay una avería hasta {desk.closes}.")
    folder = make_prompts(tmp_path / "prompts", source, SHOP_ACTIONS, name="shop")
    business = load_business("shop", folder)
    night = int(datetime(2026, 1, 13, 22, tzinfo=UTC).timestamp() * 1000)
    caller = known(business, "es", night, area="north")
    assert caller.listens().step == "menu"
    assert not caller.note(CampaignTold)
    assert "campaign outage" in caplog.text
    assert "avería hasta las" in known(business, "es", area="north").text


def test_a_campaigns_question_that_is_not_understood_reaches_a_person(shop: Business) -> None:
    caller = known(shop, "es", area="north")
    for _ in range(4):
        if not caller.over:
            caller.says("bla bla")
    assert caller.handed().reason == "no_match"


def test_an_experiment_is_in_the_log_and_the_same_for_the_call(shop: Business) -> None:
    arms = [known(shop, "es", call_id=f"c{n}").note(ExperimentAssigned)[0] for n in range(12)]
    assert arms == [known(shop, "es", call_id=f"c{n}").note(ExperimentAssigned)[0] for n in range(12)]
    assert {arm.arm for arm in arms} == {"plain", "warm"}  # type: ignore[attr-defined]


def test_the_profile_may_come_late(shop: Business) -> None:
    warm = next(
        n for n in range(50)
        if known(shop, "es", call_id=f"c{n}").note(ExperimentAssigned)[0].arm == "warm"  # type: ignore[attr-defined]
    )  # fmt: skip
    caller = known(shop, "es", call_id=f"c{warm}")
    assert caller.feed(Recognised({"name": "Marta", "vip": "no"})) == []
    caller.says("#2").says("pan")
    assert "Gracias de corazón, Marta." in caller.text
    caller = known(shop, "es", call_id=f"c{warm}", vip="yes").says("#2").says("pan")
    assert "Gracias de corazón." in caller.text


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2026-01-14T10:00", "Cerramos a las seis de la tarde"),
        ("2026-01-15T20:00", "Abrimos el lunes"),  # Friday the 16th is a holiday
        ("2026-01-05T13:00", "Abrimos"),
    ],
)
def test_texts_know_when_it_opens(shop: Business, when: str, said: str) -> None:
    wall = int(datetime.fromisoformat(when).replace(tzinfo=UTC).timestamp() * 1000)
    assert said in known(shop, "es", wall).says("a qué hora abren").text


def test_late_actions_of_a_sub_flow_do_no_harm(shop: Business) -> None:
    caller = talk(shop, "es", act=False)
    caller.says("#1")
    assert caller.invoke is not None
    caller.feed(ActionDone(caller.invoke.id, {"amount": "3"}))
    assert caller.listens().step == "payment.card"
    assert [n.step for n in caller.note(StepEntered)][-2:] == ["pay", "payment.card"]  # type: ignore[attr-defined]
