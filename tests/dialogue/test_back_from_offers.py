"""Going back from an offer leads to what it was made for, not to the offer whose place it took."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.text_caller import Caller, make_prompts
from voice.dialogue.loader import load_business

CLINIC = Path(__file__).resolve().parents[2] / "voice" / "templates" / "clinic"


@pytest.mark.parametrize(
    ("lang", "wish", "day", "other", "back"),
    [
        ("es", "quiero una cita con el dentista", "el viernes", "no, mejor mañana", "atrás"),
        ("en", "an appointment with the dentist", "friday", "no, tomorrow is better", "go back"),
    ],
)
def test_back_from_a_second_offer_asks_for_the_day(
    tmp_path: Path, lang: str, wish: str, day: str, other: str, back: str
) -> None:
    flow = (CLINIC / "flow.yaml").read_text(encoding="utf-8").replace("knowledge: true", "knowledge: false")
    actions = (CLINIC / "actions.py").read_text(encoding="utf-8")
    clinic = load_business("clinic", make_prompts(tmp_path / "prompts", flow, actions, name="clinic"))
    caller = Caller(clinic, lang).says(wish).says(day)
    assert caller.listens().step == "offer_later"
    assert caller.says(other).listens().step == "offer"
    assert caller.says(back).listens().step == "day"
