"""Proving who is calling: wrong tries counted over all calls, one-time codes, secrets compared in constant
time.

Stands before the flow's actions and takes those invocations that carry an
:class:`voice.dialogue.seam.IdentityCheck`; all others go through. The order of a check is: count the try,
judge it, take the count back when it was right (see :mod:`voice.profile.lock`). It is counted for the
identity, and for the caller's number or, of those who withhold theirs, for all of them together; where, is up
to :class:`voice.profile.tries.Tries`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Protocol

from voice.clock import Clock
from voice.dialogue.seam import FORGET_CALLER, IdentityCheck, Invoke
from voice.errors import ActionError
from voice.model import CallInfo, JsonDict
from voice.profile import lock
from voice.profile.keys import Keys
from voice.profile.lock import Policy
from voice.profile.service import Profiles
from voice.profile.tries import Tries

MOST_CODES: Final = 10_000
CODE_TRIES: Final = 3
WITHHELD: Final = "withheld"
MOST_PACE_MS: Final = 1500
# one telephone may try so many times as often as one identity: many identities guessed from one number
NUMBER_FACTOR: Final = 3
ACCEPTED: Final = ("verified", "ok")  # the field of an action's answer that says whether a secret is right


class Actions(Protocol):
    async def run(self, invoke: Invoke, call: CallInfo) -> JsonDict: ...


@dataclass(frozen=True, slots=True)
class _Counted:
    """A try of wall time ``at``, under these keys; the first is the identity's."""

    locks: tuple[tuple[str, Policy], ...]
    at: int


@dataclass(slots=True)
class _Code:
    digest: bytes
    identity: str
    until: int  # of the process's clock
    counted: _Counted  # as sent
    tries: int = 0


