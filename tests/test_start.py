from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from voice.errors import ConfigError
from voice.settings import load
from voice.talk import make_mouth


async def test_a_voice_that_does_not_exist_is_found_at_start(tmp_path: Path) -> None:
    settings = load(env={"CENTRALITA_SPEECH__VOICE_EN": "nope"}, overrides={"data": tmp_path})
    async with AsyncExitStack() as stack:
        with pytest.raises(ConfigError, match=r"speech\.voice_en: .*nope.*correct it"):
            make_mouth(settings, True, stack)


async def test_a_voice_by_name_is_taken(tmp_path: Path) -> None:
    settings = load(env={"CENTRALITA_SPEECH__VOICE_ES": "es-419+f2"}, overrides={"data": tmp_path})
    async with AsyncExitStack() as stack:
        make_mouth(settings, True, stack).close()
