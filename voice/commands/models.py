"""Install larger recognition models, choose between them, remove them.

    voice models list
    voice models install es-large --use            # fetch, check, try out, and use from the next start on
    voice models install es-large --from /media/usb/vosk-model-es-0.42.zip --use
    voice models use es-small                      # one that is installed
    voice models use built-in --lang es            # back to the one that comes with the program
    voice models remove es-large

Models live in DATA/models. A download that breaks off goes on where it stopped when the same command is
run again. HTTPS_PROXY and NO_PROXY are honoured. The server takes up a change when it is started again.

Exit status: 0 done, 1 it failed (unknown, damaged, wrong checksum, disk full), 2 wrong use or settings, 3 the
server with the models cannot be reached from here: what is printed says what to fetch, and where to put it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

from voice.errors import ConfigError, ModelError
from voice.model import LANGUAGES
from voice.settings import MODELS, Settings, load
from voice.speech import builtin, catalogue
from voice.speech.catalogue import Entry
from voice.speech.download import Progress, Unreachable
from voice.speech.install import Installed, ModelsFolder, Step, as_json, name_of_archive

BUILT_IN: Final = "built-in"
UNREACHABLE: Final = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--data", type=Path, metavar="DIR", help="the data folder (default ./data)")
    common.add_argument("--config", type=Path, metavar="FILE", help="settings in TOML, as for 'voice serve'")
    subs = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = subs.add_parser("list", parents=[common], help="built-in, installed and available models")
    listing.add_argument("--json", action="store_true", help="one JSON object instead of lines")
    listing.set_defaults(act=_list)
    install = subs.add_parser(
        "install", parents=[common], help="fetch and check a model, or take a local one"
    )
    install.add_argument(
        "name", metavar="NAME", help="as 'voice models list' shows it, or a Vosk model's name"
    )
    install.add_argument("--use", action="store_true", help="use it from the next start on")
    install.add_argument(
        "--from", dest="source", default="", metavar="ARCHIVE|DIR|URL", help="a zip, tar.gz or folder instead"
    )
    install.add_argument(
        "--checksum", metavar="ALGORITHM:HEX", help="what the archive must be, sha256 or md5"
    )
    install.add_argument(
        "--lang", choices=LANGUAGES, help="the language of a model that is not an official one"
    )
    install.set_defaults(act=_install)
    use = subs.add_parser("use", parents=[common], help="choose an installed model, or built-in")
    use.add_argument("name", metavar="NAME", help=f"an installed model, or '{BUILT_IN}'")
    use.add_argument("--lang", choices=LANGUAGES, help="needed where the name does not say it")
    use.set_defaults(act=_use)
    remove = subs.add_parser("remove", parents=[common], help="delete an installed model")
    remove.add_argument("name", metavar="NAME")
    remove.add_argument("--force", action="store_true", help="also the one that is in use")
    remove.set_defaults(act=_remove)


def run(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    folder = ModelsFolder(settings.data / MODELS)
    try:
        return int(arguments.act(arguments, settings, folder))
    except ModelError as error:
        print(f"voice models: {error}", file=sys.stderr)
        if isinstance(error, Unreachable):
            _explain_by_hand(arguments, folder)
            return UNREACHABLE
        return 1


def _settings(arguments: argparse.Namespace) -> Settings:
    return load(arguments.config, overrides={"data": arguments.data})


# --- actions --------------------------------------------------------------------------------------------


def _install(arguments: argparse.Namespace, settings: Settings, folder: ModelsFolder) -> int:
    if not arguments.source and Path(arguments.name).exists():  # an archive or folder in place of the name
        arguments.source, arguments.name = arguments.name, name_of_archive(arguments.name)
    entry = _entry(arguments.name, arguments.source, arguments.lang)
    checksum = catalogue.parse_checksum(arguments.checksum) if arguments.checksum else None
    if arguments.use and entry.kind != catalogue.VOSK:
        raise ConfigError(f"{entry.name}: is not a recognition model, so --use means nothing for it")
    with _steps() as step:
        model, new = folder.install(entry, step, source=arguments.source, checksum=checksum)
        if arguments.use:
            beside = folder.use(model.lang, model.name, step, tried=new)
    print(f"{model.name}: {'installed' if new else 'was installed already'} in {model.path}")
    if new:
        checked = f"its checksum is right ({model.checksum})" if model.checksum else "no checksum was known"
        memory = f"; opening it took {model.memory} MB of memory" if model.memory else ""
        print(f"  {_size(model.size)}, {checked}{memory}")
    if arguments.use:
        return _tell_use(arguments, model.lang, model.name, folder, beside)
    used = _used(settings, model.lang)
    main = folder.get(used.name) if used else None
    if new and model.grammars and main is not None and main.grammars is False:
        print(f"  to hear closed answers with it: voice models use {main.name}")
    elif model.kind == catalogue.VOSK and used != model.path.resolve():
        print(f"  to use it: voice models use {model.name}")
    return 0


def _use(arguments: argparse.Namespace, _settings: Settings, folder: ModelsFolder) -> int:
    if arguments.name == BUILT_IN:
        if arguments.lang is None:
            raise ConfigError("say for which language: voice models use built-in --lang es (or en)")
        lang, name = arguments.lang, ""
    else:
        known = catalogue.find(arguments.name)
        name = known.name if known else arguments.name
        catalogue.check_name(name)
        model = folder.get(name)
        lang = arguments.lang or (model.lang if model else "") or (known.lang if known else "")
        if not lang:
            raise ConfigError(f"{name}: say its language with --lang es or --lang en")
    with _steps() as step:
        beside = folder.use(lang, name, step)
    return _tell_use(arguments, lang, name, folder, beside)


def _remove(arguments: argparse.Namespace, settings: Settings, folder: ModelsFolder) -> int:
    known = catalogue.find(arguments.name)
    name = known.name if known else arguments.name
    catalogue.check_name(name)
    model = folder.get(name)
    using = _settings_of(settings, model) if model is not None else []
    if using and not arguments.force:
        raise ModelError(
            f"{name}: is in use ({', '.join(using)}); first choose another, or "
            f"'voice models use {BUILT_IN} --lang {using[0][-2:]}', or give --force"
        )
    gone = folder.remove(name)
    print(f"{gone.name}: removed, {_size(gone.size)} free again")
    still = _settings_of(_settings_now(arguments), gone)
    if still:
        print(f"  {', '.join(still)} in the settings still names it: correct that, or no server starts")
    elif using:
        print(f"  no longer used for {', '.join(using)} from the next start on")
    return 0


def _settings_now(arguments: argparse.Namespace) -> Settings:
    """Read again: what was chosen has changed."""
    return _settings(arguments)


def _entry(name: str, source: str, lang: str | None) -> Entry:
    """What is to be installed under a name; one that is nobody's needs a source."""
    if not source:
        return catalogue.require(name)
    return catalogue.find(name) or catalogue.own(name, lang or "")


