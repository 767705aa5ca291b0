"""OpenAI's own API, as far as fine-tuning and files go; Azure's is nearly the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import Message
from typing import Any

from tests.e2e.backends.store import BEGAN, Job, Store, Stored
from tests.e2e.wire import Received, Response, as_bytes, as_json

STEPS = 4


def error(status: int, message: str, code: str | None = None, **headers: str) -> Response:
    """Respond with an error in OpenAI's form."""
    inner = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return as_json({"error": inner}, status, **headers)


def form_parts(request: Received) -> dict[str, tuple[str | None, bytes]]:
    """Read a multipart form: the file name (None for a plain field) and bytes of each part."""
    head = Message()
    head["content-type"] = request.headers["content-type"]
    boundary = b"--" + str(head.get_param("boundary")).encode()
    parts = {}
    for piece in (b"\r\n" + request.body).split(b"\r\n" + boundary)[1:-1]:
        lines, _, content = piece.partition(b"\r\n\r\n")
        message = Message()
        for line in lines.decode().strip().split("\r\n"):
            name, _, value = line.partition(":")
            message[name] = value.strip()
        field = message.get_param("name", header="content-disposition")
        parts[str(field)] = (message.get_filename(), content)
    return parts


def paged(items: Sequence[Mapping[str, Any]], query: Mapping[str, str], *, ids: bool) -> Response:
    """Respond with the page of a list that a query asks for."""
    names = [item["id"] for item in items]
    begin = names.index(query["after"]) + 1 if query.get("after") in names else 0
    end = begin + int(query.get("limit", 20))
    page = list(items[begin:end])
    ends = {"first_id": page[0]["id"] if page else None, "last_id": page[-1]["id"] if page else None} if ids else {}
    return as_json({"object": "list", "data": page, "has_more": end < len(items), **ends})


