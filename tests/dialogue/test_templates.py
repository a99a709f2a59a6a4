"""Every template: clean under the strictest check, and whole conversations with it in both languages."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from tests.dialogue.conftest import Load
from tests.dialogue.text_caller import Caller
from voice.cli import main
from voice.commands.new import TEMPLATES


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_is_whole(line: Load, template: str) -> None:
    flow = line(template).flow
    assert flow.name == template
    assert flow.languages == ("es", "en")
    assert flow.articles is not None
    assert all(flow.articles.answers(lang) for lang in flow.languages)
    assert flow.campaigns
    assert flow.holidays
    assert flow.goodbye is not None


DNI = {
    "es": "doce treinta y cuatro cincuenta y seis setenta y ocho zeta",
    "en": "one two three four five six seven eight zed",
}

# template, language, what the caller says, what is heard on the way (a part of each answer), and how it ends:
# the queue, or "" for a hang-up
TALKS = [
    ("telecom", "es", ["dónde está mi pedido", "#123456", "nada más"], ["pedido", "va de camino"], ""),
    ("telecom", "es", ["no me funciona internet", "no, ya lo he hecho"], ["apagando un minuto"], "general"),
    ("telecom", "es", ["quiero poner una queja"], [], "general"),
    ("telecom", "en", ["my internet does not work", "no that does not help"], ["the router"], "general"),
    ("telecom", "en", ["where is my order", "#123456", "nothing else"], ["order", "on its way"], ""),
    ("telecom", "en", ["i want to complain"], [], "general"),
    ("clinic", "es",
     ["quiero pedir cita", "dentista", "el lunes", "sí", "#600111222", "nada más"],
     ["¿Medicina general", "¿Qué día", "cuatro y cuarto", "teléfono", "Tiene cita para el dentista"], ""),
    ("clinic", "es",
     ["quiero anular mi cita", "#600111222", "#111111", "#042137", "sí", "eso es todo"],
     ["teléfono", "un código a ese teléfono", "no es correcto", "¿La anulo?", "está anulada"], ""),
    ("clinic", "es", ["quería cambiar mi cita al jueves"], [], "reception"),
    ("clinic", "en", ["can i change my appointment to friday"], [], "reception"),
    ("clinic", "es", ["tengo que ir en ayunas"], ["ocho horas"], None),
    ("clinic", "es", ["me cuesta respirar"], [], "nurses"),
    ("clinic", "en",
     ["i want an appointment", "the dentist", "on monday", "yes", "#600111222", "that's all"],
     ["General medicine", "What day", "four fifteen", "phone", "appointment for the dentist"], ""),
    ("clinic", "en",
     ["i want to cancel my appointment", "#600111222", "#042137", "yes", "that's all"],
     ["phone", "a code to that telephone", "Shall I cancel it?", "is cancelled"], ""),
    ("clinic", "en", ["how much is a visit without insurance"], ["bring your card"], None),
    ("clinic", "es",
     ["quiero anular mi cita", "#600111222", "no me ha llegado", "no lo tengo"],
     ["teléfono", "un código"], "reception"),
    ("clinic", "en", ["i want to cancel my appointment", "#600999888", "#1", "#2", "#3"], [], "reception"),
    ("shop", "es",
     ["dónde está mi pedido", "#654321", "#28013", "#654321", "#08002", "nada más"],
     ["número de pedido", "código postal", "no coinciden", "código postal", "se entregó"], ""),
    ("shop", "es",
     ["quiero devolver algo", "#123456", "llegó roto", "sí", "nada más"],
     ["número del pedido", "¿Qué ha pasado", "¿Apunto la devolución?", "código"],
     ""),
    ("shop", "es", ["les queda en la tienda", "#10203"], ["número del artículo", "veintinueve euros"], None),
    ("shop", "en",
     ["where is my order", "#654321", "zero eight zero zero two", "nothing else"],
     ["order number", "postcode", "was delivered"], ""),
    ("shop", "en",
     ["i want to return something", "#123456", "it arrived broken", "yes", "nothing else"],
     ["number of the order", "What happened", "Shall I note the return?", "code"], ""),
    ("shop", "en", ["is it in stock", "#40506"], ["article number", "don't have it now"], None),
    ("municipality", "es",
     ["quiero pedir cita", "padrón", "el lunes", DNI["es"], "nada más"],
     ["¿Es para el padrón", "¿Qué día", "nueve y cuarto", "cita para el padrón"], ""),
    ("municipality", "en",
     ["i want an appointment", "register", "on monday", DNI["en"], "nothing else"],
     ["residents' register", "What day", "nine fifteen", "appointment for the residents' register"], ""),
    ("municipality", "en",
     ["how much do i owe the town hall", DNI["en"], "#042137", "yes"],
     ["DNI", "a code to the mobile", "eighty-four euros"], "taxes"),
    ("municipality", "es",
     ["cuánto debo al ayuntamiento", DNI["es"], "#042137", "sí"],
     ["DNI", "un código al móvil", "ochenta y cuatro euros"], "taxes"),
    ("municipality", "es",
     ["hay una farola rota", "en la calle mayor doce", "nada más"],
     ["qué calle", "número del aviso"], ""),
    ("municipality", "es", ["la grúa se ha llevado mi coche"], [], "police"),
    ("municipality", "en",
     ["a street light is broken", "in high street twelve", "nothing else"],
     ["which street", "number of your report"], ""),
    ("municipality", "en", ["my car has been towed away"], [], "police"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "lang", "says", "hears", "ends"), TALKS, ids=[f"{t[0]}-{t[1]}-{t[2][0]}" for t in TALKS]
)
def test_a_conversation(
    line: Load, template: str, lang: str, says: list[str], hears: list[str], ends: str | None
) -> None:
    caller = Caller(line(template), lang)
    for at, words in enumerate(says):
        caller.says(words)
        if at < len(hears):
            assert hears[at] in caller.text, (words, caller.text)
    if ends == "":
        assert caller.hang_up is not None, caller.said[-2:]
        assert caller.hang_up.outcome == "completed"
    elif ends is not None:
        assert caller.handed().queue == ends
    elif not caller.over:
        assert caller.listens()


@pytest.mark.parametrize(
    ("lang", "lines", "hears"),
    [
        (
            "es",
            ["cuánto dinero tengo", "#12345678", "sí", "#1111", "#2580", "nada más"],
            ["la clave no coinciden", "mil ochocientos cuarenta euros"],
        ),
        ("es", ["he perdido la tarjeta", "#4321", "sí", "sí"], ["está bloqueada", "queue fraud, priority 0"]),
        (
            "en",
            ["has my salary been paid in", "#87654321", "yes", "#1937", "nothing else"],
            ["a payment in of one thousand four hundred"],
        ),
        ("en", ["i lost my card", "#4321", "yes", "yes"], ["is blocked", "queue fraud, priority 0"]),
    ],
)
def test_a_bank_proves_who_calls(
    line: Load,
    lang: str,
    lines: list[str],
    hears: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = Path(line("bank").flow.file).parents[1]
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))
    arguments = ["--flow", "bank", "--lang", lang, "--prompts", str(folder), "--at", "2026-01-14 10:00"]
    assert main(["chat", *arguments]) == 0
    said = capsys.readouterr().out
    for text in hears:
        assert text in said


def test_the_command_says_what_to_do_next_and_overwrites_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "prompts"
    new = ["new", "mine", "--template", "shop", "--dir", str(folder)]
    assert main([*new, "--lang", "en"]) == 0
    said = capsys.readouterr().out
    assert "voice chat --flow mine --lang en" in said
    flow = folder / "flows" / "mine.yaml"
    text = flow.read_text(encoding="utf-8")
    assert "languages: [en]" in text
    assert "language_offer" not in text
    assert not (folder / "knowledge" / "es").exists()
    assert json.loads((folder / "flow.schema.json").read_text(encoding="utf-8"))
    flow.write_text(text + "# mine\n", encoding="utf-8")
    assert main(new) == 2
    assert "not overwritten" in capsys.readouterr().err
    assert flow.read_text(encoding="utf-8").endswith("# mine\n")
    assert main(["new", "other", "--template", "shop", "--dir", str(folder)]) == 2
    assert "actions of the same names" in capsys.readouterr().err
    assert main(["new", "Bad-Name", "--template", "shop", "--dir", str(folder)]) == 2
    assert main(["new", "third", "--template", "bank", "--lang", "fr", "--dir", str(folder)]) == 2
    assert main(["new", "bank", "--template", "bank", "--dir", str(folder)]) == 0
    assert main(["check", str(folder), "--strict", "--quiet"]) == 0
