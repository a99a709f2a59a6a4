"""Ask the knowledge articles, or measure how well they are found.

    voice knowledge "puedo usar el móvil en Francia"
    voice knowledge --lang en "how do I restart the router"
    voice knowledge --evaluate                    # the questions in PROMPTS/knowledge/questions.yaml
    voice knowledge --evaluate mine.yaml --failures

The articles are PROMPTS/knowledge/es/*.md and en/*.md; docs/knowledge.md says how to write one. An article is
said from a confidence of 0.5 on.

Exit status: 0 an article answers (or the evaluation ran), 1 none does, 2 wrong use.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import orjson

from voice import settings
from voice.errors import ConfigError, FlowError
from voice.knowledge.evaluate import outcomes, read_questions, scores
from voice.knowledge.files import FOLDER, load_articles, load_words
from voice.knowledge.index import ArticleIndex
from voice.knowledge.seam import ANSWER

QUESTIONS = "questions.yaml"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("question", nargs="?", help="what a caller asks")
    parser.add_argument("--lang", choices=("es", "en"), help="language of the question (default: settings)")
    parser.add_argument("--prompts", type=Path, metavar="DIR", help="prompts folder (default: settings)")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument(
        "--evaluate", nargs="?", type=Path, const=Path(), metavar="FILE", help="measure with test questions"
    )
    parser.add_argument("--failures", action="store_true", help="with --evaluate: print what went wrong")


def _evaluate(knowledge: ArticleIndex, arguments: argparse.Namespace, prompts: Path) -> int:
    file = arguments.evaluate if arguments.evaluate.name else prompts / FOLDER / QUESTIONS
    cases = [case for case in read_questions(file) if arguments.lang in (None, case.lang)]
    for case in cases:
        if case.article and knowledge.article(case.article, case.lang) is None:
            raise ConfigError(
                f"{file}: there is no article '{case.article}' in '{case.lang}'; correct its name"
            )
    results = list(outcomes(knowledge, cases, date.today()))
    if arguments.failures:
        for result in results:
            if result.said() != result.case.article:
                wanted, got = result.case.article or "nothing", result.found or "nothing"
                print(
                    f"{result.case.lang}: {result.case.question!r}: "
                    f"{got} ({result.confidence:.2f}), not {wanted}"
                )
    if not arguments.json:
        print(
            f"{'lang':<4} {'answered right':>15} {'wrong article':>15} {'no answer':>13} "
            f"{'rightly refused':>16}"
        )
    for score in scores(results):
        if arguments.json:
            print(orjson.dumps(score).decode())
            continue
        none = score.covered - score.right - score.wrong
        print(
            f"{score.lang:<4} {_share(score.right, score.covered):>15} "
            f"{_share(score.wrong, score.covered):>15} {_share(none, score.covered):>13} "
            f"{_share(score.refused, score.uncovered):>16}"
        )
    return 0


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} {100 * part / whole:.0f} %" if whole else "-"


def _ask(knowledge: ArticleIndex, arguments: argparse.Namespace, lang: str) -> int:
    found = knowledge.find(arguments.question, lang, date.today())
    for match in found:
        article, said = match.article, match.confidence >= ANSWER
        if arguments.json:
            item = {"article": article.name, "title": article.title, "confidence": match.confidence}
            print(orjson.dumps(item | {"said": said, "short": article.short, "more": article.more}).decode())
        else:
            print(f"{match.confidence:.2f} {article.name}: {article.title}")
            if said and match is found[0]:
                print(f"     < {article.short}\n     + {article.more}")
    return int(not found or found[0].confidence < ANSWER)


def run(arguments: argparse.Namespace) -> int:
    chosen = settings.load(arguments.config, overrides={"prompts": arguments.prompts})
    if bool(arguments.question) == (arguments.evaluate is not None):
        raise ConfigError("give a question, or --evaluate")
    articles, problems = load_articles(chosen.prompts)
    words, wrong = load_words(chosen.prompts)
    if errors := [problem for problem in (*problems, *wrong) if problem.severity == "error"]:
        raise FlowError(errors)
    if not articles:
        raise ConfigError(f"there are no articles in {chosen.prompts / FOLDER}; docs/knowledge.md shows one")
    knowledge = ArticleIndex(articles, words)
    if arguments.evaluate is not None:
        return _evaluate(knowledge, arguments, chosen.prompts)
    return _ask(knowledge, arguments, arguments.lang or chosen.call.lang)
