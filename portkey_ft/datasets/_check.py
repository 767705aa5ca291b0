"""The pass over a file: reading in bounded memory, and the rules for lines and for the file as a whole."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import frozen

from portkey_ft._providers import COMMON_LIMITS_OF, KNOWN_PROVIDERS, DatasetRules, profile_of
from portkey_ft.datasets._chat import chat_faults, chat_texts, plain_chat_texts, preference_faults, preference_texts
from portkey_ft.datasets._decoding import (
    BYTE_ORDER_MARK,
    WHITE_SPACE,
    decoding_fault,
    example_decoder,
    not_an_object_fault,
    trailing_fault,
)
from portkey_ft.datasets._duplicates import SeenLines
from portkey_ft.datasets._plain import completion_faults, completion_texts, contents_faults, contents_texts
from portkey_ft.datasets._report import DatasetReport, ProblemLog
from portkey_ft.datasets._tokens import TOKENS_PER_EXAMPLE, TOKENS_PER_TEXT, estimated_tokens
from portkey_ft.datasets._tools import Definitions, definitions_of
from portkey_ft.datasets._values import error, shown, warning
from portkey_ft.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import BinaryIO

    from portkey_ft.datasets._values import DatasetFormat, Fault, JsonObject

LONGEST_LINE: Final = 4 * 1024 * 1024
MOST_PROBLEMS: Final = 100
_BLOCK: Final = 256 * 1024

_FAULTS: Final[Mapping[DatasetFormat, Callable[[JsonObject, DatasetRules, Definitions], Iterator[Fault]]]] = {
    "chat": chat_faults,
    "completion": completion_faults,
    "preference": preference_faults,
    "contents": contents_faults,
}
_TEXTS: Final[Mapping[DatasetFormat, Callable[[JsonObject], list[str]]]] = {
    "chat": chat_texts,
    "completion": completion_texts,
    "preference": preference_texts,
    "contents": contents_texts,
}
# In the order in which they decide.
_TELLING_KEYS: Final[tuple[tuple[str, DatasetFormat], ...]] = (
    ("messages", "chat"),
    ("contents", "contents"),
    ("preferred_output", "preference"),
    ("non_preferred_output", "preference"),
    ("completion", "completion"),
    ("prompt", "completion"),
)


def check(
    path: str | os.PathLike[str],
    *,
    provider: str | None = None,
    format: DatasetFormat | None = None,  # noqa: A002 - the word that users look for
    max_problems: int = MOST_PROBLEMS,
    count_tokens: Callable[[str], int] | None = None,
    minimum_examples: int | None = None,
    max_line_bytes: int = LONGEST_LINE,
) -> DatasetReport:
    """Check a training file before it is uploaded.

    The file is streamed. Memory stays below 16 MB whatever its size, as long as no line is longer than about 100 kB;
    longer lines take several times their length on top.

    What is wrong with the file becomes a problem in the report, an empty file and a wrong name included; only what
    keeps it from being read is raised.

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
        max_line_bytes: A longer line is an error, and is skipped without being held in memory.

    Returns:
        The report.

    Raises:
        FileNotFoundError: If there is no such file.
        IsADirectoryError: If it is a directory.
        OSError: If the file cannot be read.
        ConfigurationError: If an argument cannot be used. It is a ValueError.
    """
    options = _options(
        provider=provider,
        format=format,
        max_problems=max_problems,
        count_tokens=count_tokens,
        minimum_examples=minimum_examples,
        max_line_bytes=max_line_bytes,
    )
    file_path = Path(path)
    with _opened(file_path) as file:
        seen = SeenLines(os.fstat(file.fileno()).st_size)
        return _Run(file_path.name, options, seen, whole_file=True).report(_bounded_lines(file, max_line_bytes))


def check_lines(
    lines: Iterable[bytes],
    *,
    provider: str | None = None,
    format: DatasetFormat | None = None,  # noqa: A002 - the word that users look for
    max_problems: int = MOST_PROBLEMS,
    count_tokens: Callable[[str], int] | None = None,
    minimum_examples: int | None = None,
    max_line_bytes: int = LONGEST_LINE,
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

    Returns:
        The report. Its size counts one line end for each line.

    Raises:
        ConfigurationError: If an argument cannot be used. It is a ValueError.
        TypeError: If the lines are not bytes.
    """
    options = _options(
        provider=provider,
        format=format,
        max_problems=max_problems,
        count_tokens=count_tokens,
        minimum_examples=minimum_examples,
        max_line_bytes=max_line_bytes,
    )
    run = _Run("lines", options, SeenLines(), whole_file=False)
    return run.report(_separate_lines(lines, max_line_bytes))