class Verifier:
    """One for each version of a flow's actions; ``tries`` are counted for all of them together.
    ``profiles`` tells what is known of a verified caller; ``new_code(digits)`` makes one-time codes (a
    test's may be known)."""

    def __init__(
        self,
        actions: Actions,
        tries: Tries,
        clock: Clock,
        keys: Keys,
        profiles: Profiles | None = None,
        *,
        new_code: Callable[[int], str] | None = None,
    ) -> None:
        self._actions = actions
        self._tries = tries
        self._clock = clock
        self._keys = keys
        self._profiles = profiles
        self._new_code = new_code or (lambda digits: f"{secrets.randbelow(10**digits):0{digits}d}")
        self._salt = secrets.token_bytes(32)
        self._codes: OrderedDict[str, _Code] = OrderedDict()  # by call
        self._proved: OrderedDict[str, str] = OrderedDict()  # call to identity
        self._took: dict[str, int] = {}  # action to how long its last check took, in ms

    async def run(self, invoke: Invoke, call: CallInfo) -> JsonDict:
        """As :class:`voice.dialogue.actions.ActionRunner`; a check answers as :class:`Invoke` says."""
        check = invoke.check
        if invoke.name == FORGET_CALLER:
            await self._forget(call)
        if check is None:
            return await self._actions.run(invoke, call)
        began = self._clock.now_ms()
        answer = await self._checked(invoke, check, call)
        if answer["outcome"] == "ok":
            self._took[invoke.name] = self._clock.now_ms() - began
        elif (pause := self._pace(invoke.name) - (self._clock.now_ms() - began)) > 0:
            await self._clock.sleep(pause)
        return answer

    def _pace(self, action: str) -> int:
        """How long a check by ``action`` takes, so that one that is answered without asking (locked), or
        where there is no such customer, takes as long as any other."""
        return min(self._took.get(action, 0), MOST_PACE_MS)

    async def _checked(self, invoke: Invoke, check: IdentityCheck, call: CallInfo) -> JsonDict:
        identity = self._keys.identity(check.slot, check.identity)
        if not identity:
            return {"outcome": "failed"}
        counted = _Counted(self._locks(check, identity, call), self._clock.wall_ms())
        if any([await self._tries.begin(key, counted.at, rule) for key, rule in counted.locks]):
            await self._take_back(counted)  # nothing is judged: where it is not locked, it does not count
            return {"outcome": "locked"}
        if check.method == "send":
            return await self._send(invoke, check, call, identity, counted)
        try:
            outcome, value = await self._judge(invoke, check, call, identity)
        except BaseException:
            await self._take_back(counted)  # nothing was judged: the caller's try is not lost
            raise
        return await self._judged(outcome, value, identity, counted, call.call_id)

    def _locks(self, check: IdentityCheck, identity: str, call: CallInfo) -> tuple[tuple[str, Policy], ...]:
        # codes that are sent are counted apart: they cost money and annoy whoever gets them
        kind = "send." if check.method == "send" else ""
        number = self._keys.number(call.caller)
        if number:
            whose, after = number, check.lock_after * NUMBER_FACTOR
        else:
            whose, after = f"{WITHHELD}.{check.slot}", check.withheld_after
        return (
            (self._keys.lock(kind + identity), Policy(check.lock_after, check.lock_minutes)),
            (self._keys.lock(kind + whose), Policy(after, check.lock_minutes)),
        )

    async def _take_back(self, counted: _Counted, but: str = "") -> None:
        for key, rule in counted.locks:
            if key != but:
                await self._tries.amend(key, counted.at, rule, lambda old: lock.take_back(old, counted.at))

    async def _forget(self, call: CallInfo) -> None:
        """The caller wants nothing to be remembered of them."""
        identity = self._proved.pop(call.call_id, "")
        if self._profiles is not None and not await self._profiles.erase(call.caller, identity):
            raise ActionError("fault", "what is remembered of this caller could not be erased")

    async def _judged(
        self, outcome: str, value: JsonDict, identity: str, counted: _Counted, call_id: str
    ) -> JsonDict:
        own = counted.locks[0][0]
        if outcome == "expired":  # there was nothing to guess at
            await self._take_back(counted)
            return {"outcome": "expired"}
        if outcome == "ok":
            # a right one clears the identity's record, but not that of a number that guesses at many
            await self._tries.amend(own, counted.at, counted.locks[0][1], lambda _: None)
            await self._take_back(counted, but=own)
            self._proved[call_id] = identity
            while len(self._proved) > MOST_CODES:
                self._proved.popitem(last=False)
            profile = dict(await self._profiles.of_identity(identity)) if self._profiles else {}
            return {"outcome": "ok", "identity": identity, "profile": profile, "value": value}
        locked = False
        for key, rule in counted.locks:
            record = await self._tries.amend(
                key, counted.at, rule, partial(lock.wrong, now=counted.at, policy=rule)
            )
            locked = locked or lock.is_locked(record, counted.at)
        return {"outcome": "locked" if locked else outcome}

    async def _judge(
        self, invoke: Invoke, check: IdentityCheck, call: CallInfo, identity: str
    ) -> tuple[str, JsonDict]:
        if check.method == "code":
            return await self._compare_code(check, call.call_id, identity), {}
        try:
            value = await self._actions.run(invoke, call)
        except ActionError as error:
            if error.kind != "not_found":
                raise
            return "failed", {}  # whether there is such a customer is told to nobody who cannot prove it
        for name in ACCEPTED:
            if name in value:
                right = value[name] is True or value[name] == "yes"
                return ("ok" if right else "failed"), value
        names = " or ".join(ACCEPTED)
        raise ActionError(
            "invalid", f"action {invoke.name} must answer a verify step with {names}: true or false"
        )

    # --- one-time codes -------------------------------------------------------------------------------

    async def _send(
        self, invoke: Invoke, check: IdentityCheck, call: CallInfo, identity: str, counted: _Counted
    ) -> JsonDict:
        began = self._clock.now_ms()
        code = self._new_code(check.digits)
        arguments = {**invoke.arguments, "code": code, "minutes": check.valid_minutes}
        try:
            value = await self._actions.run(
                Invoke(invoke.id, invoke.name, arguments, invoke.timeout_ms), call
            )
        except ActionError as error:
            if error.kind != "not_found":
                raise
            # the caller hears the same as others, so that nobody learns which customers there are
            value = {}
            code = ""
        now = self._clock.now_ms()
        if code:
            self._took[invoke.name] = now - began
        until = now + check.valid_minutes * 60_000
        self._codes.pop(call.call_id, None)
        tries = 0 if code else CODE_TRIES
        self._codes[call.call_id] = _Code(self._digest(code), identity, until, counted, tries)
        while len(self._codes) > MOST_CODES:
            self._codes.popitem(last=False)
        return {"outcome": "sent", "value": value}

    async def _compare_code(self, check: IdentityCheck, call_id: str, identity: str) -> str:
        code = self._codes.get(call_id)
        if code is None or code.identity != identity:
            return "expired"
        if self._clock.now_ms() >= code.until:
            del self._codes[call_id]
            return "expired"
        code.tries += 1
        right = hmac.compare_digest(code.digest, self._digest(check.factor))
        if code.tries > CODE_TRIES:
            return "failed"
        if right:
            del self._codes[call_id]  # once only
            await self._take_back(code.counted)  # it reached who asked for it: no flood of messages
        return "ok" if right else "failed"

    def _digest(self, code: str) -> bytes:
        return hmac.new(self._salt, code.encode(), hashlib.sha256).digest()
