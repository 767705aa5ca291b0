"""The generator's own templates, changed: what is changed is data, in `template_changes/`.

The changes make the generated code cheaper, and nothing else. A copy of a template would have to be merged by hand with
each release of the generator; a change says what it is about, and is known not to fit any more when the template is
another one.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path

import attrs

from scripts.specsync.document.json_values import digest_bytes
from scripts.specsync.errors import GeneratorError

__all__ = ["write_changed_templates"]


@attrs.frozen
class Change:
    """A place in a template, and what takes its place.

    Attributes:
        why: The reason, for whoever reads it.
        pattern: A regular expression that finds the place.
        replacement: The new text; it may refer to groups of the pattern.
        times: How many such places there are.
    """

    why: str
    pattern: str
    replacement: str
    times: int


@attrs.frozen
class TemplateChanges:
    """The changes of one template.

    Attributes:
        template: Its path in the generator's folder of templates.
        originals: The SHA-256 of each of the generator's templates that the changes were written for, by path.
        changes: The changes, in order.
    """

    template: str
    originals: Mapping[str, str]
    changes: tuple[Change, ...]


def write_changed_templates(changes: Path, folder: Path) -> None:
    """Write the generator's templates, changed, where the generator can be told to look for them first.

    Args:
        changes: The folder with the changes, a TOML file for each template.
        folder: Where to write.

    Raises:
        GeneratorError: The installed generator's templates are not those that the changes were written for.
    """
    for changed in _read(changes):
        text = _apply(changed)
        target = folder / changed.template
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _read(changes: Path) -> Iterator[TemplateChanges]:
    for path in sorted(changes.glob("*.toml")):
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        yield TemplateChanges(
            written["template"], written["originals"], tuple(Change(**change) for change in written["change"])
        )


def _apply(changed: TemplateChanges) -> str:
    installed = files("openapi_python_client") / "templates"
    others = tuple(
        name
        for name, known in changed.originals.items()
        if not (installed / name).is_file() or digest_bytes((installed / name).read_bytes()) != known
    )
    if others:
        message = (
            "the generator's templates are not those that client/template_changes was written for: see what changed in "
            "them, adapt the changes, then put the new hashes there"
        )
        raise GeneratorError(message, others)
    text = (installed / changed.template).read_text(encoding="utf-8")
    for change in changed.changes:
        text, times = re.subn(change.pattern, change.replacement, text)
        if times != change.times:
            message = f"a change of {changed.template} fits {times} places in place of {change.times}"
            raise GeneratorError(message, (change.why,))
    return text
