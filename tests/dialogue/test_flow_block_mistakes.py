"""Every mistake in sub-flows, slots, campaigns and the rest is told with its file, line and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.test_flow_blocks import SHOP, SHOP_ACTIONS, problems_of
from tests.dialogue.text_caller import APPOINTMENTS, Caller, make_prompts
from voice.dialogue.assemble import assemble
from voice.dialogue.flow import VerifyStep
from voice.dialogue.loader import check_path, load_business, read_flow
from voice.dialogue.yamlfile import Document, parse_yaml


def line_of(source: str, needle: str) -> int:
    return source[: source.index(needle)].count("\n") + 1


# (what to replace, with what, part of the message, where the line is found: in the new text)
MISTAKES = [
    ("    flow: payment\n", "    flow: payments\n", "there is no sub-flow 'payments'", "flow: payments"),
    ("with: {amount: debt}", "with: {sum: debt}", "'sum' is no input of 'payment'", "with: {sum"),
    ("with: {amount: debt}", "with: {amount: depts}", "'depts' is neither", "with: {amount: depts"),
    ("receipt: code,", "receipt: number,", "'number' is no output", "receipt: number"),
    ("on: {stopped: not_paid}", "on: {broken: not_paid}", "never returns with 'broken'", "on: {broken"),
    ("    start: card\n", "    start: cart\n", "the first step 'cart' does not exist", "    start: cart"),
    ("outputs: [code, day]", "outputs: [code, dey]", "the output 'dey' is neither", "outputs: [code, dey]"),
    ("then: sure\n", "then: shure\n", "'payment.shure' does not exist", "then: shure"),
    ("then: sure\n", "then: menu\n", "'payment.menu' does not exist", "then: menu"),
    ("then: paid\n", "then: payment.done\n", "'payment.done' belongs to another flow", "then: payment.done"),
    ("{amount|amount} {day}", "{amont|amount} {day}", "{payment.amont} is neither", "{amont|amount}"),
    ("a {desk.closes}", "a {desk.shuts}", "{desk.shuts} is neither", "{desk.shuts}"),
    ("amount} {day}?", "amount} con {card}?", "{payment.card} is sensitive", "con {card}"),
    ("with: {amount: debt}", "with: {amount: payment.card}", "belongs to another flow", "payment.card}"),
    ("    length: 4\n", "    lenght: 4\n", "'lenght' is not known here", "    lenght: 4"),
    ("    kind: digits\n    len", "    kind: digit\n    len", "'kind' must be one of", "    kind: digit\n"),
    ('en: "The four digits?"', 'de: "x"', "'de' is not a language", None),
    ('cifras?", en: "The four digits?"}', 'cifras?"}', "in en is missing", 'cifras?"}'),
    ("ladder: {no_input: 1}", "ladder: {no_imput: 1}", "'no_imput' is not known here", "no_imput"),
    ("ladder: {no_input: 1}", "ladder: {no_input: 9}", "less than or equal to 5", "no_input: 9"),
    ("then: catalogue}", "then: katalog}", "'katalog' does not exist", "then: katalog}"),
    ("barge_in: speech", "barge_in: loud", "'barge_in'", "barge_in: loud"),
    ("digression: true", "digression: true\n        urgent: true", "asks for a person", "digression: true"),
    ("slot: what\n", "slot: what\n    digressions: [oders]\n", "no intent 'oders'", "digressions: [oders]"),
    ("area is north", "aria is north", "'profile.aria' is neither", "if: profile.aria"),
    ("area is north", "area is", "is not a condition", None),
    ("avería en el norte.", "avería, {what}.", "{what} is not known yet", "avería, {what}"),
    ("from: 2026-01-10", "from: tomorrow", "'tomorrow' is not a moment", "from: tomorrow"),
    ("from: 2026-01-10", "from: 2026-02-10", "ends before it begins", "until:"),
    ("after: intent order", "after: intent orders", "no intent 'orders'", "after: intent orders"),
    ("after: intent order", "after: dinner", "'after'", "after: dinner"),
    ("languages: [en]", "languages: [es]", "in es is missing", None),
    ("goodbye: bye\n", "", "enough needs a goodbye", "enough:"),
    ("{plain: 50, warm: 50}", "{plain: 50, warm: 60}", "add up to 100", "offer: {plain"),
    ("experiment.offer is warm", "experiment.offer is worm", "'worm' is not an arm", "is worm"),
    ("experiment.offer is warm", "experiment.ofer is warm", "'experiment.ofer' is neither", "ofer is warm"),
    ("holidays: local", "holidays: locale", "no list of holidays called 'locale'", "holidays: locale"),
    ("[01-06, 2026-01-16]", "[01-06, 2026-13-16]", "not in the calendar", None),
    ("except: {01-05:", "except: {january:", "'january' is not a day of the year", None),
    ("keys: always", "keys: sometimes", "'keys' must be one of", "keys: sometimes"),
    ("type: return, outcome: paid", "type: return, outcome: Paid", "'outcome'", "outcome: Paid"),
    ("      done: {type: return", "      done: {type: returns", "not a kind of step", "type: returns"),
    ("    inputs: [amount]\n", "    inputs: [amount]\n    titel: x\n", "'titel' is not known", "titel: x"),
    ("desk is open", "dask is open", "no hours called 'dask'", "dask is open"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message", "where"), MISTAKES, ids=[m[2] for m in MISTAKES])
def test_each_mistake_is_told(tmp_path: Path, old: str, new: str, message: str, where: str | None) -> None:
    assert old in SHOP
    source = SHOP.replace(old, new, 1)
    problems = problems_of(tmp_path, source)
    found = [p for p in problems if message in p.message]
    assert found, [str(p) for p in problems]
    assert found[0].severity == "error"
    assert found[0].remedy
    assert found[0].line == line_of(source, where) if where else found[0].line > 1


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("slots:\n", "slots:\n  spare: {kind: date}\n", "no step asks for the slot 'spare'"),
        ("experiment.offer is warm and", "profile.vip is no or", "no condition looks at the experiment"),
    ],
)
def test_what_is_not_used_is_a_warning(tmp_path: Path, old: str, new: str, message: str) -> None:
    problems = problems_of(tmp_path, SHOP.replace(old, new, 1))
    assert [p.severity for p in problems if message in p.message] == ["warning"]


def test_sub_flows_that_run_each_other_or_are_not_run(tmp_path: Path) -> None:
    inside = "      stopped: {type: return, outcome: stopped}\n"
    source = SHOP.replace(inside, inside + "      more: {type: do, flow: payment, then: stopped}\n")
    source = source.replace("no: stopped\n      take", "no: more\n      take")
    assert any("runs itself" in p.message for p in problems_of(tmp_path / "a", source))
    source = SHOP.replace("    on: {ok: pay}", "    on: {ok: paid}")
    messages = [p.message for p in problems_of(tmp_path / "b", source)]
    assert any("no step" in m and "pay" in m for m in messages)


def test_a_secret_stays_one_on_both_sides(tmp_path: Path) -> None:
    source = SHOP.replace("outputs: [code, day]", "outputs: [code, day, card]").replace(
        "save: {receipt: code,", "save: {number: card, receipt: code,"
    )
    spoken = source.replace("Pagado con código {receipt|digits}", "Pagado con {number}")
    assert any("{number} is sensitive" in p.message for p in problems_of(tmp_path / "a", spoken))
    source = SHOP.replace(
        "      card: {type: ask, slot: card,", "      card: {type: ask, slot: card, sensitive: false,"
    )
    assert not problems_of(tmp_path / "b", source)
    twice = SHOP.replace("      card: {type: ask, slot: card, then: day}", "      card: {type: ask, slot: card, then: card2}\n      card2: {type: ask, slot: card, sensitive: false, then: day}")  # fmt: skip  # noqa: E501
    assert any("sensitive elsewhere" in p.message for p in problems_of(tmp_path / "c", twice))


PART = """
inputs: [customer]
outputs: [found]
words:
  state: {ok: {es: bien, en: fine}}
