"""The fake gateway is a double of the real one: what arrives at a provider is the same with both.

What arrived is recorded too, so that the fake is held against it where the real gateway is not installed.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from portkey_ft.testing import FakeClock, FakeGateway
from portkey_ft.testing._http.messages import Response
from tests.e2e.cases import CASES
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.internet import Internet
from tests.support.gateway_samples import (
    CREATIONS,
    FILE,
    FILES,
    GOOD,
    PLAIN,
    PROVIDERS,
    TOP,
    UPLOADS,
    Sample,
    comparable,
    creation,
    form,
    forwarded,
    headers,
    parsed,
    uploaded,
)

RECORDED = Path(__file__).parents[1] / "testing" / "recorded_arrivals.json"

Record = Callable[[str, str, object], None]


@pytest.fixture(scope="module")
def record(rewriting: bool) -> Iterator[Record]:  # noqa: FBT001 - a fixture
    """Compare what arrived with what is recorded, or record it anew."""
    recorded: dict[str, dict[str, object]] = json.loads(RECORDED.read_text("utf-8")) if RECORDED.exists() else {}

    def record(kind: str, name: str, real: object) -> None:
        if rewriting:
            recorded.setdefault(kind, {})[name] = real
        assert recorded[kind][name] == real

    yield record
    if rewriting:
        text = json.dumps(recorded, indent=1, sort_keys=True, ensure_ascii=False)
        RECORDED.write_text(text + "\n", "utf-8")


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("name", CREATIONS)
def test_the_same_body_of_a_create_arrives_at_the_provider(
    name: str, provider: str, gateway: GatewayProcess, internet: Internet, record: Record
) -> None:
    document = creation(provider, name)
    httpx.post(f"{gateway.base_url}/fine_tuning/jobs", headers=headers(provider), json=document, timeout=60)
    arrived = comparable(internet.backends[provider].store.received[-1].json)
    record("creations", f"{name}, {provider}", arrived)
    assert comparable(forwarded(provider, document)) == arrived


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_file_that_is_no_location_stops_the_same_creates(
    provider: str, gateway: GatewayProcess, internet: Internet
) -> None:
    document = {"model": CASES[provider].model, "training_file": "100%"}
    real = httpx.post(f"{gateway.base_url}/fine_tuning/jobs", headers=headers(provider), json=document, timeout=60)
    fake = forwarded(provider, document)
    assert isinstance(fake, Response) == (not internet.backends[provider].store.received)
    if isinstance(fake, Response):
        assert isinstance(fake.body, bytes)
        assert (fake.status, json.loads(fake.body)) == (real.status_code, real.json())


def really_uploaded(sample: Sample, gateway: GatewayProcess, internet: Internet) -> list[object]:
    """Return the same of the real gateway as ``uploaded`` of the fake one."""
    internet.clear()
    response = httpx.post(f"{gateway.base_url}/files", headers=sample.headers, content=sample.body, timeout=60)
    if not response.is_success:
        return [response.status_code, "", parsed(response.headers["content-type"], response.text)]
    puts = [one.body for one in internet.backends[sample.provider].store.received if one.method == "PUT"]
    return [response.status_code, b"".join(puts).decode(), response.json()["bytes"]]


@pytest.mark.parametrize("name", UPLOADS)
def test_the_same_of_an_upload_is_stored(
    name: str, gateway: GatewayProcess, internet: Internet, record: Record
) -> None:
    real = really_uploaded(UPLOADS[name], gateway, internet)
    record("uploads", name, real)
    assert uploaded(UPLOADS[name]) == real


@pytest.mark.parametrize("rows", [5_000, 9_000])
def test_a_file_of_many_parts_is_refused_by_s3(rows: int, gateway: GatewayProcess, internet: Internet) -> None:
    sample = Sample("bedrock", form((GOOD + b"\n") * rows), {})
    real = really_uploaded(sample, gateway, internet)
    assert uploaded(sample) == real
    assert real[0] == (500 if len(sample.body) > 1_000_000 else 200)


def test_a_part_in_lower_case_is_not_found(gateway: GatewayProcess, internet: Internet) -> None:
    sample = Sample("bedrock", PLAIN.replace(FILE, FILE.lower()), {})
    really_uploaded(sample, gateway, internet)
    # The gateway completes an upload without a part, which S3 refuses and the back end of these tests does not.
    assert not [one for one in internet.backends["bedrock"].store.received if one.method == "PUT"]
    assert uploaded(sample)[:2] == [500, ""]


@pytest.mark.parametrize("verb", ["cancel", "pause", "resume"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_same_verbs_cancel_a_job(provider: str, verb: str, gateway: GatewayProcess, internet: Internet) -> None:
    job_id = "arn:aws:bedrock:us-east-1:1:model-customization-job/x" if provider == "bedrock" else "1234"
    asked: dict[str, object] = {}
    store = internet.backends[provider].store
    store.start(job_id, asked)
    path = f"fine_tuning/jobs/{quote(job_id, safe='')}/{verb}"
    httpx.post(f"{gateway.base_url}/{path}", headers=headers(provider), timeout=60)
    fake = FakeGateway(clock=FakeClock())
    fake.add_job(job_id=job_id, provider=provider)
    with httpx.Client(transport=fake.transport(), base_url="https://gateway.test/v1") as client:
        client.post(f"/{path}", headers=headers(provider))
    assert (fake.jobs[0].cancelled_at is not None) == store.jobs[job_id].cancelled


@pytest.mark.parametrize("provider", PROVIDERS)
def test_without_a_content_type_no_body_is_forwarded(
    provider: str, gateway: GatewayProcess, internet: Internet
) -> None:
    document = json.dumps({"model": CASES[provider].model, "training_file": FILES.get(provider, "file-1")}).encode()
    path = "fine_tuning/jobs"
    # The back ends cannot read an empty body; that it arrives is enough.
    httpx.post(f"{gateway.base_url}/{path}", headers=headers(provider), content=document, timeout=60)
    assert internet.backends[provider].store.received[-1].body == b""
    fake = FakeGateway(clock=FakeClock())
    with httpx.Client(transport=fake.transport(), base_url="https://gateway.test/v1") as client:
        assert client.post(f"/{path}", headers=headers(provider), content=document).status_code == 400
    assert fake.jobs == ()


JOBS, ARN = "/fine_tuning/jobs", "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Amodel-customization-job%2Fx"
LOCATIONS = {"bedrock": "s3%3A%2F%2Fb%2Fn", "vertex-ai": "gs%3A%2F%2Fb%2Fn"}
UNKNOWN: Mapping[str, tuple[str, str]] = {
    "job": ("GET", f"{JOBS}/{{job}}"),
    "events": ("GET", f"{JOBS}/{{job}}/events?limit=2"),
    "checkpoints": ("GET", f"{JOBS}/{{job}}/checkpoints"),
    "cancel": ("POST", f"{JOBS}/{{job}}/cancel"),
    "pause": ("POST", f"{JOBS}/{{job}}/pause"),
    "page of jobs": ("GET", f"{JOBS}?after=x"),
    "file": ("GET", "/files/{file}"),
    "content": ("GET", "/files/{file}/content"),
    "delete": ("DELETE", "/files/{file}"),
}


def outline(value: object) -> object:
    """Return the keys of a JSON document, without what a provider words in its own way."""
    return {name: outline(inner) for name, inner in value.items()} if isinstance(value, dict) else "a value"


#: Where the provider's own form arrives, the back ends of these tests have one and the fake another.
OWN_FORMS = {
    ("openai", "page of jobs"),
    ("azure-openai", "page of jobs"),
    ("fireworks-ai", "file"),
    ("fireworks-ai", "delete"),
}


@pytest.mark.usefixtures("internet")
@pytest.mark.parametrize(
    ("provider", "name"), [pair for pair in itertools.product(PROVIDERS, UNKNOWN) if pair not in OWN_FORMS]
)
def test_an_error_has_the_same_form(provider: str, name: str, gateway: GatewayProcess) -> None:
    method_, path = UNKNOWN[name]
    path = path.format(job=ARN if provider == "bedrock" else "none", file=LOCATIONS.get(provider, "none"))
    fake = FakeGateway(clock=FakeClock())
    forms = []
    for client in (
        httpx.Client(base_url=gateway.base_url, timeout=60),
        httpx.Client(transport=fake.transport(), base_url="https://gateway.test/v1"),
    ):
        with client:
            response = client.request(method_, path, headers=headers(provider))
        kind = response.headers["content-type"].lower()
        exception = response.headers.get("x-portkey-gateway-exception")
        forms.append((response.status_code, kind, exception, outline(response.json() if "json" in kind else None)))
    assert forms[0] == forms[1]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_same_overrides_of_a_config_arrive(provider: str, gateway: GatewayProcess, internet: Internet) -> None:
    case = CASES[provider]
    override = {"suffix": "over", "seed": 3, "metadata": {"a": "b"}, "hyperparameters": {"n_epochs": 9}}
    sent = {"x-portkey-config": json.dumps(case.config(override_params=override))}
    training_file = FILES.get(provider, "file-1")
    document = {"model": case.model, "training_file": training_file, "role_arn": "r", "suffix": "s", **TOP}
    httpx.post(f"{gateway.base_url}{JOBS}", headers=sent, json=document, timeout=60)
    fake = FakeGateway(clock=FakeClock())
    fake.add_file(file_id=training_file, provider=provider)
    with httpx.Client(transport=fake.transport(), base_url="https://gateway.test/v1") as client:
        client.post(JOBS, headers=sent, json=document)
    assert comparable(fake.jobs[0].received) == comparable(internet.backends[provider].store.received[-1].json)
