"""What becomes of each line of a training file: found out through the real gateway, by reading what is stored."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
from attrs import define, frozen

from portkey_ft import Portkey
from portkey_ft.datasets import DatasetError, DatasetReport
from portkey_ft.errors import PortkeyError
from portkey_ft.testing import FakeClock
from tests.e2e.cases import Case
from tests.e2e.internet import Internet
from tests.e2e.truth.creates import ARRIVES, FAILS, REFUSED, SILENT, WARNED
from tests.e2e.truth.forms import Form, forms
from tests.e2e.truth.rows import Comparison, compare

#: Read in parts that end anywhere, as from a network.
_PART = 1000


@frozen
class Upload:
    """The outcome for a file.

    Attributes:
        kind: Whether every line arrived, the file was refused before it was sent, the upload ended with an error,
            something was lost with a warning, or silently.
        rows: How the stored rows compare with those sent, if there are any.
        error: The name and the message of the error.
        rules: The rules that refused it, by their codes.
        warnings: What was warned of.
    """

    kind: str
    rows: Comparison | None = None
    error: tuple[str, str] | None = None
    rules: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@frozen
class FileCell:
    """What became of a file, uploaded in four ways.

    Attributes:
        form: The file.
        provider: The provider.
        unsaid: Its path, without ``check=``.
        streamed: An iterator of its bytes, without ``check=``.
        checked: Its path, with ``check=True``.
        unchecked: Its path, with ``check=False``.
    """

    form: Form
    provider: str
    unsaid: Upload
    streamed: Upload
    checked: Upload
    unchecked: Upload

    @property
    def silent(self) -> list[str]:
        """What was lost silently, though nobody turned the checks off."""
        tried = (("without check=", self.unsaid), ("streamed", self.streamed), ("with check=True", self.checked))
        return [f"{how}: {upload.rows}" for how, upload in tried if upload.kind == SILENT]

    @property
    def too_strict(self) -> bool:
        """Whether a file is refused that would have arrived whole, though nobody asked for a check."""
        return self.unsaid.kind == REFUSED and self.unchecked.kind == ARRIVES

    def __str__(self) -> str:
        return f"{self.provider}, {self.form.name}: {'; '.join(self.silent)}"


def _rules(report: DatasetReport) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entry.code for entry in report.counts if entry.severity == "error"))


@define
class FileTable:
    """Uploads one file after another, and finds out what became of its lines.

    Attributes:
        internet: The providers.
        base_url: The gateway.
        folder: Where files are put.
    """

    internet: Internet
    base_url: str
    folder: Path

    def run(self, case: Case) -> Iterator[FileCell]:
        """Fill every cell of a provider."""
        for form in forms(case.provider):
            with self.ready(case, form) as upload:
                path = self.path(form)
                parts = (form.content[begin : begin + _PART] for begin in range(0, len(form.content), _PART))
                yield FileCell(
                    form,
                    case.provider,
                    unsaid=upload(file=path),
                    streamed=upload(file=(path.name, parts)),
                    checked=upload(file=path, check=True),
                    unchecked=upload(file=path, check=False),
                )

    def upload_unsaid(self, case: Case, form: Form) -> Upload:
        """Upload a file in one way alone: its path, without ``check=``."""
        with self.ready(case, form) as upload:
            return upload(file=self.path(form))

    def path(self, form: Form) -> Path:
        """Write a file, and give its path."""
        path = self.folder / "truth.jsonl"
        path.write_bytes(form.content)
        return path

    @contextlib.contextmanager
    def ready(self, case: Case, form: Form) -> Iterator[Callable[..., Upload]]:
        """Connect to a provider with the headers that a file needs; give what uploads it."""
        headers = {**case.needs, **case.upload_needs, **form.headers}
        arguments = case.client(provider_headers=headers, base_url=self.base_url, max_retries=0)
        sent: list[httpx.Request] = []
        with httpx.Client(event_hooks={"request": [sent.append]}, trust_env=False, verify=False) as http:  # noqa: S501 - plain HTTP
            client = Portkey(**arguments, clock=FakeClock(), http_client=http)
            yield partial(self.upload, client, sent, case, form)

    def upload(
        self,
        client: Portkey,
        sent: list[httpx.Request],
        case: Case,
        form: Form,
        **given: Any,  # noqa: ANN401 - arguments
    ) -> Upload:
        """Upload a file, and compare what is stored with what was sent."""
        store = self.internet.backends[case.provider].store
        store.clear()
        sent.clear()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                uploaded = client.files.create(**given)
            except (PortkeyError, DatasetError) as error:
                told = (type(error).__name__, str(error).partition(" [operation ")[0])
                rules = _rules(error.report) if isinstance(error, DatasetError) else ()
                # A file that comes once is read while it is sent.
                refused = not sent or (isinstance(error, DatasetError) and isinstance(given["file"], tuple))
                return Upload(REFUSED if refused else FAILS, error=told, rules=rules)
        texts = tuple(str(warning.message) for warning in caught)
        # By its id: what an upload before this one broke off may still arrive.
        rows = compare(form.content, store.files[unquote(uploaded.id)].content)
        if rows.whole:
            return Upload(ARRIVES, rows, warnings=texts)
        return Upload(WARNED if texts else SILENT, rows, warnings=texts)
