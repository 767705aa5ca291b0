"""The exceptions that stop a sync: one for each exit code, with a message that says what to do."""

from typing import ClassVar

import attrs

from scripts.specsync.verdicts import ExitCode


class SpecSyncError(Exception):
    """Base of everything that the toolchain raises on purpose.

    `message` says what happened and where; `details` are further lines, such as each place of an error.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE

    def __init__(self, message: str, details: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = details


class UsageError(SpecSyncError):
    """The command line or a settings file asks for something that cannot be done."""

    exit_code = ExitCode.USAGE


class NetworkError(SpecSyncError):
    """A source could not be fetched."""

    exit_code = ExitCode.NETWORK


class PinError(SpecSyncError):
    """Bytes do not match a pin, the lock or the cache."""

    exit_code = ExitCode.PIN


class SourceError(SpecSyncError):
    """The source is not a document that can be read."""

    exit_code = ExitCode.SOURCE


class LocatedSourceError(SourceError):
    """An error at a JSON pointer of the source; the caller that has the text adds the line."""

    def __init__(self, reason: str, pointer: str) -> None:
        super().__init__(f"{reason} (at {pointer or 'the root'})")
        self.reason = reason
        self.pointer = pointer


class OverlayError(SpecSyncError):
    """The overlay no longer fits the document."""

    exit_code = ExitCode.OVERLAY


class GeneratorError(SpecSyncError):
    """The generator refused, warned or lost something; `raw` is what it wrote itself."""

    exit_code = ExitCode.GENERATOR

    def __init__(self, message: str, details: tuple[str, ...] = (), raw: str = "") -> None:
        super().__init__(message, details)
        self.raw = raw


@attrs.frozen
class FailedProof:
    """One failed test or type check.

    `place` is where in the project it failed (path and line), `text` its whole output.
    """

    name: str
    place: str
    message: str
    text: str


class FacadeError(SpecSyncError):
    """The hand-written code does not fit the new client.

    `proofs` are the single failures, and `raw` is what the tool itself wrote.
    """

    exit_code = ExitCode.FACADE

    def __init__(
        self, message: str, details: tuple[str, ...] = (), proofs: tuple[FailedProof, ...] = (), raw: str = ""
    ) -> None:
        super().__init__(message, details)
        self.proofs = proofs
        self.raw = raw
