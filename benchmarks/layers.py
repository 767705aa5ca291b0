"""What one item of a list and one small call cost, layer by layer, in instructions: ``python -m benchmarks --layers``.

Each layer is run alone on what the one below it gives, in an interpreter in which all of them have run; what is left
of the whole is the list's: requests, plans, transport and the iteration. Instructions tell little of caches, and
nothing of waiting or of the collector of garbage; they say where the work is, on any machine.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx
from attrs import frozen

from benchmarks.decoders import FAST_IS_THERE, WITHOUT_FAST
from benchmarks.instructions import counted
from benchmarks.server import JOB, PAGE, page
from portkey_ft import Portkey
from portkey_ft._api.constructors import constructor
from portkey_ft._api.operations import CHECKPOINTS_LIST, JOBS_RETRIEVE
from portkey_ft._api.readers import location_of
from portkey_ft._http.messages import Request, Response
from portkey_ft._json import read_json
from portkey_ft.types import Checkpoint, CheckpointMetrics

__all__ = ["BREAKDOWNS", "Breakdown", "layers_page", "repeat"]

HEAD: Final = """\
# What costs what

Instructions by layer, counted by `python -m benchmarks --layers benchmarks/LAYERS.md`; `benchmarks/layers.py` says how.
Beside each figure stands how often `json.loads` could be done for it."""
#: By then Python has adapted its bytecode to what it works on.
WARM: Final = 3
RUN_FAST: Final = "from benchmarks.layers import repeat; repeat({!r}, {!r}, {})"
RUN: Final = WITHOUT_FAST + RUN_FAST
MAKE_CHECKPOINT: Final = constructor(Checkpoint)
MAKE_METRICS: Final = constructor(CheckpointMetrics)


@frozen
class Breakdown:
    """One thing that is done, by layers.

    Attributes:
        what: What is done.
        per: By how much the figures are divided, and of what they are then.
        times: How often it is done, so that it is much beside what the start of two interpreters differs by.
        layers: What each layer does, in the order in which they build on each other.
    """

    what: str
    per: tuple[int, str]
    times: int
    layers: Callable[[], Mapping[str, Callable[[], object]]]

    @property
    def total(self) -> int:
        """By what a count is divided."""
        return self.times * self.per[0]


def _layers(body: bytes, target: str, whole: Callable[[Portkey], object]) -> Mapping[str, Callable[[], object]]:
    """Give the layers that a list and a call have in common."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=body))
    raw = httpx.Client(transport=transport)
    client = Portkey(api_key="pk", virtual_key="vk", http_client=raw)
    return {
        HTTPX: lambda: raw.get(f"https://localhost/v1{target}").content,
        JSON: lambda: json.loads(body),
        READING: lambda: read_json(body),
        WHOLE: lambda: whole(client),
    }


HTTPX: Final = "httpx: the request, the response's bytes"
JSON: Final = "json.loads"
READING: Final = "our reading of JSON"
MODEL: Final = "the generated model"
VALUE: Final = "the facade's value"
CONSTRUCTORS: Final = "of that, the constructors"
WHOLE: Final = "the whole of ours"
FAST: Final = "with the extra `fast`, our reading of JSON"


def _of_a_page() -> Mapping[str, Callable[[], object]]:
    body = page(0, has_more=False)
    data: Any = json.loads(body)
    response = Response(Request(CHECKPOINTS_LIST.name, "GET", "/", repeatable=True), "", 200, {}, body)
    location = location_of(CHECKPOINTS_LIST.name, response, data)
    # As the table's row has them: the parser of a page, of an item, and what makes the facade's value of it.
    parse, _, build = _arguments(CHECKPOINTS_LIST.read)
    raws, models = data["data"], parse(data).data
    values = [build(model, raw, location) for model, raw in zip(models, raws, strict=True)]
    return {
        **_layers(
            body,
            "/fine_tuning/jobs/j/checkpoints",
            lambda client: client.fine_tuning.jobs.checkpoints.list("j").to_list(),
        ),
        MODEL: lambda: parse(data),
        VALUE: lambda: [build(model, raw, location) for model, raw in zip(models, raws, strict=True)],
        CONSTRUCTORS: lambda: [_made_again(value) for value in values],
    }


def _of_a_call() -> Mapping[str, Callable[[], object]]:
    body = json.dumps(JOB).encode()
    data: Any = json.loads(body)
    response = Response(Request(JOBS_RETRIEVE.name, "GET", "/", repeatable=True), "", 200, {}, body)
    location = location_of(JOBS_RETRIEVE.name, response, data)
    parse, build = _arguments(JOBS_RETRIEVE.read)
    model = parse(data)
    return {
        **_layers(body, "/fine_tuning/jobs/j", lambda client: client.fine_tuning.jobs.retrieve("j")),
        MODEL: lambda: parse(data),
        VALUE: lambda: build(model, data, location),
    }


