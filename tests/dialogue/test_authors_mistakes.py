"""What `voice check` says of the mistakes that authors make, in the guide's own example."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.dialogue.text_caller import PROMPTS
from voice.dialogue.loader import check_path

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "flows.md"
BARBER = GUIDE.read_text(encoding="utf-8").split("```yaml\n", 1)[1].split("```", 1)[0]
OPEN = '{es: "Ahora estamos abiertos.", en: "We are open now."}'


def told(folder: Path, *edits: tuple[str, str]) -> list[str]:
    """The problems of the guide's flow after ``edits``, each as LINE, message and remedy."""
    source = BARBER
    for before, after in edits:
        assert before in source, before
        source = source.replace(before, after, 1)
    (folder / "flows").mkdir()
    shutil.copytree(PROMPTS / "texts", folder / "texts")
    path = folder / "flows" / "barber.yaml"
    path.write_text(source, encoding="utf-8")
    return [f"{p.line}: {p.message} / {p.remedy}" for p in check_path(path, folder)[1]]


@pytest.mark.parametrize(
    ("before", "after", "message", "remedy"),
    [
        ("    again: {es", "    agian: {es", "'agian' is not known here", "Perhaps you mean again."),
        ("  day:\n", "  dya:\n", "the step 'day' does not exist", "Perhaps you mean dya."),
        ("type: branch", "type: brnach", "'brnach' is not a kind of step", "Perhaps you mean branch."),
        ("{service}, {day} a", "{servicio}, {day} a", "{servicio} is neither", "Perhaps you mean service."),
        ("action: book", "action: bok", "the action 'bok' does not exist", "Perhaps you mean book."),
        ("if: shop is open", "if: shop is opened", "'shop' is neither", "write shop is open, or"),
        (OPEN, '"Ahora estamos abiertos."', "must be written in each language", '{es: "...", en: "..."}'),
        ("key: 1\n", "key: uno\n", "must be one digit", "from 1 to 9"),
        ("    no: bye", "\tno: bye", "a tab where spaces belong", "Indent with spaces."),
        ("    slot: service", "    slot service", "a colon is missing", "name: value"),
        ("  service:\n", "   service:\n", "not indented like its neighbours", "under their first letter"),
        ("  day:\n", "    day:\n", "'type' is written twice", "not indented as they should be"),
        ('abiertos.", en', "abiertos., en", "a quote, comma or bracket is missing", "is closed"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_in_plain_words(
    tmp_path: Path, before: str, after: str, message: str, remedy: str
) -> None:
    problems = told(tmp_path, (before, after))
    assert any(message in p and remedy in p for p in problems), problems
    assert len(problems) == 1 or "dya" in after, problems


def test_mistakes_of_form_and_of_meaning_are_told_together(tmp_path: Path) -> None:
    problems = told(
        tmp_path,
        ("    again: {es", "    agian: {es"),
        ("    then: day\n\n  day", "    then: dya\n\n  day"),
        (OPEN, '{es: "Ahora estamos abiertos."}'),
        ('"cuándo cierran"]', '"cuándo cierran", "quería reservar"]'),
        (
            "¿Qué día le viene bien?",
            "¿Qué día le viene bien? " + "Los lunes y los domingos está cerrado. " * 4,
        ),
    )
    for part in ("'agian'", "'dya'", "the text in en is missing", "'quería reservar'", "seconds to say"):
        assert any(part in p for p in problems), part
    assert len(problems) == 5


def test_what_a_mistake_of_form_brings_about_is_not_told(tmp_path: Path) -> None:
    """The step that cannot be read still leads somewhere, and fills its slot."""
    assert len(told(tmp_path, ("    kind: choice", "    kind: chioce"))) == 1
    (tmp_path / "more").mkdir()
    assert len(told(tmp_path / "more", ("    slot: service\n", ""))) == 1


def test_a_file_with_nothing_left_tells_only_its_form(tmp_path: Path) -> None:
    problems = told(tmp_path, ("steps:\n  menu:", "stesp:\n  menu:"))
    assert [p.split(" / ")[0].partition(": ")[2] for p in problems] == [
        "'steps' is missing",
        "'stesp' is not known here",
    ]
