"""One pass over a file: applies the rules to each line and to the file as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen

from portkey_ft._profile import DatasetRules, RowRules, UploadRoute
from portkey_ft._providers import COMMON_LIMITS_OF
from portkey_ft.datasets._chat import (
    chat_findings,
    chat_texts,
    is_for_grading,
    plain_chat_texts,
    preference_findings,
    preference_texts,
    reinforcement_findings,
)
from portkey_ft.datasets._decoding import (
    BYTE_ORDER_MARK,
    WHITE_SPACE,
    decoding_finding,
    example_decoder,
    not_an_object_finding,
    trailing_finding,
)
from portkey_ft.datasets._images import image_findings, image_urls, may_hold_images
from portkey_ft.datasets._line_findings import (
    BLANK_LINE,
    MARK_AT_START,
    NO_FINAL_LINE_END,
    duplicate,
    lone_surrogate,
    other_format,
    too_long,
    unknown_format,
)
from portkey_ft.datasets._plain import completion_findings, completion_texts, contents_findings, contents_texts
from portkey_ft.datasets._report import DatasetReport, ProblemLog
from portkey_ft.datasets._survival import rewritten_units, row_findings, utf16_units
from portkey_ft.datasets._tokens import TOKENS_PER_EXAMPLE, TOKENS_PER_TEXT, estimated_tokens
from portkey_ft.datasets._tools import Definitions, definitions_of
from portkey_ft.datasets._values import error, shown, warning

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from portkey_ft.datasets._duplicates import SeenLines
    from portkey_ft.datasets._values import DatasetFormat, Finding, JsonObject

FINDINGS: Final[Mapping[DatasetFormat, Callable[[JsonObject, DatasetRules, Definitions], Iterator[Finding]]]] = {
    "chat": chat_findings,
    "completion": completion_findings,
    "preference": preference_findings,
    "reinforcement": reinforcement_findings,
    "contents": contents_findings,
}
_TEXTS: Final[Mapping[DatasetFormat, Callable[[JsonObject], list[str]]]] = {
    "chat": chat_texts,
    "completion": completion_texts,
    "preference": preference_texts,
    "reinforcement": chat_texts,
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
# The same keys in both; what the file is for decides.
_CONVERSATIONS: Final[frozenset[DatasetFormat | None]] = frozenset({"chat", "reinforcement"})


@frozen
class Demands:
    """What a file is checked against; the caller's options have been validated.

    Attributes:
        rules: The provider's rules.
        route: What the gateway makes of the file on the way there.
        rows: What arrives of each row.
        format: The form that the examples must have; None for that of the first.
        minimum_examples: The fewest; None for the provider's number.
        max_line_bytes: The longest line.
        max_problems: How many problems are listed.
        count_tokens: Counts the tokens of a text; None estimates.
        survival_only: Whether nothing is looked for but what would be lost on the way.
    """

    rules: DatasetRules
    route: UploadRoute
    rows: RowRules
    format: DatasetFormat | None
    minimum_examples: int | None
    max_line_bytes: int
    max_problems: int
    count_tokens: Callable[[str], int] | None = None
    survival_only: bool = False


class Pass:
    """One pass over the lines of a file, which are passed in one after the other; a report is available at any time.

    Args:
        source: The file's name.
        demands: What it is held against.
        seen: Finds lines that are repeated; None to let them pass.
        whole_file: Whether it is a file, whose name and last line count too.
    """

    def __init__(self, source: str, demands: Demands, seen: SeenLines | None, *, whole_file: bool) -> None:
        self._source = source
        self._demands = demands
        self._seen = seen
        self._whole_file = whole_file
        self._log = ProblemLog(demands.max_problems)
        self._decode = example_decoder()
        self._definitions = Definitions()
        self._format: DatasetFormat | None = demands.format
        self._examples = 0
        self._texts = 0
        self._characters = 0
        self._extra_bytes = 0
        self._counted_tokens = 0
        self._with_images = 0
        self._bytes = 0
        self._lines = 0
        self._units = 0
        self._stored: int | None = 0
        self._last = b""
        self._held = False

    @property
    def survival_only(self) -> bool:
        """Whether only losses on the way to the provider are looked for."""
        return self._demands.survival_only

    @property
    def failed(self) -> bool:
        """Whether an error was found so far."""
        return self._log.failed or self._is_too_long

    @property
    def _is_too_long(self) -> bool:
        most = self._demands.route.maximum_characters
        return most is not None and self._units > most

    @property
    def stored_units(self) -> int | None:
        """The size of the rows as the gateway rewrites them, if it can be computed."""
        return self._stored if self._demands.route.stored_size == "rewritten" else None

    def feed(self, line: bytes, size: int) -> None:
        """Check the next line.

        Args:
            line: The line with its end; empty if it is too long.
            size: Its length.
        """
        self._bytes += size
        self._lines += 1
        self._held = self._look_at(line, size, self._lines) if self._lines > 1 else self._look_at_first(line, size)
        self._last = line

    def report(self, *, whole: bool = True) -> DatasetReport:
        """Return the report.

        Args:
            whole: Whether all lines were looked at, so that what they come to counts too.
        """
        log = self._log.copy()
        if whole and not self._demands.survival_only:
            if self._whole_file and self._held and not self._last.endswith(b"\n"):
                log.add(self._lines, NO_FINAL_LINE_END)
            for finding in self._total_findings():
                log.add(None, finding)
        for finding in self._route_findings():
            log.add(None, finding)
        marks = TOKENS_PER_TEXT * self._texts + TOKENS_PER_EXAMPLE * self._examples
        counted = self._demands.count_tokens is not None
        tokens = self._counted_tokens if counted else estimated_tokens(self._characters, self._extra_bytes)
        return DatasetReport(
            source=self._source,
            format=self._format,
            examples=self._examples,
            bytes=self._bytes,
            characters=self._characters,
            tokens=tokens + marks,
            tokens_counted=counted,
            problems=log.problems(),
            counts=log.counts(),
        )

    def _look_at_first(self, line: bytes, size: int) -> bool:
        """Check the first line, which may start with a byte order mark."""
        mark = BYTE_ORDER_MARK if line.startswith(BYTE_ORDER_MARK) else b""
        if mark and not self._demands.rules.byte_order_mark and not self._demands.survival_only:
            self._log.add(1, MARK_AT_START)
        return self._look_at(line.removeprefix(mark), size - len(mark), 1)

    def _look_at(self, line: bytes, size: int, number: int) -> bool:
        """Read one line and look at the example in it; tell whether there is one."""
        if len(line) < size:
            self._log.add(number, too_long(self._demands.max_line_bytes))
            return False
        try:
            text = line.decode().strip(WHITE_SPACE)
            value, end = self._decode(text) if text else (None, 0)
        except (ValueError, RecursionError) as reason:
            self._log.add(number, decoding_finding(line, reason, cut_off=not line.endswith(b"\n")))
            return False
        if isinstance(value, dict) and end == len(text):
            self._examine(value, number)
            if self._demands.route.maximum_characters is not None:
                self._units += utf16_units(text) + 1
            first = number if self._seen is None else self._seen.first(line.rstrip(b"\r\n"), number)
            if first != number:
                self._log.add(number, duplicate(first))
            return True
        if not text:
            if not self._demands.survival_only:
                self._log.add(number, BLANK_LINE)
        elif end != len(text):
            self._log.add(number, trailing_finding(line, end))
        else:
            self._log.add(number, not_an_object_finding(value))
        return False

    def _examine(self, example: JsonObject, number: int) -> None:
        """Apply the rules of its form to an example, and measure it."""
        self._examples += 1
        kind = self._kind_of(example)
        demands = self._demands
        if kind == "chat" and (plain := plain_chat_texts(example, demands.rows)) is not None:
            if not demands.survival_only:
                self._measure(plain, number)
        else:
            try:
                for finding in self._findings(example, kind, number):
                    self._log.add(number, finding)
            except RecursionError as reason:
                # Comparing and encoding go a little deeper than decoding did.
                self._log.add(number, decoding_finding(b"", reason, cut_off=False))
        if demands.route.stored_size == "rewritten" and self._stored is not None and not self._log.failed:
            units = rewritten_units(example)
            self._stored = None if units is None else self._stored + units
        if self._format is None:
            self._format = kind
        elif kind is not None and not demands.survival_only and kind != self._format:
            self._log.add(number, other_format(kind, self._format))

    def _kind_of(self, example: JsonObject) -> DatasetFormat | None:
        """Return the form of an example; the purpose of the file decides between forms with the same keys."""
        found = _format_of(example)
        # A row that is for grading in a file of conversations is one whose grading would be lost.
        wanted = self._demands.format or (None if self.survival_only else self._format)
        if found in _CONVERSATIONS and wanted in _CONVERSATIONS:
            return wanted
        return found or self._demands.format

    def _findings(self, example: JsonObject, kind: DatasetFormat | None, number: int) -> Iterator[Finding]:
        """Find what is wrong with an example, and what of it would be lost on the way to the provider."""
        demands = self._demands
        wrong: set[str] = set()
        if not demands.survival_only:
            for finding in self._form_findings(example, kind, number):
                if finding.severity == "error":
                    wrong.add(finding.pointer)
                yield finding
        for finding in row_findings(example, kind, demands.rows, demands.rules.provider or ""):
            # One finding per place: what is wrong for every provider has to be corrected first.
            if finding.pointer not in wrong:
                yield finding

    def _form_findings(self, example: JsonObject, kind: DatasetFormat | None, number: int) -> Iterator[Finding]:
        """Find what is wrong with an example, and measure it."""
        if kind is None:
            yield unknown_format(example)
            return
        self._definitions = definitions_of(_definer(example, kind), self._definitions)
        yield from FINDINGS[kind](example, self._demands.rules, self._definitions)
        if may_hold_images(example) and (images := image_urls(example)):
            self._with_images += 1
            yield from image_findings(images, self._demands.rules.images)
        self._measure(_TEXTS[kind](example), number)
        self._measure(self._definitions.texts, number)

    def _measure(self, texts: Sequence[str], number: int) -> None:
        """Add the texts of an example to the totals."""
        count_tokens = self._demands.count_tokens
        self._texts += len(texts)
        for text in texts:
            self._characters += len(text)
            if not text.isascii():
                self._extra_bytes += self._utf8_size(text, number) - len(text)
            if count_tokens is not None:
                self._counted_tokens += count_tokens(text.encode(errors="replace").decode())

    def _utf8_size(self, text: str, number: int) -> int:
        """Return the size of a text in UTF-8, and report it if it has none."""
        try:
            return len(text.encode())
        except UnicodeEncodeError as reason:
            self._log.add(number, lone_surrogate(text[reason.start]))
            return len(text.encode(errors="replace"))

    def _total_findings(self) -> Iterator[Finding]:
        """Find what is wrong with the file as a whole."""
        rules = self._demands.rules
        if self._whole_file and not self._source.endswith(".jsonl") and self._demands.route.suffix is None:
            yield warning("", "file-name", f"The name '{shown(self._source)}' does not end in .jsonl. Rename the file.")
        if rules.maximum_bytes is not None and self._bytes > rules.maximum_bytes:
            make = error if rules.provider else warning
            limit = f"{rules.maximum_bytes // 1024**2} MiB, the limit of {rules.provider or COMMON_LIMITS_OF}"
            yield make("", "too-large", f"The file is larger than {limit}. Use fewer or shorter examples.")
        most = rules.images.maximum_examples
        if most is not None and self._with_images > most:
            message = f"{self._with_images:,} examples have images; {rules.provider} takes {most:,}. Use fewer."
            yield error("", "too-many-image-examples", message)
        formats = rules.formats if self._demands.rows.formats is None else rules.formats & self._demands.rows.formats
        if self._format is not None and self._format not in formats:
            forms = " or ".join(sorted(formats))
            message = f"Files for {rules.provider} have the form {forms}, not {self._format}. Change the examples."
            yield error("", "format-not-for-provider", message)
        if not self._lines:
            yield error("", "empty-file", "There is nothing in it. Was it written and closed?")
        else:
            yield from self._number_findings()

    def _route_findings(self) -> Iterator[Finding]:
        """Find what keeps the file as a whole from reaching the provider through the gateway."""
        route, provider = self._demands.route, self._demands.rules.provider
        if self._whole_file and route.suffix is not None and not self._source.endswith(route.suffix):
            yield error(
                "",
                "file-name",
                f"The gateway takes files for {provider} by names that end in {route.suffix} alone, and this is "
                f"'{shown(self._source)}'. Rename the file, or upload it with filename=.",
            )
        if self._is_too_long:
            yield error(
                "",
                "too-large",
                f"The rows have {self._units:,} characters. Of more than {route.maximum_characters:,} the gateway "
                f"makes several parts, which the storage of {provider} refuses. Use fewer examples, or write the "
                "file to that storage yourself and pass its address as training_file.",
            )

    def _number_findings(self) -> Iterator[Finding]:
        """Check that there are enough examples."""
        demanded = self._demands.minimum_examples
        rules = self._demands.rules
        least = rules.minimum_examples if demanded is None else demanded
        if self._examples < least:
            make = warning if demanded is None and rules.provider is None and self._examples else error
            by_whom = "demanded" if demanded is not None else f"demanded by {rules.provider or COMMON_LIMITS_OF}"
            message = f"The number of examples is {self._examples}; at least {least} are {by_whom}. Add more."
            yield make("", "too-few-examples", message)


def _format_of(example: JsonObject) -> DatasetFormat | None:
    """Return the form of an example by its keys and by the role of its last message."""
    for key, kind in _TELLING_KEYS:
        if key in example:
            return "reinforcement" if kind == "chat" and is_for_grading(example) else kind
    return None


def _definer(example: JsonObject, kind: DatasetFormat) -> JsonObject:
    """Return the part of an example that may define tools."""
    if kind in _CONVERSATIONS:
        return example
    question = example.get("input")
    return question if kind == "preference" and isinstance(question, dict) else {}
