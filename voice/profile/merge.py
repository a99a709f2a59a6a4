"""A caller's profile as it is kept, and as a flow sees it. Pure; wall times in ms.

Kept is a JSON object: ``calls``, ``first``, ``last`` (times), ``lang``, ``consent``, ``spoke`` and ``keyed``
(turns), ``history`` (the last calls: at, intents, outcome), ``values`` (name to value and time), ``cases``
(tickets that people have), ``set`` (what the business wrote itself). Whatever is damaged in it is left out:
an unreadable profile is no reason to keep a caller waiting.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from voice.dialogue.seam import CutCall
from voice.model import IntentGuess, JsonDict, Slot, Source
from voice.profile.facts import CallFacts

HISTORY: Final = 10
CASES: Final = 5
LONGEST_VALUE: Final = 200
KEYPAD_SHARE: Final = 0.7  # of at least KEYPAD_TURNS turns: this caller prefers keys
KEYPAD_TURNS: Final = 4
# what a business may not set itself, because it is counted or proved
COUNTED: Final = (
    "known", "verified", "calls", "last_call", "last_intent", "last_outcome", "open_case", "open_case_day",
    "days", "prefers", "consent", "remembers",
)  # fmt: skip


def merge(old: JsonDict | None, call: CallFacts, names: Collection[str], consent: str) -> JsonDict:
    """The profile after ``call``; ``names`` are the values to keep, ``consent`` "yes" or ""."""
    new: JsonDict = dict(old or {})
    new["calls"] = _int(new.get("calls")) + 1
    new["first"] = _int(new.get("first")) or call.began_at
    new["last"] = call.began_at
    new["lang"] = call.lang
    new["consent"] = consent or _text(new.get("consent"))
    new["spoke"] = _int(new.get("spoke")) + call.spoke
    new["keyed"] = _int(new.get("keyed")) + call.keyed
    entry = {"at": call.began_at, "intents": call.intents[:5], "outcome": call.outcome, "cut": call.was_cut}
    new["history"] = [*_list(new.get("history")), entry][-HISTORY:]
    values = {name: item for name, item in _dict(new.get("values")).items() if name in names}
    for name in names:
        value = call.value(name)
        if value is not None:
            values[name] = {"value": value[:LONGEST_VALUE], "at": call.began_at}
    new["values"] = values
    new["cases"] = _cases(new, call)
    return new


def _cases(profile: JsonDict, call: CallFacts) -> list[JsonDict]:
    cases = [case for case in _list(profile.get("cases")) if isinstance(case, dict)]
    if call.outcome in ("transferred", "callback") and call.ticket:
        intent = call.intent.intent if call.intent else ""
        cases.append({"ticket": call.ticket, "intent": intent, "at": call.began_at})
    return cases[-CASES:]


def tickets(profile: JsonDict) -> list[str]:
    """Of the cases that may still be open."""
    return [str(c["ticket"]) for c in _list(profile.get("cases")) if isinstance(c, dict) and c.get("ticket")]


def as_values(profile: JsonDict, open_tickets: Collection[str], now_ms: int, zone: str) -> dict[str, str]:
    """What a flow sees as ``profile.NAME``: strings, none of them empty."""
    found: dict[str, str] = {
        name: value
        for name, value in _dict(profile.get("set")).items()
        if isinstance(value, str) and name not in COUNTED
    }
    for name, item in _dict(profile.get("values")).items():
        value = _dict(item).get("value")
        if isinstance(value, str) and name not in COUNTED:
            found[name] = value
    if _int(profile.get("calls")):
        found["known"] = "yes"
        found["calls"] = str(_int(profile.get("calls")))
    last = _int(profile.get("last"))
    if last:
        found["last_call"] = _day(last, zone)
        found["days"] = str(max(0, _date(now_ms, zone).toordinal() - _date(last, zone).toordinal()))
    found["language"] = _text(profile.get("lang"))
    found["consent"] = _text(profile.get("consent"))
    history = [entry for entry in _list(profile.get("history")) if isinstance(entry, dict)]
    if history:
        intents = [str(intent) for intent in _list(history[-1].get("intents"))]
        found["last_intent"] = intents[-1] if intents else ""
        found["last_outcome"] = "cut" if history[-1].get("cut") is True else _text(history[-1].get("outcome"))
    for case in _list(profile.get("cases")):
        if isinstance(case, dict) and case.get("ticket") in open_tickets and case.get("intent"):
            found["open_case"] = str(case["intent"])
            found["open_case_day"] = _day(_int(case.get("at")), zone)
    spoke, keyed = _int(profile.get("spoke")), _int(profile.get("keyed"))
    if spoke + keyed >= KEYPAD_TURNS:
        found["prefers"] = "keypad" if keyed >= KEYPAD_SHARE * (spoke + keyed) else "voice"
    return {name: value for name, value in found.items() if value}


def _date(ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(ZoneInfo(zone))


def _day(ms: int, zone: str) -> str:
    return _date(ms, zone).date().isoformat()


def _int(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 2**47 else 0  # as a time: before the year 6430


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


# --- a call that was cut off ----------------------------------------------------------------------------


def cut_to_json(cut: CutCall, flow: str, version: str, without: Collection[str] = ()) -> JsonDict:
    """``without``: names that a number alone may not bring back."""
    slots = [slot for slot in cut.slots if slot.name not in without]
    return {
        "flow": flow,
        "version": version,
        "call": cut.call_id,
        "step": cut.step,
        "lang": cut.lang,
        "intent": [cut.intent.intent, cut.intent.confidence, cut.intent.label],
        "slots": [[s.name, s.value, s.spoken, s.confidence, s.confirmed, s.label] for s in slots],
        "saved": {name: value for name, value in cut.saved.items() if name not in without},
        "begun": dict(cut.begun),
    }


def cut_from_json(body: JsonDict, flow: str, version: str) -> CutCall | None:
    """None when it is of another flow, of another version of it, or cannot be read."""
    if (body.get("flow"), body.get("version")) != (flow, version):
        return None
    try:
        intent, confidence, label = body["intent"]
        slots = tuple(
            Slot(str(name), str(value), str(spoken), float(sure), bool(confirmed), Source.PROFILE, str(text))
            for name, value, spoken, sure, confirmed, text in body["slots"]
        )
        return CutCall(
            step=str(body["step"]),
            lang=str(body["lang"]),
            intent=IntentGuess(str(intent), float(confidence), str(label)),
            slots=slots,
            saved={str(name): str(value) for name, value in dict(body["saved"]).items()},
            call_id=str(body["call"]),
            begun={str(step): str(how) for step, how in _dict(body.get("begun")).items()},
        )
    except (KeyError, TypeError, ValueError):
        return None
