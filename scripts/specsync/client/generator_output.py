"""Sorts the generator's warnings: the causes first, then the operations that are affected.

The generator writes its complaints in the order in which it meets them: hundreds of operations whose responses it left
out, and at the end the few schemas that it could not process. It names parts by their addresses in memory.
"""

import re
from collections.abc import Iterator
from typing import Final

import attrs

_HEADING: Final = re.compile(
    r"^(?:WARNING|ERROR) parsing (?P<operation>[A-Z]+ \S+) within .*?\.(?P<gone> Endpoint will not be generated\.)?$"
    r"|^Unable to (?:process|parse) (?:schema|parameter|reference)s? (?P<schema>\S+?):?$",
    re.MULTILINE,
)
_REFERENCE: Final = re.compile(r'"\$ref": "([^"]+)"')
_ADDRESS: Final = re.compile(r"<[\w.]+ object at 0x[0-9a-f]+>")
_SUFFERS: Final = "Could not find reference in parsed models or enums"
_SHOWN: Final = 30


@attrs.frozen
class Complaints:
    """The generator's warnings: schemas with reasons, and operations that are missing or incomplete."""

    schemas: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str], ...]
    incomplete: tuple[tuple[str, str], ...]
    rest: tuple[str, ...]

    def lines(self) -> tuple[str, ...]:
        """Return the warnings as lines, the causes first."""
        lines = [*_listed("cause", self.schemas), *_listed("missing", self.missing)]
        return (*lines, *_listed("without a response", self.incomplete, reasons=False), *self.rest[:_SHOWN])

    def counts(self, total: int) -> str:
        """Return how many operations were generated, as text."""
        kept = total - len(self.missing)
        return f"{kept} of {total} operations are generated, {len(self.incomplete)} of them without a response"


def read_complaints(output: str) -> Complaints:
    """Parse the generator's output."""
    text = _ADDRESS.sub("...", output)
    schemas: dict[str, str] = {}
    missing: dict[str, str] = {}
    incomplete: dict[str, str] = {}
    headings = list(_HEADING.finditer(text))
    for heading, following in zip(headings, [*headings[1:], None], strict=False):
        body = text[heading.end() : following.start() if following is not None else len(text)]
        reason = next((line.strip() for line in body.splitlines() if line.strip()), "no reason is given")
        reference = _REFERENCE.search(body)
        if reason.startswith(_SUFFERS) and reference is not None:
            reason = f"{reason}: {reference[1]}"
        if heading["schema"]:
            schemas.setdefault(heading["schema"].rstrip(":"), reason)
        else:
            (missing if heading["gone"] else incomplete).setdefault(heading["operation"], reason)
    # A schema that lacks another one is no cause but suffers as well, unless none else is.
    causes = [(name, reason) for name, reason in schemas.items() if not reason.startswith(_SUFFERS)]
    suffering = [pair for pair in schemas.items() if pair not in causes]
    found = tuple(causes) or tuple(suffering)
    known = bool(headings)
    rest = () if known else tuple(line for line in text.strip().splitlines() if line.strip())
    return Complaints(found, tuple(missing.items()), tuple(incomplete.items()), rest)


def _listed(word: str, entries: tuple[tuple[str, str], ...], *, reasons: bool = True) -> Iterator[str]:
    yield from (f"{word}: {name}: {reason}" if reasons else f"{word}: {name}" for name, reason in entries[:_SHOWN])
    if len(entries) > _SHOWN:
        yield f"{word}: {len(entries) - _SHOWN} more"
