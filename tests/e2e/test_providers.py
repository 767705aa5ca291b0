"""Which operation works for which provider: found out by the run, and written down in docs/providers.md."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from portkey_ft import Portkey
from portkey_ft.errors import PaginationError, PortkeyError
from tests.e2e.backends.store import Store
from tests.e2e.cases import CASES, TRAINING, Case
from tests.e2e.internet import Internet
from tests.e2e.provider_page import Finding, page
from tests.e2e.surprises import SURPRISES
from tests.e2e.truth.creates import MODES, Cell
from tests.e2e.truth.uploads import FileCell

PAGE = Path(__file__).parents[2] / "docs" / "providers.md"
JOBS = 3


class Try:
    """One operation, tried with one provider.

    Each method does one operation, and asserts that it came to what it is for.
    """

    def __init__(self, client: Portkey, case: Case, store: Store) -> None:
        self.client = client
        self.case = case
        self.store = store
        self.file = next(iter(store.files), "")
        self.job = next(iter(store.jobs), "")

    def files_create(self) -> None:
        """Upload."""
        before = len(self.store.files)
        self.client.files.create(file=("training.jsonl", TRAINING))
        assert len(self.store.files) == before + 1
        assert list(self.store.files.values())[-1].content.count(b"\n") == TRAINING.count(b"\n")

    def files_retrieve(self) -> None:
        """Look at a file."""
        assert self.client.files.retrieve(self.file).status == "processed"

    def files_list(self) -> None:
        """List files."""
        assert self.file in [file.id for file in self.client.files.list()]

    def files_content(self) -> None:
        """Download."""
        assert self.client.files.content(self.file).read() == self.store.files[self.file].content

    def files_delete(self) -> None:
        """Delete a file."""
        self.client.files.delete(self.file)
        assert self.file not in self.store.files

    def jobs_create(self) -> None:
        """Start a job."""
        before = len(self.store.jobs)
        asked = {"model": self.case.model, "training_file": self.file, "suffix": "e2e", **self.case.create}
        self.client.fine_tuning.jobs.create(**asked)
        assert len(self.store.jobs) == before + 1

    def jobs_list(self) -> None:
        """List jobs."""
        assert len(self.client.fine_tuning.jobs.list().to_list()) == JOBS

    def jobs_retrieve(self) -> None:
        """Look at a job."""
        assert self.client.fine_tuning.jobs.retrieve(self.job).status in {"queued", "running", "succeeded"}

    def jobs_cancel(self) -> None:
        """Stop a job."""
        assert self.client.fine_tuning.jobs.cancel(self.job).status == "cancelled"
        assert self.store.jobs[self.job].cancelled

    def jobs_list_by_metadata(self) -> None:
        """List jobs by their metadata."""
        newest = next(reversed(self.store.jobs))
        job = self.store.jobs[newest]
        job.asked = {**job.asked, "metadata": {"team": "red"}}
        assert [job.id for job in self.client.fine_tuning.jobs.list(metadata={"team": "red"})] == [newest]

    def jobs_pause(self) -> None:
        """Pause a job."""
        assert self.client.fine_tuning.jobs.pause(self.job).status == "paused"

    def jobs_resume(self) -> None:
        """Resume a job."""
        self.store.jobs[self.job].paused = True
        assert self.client.fine_tuning.jobs.resume(self.job).status in {"pending", "queued", "running"}

    def jobs_list_events(self) -> None:
        """List events."""
        assert len(self.client.fine_tuning.jobs.list_events(self.job).to_list()) == 4

    def jobs_checkpoints_list(self) -> None:
        """List checkpoints."""
        assert len(self.client.fine_tuning.jobs.checkpoints.list(self.job).to_list()) == 4

    def jobs_wait(self) -> None:
        """Wait for a job."""
        assert self.client.fine_tuning.jobs.wait(self.job).succeeded

    def jobs_follow(self) -> None:
        """Follow a job."""
        assert len(list(self.client.fine_tuning.jobs.follow(self.job))) == 4


OPERATIONS = {
    "files.create": Try.files_create,
    "files.retrieve": Try.files_retrieve,
    "files.list": Try.files_list,
    "files.content": Try.files_content,
    "files.delete": Try.files_delete,
    "jobs.create": Try.jobs_create,
    "jobs.list": Try.jobs_list,
    "jobs.list(metadata=...)": Try.jobs_list_by_metadata,
    "jobs.retrieve": Try.jobs_retrieve,
    "jobs.cancel": Try.jobs_cancel,
    "jobs.pause": Try.jobs_pause,
    "jobs.resume": Try.jobs_resume,
    "jobs.wait": Try.jobs_wait,
    "jobs.list_events": Try.jobs_list_events,
    "jobs.follow": Try.jobs_follow,
    "jobs.checkpoints.list": Try.jobs_checkpoints_list,
}


def in_words(error: PortkeyError) -> tuple[str, str]:
    """Give an error's name and message, with what differs from run to run left out."""
    text = str(error).partition(" [operation ")[0]
    text = re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "ID", text)
    return type(error).__name__, text.replace("\n", " ")


