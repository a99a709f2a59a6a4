"""What is wrong with a flow's actions: unknown ones, parameters and results that do not fit, verify steps
that could not prove anything, and what it remembers of callers."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from urllib.parse import urlsplit

from voice.dialogue.actions import Registry
from voice.dialogue.check_blocks import BlockChecks
from voice.dialogue.flow import CallStep, Flow, VerifyStep
from voice.dialogue.flow_calls import ONE_TIME_CODE, RELAY, RelayStep
from voice.dialogue.seam import FORGET_CALLER
from voice.dialogue.yamlfile import Document, Path, perhaps

BUILT_IN_ACTIONS = (FORGET_CALLER, ONE_TIME_CODE, RELAY)
ACCEPTED = ("verified", "ok")


class ActionChecks(BlockChecks):
    """``registry`` has the functions of ``actions.py``."""

    def __init__(self, flow: Flow, document: Document, registry: Registry, names: Iterable[str] = ()) -> None:
        super().__init__(flow, document, names)
        self.registry = registry

    def check_actions(self) -> None:
        names = self._names()
        for name, step in self.flow.steps.items():
            if step.intent is not None and step.intent not in self.flow.intents:
                known = f"Intents are: {', '.join(self.flow.intents)}."
                self.error(("steps", name, "intent"), f"there is no intent '{step.intent}'", known)
            if not isinstance(step, CallStep):
                continue
            for source in step.arguments.values():
                if source not in names:
                    self._unknown(("steps", name, "with"), source)
            if isinstance(step, VerifyStep):
                self._check_verify(name, step)
            if isinstance(step, RelayStep):
                self._check_relay(name, step)
            self._check_action(name, step)
            if step.change is not None:
                given = {name: name for name in (*step.parameters, *step.save.values())}
                changes = {"action": step.change, "with_": given, "save": {}}
                self._check_action(name, step.model_copy(update=changes))

    def _check_relay(self, name: str, step: RelayStep) -> None:
        if not _private(step.url):
            message = f"what callers say in '{name}' goes to another machine unencrypted"
            self.warn(("steps", name, "url"), message, "Write wss:// beyond your own machine.")
        for source in step.arguments.values():
            if source in self.flow.sensitive and not step.send_sensitive:
                message = f"'{source}' is sensitive and is not sent to the application"
                self.warn(("steps", name, "with"), message, "Leave it out, or write send_sensitive: true.")

    def _check_action(self, name: str, step: CallStep) -> None:
        declared = self.flow.actions.get(step.action)
        function = self.registry.functions.get(step.action)
        if declared is not None:
            self._check_declared(name, step)
        if function is not None and (declared is None or not declared.url):
            self._check_signature(name, step)
        if function is not None or step.action in BUILT_IN_ACTIONS:
            return
        if declared is None:
            known = ", ".join([*self.registry.functions, *self.flow.actions]) or "none"
            remedy = f"Write it in actions.py with @action, or under actions with a url. There are: {known}."
            remedy += perhaps(step.action, [*self.registry.functions, *self.flow.actions])
            self.error(("steps", name, "action"), f"the action '{step.action}' does not exist", remedy)
        elif declared.url_env:
            message = f"without {declared.url_env} nobody answers '{step.action}'"
            remedy = "Write a function of that name in actions.py for when it is not set, or make sure it is."
            self.warn(("actions", step.action), message, remedy)
        elif not declared.url:
            message = f"the action '{step.action}' has neither an address nor a function in actions.py"
            self.error(("actions", step.action), message, "Give it a url, or write the function.")

    def _check_signature(self, name: str, step: CallStep) -> None:
        signature = inspect.signature(self.registry.functions[step.action])
        try:
            signature.bind(**dict.fromkeys(step.parameters))
        except TypeError as error:
            wants = ", ".join(signature.parameters) or "nothing"
            message = f"the action '{step.action}' does not take these arguments ({error})"
            self.error(("steps", name), message, f"It takes: {wants}. Write them under with.")

    def _check_declared(self, name: str, step: CallStep) -> None:
        declared = self.flow.actions[step.action]
        where: Path = ("steps", name)
        if declared.parameters is not None:
            given, fields = set(step.parameters), declared.parameters
            missing = [field for field, spec in fields.items() if field not in given and not spec.optional]
            unknown = sorted(given - set(fields))
            if missing or unknown:
                what = [f"it is not given {', '.join(missing)}"] if missing else []
                what += [f"it does not declare {', '.join(unknown)}"] if unknown else []
                message = f"the parameters of '{step.action}' do not fit: {' and '.join(what)}"
                self.error(where, message, f"Its parameters are: {', '.join(fields) or 'none'}.")
        if declared.result is not None:
            for field in step.save.values():
                if field not in declared.result:
                    known = ", ".join(declared.result) or "none"
                    message = f"'{step.action}' does not declare the result '{field}'"
                    self.error((*where, "save"), message, f"Its results are: {known}.")
            judges = isinstance(step, VerifyStep) and step.method == "factor"
            if judges and not any(field in declared.result for field in ACCEPTED):
                message = f"'{step.action}' does not declare whether the secret is right"
                self.error(("actions", step.action), message, "Add verified: yes_no to its result.")

    def _check_verify(self, name: str, step: VerifyStep) -> None:
        where: Path = ("steps", name)
        if step.identity not in self.flow.slots:
            message = f"'{step.identity}' is not a slot"
            self.error((*where, "identity"), message, "Name the slot that says who the caller is.")
        if step.factor is not None and step.factor not in self.flow.sensitive:
            message = f"'{step.factor}' is not a sensitive slot"
            remedy = "Ask for it with sensitive: true, so that it stays out of recordings and logs."
            self.error((*where, "factor"), message, remedy)
        sends = any(isinstance(s, VerifyStep) and s.send for s in self.flow.steps.values())
        if step.method == "code" and not sends:
            message = "no step sends the code that this one compares with"
            self.error(where, message, "Add one with send: true, or an action that knows the secret.")

    def check_remember(self) -> None:
        remember = self.flow.remember
        if remember is None:
            return
        names = self._names()
        for key in ("values", "verified"):
            for value in getattr(remember, key):
                if value in self.flow.sensitive:
                    message = f"'{value}' is sensitive and must not be remembered"
                    self.error(("remember", key), message, "Leave it out.")
                elif value not in names:
                    known = f"There are: {', '.join(sorted(names))}."
                    self.error(("remember", key), f"'{value}' is neither a slot nor a variable", known)
        asked = self.flow.slots.get(remember.consent) if remember.consent else None
        if remember.consent and (asked is None or asked.kind != "yes_no"):
            message = f"'{remember.consent}' is not a slot of kind yes_no"
            self.error(("remember", "consent"), message, "Name the question that asks for consent.")


def _private(url: str) -> bool:
    """Nobody on the way can read along."""
    return url.startswith("wss:") or urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")
