"""Declared fields: what goes out and what comes back has the form that slots keep, or a clear error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from voice.errors import ActionError
from voice.webhooks.fields import FieldSpec, FieldType, check_arguments, read_result
from voice.webhooks.spec import Webhook

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
TYPES: tuple[FieldType, ...] = (
    "text", "digits", "integer", "amount", "date", "time", "yes_no", "choice", "phone",
)  # fmt: skip


def spec(kind: FieldType, **more: Any) -> FieldSpec:
    return FieldSpec(type=kind, values=("a", "b") if kind == "choice" else (), **more)


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("text", "niña ñ", "niña ñ"),
        ("digits", "00123", "00123"),
        ("integer", 7, 7),
        ("integer", "7", 7),
        ("amount", "42.50", "42.50"),
        ("amount", 42.1, "42.1"),
        ("amount", 3, "3"),
        ("amount", "1E+3", "1000"),
        ("date", "2026-01-26", "2026-01-26"),
        ("date", "2026-01-26T23:30:00+01:00", "2026-01-26"),
        ("time", "16:30:00", "16:30"),
        ("yes_no", True, "yes"),
        ("yes_no", "no", "no"),
        ("choice", "a", "a"),
        ("phone", "+34600111222", "+34600111222"),
    ],
)
def test_a_result_gets_the_form_that_slots_keep(kind: FieldType, value: Any, kept: Any) -> None:
    assert read_result({"x": spec(kind)}, {"x": value, "more": 1}, "act") == {"x": kept}


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("text", 5, "a text of at most 1000 characters"),
        ("digits", 123, 'a string of digits such as "00123"'),
        ("digits", "12a", "a string of digits"),
        ("integer", 1.5, "a whole number"),
        ("integer", True, "a whole number"),
        ("amount", "forty", 'an amount such as "42.50"'),
        ("amount", "NaN", "an amount"),
        ("amount", "1e400", "an amount"),
        ("date", "26/01/2026", 'a date such as "2026-01-26"'),
        ("date", "2026-13-01", "a date"),
        ("time", "25:00", 'a time such as "16:30"'),
        ("yes_no", 1, "true or false"),
        ("choice", "secret", "one of a, b"),
        ("phone", "call me", "a telephone number"),
    ],
)
def test_what_does_not_fit_says_what_it_must_be_and_not_what_it_was(
    kind: FieldType, value: Any, message: str
) -> None:
    with pytest.raises(ActionError) as caught:
        read_result({"due": spec(kind)}, {"due": value}, "act")
    assert caught.value.kind == "invalid"
    assert f"action act: in its answer, due must be {message}" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_everything_wrong_is_told_at_once() -> None:
    fields = {"a": spec("date"), "b": spec("amount"), "c": spec("text", optional=True)}
    with pytest.raises(ActionError, match=r"a is missing; b must be an amount"):
        read_result(fields, {"b": []}, "act")
    assert read_result({"c": spec("text", optional=True)}, {}, "act") == {"c": None}


def test_arguments_go_out_as_json_and_no_others() -> None:
    fields = {"customer": spec("digits"), "sure": spec("yes_no"), "n": spec("integer", optional=True)}
    assert check_arguments(fields, {"customer": "007", "sure": "yes", "n": None}, "act") == {
        "customer": "007",
        "sure": True,
        "n": None,
    }
    with pytest.raises(ActionError, match=r"its parameters do not declare pin"):
        check_arguments(fields, {"customer": "007", "sure": "no", "pin": "1"}, "act")
    with pytest.raises(ActionError, match=r"in what it is given, customer is missing"):
        check_arguments(fields, {"sure": "no"}, "act")


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(TYPES), value=JSON)
def test_whatever_comes_back_is_kept_in_form_or_refused(kind: FieldType, value: Any) -> None:
    try:
        found = read_result({"x": spec(kind)}, {"x": value}, "act")["x"]
    except ActionError:
        return
    assert isinstance(found, int if kind == "integer" else str)
    assert read_result({"x": spec(kind)}, {"x": found}, "act") == {"x": found}


def test_a_type_alone_is_enough_and_mistakes_are_named() -> None:
    hook = Webhook.model_validate({"url": "https://x.example/", "result": {"due": "date"}})
    assert hook.result == {"due": FieldSpec(type="date")}
    for wrong, message in (
        ({"url": "https://x.example/", "url_env": "X"}, "not both"),
        ({"url": "https://me:pw@x.example/"}, "must not hold a name"),
        ({"secret_env": "X"}, "it needs url"),
        ({"url": "https://x.example/", "path": "/a"}, "path is added"),
        ({"url_env": "X", "path": "/a?b={c}"}, "should match"),
        ({}, "write url or url_env"),
        ({"url": "https://x.example/", "result": {"s": "choice"}}, "needs values"),
        ({"url": "https://x.example/", "result": {"s": "colour"}}, "Input should be"),
    ):
        with pytest.raises(ValidationError, match=message):
            Webhook.model_validate(wrong)


@pytest.mark.parametrize("value", ["1e-999999999", "0.1e-999999999", 5e-324, "1e15", "1e999999999"])
@pytest.mark.parametrize("kind", ["amount", "integer"])
def test_a_few_bytes_do_not_become_a_gigabyte_of_zeros(kind: FieldType, value: Any) -> None:
    with pytest.raises(ActionError, match="must be"):
        read_result({"a": spec(kind)}, {"a": value}, "pay")