@pytest.fixture
def outcome(internet: Internet, sync_client: Callable[..., Portkey]) -> Callable[..., tuple[str, str] | None]:
    """Try an operation with a provider, given some headers, where there are a file and three jobs."""
    clients: dict[tuple[str, ...], Portkey] = {}

    def connected(case: Case, headers: dict[str, str]) -> Portkey:
        key = (case.provider, *headers)
        if key not in clients:
            given = {**case.client(), "provider_headers": headers or None, "max_retries": 0}
            clients[key] = sync_client(**given)
        return clients[key]

    def outcome(operation: str, case: Case, headers: dict[str, str]) -> tuple[str, str] | None:
        internet.clear()
        store = internet.backends[case.provider].store
        ready = connected(case, case.needs | case.upload_needs)
        uploaded = ready.files.create(file=("training.jsonl", TRAINING))
        for _ in range(JOBS):
            given = {"model": case.model, "training_file": uploaded.id, "suffix": "e2e", **case.create}
            ready.fine_tuning.jobs.create(**given)
        try:
            OPERATIONS[operation](Try(connected(case, headers), case, store))
        except PortkeyError as error:
            return in_words(error)
        return None

    return outcome


@pytest.fixture
def findings(
    outcome: Callable[..., tuple[str, str] | None], sync_client: Callable[..., Portkey], internet: Internet
) -> dict[tuple[str, str], Finding]:
    """Try every operation with every provider."""

    def finding(operation: str, case: Case) -> Finding:
        everything = case.needs | case.upload_needs
        if (error := outcome(operation, case, everything)) is not None:
            return Finding(error=error)
        needs: dict[str, tuple[str, str]] = {}
        for name in case.upload_needs:
            left = {other: value for other, value in everything.items() if other != name}
            if (without := outcome(operation, case, left)) is not None:
                needs[name] = without
        return Finding(needs=needs, one_page=second_page(operation, case))

    def second_page(operation: str, case: Case) -> tuple[str, str] | None:
        if operation != "jobs.list":
            return None
        client = sync_client(**case.client())
        (file, *_), jobs = internet.backends[case.provider].store.files, client.fine_tuning.jobs
        jobs.create(**{"model": case.model, "training_file": file, "suffix": "e2e", **case.create})
        try:
            assert len(jobs.list(page_size=2).to_list()) == JOBS + 1
        except PaginationError as error:
            return in_words(error)
        return None

    return {(operation, case.provider): finding(operation, case) for operation in OPERATIONS for case in CASES.values()}


@pytest.fixture
def written(rewriting: bool) -> Callable[[str], str]:  # noqa: FBT001 - a fixture
    """Give the committed page; write it anew first, if that was asked for."""

    def written(text: str) -> str:
        if rewriting:
            PAGE.write_text(text, encoding="utf-8")
        return PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""

    return written


def test_the_page_of_providers_says_what_the_run_found(
    findings: dict[tuple[str, str], Finding],
    creates: Callable[[str, str], list[Cell]],
    uploads: Callable[[str], list[FileCell]],
    written: Callable[[str], str],
) -> None:
    """What does not work is an error that says so; PORTKEY_FT_E2E_REWRITE=1 writes the page anew."""
    refused = [finding.error[0] for finding in findings.values() if finding.error is not None]
    assert set(refused) == {"NotSupportedError"}
    cells = [cell for provider in CASES for mode in MODES for cell in creates(provider, mode)]
    files = [cell for provider in CASES for cell in uploads(provider)]
    text = page(list(CASES.values()), findings, cells, files, SURPRISES)
    committed = written(text)
    assert list(difflib.unified_diff(committed.splitlines(), text.splitlines(), lineterm="")) == []
