"""Draw a flow as an SVG picture: every step as a box, every way as an arrow with the wish, key, condition or
outcome that leads there; sub-flows in frames, digressions dashed, handoffs to their queues. Open it in a
browser; links in the boxes lead to the steps they name. FLOW is a name in the prompts folder, or a path.

    voice graph telecom -o telecom.svg
    voice graph prompts/flows/telecom.yaml --lang en > telecom.svg

Exit status: 0 drawn, 2 the flow has mistakes (voice check tells all) or cannot be written.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from voice import settings
from voice.commands.check import prompts_dir_of
from voice.dialogue.loader import find_flow, load_business
from voice.drawing.chart import drawing_of
from voice.drawing.svg import svg_of
from voice.errors import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("flow", metavar="FLOW", help="a flow's name, or its file")
    parser.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help="write here, not to standard output"
    )
    parser.add_argument("--lang", help="the language of its texts (the flow's first one)")
    parser.add_argument("--prompts", metavar="DIR", help="the folder that holds flows/ and texts/")
    parser.add_argument("--config", metavar="FILE", help="settings as TOML")


def run(arguments: argparse.Namespace) -> int:
    prompts = settings.load(arguments.config, overrides={"prompts": arguments.prompts}).prompts
    path = find_flow(arguments.flow, prompts)
    flow = load_business(path, prompts if arguments.prompts else prompts_dir_of(path)).flow
    lang = arguments.lang or flow.languages[0]
    if lang not in flow.languages:
        raise ConfigError(f"--lang {lang}: this flow speaks {', '.join(flow.languages)}")
    svg = svg_of(drawing_of(flow, lang))
    if arguments.output is None:
        print(svg, end="")
        return 0
    try:
        arguments.output.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{arguments.output}: cannot be written ({error.strerror})") from error
    print(f"{arguments.output}: {flow.name} {flow.version} in {lang}; open it in a browser")
    return 0
