from __future__ import annotations

import pytest

from voice.errors import ConfigError
from voice.settings import load


@pytest.mark.parametrize(
    ("variable", "says"),
    [
        ("CENTRALITA_SERVER__PROT", "setting server.prot (or CENTRALITA_SERVER__PROT): there is no such"),
        ("CENTRALITA_SERVER__PROT", "did you mean port?"),
        ("CENTRALITA_DESK__ZZZZ", "known here: enabled, link_minutes"),
        ("CENTRALITA_ZZZZ", "known here: call, data, desk"),
    ],
)
def test_a_misspelt_setting_says_what_was_meant(variable: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(env={variable: "1"})
    assert says in str(caught.value)


def test_a_value_where_a_section_belongs() -> None:
    with pytest.raises(ConfigError, match="server"):
        load(env={"CENTRALITA_SERVER": "1", "CENTRALITA_SERVER__PORT": "1"})


def test_the_command_line_wins() -> None:
    settings = load(env={"CENTRALITA_SERVER__PORT": "1"}, overrides={"server.port": 2})
    assert settings.server.port == 2
