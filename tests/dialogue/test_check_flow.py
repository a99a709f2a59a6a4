"""Every mistake an author can make is told with its line and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.dialogue.text_caller import APPOINTMENT_ACTIONS, APPOINTMENTS, PROMPTS, make_prompts
from voice.cli import main
from voice.dialogue.loader import check_path, load_business
from voice.dialogue.texts import REQUIRED, check_texts, load_texts
from voice.dialogue.yamlfile import parse_yaml
from voice.errors import FlowError, Problem


def line_of(source: str, needle: str) -> int:
    return source[: source.index(needle)].count("\n") + 1


def problems_of(tmp_path: Path, source: str, actions: str = APPOINTMENT_ACTIONS) -> list[Problem]:
    folder = make_prompts(tmp_path / "prompts", source, actions)
    return check_path(folder / "flows" / "appointments.yaml", folder)[1]


def test_the_projects_own_prompts_are_clean() -> None:
    for flow in sorted((PROMPTS / "flows").glob("*.yaml")):
        business, problems = check_path(flow, PROMPTS)
        assert business is not None
        assert problems == []


def test_the_test_flow_is_clean(tmp_path: Path) -> None:
    assert problems_of(tmp_path, APPOINTMENTS) == []


# (what to replace, with what, part of the message, where the line is found: in the new text)
MISTAKES = [
    ("start: menu", "start: nowhere", "'nowhere' does not exist", "start: nowhere"),
    ("    then: place\n", "    then: plaze\n", "'plaze' does not exist", "then: plaze"),
    ("yes: pay", "yes: payy", "'payy' does not exist", "yes: payy"),
    ("on: {ok: bye}", "on: {ok: byee}", "'byee' does not exist", "on: {ok: byee}"),
    ("  bye:\n", "  lonely:\n    type: hang_up\n  bye:\n", "no step leads to 'lonely'", "  lonely:"),
    ('{es: "¿Qué día?", en: "What day?"}', '{es: "¿Qué día?"}', "in en is missing", '{es: "¿Qué día?"}'),
    ("código {code|digits}", "código {kode|digits}", "{kode} is neither a slot", "{kode|digits}"),
    ("código {code|digits}", "código {code|digitos}", "'digitos' is not a way", "{code|digitos}"),
    ("código {code|digits}", "código {code", "single brace", "código {code"),
    ('es: "Adiós."', 'es: "Adiós {pin}."', "{pin} is sensitive", "Adiós {pin}"),
    ("action: book", "action: buch", "action 'buch' does not exist", "action: buch"),
    ("with: {day: day, place: place}", "with: [day]", "does not take these arguments", "  book:"),
    ("with: [amount, pin]", "with: [amount, pim]", "'pim' is neither", "with: [amount, pim]"),
    ("key: 2\n        then: amount", "key: 1\n        then: amount", "key 1 is taken by 'visit'", None),
    ("key: 2, say", "key: 0, say", "0 is always a person", "key: 0, say"),
    ("[quiero hacer un pago,", "[cita, quiero hacer un pago,", "example of both 'visit' and 'pay'", None),
    ("[quiero hacer un pago,", "[un agente, quiero pagar algo,", "asks for a person", "un agente"),
    ("[norte]", "[norte, centro]", "means both 'centre' and 'north'", None),
    ("confirm: explicit", "confirm: implicit", "always confirmed with a question", None),
    ("min: 5", "min: five", "'five' is not an amount", None),
    ("min: today", "min: soon", "'soon' is not a date", None),
    ("kind: date", "kind: datum", "'kind' must be one of", "kind: datum"),
    ("type: hang_up", "type: hangup", "'hangup' is not a kind of step", None),
    ("    sensitive: true\n", "    sensible: true\n", "'sensible' is not known here", "sensible: true"),
    ("    slot: pin\n", "", "'slot' is missing", "  pin:"),
    (
        "    confirm: never\n    label: {es: clave",
        "    confirm: explicit\n    label: {es: clave",
        "never read back",
        None,
    ),
    ("languages: [es, en]", "languages: [es, fr]", "'fr' is not a language", "languages: [es, fr]"),
    ('mon-fri: "09:00-18:00"', 'mon-fry: "09:00-18:00"', "'mon-fry' is not a day", None),
    ('mon-fri: "09:00-18:00"', 'mon: "18:00-09:00"', "the end must come after the start", None),
    ("name: appointments", "name: appointments\nname: twice", "'name' is written twice", "name: twice"),
    ("  slow:\n    type: say\n", "  slow:\n    type: say\n   bad: x\n", "cannot be read", None),
    ("thresholds: {low: 0.4, high: 0.8}", "thresholds: {low: 0.9, high: 0.8}", "low must not be above", None),
    ("start: menu", "currency: euro\nstart: menu", "'currency' cannot be used", "currency: euro"),
    (
        "    sensitive: true\n",
        "    sensitive: maybe\n",
        "'sensitive' must be true or false",
        "sensitive: maybe",
    ),
    (
        "    sensitive: true\n",
        "    sensitive: true\n    no_input_ms: x\n",
        "must be a whole number",
        "no_input_ms: x",
    ),
    ("languages: [es, en]", "languages: es", "'languages' must be a list", "languages: es"),
    ("start: menu", "profile: [vip, {a: b}]\nstart: menu", "'profile, entry 2' must be a text", "profile: ["),
]
RELAY = """  adviser:
    type: relay
    url: URL
    label: {es: asesor, en: adviser}
    with: [pin]
    on: {ended: bye}
