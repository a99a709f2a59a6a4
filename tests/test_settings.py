from __future__ import annotations

from pathlib import Path

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


def test_keypad_tones_are_set_for_all_providers_and_for_one() -> None:
    call = load(env={}).call
    assert (call.keypad_tones, call.keypad_tones_of) == ("auto", {})
    env = {"CENTRALITA_CALL__KEYPAD_TONES": "off", "CENTRALITA_CALL__KEYPAD_TONES_OF__TWILIO": "on"}
    call = load(env=env).call
    assert (call.keypad_tones, call.keypad_tones_of) == ("off", {"twilio": "on"})


@pytest.mark.parametrize(
    ("variable", "value", "names"),
    [
        ("CENTRALITA_CALL__KEYPAD_TONES", "yes", "call.keypad_tones"),
        ("CENTRALITA_CALL__KEYPAD_TONES_OF__TWILIO", "yes", "call.keypad_tones_of.twilio"),
        ("CENTRALITA_SPEECH__VAD", "torch", "speech.vad"),
    ],
)
def test_a_value_that_is_none_of_those_possible_names_its_setting(
    variable: str, value: str, names: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(env={variable: value})
    assert f"setting {names} (or {variable})" in str(caught.value)


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ('[server]\nport = "door"', "server.port (or CENTRALITA_SERVER__PORT): must be a whole number"),
        ("server = 3", "server (or CENTRALITA_SERVER): is a section"),
        ('[call]\nrecord = "perhaps"', "must be true or false"),
        ("[server]\nhost = 5", "must be text, in quotation marks"),
        ("[server]\nport = 90000", "must be less than or equal to 65535"),
    ],
)
def test_a_value_of_the_wrong_type_says_in_plain_words_what_it_must_be(
    tmp_path: Path, written: str, says: str
) -> None:
    file = tmp_path / "line.toml"
    file.write_text(written)
    with pytest.raises(ConfigError) as caught:
        load(file, env={})
    assert says in str(caught.value)
