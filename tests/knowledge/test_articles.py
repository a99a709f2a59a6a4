"""Reading articles, and what is said about broken ones."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voice.knowledge.article import parse_article
from voice.knowledge.files import load_articles

GOOD = """---
until: 2026-12-31
flows: [telecom]
---
# Using your *phone* in Europe.

## Questions
- Can I use my [phone](https://example.com) in Europe?
- What is **roaming**?
- Does it work
  abroad?

## Short answer
You use it
as at home.

## More
First this. Then:

- switch it on
- wait a minute
"""


def test_an_article_is_read_as_it_is_spoken() -> None:
    article, problems = parse_article("a.md", "roaming", "en", GOOD)
    assert problems == []
    assert article is not None
    assert article.title == "Using your phone in Europe"
    assert article.questions == ("Can I use my phone in Europe?", "What is roaming?", "Does it work abroad?")
    assert article.short == "You use it as at home."
    assert article.more == "First this. Then: switch it on. wait a minute."
    assert article.flows == ("telecom",)
    assert article.holds(date(2026, 12, 31))
    assert not article.holds(date(2027, 1, 1))


def test_spanish_headings_and_no_front_matter() -> None:
    source = (
        "# Título\n## Preguntas\n- ¿Uno?\n- ¿Dos?\n- ¿Tres?\n## Respuesta\nSí.\n## Más información\nEso.\n"
    )
    article, problems = parse_article("a.md", "uno", "es", source)
    assert article is not None
    assert problems == []
    assert (article.short, article.more, article.until) == ("Sí.", "Eso.", None)


@pytest.mark.parametrize(
    ("source", "line", "says"),
    [
        ("", 1, "title is missing"),
        (GOOD.replace("## Short answer", "## Shrt answer"), 13, "'Shrt answer' is not known"),
        (GOOD.replace("2026-12-31", "soon"), 2, "'soon' is not a day"),
        (GOOD.replace("until:", "untill:"), 2, "'untill' is not known"),
        (GOOD.replace("as at home", "as {usual}"), 14, "no values in braces"),
        (GOOD.replace("First this.", "| a | b |\n|---|---|\n| 1 | 2 |\n\nx"), 17, "a table cannot be spoken"),
        (GOOD.replace("as at home", "![x](y.png)"), 13, "an image cannot be spoken"),
        (GOOD.replace("as at home", "<b>x</b>"), 13, "HTML cannot be spoken"),
        (GOOD.replace("## More", "## Short answer"), 17, "stands twice"),
        (GOOD + "x" * 30_000, 1, "longer than an article"),
        ("Hello.\n\n" + GOOD, 1, "without a heading"),
    ],
)
def test_mistakes_have_a_line_and_a_remedy(source: str, line: int, says: str) -> None:
    article, problems = parse_article("a.md", "roaming", "en", source)
    found = [problem for problem in problems if says in problem.message]
    assert found, problems
    assert article is None
    assert found[0].remedy
    if says not in ("a table cannot be spoken", "an image cannot be spoken", "HTML cannot be spoken"):
        assert found[0].line == line


def test_what_is_long_or_rarely_asked_is_warned_of() -> None:
    source = GOOD.replace("- What is **roaming**?\n", "").replace("as at home", "as at home " * 20)
    article, problems = parse_article("a.md", "roaming", "en", source)
    assert article is not None
    assert {problem.severity for problem in problems} == {"warning"}
    assert any("seconds to say" in problem.message for problem in problems)
    assert any("few to be found by" in problem.message for problem in problems)


def test_a_folder_is_read_for_one_flow_and_checked_across_languages(tmp_path: Path) -> None:
    for lang in ("es", "en"):
        (tmp_path / "knowledge" / lang).mkdir(parents=True)
    folder = tmp_path / "knowledge" / "en"
    (folder / "roaming.md").write_text(GOOD, encoding="utf-8")
    (folder / "again.md").write_text(GOOD.replace("[telecom]", "[]"), encoding="utf-8")
    (folder / "broken.md").write_bytes(b"\xff\xfe")
    articles, problems = load_articles(tmp_path, flow="clinic")
    assert [article.name for article in articles] == ["again"]
    articles, problems = load_articles(tmp_path)
    assert {article.name for article in articles} == {"roaming", "again"}
    messages = [problem.message for problem in problems]
    assert "is not UTF-8 text" in messages
    assert any("there is no such article in 'es'" in message for message in messages)
    assert any("is also a question of" in message for message in messages)
    assert load_articles(tmp_path / "nowhere") == ((), [])


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="#-*|<>[]()`{}!~\n \tab_=1.é¿", max_size=200))
def test_any_text_is_an_article_or_has_an_error(source: str) -> None:
    article, problems = parse_article("a.md", "x", "es", source)
    assert (article is not None) == all(problem.severity != "error" for problem in problems)
