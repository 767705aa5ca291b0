"""Parses the output of pytest and mypy: which checks failed, and where in the project."""

import re
from typing import Final
from xml.etree import ElementTree as ET

from scripts.specsync.errors import FailedProof

_CHECK: Final = re.compile(r"(?P<place>[^:\n]+\.py:\d+)(?::\d+)?: error: (?P<message>.+)")
# A frame of pytest's short tracebacks: a path of the project, a line, a function.
_FRAME: Final = re.compile(r"^(?P<place>(?!/)[\w./-]+\.py:\d+)(?:: in .*|: \w+)?$", re.MULTILINE)
_LONGEST: Final = 300


def failed_checks(output: str) -> tuple[FailedProof, ...]:
    """Return the errors that a type checker wrote."""
    return tuple(
        FailedProof(f"types of {found['place'].partition(':')[0]}", found["place"], found["message"], found[0])
        for found in _CHECK.finditer(output)
    )


def failed_tests(record: str) -> tuple[FailedProof, ...]:
    """Return the failures in a JUnit report, which our own pytest has just written."""
    try:
        root = ET.fromstring(record)  # noqa: S314 - see above
    except ET.ParseError:
        return ()
    found: list[FailedProof] = []
    for case in root.iter("testcase"):
        for failure in (*case.findall("failure"), *case.findall("error")):
            text = failure.text or ""
            frames = [frame["place"] for frame in _FRAME.finditer(text)]
            name = f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name')}"
            message = " ".join((failure.get("message") or "").split())[:_LONGEST]
            found.append(FailedProof(name, frames[-1] if frames else name.partition("::")[0], message, text))
    return tuple(found)
