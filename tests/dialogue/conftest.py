"""The businesses that dialogue tests talk to, loaded once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.dialogue.text_caller import APPOINTMENT_ACTIONS, APPOINTMENTS, PROMPTS, make_prompts
from voice.commands.new import write_business
from voice.dialogue.loader import Business, check_path, load_business

Load = Callable[[str], Business]


@pytest.fixture(scope="session")
def telecom() -> Business:
    return load_business("telecom", PROMPTS)


@pytest.fixture(scope="session")
def appointments(tmp_path_factory: pytest.TempPathFactory) -> Business:
    """A flow with every kind of slot."""
    folder = make_prompts(tmp_path_factory.mktemp("line") / "prompts", APPOINTMENTS, APPOINTMENT_ACTIONS)
    return load_business("appointments", folder)


@pytest.fixture(scope="session")
def line(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """``line(template)``: the business of a template, written as `voice new` does, all in one folder."""
    folder = tmp_path_factory.mktemp("new") / "prompts"
    made: dict[str, Business] = {}
    told: dict[str, list[str]] = {}

    def load(template: str) -> Business:
        if template not in made:
            write_business(template, template, ("es", "en"), folder)
            business, problems = check_path(folder / "flows" / f"{template}.yaml", folder)
            told[template] = [str(problem) for problem in problems]
            assert business is not None, told[template]
            made[template] = business
        assert told[template] == []
        return made[template]

    return load
