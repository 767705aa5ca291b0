"""The exit codes, which are a contract, and how a list of severities becomes one of them."""

from collections.abc import Iterable
from enum import IntEnum, StrEnum


class ExitCode(IntEnum):
    """The exit codes of all verbs."""

    SAME = 0
    USAGE = 2
    NETWORK = 3
    PIN = 4
    SOURCE = 5
    OVERLAY = 6
    GENERATOR = 7
    FACADE = 8
    DOCS = 10
    ADDITIVE = 20
    BREAKING = 30


class Severity(StrEnum):
    """The severity of a change for callers of the facade."""

    DOCS = "docs"
    ADDITIVE = "additive"
    BREAKING = "breaking"


def verdict_of(severities: Iterable[Severity]) -> ExitCode:
    """Return the verdict on all changes together: the worst of them."""
    codes = {
        Severity.DOCS: ExitCode.DOCS,
        Severity.ADDITIVE: ExitCode.ADDITIVE,
        Severity.BREAKING: ExitCode.BREAKING,
    }
    return max((codes[severity] for severity in severities), default=ExitCode.SAME)


def verdict_name(code: ExitCode) -> str:
    """Return the word for a code that reports use."""
    return {
        ExitCode.SAME: "same",
        ExitCode.DOCS: "docs",
        ExitCode.ADDITIVE: "additive",
        ExitCode.BREAKING: "breaking",
    }.get(code, "failed")