@frozen
class _Options:
    """The choices of the caller, once they are known to be usable."""

    rules: DatasetRules
    format: DatasetFormat | None
    max_problems: int
    count_tokens: Callable[[str], int] | None
    minimum_examples: int | None
    max_line_bytes: int


def _options(
    *,
    provider: str | None,
    format: DatasetFormat | None,  # noqa: A002 - see check
    max_problems: int,
    count_tokens: Callable[[str], int] | None,
    minimum_examples: int | None,
    max_line_bytes: int,
) -> _Options:
    """Refuse what cannot be used."""
    if format is not None and format not in _FAULTS:
        message = f"No dataset format is called {format!r}. Use one of {', '.join(_FAULTS)}, or None to find it out."
        raise ConfigurationError(message)
    for name, value, least in (
        ("max_problems", max_problems, 0),
        ("minimum_examples", minimum_examples or 0, 0),
        ("max_line_bytes", max_line_bytes, 1),
    ):
        if value < least:
            message = f"{name} is {value}, and must be at least {least}."
            raise ConfigurationError(message)
    return _Options(
        rules=_rules_for(provider),
        format=format,
        max_problems=max_problems,
        count_tokens=count_tokens,
        minimum_examples=minimum_examples,
        max_line_bytes=max_line_bytes,
    )


def _rules_for(provider: str | None) -> DatasetRules:
    """Find the rules of a provider whose rules are known."""
    if provider is not None and provider not in KNOWN_PROVIDERS:
        names = sorted({profile.name or "" for profile in KNOWN_PROVIDERS.values()})
        close = difflib.get_close_matches(provider, names, n=1)
        advice = f"Did you mean {close[0]!r}?" if close else f"Use one of {', '.join(names)}."
        message = f"No rules are known for provider {provider!r}. {advice}"
        raise ConfigurationError(message, hint="provider=None checks the rules that are common to all.")
    return profile_of(provider).dataset


def _opened(path: Path) -> BinaryIO:
    """Open a file for reading, with errors that say what to do."""
    try:
        return path.open("rb", buffering=_BLOCK)
    except FileNotFoundError as reason:
        message = "There is no such training file. Mind the working directory, or give the whole path"
        raise FileNotFoundError(reason.errno, message, str(path)) from None
    except (IsADirectoryError, PermissionError) as reason:
        # Windows says permission denied for a directory.
        if not path.is_dir():
            raise
        message = "A training file is one file, and this is a directory. Name the file in it"
        raise IsADirectoryError(reason.errno, message, str(path)) from None


def _bounded_lines(file: BinaryIO, longest: int) -> Iterator[tuple[bytes, int]]:
    """Read lines with their ends, and how long they are; nothing but the length is given of one that is too long."""
    while line := file.readline(_BLOCK):
        size = len(line)
        if not line.endswith(b"\n"):
            line, size = _long_line(file, line, longest)
        elif size > longest + 1:
            line = b""
        yield line, size


def _long_line(file: BinaryIO, start: bytes, longest: int) -> tuple[bytes, int]:
    """Read the rest of a line of which the start was read, but do not hold more of it than may be needed."""
    pieces = [start]
    size = len(start)
    while not pieces[-1].endswith(b"\n") and (piece := file.readline(_BLOCK)):
        size += len(piece)
        # Of a line that is too long only the end is still of interest.
        pieces = [*pieces, piece] if size <= longest + 1 else [piece]
    line = b"".join(pieces)
    whole = len(line) == size and size - line.endswith(b"\n") <= longest
    return line if whole else b"", size


def _separate_lines(items: Iterable[bytes], longest: int) -> Iterator[tuple[bytes, int]]:
    """Take apart items that hold several lines, and give what ``_bounded_lines`` gives."""
    for item in items:
        for line in _as_bytes(item).removesuffix(b"\n").split(b"\n"):
            size = len(line) + 1
            yield line + b"\n" if size <= longest + 1 else b"", size