def _arguments(reader: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a partial of what the seam says
    return tuple(reader.args)


def _made_again(value: Checkpoint) -> Checkpoint:
    """Make a checkpoint and its metrics of their fields."""
    metrics = value.metrics
    return MAKE_CHECKPOINT(
        id=value.id,
        step_number=value.step_number,
        fine_tuned_model_checkpoint=value.fine_tuned_model_checkpoint,
        fine_tuning_job_id=value.fine_tuning_job_id,
        metrics=MAKE_METRICS(
            step=metrics.step,
            train_loss=metrics.train_loss,
            train_mean_token_accuracy=metrics.train_mean_token_accuracy,
            valid_loss=metrics.valid_loss,
            valid_mean_token_accuracy=metrics.valid_mean_token_accuracy,
            full_valid_loss=metrics.full_valid_loss,
            full_valid_mean_token_accuracy=metrics.full_valid_mean_token_accuracy,
            extra=metrics.extra,
        ),
        created_at=value.created_at,
        object=value.object,
        extra=value.extra,
        raw=value.raw,
        response=value.response,
    )


BREAKDOWNS: Final[Mapping[str, Breakdown]] = {
    "item": Breakdown(f"One checkpoint, of a page of {PAGE}", (PAGE, "item"), 100, _of_a_page),
    "call": Breakdown("One call: a job", (1, "call"), 1000, _of_a_call),
}


def repeat(breakdown: str, layer: str, times: int) -> None:
    """Run all layers some times, and one of them some times more: what ``counted`` is given to run."""
    layers = BREAKDOWNS[breakdown].layers()
    for run in layers.values():
        for _ in range(WARM):
            run()
    # A collection of everything may fall into the one run and not into the other; it costs more than either.
    gc.disable()
    try:
        for _ in range(times):
            layers[layer]()
    finally:
        gc.enable()


def layers_page(count: Callable[..., list[int]] = counted, *, fast: bool = FAST_IS_THERE) -> str:
    """Count, and write the page.

    Args:
        count: Counts the instructions of codes.
        fast: Whether to count with the extra ``fast`` too.
    """
    parts = [HEAD]
    for name, breakdown in BREAKDOWNS.items():
        figures = _counted(name, breakdown, count)
        if fast:
            figures[FAST] = _counted_fast(name, breakdown, count)
        parts += [f"## {breakdown.what}", _table(figures, breakdown.per[1])]
    return "\n\n".join(parts) + "\n"


def _counted(name: str, breakdown: Breakdown, count: Callable[..., list[int]]) -> dict[str, float]:
    names = list(breakdown.layers())
    nothing, *each = count(RUN.format(name, JSON, 0), *(RUN.format(name, layer, breakdown.times) for layer in names))
    return {layer: (found - nothing) / breakdown.total for layer, found in zip(names, each, strict=True)}


def _counted_fast(name: str, breakdown: Breakdown, count: Callable[..., list[int]]) -> float:
    nothing, found = count(RUN_FAST.format(name, JSON, 0), RUN_FAST.format(name, READING, breakdown.times))
    return (found - nothing) / breakdown.total


def _table(figures: Mapping[str, float], per: str) -> str:
    below = figures[HTTPX] + figures[READING] + figures[MODEL] + figures[VALUE]
    raw = figures[HTTPX] + figures[JSON]
    costs = {
        HTTPX: figures[HTTPX],
        JSON: figures[JSON],
        f"{READING}, beyond that": figures[READING] - figures[JSON],
        MODEL: figures[MODEL],
        VALUE: figures[VALUE],
        **({CONSTRUCTORS: figures[CONSTRUCTORS]} if CONSTRUCTORS in figures else {}),
        "requests, plans, transport, the list": figures[WHOLE] - below,
        f"**{WHOLE}**": figures[WHOLE],
    }
    shares = {"beside httpx and json.loads alone": figures[WHOLE] / raw}
    if FAST in figures:
        costs[FAST] = figures[FAST]
        shares["the whole of ours with it, beside the same"] = (figures[WHOLE] - figures[READING] + figures[FAST]) / raw
    lines = [f"| layer | instructions per {per} | `json.loads` |", "|---|---|---|"]
    lines += [f"| {layer} | {cost:,.0f} | {cost / figures[JSON]:.2f} |" for layer, cost in costs.items()]
    lines += [f"| {what} | {share:.2f}x | |" for what, share in shares.items()]
    return "\n".join(lines)