def _tell_use(arguments: argparse.Namespace, lang: str, name: str, folder: ModelsFolder, beside: str) -> int:
    """Says what is in use now, and whether a setting stands above it."""
    setting = f"speech.model_{lang}"
    wanted = (folder.folder / name).resolve() if name else None
    used = _used(_settings_now(arguments), lang)
    if used != wanted:
        variable = f"CENTRALITA_SPEECH__MODEL_{lang.upper()}"
        print(
            f"voice models: chosen, but {setting} in the settings (or {variable}) says {used} and stands "
            "above it; remove that setting",
            file=sys.stderr,
        )
        return 1
    print(f"{lang}: {name or 'the built-in model'} is in use from the next start of 'voice serve' on")
    model = folder.get(name) if name else None
    if beside:
        print(f"  closed answers and digits are heard by {beside}, because {name} takes no grammars")
    elif model is not None and model.grammars is False:
        print(
            f"  it takes no grammars: closed answers are matched afterwards; with {lang}-small "
            "installed too, this command gives them to that one"
        )
    return 0


def _used(settings: Settings, lang: str) -> Path | None:
    """The folder of the model a language uses, absolute; None: the built-in one."""
    path = getattr(settings.speech, f"model_{lang}")
    return Path(path).resolve() if path else None


def _settings_of(settings: Settings, model: Installed) -> list[str]:
    """The settings that name a model: ``speech.model_es``, ``speech.closed_model_en`` and so on."""
    names = [f"{kind}model_{lang}" for lang in LANGUAGES for kind in ("", "closed_")]
    paths = {f"speech.{name}": getattr(settings.speech, name) for name in names}
    where = model.path.resolve()
    return [name for name, path in paths.items() if path and Path(path).resolve() == where]


