"""Reads ``PROMPTS/knowledge/LANG/NAME.md``, or says every mistake with file, line and remedy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from voice.errors import Problem
from voice.knowledge.article import Article, check_together, parse_article
from voice.model import LANGUAGES

FOLDER = "knowledge"
MOST_ARTICLES = 2000


def load_articles(
    prompts_dir: Path, languages: Sequence[str] = LANGUAGES, flow: str = ""
) -> tuple[tuple[Article, ...], list[Problem]]:
    """The usable articles of a prompts folder in ``languages``, those of ``flow`` and of no flow in
    particular (all, for an empty name), and every problem of the folder."""
    articles: list[Article] = []
    problems: list[Problem] = []
    files: dict[tuple[str, str], str] = {}
    for lang in languages:
        found = sorted((prompts_dir / FOLDER / lang).glob("*.md"))
        if len(found) > MOST_ARTICLES:
            message = f"{len(found)} articles are more than are read ({MOST_ARTICLES})"
            problems.append(Problem(str(prompts_dir / FOLDER / lang), 1, message, "Keep those of this line."))
        for path in found[:MOST_ARTICLES]:
            article, wrong = _read(path, lang)
            problems += wrong
            if article is not None and (not flow or not article.flows or flow in article.flows):
                articles.append(article)
                files[article.name, lang] = str(path)
    problems += check_together(articles, languages, files)
    return tuple(articles), problems


def _read(path: Path, lang: str) -> tuple[Article | None, list[Problem]]:
    try:
        source = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        return None, [Problem(str(path), 1, f"cannot be read ({error.strerror})", "Check the file.")]
    except UnicodeDecodeError:
        return None, [Problem(str(path), 1, "is not UTF-8 text", "Save the file as UTF-8.")]
    return parse_article(str(path), path.stem, lang, source)
