"""May this email go to this contact, and if not, why, in the reader's language, and what would clear it?

policy = sendable.load("policies/")
decision = policy.decide(context)
if not decision.sendable:
    print(decision.message("sv-SE"))
"""

from sendable.api import Policy, lint, load
from sendable.diagnostics import Diagnostic, PolicyError, Severity
from sendable.facts import ContextError, ContextProblem
from sendable.model import Certainty, Decision, Finding, FixableBy, Reason, Retry

__all__ = [
    "Certainty",
    "ContextError",
    "ContextProblem",
    "Decision",
    "Diagnostic",
    "Finding",
    "FixableBy",
    "Policy",
    "PolicyError",
    "Reason",
    "Retry",
    "Severity",
    "lint",
    "load",
]