def _as_bytes(item: object) -> bytes:
    """Refuse what is not bytes, text above all, whatever the annotations say."""
    if not isinstance(item, bytes | bytearray):
        message = f"Lines must be bytes, not {type(item).__name__}. Open the file in binary mode, or encode them."
        raise TypeError(message)
    return bytes(item)


class _Run:
    """The state of one pass."""

    def __init__(self, source: str, options: _Options, seen: SeenLines, *, whole_file: bool) -> None:
        self._source = source
        self._options = options
        self._seen = seen
        self._whole_file = whole_file
        self._log = ProblemLog(options.max_problems)
        self._decode = example_decoder()
        self._definitions = Definitions()
        self._format: DatasetFormat | None = options.format
        self._examples = 0
        self._texts = 0
        self._characters = 0
        self._extra_bytes = 0
        self._counted_tokens = 0

    def report(self, lines: Iterable[tuple[bytes, int]]) -> DatasetReport:
        """Look at all lines, then at what they come to."""
        total = number = 0
        line = b""
        held = False
        for line, size in lines:
            total += size
            number += 1
            held = self._look_at(line, size, number) if number > 1 else self._look_at_first(line, size)
        if held and not line.endswith(b"\n"):
            self._log.add(number, _NO_FINAL_LINE_END)
        for fault in self._totals_faults(number, total):
            self._log.add(None, fault)
        marks = TOKENS_PER_TEXT * self._texts + TOKENS_PER_EXAMPLE * self._examples
        counted = self._options.count_tokens is not None
        tokens = self._counted_tokens if counted else estimated_tokens(self._characters, self._extra_bytes)
        return DatasetReport(
            source=self._source,
            format=self._format,
            examples=self._examples,
            bytes=total,
            characters=self._characters,
            tokens=tokens + marks,
            tokens_counted=counted,
            problems=self._log.problems(),
            counts=self._log.counts(),
        )

    def _look_at_first(self, line: bytes, size: int) -> bool:
        """Look at the first line, which may start with a byte order mark."""
        mark = BYTE_ORDER_MARK if line.startswith(BYTE_ORDER_MARK) else b""
        if mark and not self._options.rules.byte_order_mark:
            self._log.add(1, _BYTE_ORDER_MARK_FAULT)
        return self._look_at(line.removeprefix(mark), size - len(mark), 1)

    def _look_at(self, line: bytes, size: int, number: int) -> bool:
        """Read one line and look at the example in it; tell whether there is one."""
        if len(line) < size:
            self._log.add(number, _too_long(self._options.max_line_bytes))
            return False
        try:
            text = line.decode().strip(WHITE_SPACE)
            value, end = self._decode(text) if text else (None, 0)
        except (ValueError, RecursionError) as reason:
            self._log.add(number, decoding_fault(line, reason, cut_off=not line.endswith(b"\n")))
            return False
        if isinstance(value, dict) and end == len(text):
            self._examine(value, number)
            first = self._seen.first(line.rstrip(b"\r\n"), number)
            if first != number:
                self._log.add(number, _duplicate(first))
            return True
        if not text:
            self._log.add(number, _BLANK_LINE)
        elif end != len(text):
            self._log.add(number, trailing_fault(line, end))
        else:
            self._log.add(number, not_an_object_fault(value))
        return False

    def _examine(self, example: JsonObject, number: int) -> None:
        """Apply the rules of its form to an example, and measure it."""
        self._examples += 1
        found = _format_of(example)
        kind = found or self._options.format
        if kind is None:
            self._log.add(number, _unknown_format(example))
            return
        if self._format is None:
            self._format = kind
        elif kind != self._format:
            self._log.add(number, _other_format(kind, self._format))
        if kind == "chat" and (plain := plain_chat_texts(example, self._options.rules)) is not None:
            self._measure(plain, number)
            return
        try:
            self._definitions = definitions_of(_definer(example, kind), self._definitions)
            for fault in _FAULTS[kind](example, self._options.rules, self._definitions):
                self._log.add(number, fault)
            self._measure(_TEXTS[kind](example), number)
            self._measure(self._definitions.texts, number)
        except RecursionError as reason:
            # Comparing and encoding go a little deeper than decoding did.
            self._log.add(number, decoding_fault(b"", reason, cut_off=False))

    def _measure(self, texts: Sequence[str], number: int) -> None:
        """Add the texts of an example to the totals."""
        count_tokens = self._options.count_tokens
        self._texts += len(texts)
        for text in texts:
            self._characters += len(text)
            if not text.isascii():
                self._extra_bytes += self._utf8_size(text, number) - len(text)
            if count_tokens is not None:
                self._counted_tokens += count_tokens(text.encode(errors="replace").decode())

    def _utf8_size(self, text: str, number: int) -> int:
        """Give the size of a text in UTF-8, and report it if it has none."""
        try:
            return len(text.encode())
        except UnicodeEncodeError as reason:
            self._log.add(number, _lone_surrogate(text[reason.start]))
            return len(text.encode(errors="replace"))

    def _totals_faults(self, lines: int, size: int) -> Iterator[Fault]:
        """Find what is wrong with the file as a whole."""
        rules = self._options.rules
        if self._whole_file and not self._source.endswith(".jsonl"):
            make = error if rules.suffix_required else warning
            yield make("", "file-name", f"The name '{shown(self._source)}' does not end in .jsonl. Rename the file.")
        if rules.maximum_bytes is not None and size > rules.maximum_bytes:
            make = error if rules.provider else warning
            limit = f"{rules.maximum_bytes // 1024**2} MiB, the limit of {rules.provider or COMMON_LIMITS_OF}"
            yield make("", "too-large", f"The file is larger than {limit}. Use fewer or shorter examples.")
        if self._format is not None and self._format not in rules.formats:
            forms = " or ".join(sorted(rules.formats))
            yield error("", "format-not-for-provider", f"{rules.provider} trains on {forms}, not on {self._format}.")
        if not lines:
            yield error("", "empty-file", "There is nothing in it. Was it written and closed?")
        else:
            yield from self._number_faults()

    def _number_faults(self) -> Iterator[Fault]:
        """Find out whether there are enough examples."""
        demanded = self._options.minimum_examples
        rules = self._options.rules
        least = rules.minimum_examples if demanded is None else demanded
        if self._examples < least:
            make = warning if demanded is None and rules.provider is None and self._examples else error
            by_whom = "demanded" if demanded is not None else f"demanded by {rules.provider or COMMON_LIMITS_OF}"
            message = f"The number of examples is {self._examples}; at least {least} are {by_whom}. Add more."
            yield make("", "too-few-examples", message)