slots:
  pin:
    kind: digits
    length: 4
    sensitive: true
    confirm: never
    label: {es: clave, en: PIN}
    prompt: {es: "¿Su clave?", en: "Your PIN?"}
    retry: [{es: "Cuatro cifras.", en: "Four digits."}]
flows:
  inner:
    outputs: [note]
    start: word
    steps:
      word:
        type: ask
        slot: note
        kind: yes_no
        label: {es: nota, en: note}
        prompt: {es: "¿Nota?", en: "A note?"}
        retry: [{es: "¿Sí o no?", en: "Yes or no?"}]
        then: back
      back: {type: return}
start: pin
steps:
  pin: {type: ask, slot: pin, then: more}
  more: {type: do, flow: inner, save: {found: note}, then: back}
  back: {type: return}
"""
USES_PART = SHOP.replace(
    "flows:\n", "flows:\n  identity: {file: identity.yaml}\n", 1
).replace("    on: {ok: pay}", "    on: {ok: who}").replace(
    "  pay:\n    type: do",
    "  who: {type: do, flow: identity, with: {customer: profile.name}, save: {sure: found}, then: pay}\n"
    "  pay:\n    type: do",
)  # fmt: skip


def test_a_sub_flow_may_be_in_a_file_of_its_own(tmp_path: Path) -> None:
    folder = make_prompts(tmp_path / "prompts", USES_PART, SHOP_ACTIONS, name="shop")
    part = folder / "flows" / "identity.yaml"
    part.write_text(PART, encoding="utf-8")
    business = load_business("shop", folder)
    assert set(business.flow.files) == {str(folder / "flows" / "shop.yaml"), str(part)}
    assert "state" in business.flow.words
    caller = Caller(business, "es").says("#1")
    assert (caller.listens().step, caller.listens().sensitive) == ("identity.pin", True)
    assert caller.says("#1234").listens().step == "identity.inner.word"
    assert caller.says("sí").listens().step == "payment.card"
    before = business.flow.version
    part.write_text(PART.replace("¿Nota?", "¿Alguna nota?"), encoding="utf-8")
    assert load_business("shop", folder).flow.version != before


@pytest.mark.parametrize(
    ("old", "new", "message", "where"),
    [
        ("    length: 4\n", "    lenght: 4\n", "'lenght' is not known here", "    lenght: 4"),
        ("then: more}", "then: moore}", "'identity.moore' does not exist", "then: moore}"),
        ('en: "A note?"}', 'en: "A {nuote}?"}', "{identity.inner.nuote} is neither", "{nuote}"),
        ("start: pin\n", "start: pinn\n", "the first step 'pinn' does not exist", "start: pinn"),
        ("start: pin\n", "title_: x\nstart: pin\n", "'title_' is not known", "title_: x"),
        ("inputs: [customer]", "inputs: customer", "'inputs'", "inputs: customer"),
        ("{es: bien, en: fine}", "{es: bien}", "in en is missing", "{es: bien}"),
        ("start: pin\n", "start: pin\nstart: pin\n", "written twice", None),
    ],
)  # fmt: skip
def test_mistakes_in_that_file_are_told_there(
    tmp_path: Path, old: str, new: str, message: str, where: str | None
) -> None:
    assert old in PART
    source = PART.replace(old, new, 1)
    found = [p for p in problems_of(tmp_path, USES_PART, identity=source) if message in p.message]
    assert found
    assert found[0].file.endswith("identity.yaml")
    assert found[0].line == line_of(source, where) if where else found[0].line > 1


def test_files_that_cannot_be_sub_flows(tmp_path: Path) -> None:
    missing = [p.message for p in problems_of(tmp_path / "a", USES_PART)]
    assert missing == ["'identity.yaml' cannot be read"]
    outside = USES_PART.replace("{file: identity.yaml}", "{file: ../../identity.yaml}")
    assert any("cannot be read" in p.message for p in problems_of(tmp_path / "b", outside))
    itself = PART.replace("flows:\n", "flows:\n  again: {file: identity.yaml}\n")
    assert any("inside itself" in p.message for p in problems_of(tmp_path / "c", USES_PART, identity=itself))
    clash = PART.replace("words:\n", "hours: {desk: {sun: '09:00-10:00'}}\nwords:\n")
    problems = problems_of(tmp_path / "d", USES_PART, identity=clash)
    assert any("'desk' is something else in" in p.message and "identity" in p.file for p in problems)


@pytest.mark.parametrize(
    "text",
    [
        "steps: []", "flows: []", "slots: 3", "defaults: x", "campaigns: {a: 3}", "flows: {a: 1}",
        "flows: {a: {steps: 3}}", "flows: {a: {file: 3}}", "steps: {a: 3}", "flows: {a: {steps: {b: 3}}}",
        "flows: {a: {start: 3, steps: {b: {type: ask, slot: [], options: 3, when: 3, with: 3, ladder: 3}}}}",
        "campaigns: {a: {enough: 3}}\ngoodbye: x", "slots: {a: 3}\nsteps: {b: {type: ask, slot: a}}",
        "steps: {b: {type: [], slot: {}}}", "experiments: {a: {}}", "holidays: {a: {}}", "hours: {a: []}",
        "profile: {a: 1}", "flows: {a: {steps: {b: {type: branch, when: [{if: 3, then: 3}], on: {x: 3}}}}}",
    ],
)  # fmt: skip
def test_nonsense_is_told_and_never_an_exception(tmp_path: Path, text: str) -> None:
    folder = make_prompts(tmp_path / "prompts", text)
    business, problems = check_path(folder / "flows" / "appointments.yaml", folder)
    assert business is None
    assert problems


def test_a_piece_that_comes_from_elsewhere_is_found_there() -> None:
    here, there = parse_yaml("here", "steps:\n  a: 1\n"), parse_yaml("there", "x:\n  y:\n    z: 1\n")
    here.origins["steps", "b"] = (there, ("x", "y"))
    assert here.place(("steps", "b", "z")) == ("there", 3, True)
    assert here.place(("steps", "b", "w")) == ("there", 2, False)
    assert here.place(("steps", "a")) == ("here", 2, True)
    assert Document("f").line(("no",)) == 1


VERIFIES = PART.replace("  pin: {type: ask, slot: pin, then: more}\n", """\
  who:
    type: ask
    slot: customer
    kind: digits
    length: 4
    label: {es: cliente, en: customer}
    prompt: {es: "¿Su número?", en: "Your number?"}
    retry: [{es: "Cuatro cifras.", en: "Four digits."}]
    then: pin
  pin: {type: ask, slot: pin, then: check}
  check:
    type: verify
    action: take
    with: {amount: customer, card: pin}
    identity: customer
    factor: pin
    label: {es: comprobar, en: check}
    on: {ok: more, failed: again, locked: desk}
  again: {type: say, forget: [pin], text: {es: "No es esa.", en: "Wrong."}, then: pin}
  desk: {type: handoff}
