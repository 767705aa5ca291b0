"""Runs the client generator on a document in a temporary folder, and accepts only a result without warnings.

The generator exits 0 while it drops operations, formats with whatever ruff is on the PATH, lets a pyproject.toml above
the output change that format, and leaves a cache in the package. So any word on its standard error is a failure, ruff
is the one that is installed beside this interpreter, isolated, and the folder lies outside every project.
"""

import json
import os
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

import attrs

from scripts.specsync.client.generator_output import read_complaints
from scripts.specsync.client.templates import write_changed_templates
from scripts.specsync.document.json_values import JsonObject, JsonValue, canonical_json
from scripts.specsync.document.openapi import METHODS, as_object, member_object
from scripts.specsync.errors import GeneratorError
from scripts.specsync.project import TEMPLATE_CHANGES

GENERATOR: Final = "openapi-python-client"
FORMATTER: Final = "ruff"
_TIMEOUT: Final = 300
_WARNING_LINES: Final = 40
_RUFF_PASSES: Final = (
    ("check", ".", "--isolated", "--no-cache", "--quiet", "--fix-only", "--extend-select=I"),
    ("format", ".", "--isolated", "--no-cache", "--quiet"),
)


@attrs.frozen
class GeneratorOptions:
    """This project's configuration of the generator.

    `template_changes` is the folder of what is changed in the generator's templates; None changes nothing.
    """

    package: str
    class_overrides: JsonObject = attrs.field(factory=dict[str, "JsonValue"])
    wire_names: Mapping[str, str] = attrs.field(factory=dict[str, str])
    template_changes: Path | None = TEMPLATE_CHANGES

    def config(self) -> JsonObject:
        """Return the generator's configuration file."""
        built: JsonObject = {"literal_enums": True, "package_name_override": self.package, "post_hooks": []}
        if self.class_overrides:
            built["class_overrides"] = self.class_overrides
        return built


def tool_versions() -> dict[str, str]:
    """Return the versions of the tools that determine the output."""
    try:
        return {name: version(name) for name in (GENERATOR, FORMATTER)}
    except PackageNotFoundError as error:
        message = f"{error.name} is not installed beside this interpreter; install the dependency group `spec`"
        raise GeneratorError(message) from None


def generate(document: JsonObject, options: GeneratorOptions, workspace: Path) -> Path:
    """Return the folder of the package that is generated from a document, inside `workspace`."""
    source = workspace / "openapi.json"
    config = workspace / "config.json"
    package = workspace / "staged" / options.package
    package.parent.mkdir()
    source.write_text(canonical_json(document), encoding="utf-8")
    config.write_text(json.dumps(options.config()), encoding="utf-8")
    formatter = _formatter()
    flags = ["--path", str(source), "--config", str(config), "--meta", "none", "--output-path", str(package)]
    if options.template_changes is not None:
        templates = workspace / "templates"
        write_changed_templates(options.template_changes, templates)
        flags += ["--custom-template-path", str(templates)]
    command = (sys.executable, "-I", "-m", "openapi_python_client", "generate", *flags)
    finished = _run(command, workspace, GENERATOR)
    if finished.returncode != 0 or finished.stderr.strip():
        output = (finished.stderr or finished.stdout).strip()
        complaints = read_complaints(output)
        message = f"the generator {'refused' if finished.returncode else 'warned'} (exit {finished.returncode})"
        if not finished.returncode:
            message = f"{message}: {complaints.counts(_operations(document))}"
        raise GeneratorError(message, complaints.lines(), output)
    _put_wire_names(package, options.wire_names)
    for arguments in _RUFF_PASSES:
        formatted = _run((str(formatter), *arguments), package, FORMATTER)
        if formatted.returncode != 0:
            message = f"ruff {arguments[0]} failed on the generated client (exit {formatted.returncode})"
            lines = (formatted.stderr or formatted.stdout).strip().splitlines()
            raise GeneratorError(message, tuple(lines[:_WARNING_LINES]))
    # The generator writes no marker without package metadata, and without it no type checker looks inside (PEP 561).
    (package / "py.typed").write_bytes(b"")
    return package


def _operations(document: JsonObject) -> int:
    items = member_object(document, "paths", "").values()
    return sum(method in METHODS for item in items for method in as_object(item, ""))


def _put_wire_names(package: Path, names: Mapping[str, str]) -> None:
    """Replace names that stand for others where they are what goes over the wire: as a text of their own."""
    missing = set(names)
    for path in sorted(package.rglob("*.py")) if names else ():
        text = path.read_text(encoding="utf-8")
        for placeholder, name in names.items():
            quoted = f'"{placeholder}"'
            if quoted in text:
                text = text.replace(quoted, repr(name))
                missing.discard(placeholder)
        path.write_text(text, encoding="utf-8")
    if missing:
        message = "the generator lost names that the generated code has a use of its own for"
        raise GeneratorError(message, tuple(names[placeholder] for placeholder in sorted(missing)))


def _formatter() -> Path:
    """Return ruff's executable beside this interpreter; the one on the PATH may be of any version."""
    suffix = ".exe" if os.name == "nt" else ""
    for folder in (Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))):
        found = folder / f"{FORMATTER}{suffix}"
        if found.is_file():
            return found
    message = f"ruff is not beside {Path(sys.executable).name}; install the dependency group `spec`"
    raise GeneratorError(message)


def _run(command: tuple[str, ...], folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "RUFF_"))}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    environment["PYTHONUTF8"] = "1"
    # A terminal's width or colours must not reach the messages.
    environment["NO_COLOR"] = "1"
    try:
        return subprocess.run(  # noqa: S603 - the command is ours, its one variable part is a folder of ours
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        message = f"{name} did not end within {_TIMEOUT} s"
        raise GeneratorError(message) from None
    except OSError as error:
        message = f"{name} cannot be started: {error.strerror}"
        raise GeneratorError(message) from None
