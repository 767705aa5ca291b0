"""The public functions that check a training file, or lines that are not in a file."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from portkey_ft._providers import KNOWN_PROVIDERS, profile_of
from portkey_ft.datasets._duplicates import SeenLines
from portkey_ft.datasets._lines import BLOCK, bounded_lines, separate_lines
from portkey_ft.datasets._run import FINDINGS, Demands, Pass
from portkey_ft.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import BinaryIO

    from portkey_ft._profile import ProviderProfile
    from portkey_ft.datasets._report import DatasetReport
    from portkey_ft.datasets._values import DatasetFormat

#: Ten embedded images of the largest size exceed this; such files are rare, and need a larger max_line_bytes.
LONGEST_LINE: Final = 64 * 1024 * 1024
MOST_PROBLEMS: Final = 100


def check(
    path: str | os.PathLike[str],
    *,
    provider: str | None = None,
    format: DatasetFormat | None = None,  # noqa: A002 - the word that users look for
    max_problems: int = MOST_PROBLEMS,
    count_tokens: Callable[[str], int] | None = None,
    minimum_examples: int | None = None,
    max_line_bytes: int = LONGEST_LINE,
    provider_headers: Mapping[str, object] | None = None,
) -> DatasetReport:
    """Check a training file before it is uploaded.

    The file is streamed. Memory stays below 16 MB whatever its size, as long as no line is longer than about 100 kB;
    longer lines take several times their length on top.

    Problems with the file, an empty file and a wrong name included, become entries in the report; only an error that
    keeps the file from being read is raised.

    Args:
        path: The file, one JSON object a line (JSON Lines).
        provider: Where it is going to be trained: ``openai``, ``azure-openai``, ``bedrock``, ``vertex-ai`` or
            ``fireworks-ai``. None checks what is common to all; then too few examples for OpenAI or too large a file
            is only a warning.
        format: The form that the examples must have; None takes that of the first example.
        max_problems: How many problems to list in the report. All are counted; one of each kind is listed before
            several of the same are.
        count_tokens: Counts the tokens of a text, such as ``tiktoken_counter("gpt-4o-mini")``; None estimates.
        minimum_examples: Fewer are an error; None takes what the provider demands.
        max_line_bytes: A longer line is an error, and is skipped without being held in memory. Raise it for examples
            with many embedded images.
        provider_headers: Those of the client, where they decide in which form the gateway writes rows: ``model_type``
            for Bedrock, ``provider_model`` for Vertex.

    Returns:
        The report.

    Raises:
        FileNotFoundError: If there is no such file.
        IsADirectoryError: If it is a directory.
        OSError: If the file cannot be read.
        ConfigurationError: If an argument cannot be used. It is a ValueError.
    """
    demands = demands_of(
        _profile_of(provider),
        _header_names(provider_headers),
        format=format,
        max_problems=max_problems,
        count_tokens=count_tokens,
        minimum_examples=minimum_examples,
        max_line_bytes=max_line_bytes,
    )
    file_path = Path(path)
    with _opened(file_path) as file:
        seen = SeenLines(os.fstat(file.fileno()).st_size)
        run = Pass(file_path.name, demands, seen, whole_file=True)
        for line, size in bounded_lines(file, max_line_bytes):
            run.feed(line, size)
    return run.report()


def check_lines(
    lines: Iterable[bytes],
    *,
    provider: str | None = None,
    format: DatasetFormat | None = None,  # noqa: A002 - the word that users look for
    max_problems: int = MOST_PROBLEMS,
    count_tokens: Callable[[str], int] | None = None,
    minimum_examples: int | None = None,
    max_line_bytes: int = LONGEST_LINE,
    provider_headers: Mapping[str, object] | None = None,
) -> DatasetReport:
    """Check examples that are not in a file, or not yet.

    Args:
        lines: The lines as UTF-8, with or without their line ends, such as a file that is open in binary mode.
            An item may hold several whole lines.
        provider: As in ``check``.
        format: As in ``check``.
        max_problems: As in ``check``.
        count_tokens: As in ``check``.
        minimum_examples: As in ``check``.
        max_line_bytes: As in ``check``.
        provider_headers: As in ``check``.

    Returns:
        The report. Its size counts one line end for each line.

    Raises:
        ConfigurationError: If an argument cannot be used. It is a ValueError.
        TypeError: If the lines are not bytes.
    """
    demands = demands_of(
        _profile_of(provider),
        _header_names(provider_headers),
        format=format,
        max_problems=max_problems,
        count_tokens=count_tokens,
        minimum_examples=minimum_examples,
        max_line_bytes=max_line_bytes,
    )
    run = Pass("lines", demands, SeenLines(), whole_file=False)
    for line, size in separate_lines(lines, max_line_bytes):
        run.feed(line, size)
    return run.report()


def demands_of(
    profile: ProviderProfile,
    headers: Mapping[str, str],
    *,
    format: DatasetFormat | None = None,  # noqa: A002 - see check
    max_problems: int = MOST_PROBLEMS,
    count_tokens: Callable[[str], int] | None = None,
    minimum_examples: int | None = None,
    max_line_bytes: int = LONGEST_LINE,
    survival_only: bool = False,
) -> Demands:
    """Validate the options and return what a file is checked against.

    Args:
        profile: The provider's profile.
        headers: The headers of the upload, with names in lower case.
        format: As in ``check``, as are the following.
        max_problems: As in ``check``.
        count_tokens: As in ``check``.
        minimum_examples: As in ``check``.
        max_line_bytes: As in ``check``.
        survival_only: Whether nothing is looked for but what the gateway would lose.
    """
    if format is not None and format not in FINDINGS:
        message = f"No dataset format is called {format!r}. Use one of {', '.join(FINDINGS)}, or None to find it out."
        raise ConfigurationError(message)
    for name, value, least in (
        ("max_problems", max_problems, 0),
        ("minimum_examples", minimum_examples or 0, 0),
        ("max_line_bytes", max_line_bytes, 1),
    ):
        if value < least:
            message = f"{name} is {value}, and must be at least {least}."
            raise ConfigurationError(message)
    return Demands(
        rules=profile.dataset,
        route=profile.upload,
        rows=profile.upload.row_rules(headers),
        format=format,
        max_problems=max_problems,
        count_tokens=count_tokens,
        minimum_examples=minimum_examples,
        max_line_bytes=max_line_bytes,
        survival_only=survival_only,
    )


def _profile_of(provider: str | None) -> ProviderProfile:
    """Find the profile of a provider that has one."""
    if provider is not None and provider not in KNOWN_PROVIDERS:
        names = sorted({profile.name or "" for profile in KNOWN_PROVIDERS.values()})
        close = difflib.get_close_matches(provider, names, n=1)
        advice = f"Did you mean {close[0]!r}?" if close else f"Use one of {', '.join(names)}."
        message = f"No rules are known for provider {provider!r}. {advice}"
        raise ConfigurationError(message, hint="provider=None checks the rules that are common to all.")
    return profile_of(provider)


def _header_names(given: Mapping[str, object] | None) -> dict[str, str]:
    """Write the names of ``provider_headers`` as the headers that they become."""
    names = {name.lower().replace("_", "-"): str(value) for name, value in (given or {}).items()}
    return {name if name.startswith("x-portkey-") else f"x-portkey-{name}": value for name, value in names.items()}


def _opened(path: Path) -> BinaryIO:
    """Open a file for reading, with errors that say what to do."""
    try:
        return path.open("rb", buffering=BLOCK)
    except FileNotFoundError as reason:
        message = "There is no such training file. Mind the working directory, or give the whole path"
        raise FileNotFoundError(reason.errno, message, str(path)) from None
    except (IsADirectoryError, PermissionError) as reason:
        # Windows says permission denied for a directory.
        if not path.is_dir():
            raise
        message = "A training file is one file, and this is a directory. Name the file in it"
        raise IsADirectoryError(reason.errno, message, str(path)) from None
