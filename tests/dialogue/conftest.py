"""The businesses that dialogue tests talk to, loaded once."""

from __future__ import annotations

import pytest

from tests.dialogue.text_caller import APPOINTMENT_ACTIONS, APPOINTMENTS, PROMPTS, make_prompts
from voice.dialogue.loader import Business, load_business


@pytest.fixture(scope="session")
def telecom() -> Business:
    return load_business("telecom", PROMPTS)


@pytest.fixture(scope="session")
def appointments(tmp_path_factory: pytest.TempPathFactory) -> Business:
    """A flow with every kind of slot."""
    folder = make_prompts(tmp_path_factory.mktemp("line") / "prompts", APPOINTMENTS, APPOINTMENT_ACTIONS)
    return load_business("appointments", folder)
