"""The tables of arguments and training files, for docs/providers.md. Pure: findings in, text out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

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
| error | the provider or the gateway refuses it; no job |
| - | not tried: the value has a meaning for other providers only |

A number in brackets leads to the message below the table.
"""


@define
class Messages:
    """What users read, each text once, numbered in the order in which the cells need them."""

    numbers: dict[str, int] = field(factory=dict)

    def number(self, text: str) -> int:
        """Give the number of a text."""
        return self.numbers.setdefault(text, len(self.numbers) + 1)

    def listed(self) -> str:
        """Give the list, behind the table that it belongs to."""
        lines = [f"{number}. {text}\n" for text, number in self.numbers.items()]
        return "".join(["\n", *lines]) if lines else ""


def create_sections(cells: Sequence[Cell], providers: Sequence[str]) -> Iterator[tuple[str, list[list[str]], Messages]]:
    """Give the heading, the rows and the messages of each table about creates.

    Args:
        cells: What was found.
        providers: The columns.
    """
    known = {argument for arguments in TOPICS.values() for argument in arguments}
    for topic, arguments in TOPICS.items():
        wanted = [
            cell for cell in cells if cell.sample.argument in arguments or (topic == REST and _is_new(cell, known))
        ]
        messages = Messages()
        labels = dict.fromkeys(cell.sample.label for cell in wanted)
        rows = [[label, *(_cell(wanted, label, provider, messages) for provider in providers)] for label in labels]
        yield topic, rows, messages


def _is_new(cell: Cell, known: set[str]) -> bool:
    return cell.sample.argument not in known


def _cell(cells: Iterable[Cell], label: str, provider: str, messages: Messages) -> str:
    """Say what became of a call, for all auth modes at once where they agree."""
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
        return f"{kind} ({messages.number(f'`{first.error[0]}`: {first.error[1]}')})"
    said = [_of_value(fate, messages) for fate in fates]
    # What needs no word of its own, where something else does.
    telling = [text for text in dict.fromkeys(said) if text != "yes"]
    return "yes" if cell.sample.reaches == FOR_THE_GATEWAY and not cell.silent else ", ".join(telling) or "yes"


def _of_value(fate: Fate, messages: Messages) -> str:
    numbers = "".join(f" ({messages.number(f'`PortkeyWarning`: {text}')})" for text in fate.warnings)
    if fate.kind == ARRIVES:
        names = [name for name in fate.place if isinstance(name, str)]
        own = {fate.wanted.name, "method", "kind"} & {names[-1] if names else fate.wanted.name}
        return ("yes" if own else f"`{names[-1]}`") + numbers
    return f"warned{numbers}" if fate.kind == WARNED else f"`{fate.wanted.name}` LOST SILENTLY"


def file_rows(cells: Sequence[FileCell], providers: Sequence[str]) -> tuple[list[list[str]], Messages]:
    """Give the rows and the messages of the table about training files."""
    messages = Messages()
    names = dict.fromkeys(cell.form.name for cell in cells)
    by_place = {(cell.form.name, cell.provider): cell for cell in cells}
    rows = [
        [
            name,
            *(
                _file(by_place[name, provider], messages) if (name, provider) in by_place else "-"
                for provider in providers
            ),
        ]
        for name in names
    ]
    return rows, messages


def _file(cell: FileCell, messages: Messages) -> str:
    said = _upload(cell.unsaid, messages)
    checked = _upload(cell.checked, messages)
    streamed = _upload(cell.streamed, messages)
    more = [f"{how}: {text}" for how, text in (("streamed", streamed), ("`check=True`", checked)) if text != said]
    return "; ".join([said, *more])


def _upload(upload: Upload, messages: Messages) -> str:
    numbers = "".join(f" ({messages.number(f'`PortkeyWarning`: {text}')})" for text in upload.warnings)
    if upload.kind == ARRIVES:
        return f"yes{numbers}"
    if upload.kind in {REFUSED, FAILS}:
        return "refused" if upload.kind == REFUSED else "error"
    return f"warned{numbers}" if upload.kind == WARNED else f"LOST SILENTLY: {upload.rows}"
