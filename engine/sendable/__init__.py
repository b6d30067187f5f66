"""May this email go to this contact, and if not, why, in the reader's language, and what would clear it?

policy = sendable.load("policies/")
decision = policy.decide(context)
if not decision.sendable:
    print(decision.message("sv-SE"))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sendable.audience.summary import Summary
    from sendable.decide.decision import Certainty, Decision, Finding
    from sendable.decide.facts import ContextError, ContextProblem
    from sendable.diagnostics.record import Diagnostic, PolicyError, Severity
    from sendable.explain.explanation import Explanation
    from sendable.explain.remedies import Remedy
    from sendable.pack.model import FixableBy, Reason, Retry
    from sendable.policy import Policy, load
    from sendable.reload import FollowedPolicy, ReloadStatus, watch
    from sendable.testing.beside import lint

__all__ = [
    "Certainty",
    "ContextError",
    "ContextProblem",
    "Decision",
    "Diagnostic",
    "Explanation",
    "Finding",
    "FixableBy",
    "FollowedPolicy",
    "Policy",
    "PolicyError",
    "Reason",
    "ReloadStatus",
    "Remedy",
    "Retry",
    "Severity",
    "Summary",
    "lint",
    "load",
    "watch",
]

_HOMES = {
    "Certainty": "decide.decision",
    "ContextError": "decide.facts",
    "ContextProblem": "decide.facts",
    "Decision": "decide.decision",
    "Diagnostic": "diagnostics.record",
    "Explanation": "explain.explanation",
    "Finding": "decide.decision",
    "FixableBy": "pack.model",
    "FollowedPolicy": "reload",
    "Policy": "policy",
    "PolicyError": "diagnostics.record",
    "Reason": "pack.model",
    "ReloadStatus": "reload",
    "Remedy": "explain.remedies",
    "Retry": "pack.model",
    "Severity": "diagnostics.record",
    "Summary": "audience.summary",
    "lint": "testing.beside",
    "load": "policy",
    "watch": "reload",
}


if not TYPE_CHECKING:  # type checkers would believe in every name

    def __getattr__(name: str) -> object:
        # Imported when first asked for: `sendable --help` needs none of it, and YAML and JSON Schema take their time.
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
