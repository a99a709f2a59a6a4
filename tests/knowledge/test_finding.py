"""Finding the article that is asked for, in both languages; and the evaluation a user can run."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import orjson
import pytest

from voice.commands import knowledge as command
from voice.errors import ConfigError, FlowError
from voice.knowledge.article import Article
from voice.knowledge.evaluate import outcomes, read_questions, scores
from voice.knowledge.files import load_articles
from voice.knowledge.index import EXACT, ArticleIndex, stems
from voice.knowledge.seam import ANSWER

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
TODAY = date(2026, 1, 14)


@pytest.fixture(scope="module")
def index() -> ArticleIndex:
    articles, problems = load_articles(PROMPTS)
    assert problems == []
    return ArticleIndex(articles)


def test_stems_know_inflections_and_drop_what_any_question_holds() -> None:
    assert stems("¿Puedo devolver los teléfonos?", "es") == stems("devolver un telefono", "es")
    assert stems("How do I return phones?", "en") == stems("returning a phone", "en")
    assert stems("oiga ¿me puede decir?", "es") == ()


def test_every_question_of_every_article_finds_it(index: ArticleIndex) -> None:
    for lang in ("es", "en"):
        for article in index.articles(lang):
            for question in article.questions:
                assert index.find(question, lang, TODAY)[0].article == article
                assert index.find(question, lang, TODAY)[0].confidence == EXACT


@pytest.mark.parametrize("lang", ["es", "en"])
def test_the_demo_articles_are_found_and_nothing_else_is_answered(index: ArticleIndex, lang: str) -> None:
    cases = [case for case in read_questions(PROMPTS / "knowledge" / "questions.yaml") if case.lang == lang]
    own = {question.lower() for question in index.questions(lang)}
    assert not any(case.question in own for case in cases), "a test question stands in an article"
    (score,) = scores(outcomes(index, cases, TODAY))
    assert score.right >= 0.85 * score.covered
    assert score.wrong <= 0.05 * score.covered
    assert score.refused >= 0.95 * score.uncovered


@pytest.mark.parametrize("nothing", ["", "   ", "¿?", "eh", "the of and", "x" * 5000])
def test_no_words_no_answer(index: ArticleIndex, nothing: str) -> None:
    assert all(match.confidence < ANSWER for match in index.find(nothing, "en", TODAY))
    assert index.find(nothing, "fr", TODAY) == ()


def test_an_article_is_not_said_after_its_day() -> None:
    old = Article(
        "old", "en", "Summer offer", ("what is the summer offer",), "Half price.", until=date(2025, 9, 1)
    )
    knowledge = ArticleIndex([old])
    assert knowledge.find("what is the summer offer", "en", date(2025, 9, 1))
    assert knowledge.find("what is the summer offer", "en", date(2025, 9, 2)) == ()
    assert ArticleIndex([]).find("anything at all", "en", TODAY) == ()


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    return command.run(parser.parse_args(["--prompts", str(PROMPTS), *words]))


def test_the_command_answers_and_evaluates(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("how do i restart the router", "--lang", "en", "--json") == 0
    first = orjson.loads(capsys.readouterr().out.splitlines()[0])
    assert (first["article"], first["said"]) == ("no-internet", True)
    assert run("cómo se hace una tortilla", "--lang", "es") == 1
    capsys.readouterr()
    assert run("--evaluate", "--failures") == 0
    assert "answered right" in capsys.readouterr().out


def test_test_questions_with_mistakes_say_so(tmp_path: Path) -> None:
    file = tmp_path / "questions.yaml"
    with pytest.raises(FlowError, match="cannot be read"):
        read_questions(file)
    file.write_text("fr:\n  a: [b]\nen:\n  roaming-eu: nothing\n", encoding="utf-8")
    with pytest.raises(FlowError) as caught:
        read_questions(file)
    assert [problem.line for problem in caught.value.problems] == [1, 4]
    file.write_text("en:\n  roamin: [what is it]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="there is no article 'roamin'"):
        run("--evaluate", str(file))
    with pytest.raises(ConfigError, match="give a question"):
        run()
