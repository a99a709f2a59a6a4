"""Callers who say anything at any time in a flow of sub-flows, digressions and campaigns: the line always
goes on, and always ends."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.dialogue.test_flow_blocks import SHOP, SHOP_ACTIONS, known
from tests.dialogue.text_caller import make_prompts
from voice.dialogue.detours import MOST_NESTED, Detour
from voice.dialogue.loader import Business, load_business

TURNS = (
    "necesito pagar", "i need to pay", "un pedido nuevo", "a qué hora abren", "what time do you open",
    "cuándo cierran hoy", "menú principal", "volver", "repita", "ayuda", "un momento", "in english please",
    "en español", "sí", "no", "no, el veinte de marzo", "el quince de febrero", "pan", "wine", "no lo tengo",
    "uno dos tres cuatro", "hola", "bla bla", "", "#1", "#2", "#3", "#*", "##", "#1234", "#12", "#1502",
    "nada más", "quiero cambiar el día", "quiero pagar el quince de febrero",
)  # fmt: skip
MOST_TURNS = 60


@pytest.fixture(scope="module")
def wild(tmp_path_factory: pytest.TempPathFactory) -> Business:
    """The shop, with every intent a digression."""
    source = SHOP.replace("        examples:\n", "        digression: true\n        examples:\n").replace(
        "        digression: true\n        digression: true\n", "        digression: true\n"
    )
    folder = make_prompts(tmp_path_factory.mktemp("wild") / "prompts", source, SHOP_ACTIONS, name="shop")
    return load_business("shop", folder)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    turns=st.lists(st.sampled_from(TURNS), min_size=4, max_size=MOST_TURNS),
    lang=st.sampled_from(["es", "en"]),
    area=st.sampled_from(["north", "south"]),
)
def test_the_line_goes_on_whatever_is_said(wild: Business, turns: list[str], lang: str, area: str) -> None:
    caller = known(wild, lang, area=area)
    for turn in turns:
        if caller.over:
            break
        caller.says(turn)  # checks the contract after every batch
        frames = caller.dialogue._frames
        assert sum(frame.kind is Detour.DIGRESSION for frame in frames) <= MOST_NESTED
        assert len(frames) <= 2 * MOST_NESTED + 2
    if not caller.over:
        assert caller.says("#0").handed().reason


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    turn=st.sampled_from(TURNS), lang=st.sampled_from(["es", "en"]), area=st.sampled_from(["north", "south"])
)
@example(turn="necesito pagar", lang="es", area="south")
def test_who_says_the_same_for_ever_comes_to_an_end(wild: Business, turn: str, lang: str, area: str) -> None:
    caller = known(wild, lang, area=area).says("#1")
    for _ in range(MOST_TURNS):
        if caller.over:
            return
        caller.says(turn)
    raise AssertionError(f"still there after {MOST_TURNS} times {turn!r}: {caller.said[-3:]}")


def test_every_step_of_the_shop_can_reach_a_person(wild: Business) -> None:
    for turns in (
        ("#1",),
        ("#1", "#1234"),
        ("#1", "#1234", "el quince de febrero"),
        ("#2",),
        ("a qué hora abren",),
    ):
        caller = known(wild, "es", area="north").says("no")
        for turn in turns:
            caller.says(turn)
        assert caller.says("una persona").over or caller.says("#0").over
