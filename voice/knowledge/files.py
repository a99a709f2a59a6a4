"""Reads ``PROMPTS/knowledge``: ``LANG/NAME.md`` and ``words.yaml``, or says every mistake with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeGuard

from voice.dialogue.yamlfile import Document, parse_yaml
from voice.errors import Problem
from voice.knowledge.article import Article, check_together, parse_article
from voice.knowledge.words import Groups, Vocabulary
from voice.languages import fold
from voice.model import LANGUAGES

FOLDER = "knowledge"
MOST_ARTICLES = 2000
WORDS = "words.yaml"
MOST_GROUPS = 500  # of words, in a language
_REMEDY = "Write under es: and en: lists such as - [internet, wifi]."


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


def load_words(prompts_dir: Path) -> tuple[Mapping[str, Groups], list[Problem]]:
    """The groups of each language in a prompts folder's ``knowledge/words.yaml``, and what is wrong with it;
    none where there is no such file."""
    file = prompts_dir / FOLDER / WORDS
    try:
        source = file.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8 text"
        return {}, [Problem(str(file), 1, f"cannot be read ({why})", "Check the file; save it as UTF-8.")]
    document = parse_yaml(str(file), source)
    problems = list(document.problems)
    data = document.data if document.data is not None else {}
    if not isinstance(data, dict):
        return {}, [*problems, document.problem((), "is no list of words by language", _REMEDY)]
    found: dict[str, Groups] = {}
    for lang, groups in data.items():
        if lang not in LANGUAGES or not isinstance(groups, list) or len(groups) > MOST_GROUPS:
            problems.append(
                document.problem((lang,), f"'{lang}' is no language with groups of words", _REMEDY)
            )
            continue
        problems += _wrong(document, lang, groups)
        found[lang] = tuple(tuple(group) for group in groups if _is_group(group))
    return found, problems


def _is_group(group: object) -> TypeGuard[list[str]]:
    return (
        isinstance(group, list)
        and len(group) > 1
        and all(isinstance(member, str) and fold(member) for member in group)
    )


def _wrong(document: Document, lang: str, groups: Sequence[object]) -> Iterator[Problem]:
    vocabulary = Vocabulary(lang)
    seen: dict[tuple[str, ...], int] = {}
    for number, group in enumerate(groups):
        if not _is_group(group):
            message = f"group {number + 1} of '{lang}' is no list of two texts or more"
            yield document.problem((lang, number), message, _REMEDY)
            continue
        for member in group:
            key = vocabulary.key(member)
            if seen.setdefault(key, number) != number:
                message = f"'{member}' stands in two groups of '{lang}'"
                yield document.problem((lang, number), message, "Keep it in one, or make the two one.")
