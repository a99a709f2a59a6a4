"""How well the articles are found: test questions and the article that answers each, or none.

The questions are in ``PROMPTS/knowledge/questions.yaml``: language, then the article's name, then a list;
under ``none`` stand those that no article answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from voice.dialogue.yamlfile import parse_yaml
from voice.errors import FlowError, Problem
from voice.knowledge.files import FOLDER
from voice.knowledge.seam import ANSWER, Knowledge
from voice.model import LANGUAGES

NONE = "none"


@dataclass(frozen=True, slots=True)
class Case:
    lang: str
    question: str
    article: str  # "" when none answers it


@dataclass(frozen=True, slots=True)
class Outcome:
    case: Case
    found: str
    confidence: float

    def said(self, threshold: float = ANSWER) -> str:
        """The article that the caller would hear; "" for none."""
        return self.found if self.confidence >= threshold else ""


@dataclass(frozen=True, slots=True)
class Score:
    """Of the questions that an article answers: how many got it, another one, or nothing. Of the others: how
    many got nothing, as they should."""

    lang: str
    covered: int
    right: int
    wrong: int
    uncovered: int
    refused: int


def read_questions(file: Path) -> list[Case]:
    """The test questions. Raises :class:`FlowError` for a file that is not as described above."""
    try:
        document = parse_yaml(str(file), file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        what = getattr(error, "strerror", None) or "not UTF-8 text"
        remedy = f"Write test questions as {FOLDER}/questions.yaml, or name another file."
        raise FlowError([Problem(str(file), 1, f"cannot be read ({what})", remedy)]) from error
    problems, cases = list(document.problems), list[Case]()
    for lang, by_article in (document.data or {}).items() if isinstance(document.data, dict) else ():
        if lang not in LANGUAGES or not isinstance(by_article, dict):
            remedy = (
                f"Write {' or '.join(LANGUAGES)}, and under it names of articles (or none), each with a list."
            )
            problems.append(document.problem((lang,), f"'{lang}' is not a language with questions", remedy))
            continue
        for article, questions in by_article.items():
            if not isinstance(questions, list) or not all(isinstance(text, str) for text in questions):
                where = (lang, article)
                problems.append(
                    document.problem(where, f"'{article}' has no list of questions", "Begin each with '- '.")
                )
                continue
            cases += [Case(lang, text, "" if article == NONE else article) for text in questions]
    if problems:
        raise FlowError(problems)
    return cases


def outcomes(knowledge: Knowledge, cases: Iterable[Case], today: date) -> Iterator[Outcome]:
    for case in cases:
        found = knowledge.find(case.question, case.lang, today)
        yield Outcome(case, found[0].article.name if found else "", found[0].confidence if found else 0.0)


def scores(results: Iterable[Outcome], threshold: float = ANSWER) -> list[Score]:
    """One for each language that has questions."""
    listed = list(results)
    found = []
    for lang in dict.fromkeys(result.case.lang for result in listed):
        own = [result for result in listed if result.case.lang == lang]
        asked = [result for result in own if result.case.article]
        right = sum(result.said(threshold) == result.case.article for result in asked)
        wrong = sum(result.said(threshold) not in ("", result.case.article) for result in asked)
        refused = sum(not result.said(threshold) for result in own if not result.case.article)
        found.append(Score(lang, len(asked), right, wrong, len(own) - len(asked), refused))
    return found
