"""May this email go to this contact, and if not, why, in the reader's language, and what would clear it?

policy = sendable.load("policies/")
decision = policy.decide(context)
if not decision.sendable:
    print(decision.message("sv-SE"))
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sendable.api import Policy, lint, load
    from sendable.audience import Summary
    from sendable.diagnostics import Diagnostic, PolicyError, Severity
    from sendable.explain import Explanation
    from sendable.facts import ContextError, ContextProblem
    from sendable.model import Certainty, Decision, Finding, FixableBy, Reason, Retry
    from sendable.reload import FollowedPolicy, ReloadStatus, watch
    from sendable.remedies import Remedy

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
    "Certainty": "model",
    "ContextError": "facts",
    "ContextProblem": "facts",
    "Decision": "model",
    "Diagnostic": "diagnostics",
    "Explanation": "explain",
    "Finding": "model",
    "FixableBy": "model",
    "FollowedPolicy": "reload",
    "Policy": "api",
    "PolicyError": "diagnostics",
    "Reason": "model",
    "ReloadStatus": "reload",
    "Remedy": "remedies",
    "Retry": "model",
    "Severity": "diagnostics",
    "Summary": "audience",
    "lint": "api",
    "load": "api",
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