"""


@pytest.mark.parametrize(("old", "new", "message", "where"), MISTAKES, ids=[m[2] for m in MISTAKES])
def test_each_mistake_is_told(tmp_path: Path, old: str, new: str, message: str, where: str | None) -> None:
    assert old in APPOINTMENTS
    source = APPOINTMENTS.replace(old, new, 1)
    problems = problems_of(tmp_path, source)
    found = [p for p in problems if message in p.message]
    assert found, [str(p) for p in problems]
    assert found[0].severity == "error"
    assert found[0].remedy
    assert found[0].file.endswith("appointments.yaml")
    if where is not None:
        assert found[0].line == line_of(source, where)
    else:
        assert found[0].line > 1


def test_a_loop_without_a_question(tmp_path: Path) -> None:
    source = APPOINTMENTS.replace(
        'es: "No responde.", en: "It does not answer."}\n    then: menu',
        'es: "No responde.", en: "It does not answer."}\n    then: book',
    )
    messages = [p.message for p in problems_of(tmp_path, source)]
    assert any("leads back to itself without a question" in m for m in messages)


@pytest.mark.parametrize(("url", "told"), [("wss://a.example/x", False), ("https://a.example/x", True)])
def test_a_relay_step_says_what_its_address_and_its_secrets_are(tmp_path: Path, url: str, told: bool) -> None:
    source = APPOINTMENTS.replace("  bye:\n", RELAY.replace("URL", url) + "  bye:\n")
    source = source.replace("on: {ok: bye}", "on: {ok: adviser}")
    problems = problems_of(tmp_path, source)
    assert any("wss://" in p.remedy for p in problems) == told
    assert any("'pin' is sensitive and is not sent" in p.message for p in problems) != told
    for problem in problems:
        assert source.splitlines()[problem.line - 1].split(":")[0].strip() in ("url", "with")


def test_a_call_that_never_ends(tmp_path: Path) -> None:
    source = APPOINTMENTS.replace("    yes: pay\n    no: bye\n", "    then: menu\n")
    source = source.replace("  pay:\n    type: call", "  paid:\n    type: call")
    messages = [p.message for p in problems_of(tmp_path, source)]
    assert any("never comes to an end" in m for m in messages)


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    source = APPOINTMENTS.replace("kind: date", "kind: datum").replace("min: 5", "min: five")
    source = source.replace("type: hang_up", "type: hangup")
    assert len(problems_of(tmp_path, source)) == 3


def test_long_prompts_and_near_examples_are_warnings(tmp_path: Path) -> None:
    source = APPOINTMENTS.replace('es: "¿Qué día?"', f'es: "{"muy largo " * 20}"')
    source = source.replace("[quiero hacer un pago,", "[quiero pedir citas, quiero hacer un pago,")
    problems = problems_of(tmp_path, source)
    assert {p.severity for p in problems} == {"warning"}
    assert any("seconds to say" in p.message for p in problems)
    assert any("is nearly" in p.message for p in problems)


def test_actions_that_do_not_load_are_told_with_their_line(tmp_path: Path) -> None:
    problems = problems_of(tmp_path, APPOINTMENTS, "import nothing_of_the_kind\n")
    told = [p for p in problems if p.file.endswith("actions.py")]
    assert [(p.line, "cannot be loaded" in p.message) for p in told] == [(1, True)]


def test_missing_and_unknown_system_texts(tmp_path: Path) -> None:
    folder = make_prompts(tmp_path / "prompts", APPOINTMENTS, APPOINTMENT_ACTIONS)
    path = folder / "texts" / "en.yaml"
    text = path.read_text(encoding="utf-8").replace("filler:", "filller:")
    path.write_text(text.replace("{agent}", "{agnet}"), encoding="utf-8")
    with pytest.raises(FlowError) as caught:
        load_texts(folder)
    messages = " ".join(p.message for p in caught.value.problems)
    assert "'filller' is not a text" in messages
    assert "{agnet}" in messages


@pytest.mark.parametrize("lang", ["es", "en"])
def test_texts_that_an_older_folder_lacks_are_the_built_in_ones(tmp_path: Path, lang: str) -> None:
    folder = make_prompts(tmp_path / "prompts", APPOINTMENTS, APPOINTMENT_ACTIONS)
    path = folder / "texts" / f"{lang}.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lacking = [line for line in lines if not line.startswith(("also_wanted:", "other_wish:"))]
    path.write_text("".join(lacking).replace("repeat: ", "repeat: Ours. #"), encoding="utf-8")
    texts, problems = check_texts(folder)
    assert [(p.file, p.severity) for p in problems] == [(str(path), "warning")] * 2
    assert "the text 'also_wanted' is missing" in problems[0].message
    assert texts.get("other_wish", lang) in problems[1].remedy
    loaded = load_texts(folder)
    assert loaded.get("repeat", lang) == "Ours."
    for key in ("also_wanted", "other_wish"):
        assert loaded.get(key, lang, label="x") == load_texts(PROMPTS).get(key, lang, label="x")


def test_system_texts_are_the_same_set_in_both_languages() -> None:
    texts = load_texts(PROMPTS)
    for key in REQUIRED:
        assert texts.get(key, "es") != ""
        assert texts.get(key, "en") != ""
    assert texts.get("queue.first", "es", position=3) == texts.get("queue.first", "es", position="3")
    assert "tres" in texts.get("queue.first", "es", position=3)
    assert "three" in texts.get("queue.improved", "en", position=3)
    assert "Marta" in texts.get("queue.accepted", "en", agent="Marta")


def test_an_unknown_flow_names_those_there_are() -> None:
    with pytest.raises(FlowError, match="telecom"):
        load_business("telekom", PROMPTS)


def test_a_flow_may_end_in_yml(tmp_path: Path) -> None:
    folder = make_prompts(tmp_path / "prompts", APPOINTMENTS, APPOINTMENT_ACTIONS)
    (folder / "flows" / "appointments.yaml").rename(folder / "flows" / "appointments.yml")
    assert load_business("appointments", folder).flow.file.endswith("appointments.yml")
    with pytest.raises(FlowError, match="Flows here are: appointments"):
        load_business("telecom", folder)


def test_the_version_follows_the_content(tmp_path: Path) -> None:
    folder = make_prompts(tmp_path / "prompts", APPOINTMENTS, APPOINTMENT_ACTIONS)
    before = load_business("appointments", folder).flow.version
    assert re.fullmatch(r"[0-9a-f]{12}", before)
    assert load_business("appointments", folder).flow.version == before
    path = folder / "flows" / "appointments.yaml"
    path.write_text(APPOINTMENTS.replace("Adiós", "Hasta luego"), encoding="utf-8")
    assert load_business("appointments", folder).flow.version != before


@pytest.mark.parametrize(
    ("source", "data"),
    [
        ("a: yes\nb: no\non: off", {"a": "yes", "b": "no", "on": "off"}),
        ("a: true\nb: 1\nc: 1.5\nd:\ne: 0123", {"a": True, "b": 1, "c": 1.5, "d": None, "e": "0123"}),
        ("at: 12:30\nday: 2026-01-01", {"at": "12:30", "day": "2026-01-01"}),
        ("a: '1'\nb: [x, 2]", {"a": "1", "b": ["x", 2]}),
    ],
)
def test_yaml_means_what_people_mean(source: str, data: object) -> None:
    document = parse_yaml("f", source)
    assert document.problems == []
    assert document.data == data


@pytest.mark.parametrize(
    "source", ["", "a: [", "- 1\n- 2: {", "a: *b", "? [x]\n: 1", "\t", "a: &x {b: *x}", "\x00"]
)
def test_broken_yaml_is_a_problem_and_never_an_exception(tmp_path: Path, source: str) -> None:
    folder = make_prompts(tmp_path / "prompts", source)
    business, problems = check_path(folder / "flows" / "appointments.yaml", folder)
    assert business is None
    assert problems


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = make_prompts(tmp_path / "prompts", APPOINTMENTS, APPOINTMENT_ACTIONS)
    assert main(["check", str(folder)]) == 0
    assert "0 errors" in capsys.readouterr().out
    flow = folder / "flows" / "appointments.yaml"
    flow.write_text(APPOINTMENTS.replace("yes: pay", "yes: payy"), encoding="utf-8")
    assert main(["check", str(flow)]) == 1
    out = capsys.readouterr().out
    line = line_of(flow.read_text(encoding="utf-8"), "yes: payy")
    assert f"{flow}:{line}: error: the step 'payy' does not exist" in out
    assert main(["check", str(tmp_path / "nothing")]) == 2
