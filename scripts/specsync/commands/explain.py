"""`explain`: says what a rule of the difference means."""

import difflib

from scripts.specsync.context import Request
from scripts.specsync.diff.rules import RULES, explain
from scripts.specsync.errors import UsageError
from scripts.specsync.report.report import Report
from scripts.specsync.stages import Stages


def run(request: Request, _stages: Stages) -> Report:
    """Run the verb."""
    if request.rule == "all":
        return Report(notes=tuple(explain(rule) for rule in RULES.values()))
    rule = RULES.get(request.rule)
    if rule is None:
        near = difflib.get_close_matches(request.rule, RULES, n=3)
        message = f"there is no rule {request.rule!r}; {'near it: ' + ', '.join(near) if near else 'try explain all'}"
        raise UsageError(message)
    return Report(notes=(explain(rule),))
