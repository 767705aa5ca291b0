"""The tables of arguments and training files, for docs/providers.md. Pure: findings in, text out."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from attrs import define, field

from tests.e2e.truth.creates import ARRIVES, FAILS, MODES, REFUSED, WARNED, Cell, Fate
from tests.e2e.truth.samples import FOR_THE_GATEWAY
from tests.e2e.truth.uploads import FileCell, Upload

#: The tables, and the arguments in each. An argument that is in none of them comes last.
TOPICS: Mapping[str, tuple[str, ...]] = {
    "Model and files": ("model", "training_file", "validation_file", "output_file"),
    "Hyperparameters": ("hyperparameters",),
    "Method": ("method",),
    "Other arguments": (),
    "For the gateway": ("extra_body", "extra_query", "extra_headers", "trace_id", "gateway_metadata", "timeout"),
}
REST = "Other arguments"

LEGEND = """\
| cell | meaning |
| --- | --- |
| yes | it arrives, under its own name |
| `a_name` | it arrives, as this field of the provider |
| warned | the job starts without it, with a `PortkeyWarning` |
| refused | an error before anything is sent, and no job |
| - | not tried: the value has a meaning for other providers only |

A number in brackets leads to the message below the table; PROVIDER and NAME stand for the provider, and for the
argument or hyperparameter.
"""


@define
class Messages:
    """What users read, each text once, numbered in the order in which the cells need them."""

    numbers: dict[str, int] = field(factory=dict)

    def number(self, text: str) -> int:
        """Return the number of a text."""
        return self.numbers.setdefault(text, len(self.numbers) + 1)

    def listed(self) -> str:
        """Return the list, behind the table that it belongs to."""
        lines = [f"{number}. {text}\n" for text, number in self.numbers.items()]
        return "".join(["\n", *lines]) if lines else ""


def create_sections(cells: Sequence[Cell], providers: Sequence[str]) -> Iterator[tuple[str, list[list[str]], Messages]]:
    """Yield the heading, the rows and the messages of each table about creates.

    Args:
        cells: What was found.
        providers: The columns.
    """
    known = {argument for arguments in TOPICS.values() for argument in arguments}
    for topic, arguments in TOPICS.items():
        wanted = [
            cell
            for cell in cells
            if cell.sample.argument in arguments or (topic == REST and cell.sample.argument not in known)
        ]
        messages = Messages()
        labels = dict.fromkeys(cell.sample.label for cell in wanted)
        rows = [[label, *(_cell(wanted, label, provider, messages) for provider in providers)] for label in labels]
        yield topic, rows, messages


def _cell(cells: Iterable[Cell], label: str, provider: str, messages: Messages) -> str:
    """Return the outcome of a call in words, once for all auth modes that agree."""
    by_mode = {
        cell.mode: _said(cell, messages) for cell in cells if cell.sample.label == label and cell.provider == provider
    }
    if not by_mode:
        return "-"
    most, *others = [by_mode[mode] for mode in MODES]
    differing = [f"{mode} {said}" for mode, said in zip(MODES[1:], others, strict=True) if said != most]
    return "; ".join([most, *differing])


def _said(cell: Cell, messages: Messages) -> str:
    fates = cell.fates[: len(cell.sample.wanted)]
    first = fates[0]
    if first.error is not None:
        kind = "refused" if first.kind == REFUSED else "error"
        name, text = first.error
        return f"{kind} ({messages.number(f'`{name}`: {_general(text, cell)}')})"
    if cell.sample.reaches == FOR_THE_GATEWAY and not cell.silent:
        return "yes"
    said = [_of_value(fate, cell, messages) for fate in fates]
    # What needs no word of its own, where something else does.
    telling = [text for text in dict.fromkeys(said) if text != "yes"]
    return ", ".join(telling) or "yes"


def _of_value(fate: Fate, cell: Cell, messages: Messages) -> str:
    texts = [f"`PortkeyWarning`: {_general(text, cell)}" for text in fate.warnings]
    numbers = "".join(f" ({messages.number(text)})" for text in texts)
    if fate.kind == ARRIVES:
        names = [name for name in fate.place if isinstance(name, str)]
        own = not names or fate.wanted.name in names or names[-1] in {"method", "kind"}
        return ("yes" if own else f"`{names[-1]}`") + numbers
    return f"warned{numbers}" if fate.kind == WARNED else f"`{fate.wanted.name}` LOST SILENTLY"


def of_any_provider(text: str, provider: str) -> str:
    """Put a placeholder where a message names its provider."""
    if not provider:
        return text
    return re.sub(rf"(?<![\w-]){re.escape(provider)}(?![\w-])", "PROVIDER", text)


def _general(text: str, cell: Cell) -> str:
    """Put placeholders where a message names its provider, what was given, or the job."""
    text = of_any_provider(text, cell.provider)
    text = re.sub(r"\b(the job|job) [\w:%.-]*\d[\w:%.-]*", r"\1 ID", text)
    for wanted in cell.sample.wanted:
        if wanted.name == "method":
            text = text.replace(f"'{wanted.value}'", "'TYPE'")
        elif wanted.name != "model":
            text = re.sub(rf"\b{wanted.name}\b", "NAME", text)
    return text


def file_rows(cells: Sequence[FileCell], providers: Sequence[str]) -> tuple[list[list[str]], Messages]:
    """Return the rows and the messages of the table about training files."""
    messages = Messages()
    places = {(cell.form.name, cell.provider): cell for cell in cells}
    never = frozenset(provider for provider in providers if _takes_no_stream(cells, provider))
    rows = [
        [name, *(_file(places.get((name, provider)), never, messages) for provider in providers)]
        for name in dict.fromkeys(cell.form.name for cell in cells)
    ]
    refused = next((cell.streamed for cell in cells if cell.provider in never), None)
    if refused is not None:
        streams = [_upload(refused, "", messages) if provider in never else "yes" for provider in providers]
        rows.insert(0, ["any file, from an iterator", *streams])
    return rows, messages


def _takes_no_stream(cells: Sequence[FileCell], provider: str) -> bool:
    """Return whether every file of a provider is refused in the same way if it can be read only once."""
    errors = {cell.streamed.error for cell in cells if cell.provider == provider}
    return len(errors) == 1 and None not in errors


def _file(cell: FileCell | None, never: Container[str], messages: Messages) -> str:
    if cell is None:
        return "-"
    others = [("`check=True`", cell.checked)]
    if cell.provider not in never:
        others.insert(0, ("streamed", cell.streamed))
    # A check of all rules may name more of them.
    more = [
        f"{how}: {_upload(upload, cell.provider, messages)}"
        for how, upload in others
        if upload.kind != cell.unsaid.kind
    ]
    return "; ".join([_upload(cell.unsaid, cell.provider, messages), *more])


def _upload(upload: Upload, provider: str, messages: Messages) -> str:
    # The first line that is lost says what the others say.
    texts = [f"`PortkeyWarning`: {of_any_provider(text, provider).partition('; ')[0]} ..." for text in upload.warnings]
    numbers = "".join(f" ({messages.number(text)})" for text in texts)
    if upload.kind in {REFUSED, FAILS}:
        word = "refused" if upload.kind == REFUSED else "error"
        if upload.rules:
            return f"{word}: {', '.join(f'`{rule}`' for rule in upload.rules)}"
        name, text = upload.error or ("", "")
        return f"{word} ({messages.number(f'`{name}`: {_without_ids(of_any_provider(text, provider))}')})"
    if upload.kind == ARRIVES:
        return f"yes{numbers}"
    return f"warned{numbers}" if upload.kind == WARNED else f"LOST SILENTLY: {upload.rows}"


def _without_ids(text: str) -> str:
    """Leave out what differs from run to run."""
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "ID", text)
    return re.sub(r"\bfile-\d+\b", "ID", text).replace("\n", " ")
