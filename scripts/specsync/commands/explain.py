"""`explain`: describes a rule of the comparison."""

import difflib

from scripts.specsync.context import Options, StageTimer
from scripts.specsync.diff.rules import RULES, explain
from scripts.specsync.errors import UsageError
from scripts.specsync.report.report import Report


def run(options: Options, _timer: StageTimer) -> Report:
    """Run the verb."""
    if options.rule == "all":
        return Report(page=tuple(f"{explain(rule)}\n" for rule in RULES.values()))
    rule = RULES.get(options.rule)
    if rule is None:
        near = difflib.get_close_matches(options.rule, RULES, n=3)
        message = f"there is no rule {options.rule!r}; {'near it: ' + ', '.join(near) if near else 'try explain all'}"
        raise UsageError(message)
    return Report(page=(explain(rule),))