_BLANK_LINE: Final = warning("", "blank-line", "The line is blank. Remove it.")
_BYTE_ORDER_MARK_FAULT: Final = warning(
    "", "byte-order-mark", "The file starts with a byte order mark, which strict readers refuse. Save it without."
)
_NO_FINAL_LINE_END: Final = warning(
    "", "no-final-line-end", "The last line has no line end: was the file cut off? If not, add one."
)


def _format_of(example: JsonObject) -> DatasetFormat | None:
    """Tell the form of an example by its keys."""
    for key, kind in _TELLING_KEYS:
        if key in example:
            return kind
    return None


def _definer(example: JsonObject, kind: DatasetFormat) -> JsonObject:
    """Give the part of an example that may define tools."""
    if kind == "chat":
        return example
    question = example.get("input")
    return question if kind == "preference" and isinstance(question, dict) else {}


def _too_long(longest: int) -> Fault:
    return error(
        "",
        "line-too-long",
        f"The line is longer than {longest:,} bytes and was not read. Shorten it, or raise max_line_bytes. "
        "Images are better given by their web address.",
    )


def _duplicate(first: int) -> Fault:
    return warning("", "duplicate-line", f"The line is the same as line {first}. Remove it if that is not meant.")


def _lone_surrogate(char: str) -> Fault:
    escape = f"\\u{ord(char):04x}"
    return error("", "lone-surrogate", f"The text holds {escape}, half of a character. Write the whole character.")


def _unknown_format(example: JsonObject) -> Fault:
    keys = ", ".join(f"'{shown(key)}'" for key in list(example)[:5]) or "none"
    return error(
        "",
        "unknown-format",
        f"The keys ({keys}) fit no known form. Use messages; prompt and completion; "
        "input, preferred_output and non_preferred_output; or contents.",
    )


def _other_format(kind: DatasetFormat, expected: DatasetFormat) -> Fault:
    return error("", "other-format", f"The line has the form {kind}, the file {expected}. Keep to one form in a file.")