class OpenAI:
    """The back end; paths begin behind ``/v1``."""

    created = 200

    def __init__(self) -> None:
        self.store = Store()

    def respond(self, request: Received) -> Response:
        """Respond to a request."""
        with self.store.lock:
            self.store.received.append(request)
            if not self.authorized(request):
                return error(401, "Incorrect API key provided: sk-wrong.", "invalid_api_key")
            kind, *rest = self.route(request)
            return self.of_files(request, rest) if kind == "files" else self.of_jobs(request, rest[1:])

    def authorized(self, request: Received) -> bool:
        """Return whether the right key came along."""
        return request.headers.get("authorization") == "Bearer sk-e2e-provider-key"

    def route(self, request: Received) -> list[str]:
        """Return the parts of the path behind the version."""
        return request.segments()[1:]

    def of_files(self, request: Received, rest: list[str]) -> Response:
        """Respond to a request for files."""
        match request.method, rest:
            case "POST", []:
                return self.upload(request)
            case "GET", []:
                files = [self.file(file) for file in reversed(self.store.files.values())]
                return paged(files, request.query, ids=True)
            case method, [file_id, *more]:
                return self.of_file(method, file_id, more)
            case _:
                return error(404, "Could not find what was asked for.", "not_found")

    def of_jobs(self, request: Received, rest: list[str]) -> Response:
        """Respond to a request for jobs."""
        match request.method, rest:
            case "POST", []:
                return self.create(request)
            case "GET", []:
                asked = {name[9:-1]: value for name, value in request.query.items() if name.startswith("metadata[")}
                jobs = [
                    self.job(job)
                    for job in reversed(self.store.jobs.values())
                    if asked.items() <= (job.asked.get("metadata") or {}).items()
                ]
                return paged(jobs, request.query, ids=False)
            case method, [job_id, *more] if job_id in self.store.jobs:
                return self.of_job(method, self.store.jobs[job_id], more, request.query)
            case _:
                return error(404, "Could not find what was asked for.", "not_found")

    def upload(self, request: Received) -> Response:
        """Keep a file."""
        parts = form_parts(request)
        name, content = parts["file"]
        purpose = parts["purpose"][1].decode()
        stored = self.store.keep(f"file-{next(self.store.serial):04d}", str(name), content, purpose)
        return as_json(self.file(stored), self.created)

    def file(self, stored: Stored) -> Mapping[str, Any]:
        """Show a file."""
        return {
            "object": "file",
            "id": stored.id,
            "bytes": len(stored.content),
            "created_at": BEGAN,
            "filename": stored.name,
            "purpose": stored.purpose,
            "status": "processed",
        }

    def of_file(self, method: str, file_id: str, rest: list[str]) -> Response:
        """Respond to a request for one file."""
        stored = self.store.files.get(file_id)
        if stored is None:
            return error(404, f"No such File object: {file_id}", "not_found")
        if rest == ["content"]:
            return as_bytes(stored.content)
        if method == "DELETE":
            del self.store.files[file_id]
            return as_json({"object": "file", "id": file_id, "deleted": True})
        return as_json(self.file(stored))

    def create(self, request: Received) -> Response:
        """Start a job."""
        asked = request.json
        for name in ("training_file", "validation_file"):
            if asked.get(name) not in {*self.store.files, None if name == "validation_file" else ""}:
                return error(400, f"invalid {name}: {asked.get(name)}", f"invalid_{name}")
        read = {**asked, "kind": (asked.get("method") or {}).get("type", "supervised")}
        job = self.store.start(f"ftjob-{next(self.store.serial):04d}", asked, read)
        return as_json(self.job(job), self.created)

    def job(self, job: Job) -> Mapping[str, Any]:
        """Show a job."""
        done = job.status == "succeeded"
        return {
            "object": "fine_tuning.job",
            "id": job.id,
            "model": job.asked["model"],
            "created_at": BEGAN,
            "finished_at": BEGAN + 60 if done else None,
            "fine_tuned_model": f"ft:{job.asked['model']}:org::{job.id}" if done else None,
            "organization_id": "org-e2e",
            "result_files": [],
            "status": job.status,
            "validation_file": job.asked.get("validation_file"),
            "training_file": job.asked["training_file"],
            "hyperparameters": job.asked.get("hyperparameters") or {"n_epochs": "auto"},
            "trained_tokens": 1234 if done else None,
            "seed": job.asked.get("seed", 7),
            "integrations": job.asked.get("integrations") or [],
            "metadata": job.asked.get("metadata"),
            "method": job.asked.get("method"),
        }

    def of_job(self, method: str, job: Job, rest: list[str], query: Mapping[str, str]) -> Response:
        """Respond to a request for one job."""
        match method, rest:
            case "GET", []:
                shown = self.job(job)
                job.look()
                return as_json(shown)
            case "POST", ["cancel" | "pause" | "resume" as verb]:
                job.cancelled, job.paused = job.cancelled or verb == "cancel", verb == "pause"
                return as_json(self.job(job))
            case "GET", ["events"]:
                events = [self.event(job, number) for number in range(STEPS, 0, -1)]
                return paged(events, query, ids=False)
            case "GET", ["checkpoints"]:
                return paged([self.checkpoint(job, step) for step in range(STEPS, 0, -1)], query, ids=True)
            case _:
                return error(404, "Could not find what was asked for.", "not_found")

    def event(self, job: Job, number: int) -> Mapping[str, Any]:
        """Show an event."""
        said = {"level": "info", "message": f"Step {number}", "type": "message", "data": {}}
        return {"object": "fine_tuning.job.event", "id": f"ftevent-{job.id}-{number}", "created_at": BEGAN, **said}

    def checkpoint(self, job: Job, step: int) -> Mapping[str, Any]:
        """Show a checkpoint."""
        return {
            "object": "fine_tuning.job.checkpoint",
            "id": f"ftckpt-{job.id}-{step}",
            "created_at": BEGAN + step,
            "fine_tuned_model_checkpoint": f"ft:model:org::{job.id}:ckpt-step-{step}",
            "fine_tuning_job_id": job.id,
            "metrics": {"step": step, "full_valid_loss": 1 / step, "full_valid_mean_token_accuracy": 0.5},
            "step_number": step,
        }