""").replace("start: pin\n", "start: who\n").replace("inputs: [customer]", "inputs: []")  # fmt: skip


def test_who_is_calling_may_be_proved_in_a_sub_flow(tmp_path: Path) -> None:
    uses = USES_PART.replace("with: {customer: profile.name}, ", "")
    assert [str(p) for p in problems_of(tmp_path, uses, identity=VERIFIES)] == []
    flow = read_flow(tmp_path / "shop.yaml")[0]
    assert flow is not None
    step = flow.steps["identity.check"]
    assert isinstance(step, VerifyStep)
    assert (step.identity, step.factor) == ("identity.customer", "identity.pin")
    assert step.arguments == {"amount": "identity.customer", "card": "identity.pin"}
    wrong = VERIFIES.replace("identity: customer", "identity: custom")
    assert any("identity.custom" in p.message for p in problems_of(tmp_path, uses, identity=wrong))


def test_a_whole_flow_may_be_a_sub_flow(tmp_path: Path) -> None:
    uses = USES_PART.replace("{file: identity.yaml}", "{file: other.yaml}").replace(
        "with: {customer: profile.name}, save: {sure: found}, ", ""
    )
    other = APPOINTMENTS.replace("  desk:", "  counter:").replace("action: book\n", "action: owed\n")
    problems = problems_of(tmp_path, uses, other=other)
    assert not any("not known in a sub-flow" in p.message for p in problems)
    assert {p.file for p in problems if "argument" in p.message} == {str(tmp_path / "other.yaml")}


def test_a_menu_in_a_sub_flow_falls_back_to_its_own_step() -> None:
    text = """\
steps: {}
flows:
  help:
    start: menu
    steps:
      menu: {type: menu, fallback: advisor}
      advisor: {type: converse, offline: menu}
"""
    document = parse_yaml("f", text)
    steps = assemble(document, lambda name: document)["steps"]
    assert steps["help.menu"]["fallback"] == "help.advisor"
    assert steps["help.advisor"]["offline"] == "help.menu"
