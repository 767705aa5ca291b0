"""Parsing a multipart form, without a network library."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from portkey_ft.testing._http.messages import Request


@attrs.frozen(kw_only=True)
class Part:
    """A part of a form.

    Args:
        name: of the field.
        filename: None if the part declares none.
        content_type: None if the part declares none.
        content: its bytes.
        disposition: the line of its header Content-Disposition, as received.
    """

    name: str
    filename: str | None
    content_type: str | None
    content: bytes = attrs.field(repr=False)
    disposition: str = attrs.field(default="", repr=False)


@attrs.frozen(kw_only=True)
class Upload:
    """The parts of a form in the order received, which matters to some providers."""

    parts: tuple[Part, ...]

    def part(self, name: str) -> Part | None:
        """Return the first part of that name."""
        return next((part for part in self.parts if part.name == name), None)


def _parameter(header: str, name: str) -> str | None:
    found = re.search(rf';\s*{name}=(?:"([^"]*)"|([^";\s]+))', header, re.IGNORECASE)
    return None if found is None else found[1] or found[2]


def _parse_part(section: bytes) -> Part | None:
    head, separator, content = section.partition(b"\r\n\r\n")
    lines = head.decode(errors="replace").split("\r\n")
    fields = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    disposition = headers.get("content-disposition", "")
    line = next((line for line in lines if line.lower().startswith("content-disposition")), "")
    name = _parameter(disposition, "name")
    if not separator or name is None:
        return None
    filename = _parameter(disposition, "filename")
    content_type = headers.get("content-type")
    return Part(name=name, filename=filename, content_type=content_type, content=content, disposition=line)


def read_upload(request: Request) -> Upload | None:
    """Parse the form in a request's body; None if the body is not a complete form.

    Args:
        request: its content type names the boundary.
    """
    boundary = _parameter(request.headers.get("content-type", ""), "boundary")
    if request.content_type != "multipart/form-data" or not boundary:
        return None
    # The first delimiter is at the very beginning; with a line break before it, it looks like all others.
    preamble, *sections = (b"\r\n" + request.read()).split(b"\r\n--" + boundary.encode())
    if preamble or not sections or not sections[-1].startswith(b"--"):
        return None
    parts = [_parse_part(section.removeprefix(b"\r\n")) for section in sections[:-1]]
    return Upload(parts=tuple(part for part in parts if part is not None))