# --- showing --------------------------------------------------------------------------------------------


def _list(arguments: argparse.Namespace, settings: Settings, folder: ModelsFolder) -> int:
    installed = folder.installed()
    if arguments.json:
        print(json.dumps(_report(settings, folder, installed), ensure_ascii=False, indent=2))
        return 0
    print(f"{'NAME':<34} {'LANG':<4} {'SIZE':>8} {'MEMORY':>9}  {'GRAMMARS':<8}  STATE")
    for lang in LANGUAGES:
        path = builtin.base(lang)
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        state = "in use" if _used(settings, lang) is None else "comes with the program"
        _line(BUILT_IN, lang, size, "50 MB", "yes", state)
    for model in installed:
        _line(model.name, model.lang or "?", model.size, _memory(model.memory), _yes(model.grammars),
              _state(model, settings))  # fmt: skip
    names = {model.name for model in installed}
    for entry in catalogue.CATALOGUE:
        if entry.name not in names:
            name = f"{entry.name}"
            state = f"available as {entry.alias}"
            _line(name, entry.lang, entry.size, _memory(entry.memory), _yes(entry.grammars), state)
    for lang in LANGUAGES:
        used = _used(settings, lang)
        if used is not None and used not in {model.path.resolve() for model in installed}:
            print(f"{lang}: speech.model_{lang} names {used}")
    print(f"\nInstalled ones are in {folder.folder.absolute()}. Of available ones, SIZE is the archive's and")
    print("MEMORY what others found (16 GB: the publisher's upper bound, for busy servers).")
    print("GRAMMARS: whether closed answers are given to the recognizer itself, or matched afterwards.")
    return 0


def _line(name: str, lang: str, size: int, memory: str, grammars: str, state: str) -> None:
    print(f"{name:<34} {lang:<4} {_size(size):>8} {memory:>9}  {grammars:<8}  {state}")


def _state(model: Installed, settings: Settings) -> str:
    if not model.whole:
        return "DAMAGED: install it again"
    using = _settings_of(settings, model)
    if not using:
        return "installed"
    return "in use for closed answers" if all("closed_" in name for name in using) else "in use"


def _report(settings: Settings, folder: ModelsFolder, installed: list[Installed]) -> dict[str, object]:
    return {
        "folder": str(folder.folder.absolute()),
        "in_use": {lang: str(_used(settings, lang) or BUILT_IN) for lang in LANGUAGES},
        "installed": [as_json(model) for model in installed],
        "available": [
            {
                "name": entry.name,
                "alias": entry.alias,
                "lang": entry.lang,
                "url": entry.url,
                "size": entry.size,
                "checksum": str(entry.checksum or ""),
                "memory": entry.memory,
                "grammars": entry.grammars,
            }
            for entry in catalogue.CATALOGUE
        ],
    }


def _size(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB" if size else "?"


def _memory(megabytes: int) -> str:
    if not megabytes:
        return "?"
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes} MB"


def _yes(flag: bool | None) -> str:
    return "?" if flag is None else "yes" if flag else "no"


def _explain_by_hand(arguments: argparse.Namespace, folder: ModelsFolder) -> None:
    entry = catalogue.find(arguments.name)
    if entry is None:
        return
    name = entry.alias or entry.name
    checksum = str(entry.checksum) if entry.checksum else f"the md5 that {catalogue.PUBLISHED} gives for it"
    use = " --use" if getattr(arguments, "use", False) else ""
    print(
        f"""
This machine cannot fetch it. On one that can:
  1. fetch      {entry.url}{f" ({_size(entry.size)})" if entry.size else ""}
  2. check      {checksum}
  3. bring it here, as {folder.by_hand(entry).absolute()}
     and run    voice models install {name}{use}
     or give    --from with the place where it lies (a zip, a tar.gz, or the unpacked folder)
Behind a proxy, set HTTPS_PROXY and run the same command again.""",
        file=sys.stderr,
    )


@contextmanager
def _steps() -> Iterator[Step]:
    """Shows each step on the terminal, with a bar where bytes are counted; in a pipe, one line a step."""
    console = Console(stderr=True)
    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
    )

    def step(what: str) -> Progress:
        if bars.disable:
            print(what, file=sys.stderr, flush=True)
            return lambda _done, _total: None
        task = bars.add_task(what, total=None)
        return lambda done, total: bars.update(task, completed=done, total=total or None)

    with bars:
        yield step
