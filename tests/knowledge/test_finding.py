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
from voice.knowledge.files import load_articles, load_words
from voice.knowledge.index import EXACT, ArticleIndex
from voice.knowledge.seam import ANSWER
from voice.knowledge.words import Vocabulary, stems

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
TODAY = date(2026, 1, 14)


@pytest.fixture(scope="module")
def index() -> ArticleIndex:
    articles, problems = load_articles(PROMPTS)
    words, wrong = load_words(PROMPTS)
    assert [*problems, *wrong] == []
    return ArticleIndex(articles, words)


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
    assert score.right >= 0.8 * score.covered
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


@pytest.mark.parametrize(
    ("lang", "question", "place"),
    [("es", "cuánto es el roaming en serbia", "Serbia"), ("en", "how much is roaming in serbia", "Serbia")],
)
def test_what_holds_in_one_country_is_not_said_of_another(
    index: ArticleIndex, lang: str, question: str, place: str
) -> None:
    assert not any(place in question for question in index.questions(lang))
    assert all(match.confidence < ANSWER for match in index.find(question, lang, TODAY))


def test_words_of_a_group_are_the_same_to_a_question_and_an_article() -> None:
    vocabulary = Vocabulary("en", (("internet", "wifi", "wi fi"), ("unlock code", "puk")))
    assert vocabulary.stems("my Wi-Fi") == vocabulary.stems("internet") == ("=0",)
    assert vocabulary.stems("the unlock codes") == vocabulary.stems("PUK")
    assert vocabulary.stems("unlock the door") == ("unlock", "door")
    spanish = Vocabulary("es", (("Europa", "Italia", "Roma"),))
    assert spanish.stems("en Roma") == spanish.stems("Europa") == ("@0",)
    assert spanish.stems("en Serbia") == ("@RS",)
    assert spanish.stems("¿irán?") == ("iran",), "they will go"
    assert spanish.stems("un gran cubo") == ("gran", "cub"), "neither Grenada nor Cuba"
    assert spanish.stems("Granada y Cuba") == ("@GD", "@CU")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("en:\n  - [internet]\n", "two texts or more"),
        ("en: internet\n", "no language with groups"),
        ("fr:\n  - [internet, wifi]\n", "no language with groups"),
        ("- internet\n", "no list of words by language"),
        ("en:\n  - [internet, wifi]\n  - [wifis, network]\n", "stands in two groups"),
        ("en:\n  - [internet, 5]\n", "two texts or more"),
    ],
)
def test_mistakes_in_the_words_are_told_with_their_line(tmp_path: Path, text: str, told: str) -> None:
    assert load_words(tmp_path) == ({}, [])
    (tmp_path / "knowledge").mkdir()
    file = tmp_path / "knowledge" / "words.yaml"
    file.write_text(text, encoding="utf-8")
    _, (problem,) = load_words(tmp_path)
    assert told in problem.message
    assert (problem.file, problem.remedy != "") == (str(file), True)
    file.write_bytes(b"\xff\xfe")
    assert "UTF-8" in load_words(tmp_path)[1][0].message
