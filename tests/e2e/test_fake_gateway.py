"""The fake gateway is a double of the real one: what arrives at a provider is the same with both."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from portkey_ft.testing import FakeClock, FakeGateway
from portkey_ft.testing._http.messages import Problem, Request, Response
from portkey_ft.testing._http.multipart import read_upload
from portkey_ft.testing._providers import javascript
from portkey_ft.testing._providers.base import Creation, NewFile
from portkey_ft.testing._providers.registry import DIALECTS
from tests.e2e.cases import CASES
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.internet import Internet

PROVIDERS = tuple(CASES)

TOP = {"hyperparameters": {"n_epochs": 3, "batch_size": 4, "learning_rate_multiplier": 0.00002}}
INNER = {"n_epochs": 2, "batch_size": 8, "learning_rate_multiplier": 2.0, "beta": 0.1}


def method(kind: str = "supervised", **block: object) -> dict[str, object]:
    return {"method": {"type": kind, kind: {"hyperparameters": INNER, **block}}}


FILES = {"bedrock": "s3%3A%2F%2Fb%2Fdir%2Fk.jsonl", "vertex-ai": "gs%3A%2F%2Fb%2Fk.jsonl"}

#: What is created, beside a model and a training file.
CREATIONS: Mapping[str, dict[str, Any]] = {
    "nothing": {},
    "suffix": {"suffix": "s"},
    "top": TOP,
    "method": method(),
    "method, empty top": {**method(), "hyperparameters": {}},
    "method, null top": {**method(), "hyperparameters": None},
    "method, false top": {**method(), "hyperparameters": False},
    "both": {**method(), **TOP},
    "bare method and top": {"method": {"type": "supervised"}, **TOP},
    "bare method": {"method": {"type": "supervised"}},
    "method without type": {"method": {"supervised": {"hyperparameters": INNER}}},
    "method as text": {"method": "supervised"},
    "method as text and top": {"method": "supervised", **TOP},
    "dpo": method("dpo"),
    "reinforcement": method("reinforcement", grader={"type": "score_model"}),
    "everything": {
        **TOP,
        "suffix": "s",
        "seed": 12345678901234567890,
        "validation_file": "v%2Fw",
        "integrations": [{"type": "wandb", "wandb": {"project": "p"}}],
        "metadata": {"team": "a"},
        "job_name": "j",
        "role_arn": "arn:aws:iam::1:role/r",
        "output_file": {"s3Uri": "s3://b/out/"},
        "customization_type": "REINFORCEMENT_FINE_TUNING",
        "model_type": "text",
        "output_model": "o",
        "learning_rate": 0.1,
        "provider_options": {"model": "m"},
        "portkey_options": {"x": "y"},
        "unknown": 1,
    },
    "auto": {"hyperparameters": {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"}},
    "zeros": {"hyperparameters": {"n_epochs": 0, "batch_size": 0, "learning_rate_multiplier": 0}},
    "numbers": {"hyperparameters": {"n_epochs": 1.0, "batch_size": 1.5, "learning_rate_multiplier": 1e-7}},
    "nulls": {"suffix": None, "validation_file": None, "seed": None, "job_name": None},
    "empty": {"suffix": "", "job_name": "", "role_arn": "", "validation_file": ""},
    "full names": {"validation_file": "accounts/a/datasets/v"},
}


def headers(provider: str, **more: str) -> dict[str, str]:
    case = CASES[provider]
    given = {f"x-portkey-{name.replace('_', '-')}": text for name, text in (case.needs | case.upload_needs).items()}
    authorization = {"authorization": f"Bearer {case.authorization}"} if case.authorization else {}
    purpose = {"x-portkey-file-purpose": "fine-tune"} if provider == "bedrock" else {}
    named = {name.replace("_", "-"): text for name, text in more.items()}
    return {"x-portkey-provider": provider, **given, **authorization, **purpose, **named}


def comparable(body: object) -> object:
    """Leave out what is made up at random."""
    return json.loads(re.sub(r"portkey-finetune-[0-9a-f-]{36}", "portkey-finetune-RANDOM", json.dumps(body)))


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("name", CREATIONS)
def test_the_same_body_of_a_create_arrives_at_the_provider(
    name: str, provider: str, gateway: GatewayProcess, internet: Internet
) -> None:
    case = CASES[provider]
    document = {"model": case.model, "training_file": FILES.get(provider, "file-1"), **CREATIONS[name]}
    httpx.post(f"{gateway.base_url}/fine_tuning/jobs", headers=headers(provider), json=document)
    arrived = internet.backends[provider].store.received[-1].json
    creation = Creation(
        body=javascript.parse(json.dumps(document)),  # type: ignore[arg-type] # a mapping
        account_id=case.needs.get("fireworks_account_id"),
        serial=1,
    )
    assert comparable(DIALECTS[provider].forward_job(creation)) == comparable(arrived)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_file_that_is_no_location_stops_the_same_creates(
    provider: str, gateway: GatewayProcess, internet: Internet
) -> None:
    document = {"model": CASES[provider].model, "training_file": "100%"}
    real = httpx.post(f"{gateway.base_url}/fine_tuning/jobs", headers=headers(provider), json=document)
    creation = Creation(body=document, account_id="e2e-account", serial=1)
    forwarded = DIALECTS[provider].forward_job(creation)
    assert isinstance(forwarded, Response) == (not internet.backends[provider].store.received)
    if isinstance(forwarded, Response):
        assert isinstance(forwarded.body, bytes)
        assert (forwarded.status, json.loads(forwarded.body)) == (real.status_code, real.json())


SYS, U, A = ({"role": role, "content": f"{role} é"} for role in ("system", "user", "assistant"))
CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1.0}'}}
TOOL = {
    "type": "function",
    "function": {
        "name": "f",
        "strict": True,
        "parameters": {
            "$schema": "s",
            "type": "object",
            "additionalProperties": False,
            "properties": {"a": {"type": "number", "additionalProperties": False}, "b": {"anyOf": [{"$schema": "x"}]}},
        },
    },
}


def chat(*messages: object, **more: object) -> str:
    return json.dumps({"messages": messages, **more}, ensure_ascii=False)


def parts(*content: object) -> dict[str, object]:
    return {"role": "user", "content": content}


def image(url: object) -> dict[str, object]:
    return {"type": "image_url", "image_url": {"url": url}}


#: A row each.
ROWS: Mapping[str, str] = {
    "SYS U A": chat(SYS, U, A),
    "U A": chat(U, A),
    "SYS U A U A": chat(SYS, U, A, U, A),
    "U A U A": chat(U, A, U, A),
    "U U A": chat(U, U, A),
    "A U A": chat(A, U, A),
    "SYS U U A": chat(SYS, U, U, A),
    "SYS U A U": chat(SYS, U, A, U),
    "SYS SYS U A": chat(SYS, SYS, U, A),
    "U SYS A": chat(U, SYS, A),
    "SYS U A SYS U A": chat(SYS, U, A, SYS, U, A),
    "developer": chat({**SYS, "role": "developer"}, U, A),
    "tools": chat(
        SYS,
        U,
        {"role": "assistant", "content": "text", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c", "content": "1"},
        {"role": "tool", "name": "f", "content": "2"},
        A,
        tools=[TOOL],
        tool_choice={"type": "function", "function": {"name": "f"}},
    ),
    "tool choice": chat(U, A, tools=[TOOL], tool_choice="required"),
    "arguments that are no JSON": chat(
        U, {"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "f", "arguments": ""}}]}
    ),
    "parts": chat({"role": "system", "content": [{"type": "text", "text": "1"}, {"type": "text", "text": "2"}]}, U, A),
    "images": chat(
        parts(
            {"type": "text", "text": "look"},
            image("data:image/png;base64,AAAA"),
            image("https://h/a.png"),
            image("https://h/a"),
            image("gs://b/a.jpg"),
            image("AAAA"),
            image(""),
            {"type": "file", "file": {"file_id": "f"}},
        ),
        A,
    ),
    "audio": chat(parts({"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}}), A),
    "null content": chat(U, {"role": "assistant", "content": None}),
    "prompt": json.dumps({"prompt": "p", "completion": "c", "extra": 1}),
    "preference": json.dumps({"input": {"messages": [U]}, "preferred_output": [A], "non_preferred_output": [A]}),
    "contents": json.dumps({"contents": [{"role": "user", "parts": [{"text": "a"}]}]}),
    "answer": chat(U, A, answer="42"),
    "extra keys": chat({**SYS, "name": "n"}, U, {**A, "weight": 0, "refusal": None}, id=1, metadata={}),
    "settings": chat(
        U,
        A,
        temperature=0.5,
        top_p=1,
        top_k=3,
        max_tokens=4,
        max_completion_tokens=5,
        stop=["x"],
        seed=7,
        logprobs=True,
        top_logprobs=2,
        response_format={"type": "json_object"},
        modalities=["text"],
        reasoning_effort="low",
        labels={"a": "b"},
        safety_settings=[],
    ),
    "schema": chat(
        U, A, response_format={"type": "json_schema", "json_schema": {"schema": {"$schema": "x", "type": "object"}}}
    ),
    "vision": chat(U, U, A, model="gemini-vision"),
    "empty object": "{}",
    "no messages": chat(),
    "number": "3",
    "array": f"[{chat(U, A)}]",
    "escapes": chat(*({"role": role, "content": "X"} for role in ("system", "user", "assistant"))).replace(
        '"X"', '"\\u00e9\\/\\ud83d"'
    ),
}


def form(content: bytes, *, filename: str = "t.jsonl", first: bytes = b"", purpose: bytes = b"fine-tune") -> bytes:
    lines = [
        b"--BOUNDARY",
        b'Content-Disposition: form-data; name="purpose"',
        b"",
        purpose,
        *([first] if first else []),
        b"--BOUNDARY",
        b'Content-Disposition: form-data; name="file"; filename="' + filename.encode() + b'"',
        b"Content-Type: application/octet-stream",
        b"",
        content,
        b"--BOUNDARY--",
        b"",
    ]
    return b"\r\n".join(lines)


def parsed(content_type: str, text: str) -> object:
    return json.loads(text) if content_type == "application/json" else (content_type.lower(), text)


def both(
    provider: str, body: bytes, gateway: GatewayProcess, internet: Internet, **more: str
) -> tuple[tuple[int, bytes, object], tuple[int, bytes, object]]:
    """Upload to both gateways; return the status, the stored bytes, and the reported size or the error, of each."""
    internet.clear()
    sent = {**headers(provider, **more), "content-type": "multipart/form-data; boundary=BOUNDARY"}
    answer = httpx.post(f"{gateway.base_url}/files", headers=sent, content=body)
    puts = [one.body for one in internet.backends[provider].store.received if one.method == "PUT"]
    told = answer.json()["bytes"] if answer.is_success else parsed(answer.headers["content-type"], answer.text)
    real = (answer.status_code, b"".join(puts) if answer.is_success else b"", told)
    request = Request(method="POST", path="/v1/files", headers={**sent, "content-length": str(len(body))}, body=body)
    upload = read_upload(request)
    assert upload is not None
    new = DIALECTS[provider].new_file(request, upload, 1)
    if isinstance(new, NewFile):
        return real, (200, new.content, new.reported_size)
    response = DIALECTS[provider].error_response(new, "files.create") if isinstance(new, Problem) else new
    assert isinstance(response.body, bytes)
    return real, (response.status, b"", parsed(response.headers["content-type"], response.body.decode()))


def size(*lines: bytes) -> str:
    return str(sum(len(line) + 1 for line in lines) - 1)


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize(
    ("provider", "more"),
    [("bedrock", {}), ("bedrock", {"x_portkey_model_type": "text"}), ("vertex-ai", {}), ("fireworks-ai", {})],
    ids=["bedrock chat", "bedrock text", "vertex", "fireworks"],
)
def test_the_same_of_a_row_is_stored(
    provider: str, more: dict[str, str], name: str, gateway: GatewayProcess, internet: Internet
) -> None:
    row = ROWS[name].encode()
    if provider == "fireworks-ai":
        more = {"x_portkey_file_upload_size": size(row)}
    real, fake = both(provider, form(row + b"\n"), gateway, internet, **more)
    assert fake == real


GOOD = chat(SYS, U, A).encode()
CONTENTS: Mapping[str, bytes] = {
    "CRLF": GOOD + b"\r\n" + GOOD + b"\r\n",
    "no newline at the end": GOOD + b"\n" + GOOD,
    "blank line": GOOD + b"\n\n" + GOOD + b"\n",
    "blank line at the end": GOOD + b"\n\n",
    "blank line in CRLF": GOOD + b"\r\n\r\n" + GOOD + b"\r\n",
    "line of spaces": GOOD + b"\n   \n" + GOOD + b"\n",
    "spaces around": b"  " + GOOD + b"  \n",
    "BOM": b"\xef\xbb\xbf" + GOOD + b"\n",
    "broken": GOOD + b"\n{\n",
    "NaN": GOOD + b'\n{"messages": NaN}\n',
    "two on a line": GOOD + GOOD + b"\n",
    "pretty": json.dumps(json.loads(GOOD), indent=1).encode(),
    "CR only": GOOD + b"\r" + GOOD + b"\r",
    "empty": b"",
    "no UTF-8": GOOD.replace("é".encode(), b"\xff") + b"\n",
    "duplicate keys": b'{"messages": 1, "messages": []}\n' + GOOD + b"\n",
}


@pytest.mark.parametrize("name", CONTENTS)
@pytest.mark.parametrize("provider", ["bedrock", "vertex-ai", "fireworks-ai"])
def test_the_same_of_a_file_is_stored(provider: str, name: str, gateway: GatewayProcess, internet: Internet) -> None:
    content = CONTENTS[name]
    lines = [line.strip().removeprefix(b"\xef\xbb\xbf") for line in content.split(b"\n")]
    more = {"x_portkey_file_upload_size": size(*(line for line in lines if line))} if provider == "fireworks-ai" else {}
    real, fake = both(provider, form(content), gateway, internet, **more)
    assert fake == real


PLAIN = form(GOOD + b"\n")
PURPOSE = b'Content-Disposition: form-data; name="purpose"'
FILE = b'Content-Disposition: form-data; name="file"; filename="t.jsonl"'


def with_field(name: bytes, value: bytes) -> bytes:
    """Add a field between the purpose and the file."""
    head = b'--BOUNDARY\r\nContent-Disposition: form-data; name="' + name + b'"'
    return form(GOOD + b"\n", first=head + b"\r\n\r\n" + value)


def file_first() -> bytes:
    _, purpose, file, end = PLAIN.split(b"--BOUNDARY")
    return b"--BOUNDARY".join([b"", file, purpose, end])


@pytest.mark.parametrize(
    ("provider", "body", "more"),
    [
        ("bedrock", form(GOOD, filename="t.txt"), {}),
        ("bedrock", form(GOOD, filename="t.JSONL"), {}),
        ("bedrock", PLAIN, {"x_portkey_aws_bedrock_model": "nova"}),
        ("bedrock", PLAIN, {"x_portkey_aws_bedrock_model": ""}),
        ("bedrock", PLAIN, {"x_portkey_aws_s3_bucket": ""}),
        ("bedrock", PLAIN, {"x_portkey_file_purpose": "batch"}),
        ("bedrock", PLAIN, {"x_portkey_model_type": "TEXT"}),
        ("bedrock", form(GOOD, purpose=b"batch"), {}),
        ("vertex-ai", PLAIN, {"x_portkey_provider_model": ""}),
        ("vertex-ai", PLAIN, {"x_portkey_vertex_storage_bucket_name": ""}),
        ("vertex-ai", PLAIN, {"x_portkey_file_purpose": "batch"}),
        ("vertex-ai", form(GOOD, purpose=b"evals"), {"x_portkey_file_purpose": "fine-tune"}),
        ("vertex-ai", form(GOOD, purpose=b"evals"), {}),
        ("vertex-ai", PLAIN.replace(PURPOSE, PURPOSE + b"\r\nContent-Type: text/plain"), {}),
        ("vertex-ai", file_first(), {}),
        ("vertex-ai", file_first(), {"x_portkey_file_purpose": "fine-tune"}),
        ("vertex-ai", with_field(b"x", b'{"a": 1}'), {}),
        ("fireworks-ai", PLAIN, {"x_portkey_file_upload_size": size(GOOD)}),
        ("fireworks-ai", PLAIN, {"x_portkey_file_upload_size": ""}),
        ("fireworks-ai", PLAIN, {"x_portkey_file_upload_size": "1"}),
        ("fireworks-ai", PLAIN, {"x_portkey_file_upload_size": f"{size(GOOD)}.9"}),
        ("fireworks-ai", form(GOOD, purpose=b"evals"), {"x_portkey_file_upload_size": size(GOOD)}),
        ("fireworks-ai", file_first(), {"x_portkey_file_upload_size": size(GOOD)}),
        (
            "fireworks-ai",
            with_field(b"expires_after[seconds]", b"3600"),
            {"x_portkey_file_upload_size": size(GOOD, b"3600")},
        ),
    ],
)
def test_the_same_comes_of_a_form(
    provider: str, body: bytes, more: dict[str, str], gateway: GatewayProcess, internet: Internet
) -> None:
    real, fake = both(provider, body, gateway, internet, **more)
    assert fake == real


def test_a_file_of_many_parts_is_refused_by_s3(gateway: GatewayProcess, internet: Internet) -> None:
    assert len(GOOD) * 9_000 > 1_100_000
    real, fake = both("bedrock", form((GOOD + b"\n") * 9_000), gateway, internet)
    assert fake == real
    real, fake = both("bedrock", form((GOOD + b"\n") * 5_000), gateway, internet)
    assert fake == real


def test_a_part_in_lower_case_is_not_found(gateway: GatewayProcess, internet: Internet) -> None:
    real, fake = both("bedrock", PLAIN.replace(FILE, FILE.lower()), gateway, internet)
    # The back end does not word what S3 says of an upload without parts.
    assert fake[:2] == real[:2] == (500, b"")


@pytest.mark.parametrize("verb", ["cancel", "pause", "resume"])
@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_same_verbs_cancel_a_job(provider: str, verb: str, gateway: GatewayProcess, internet: Internet) -> None:
    job_id, asked = "arn:aws:bedrock:us-east-1:1:model-customization-job/x" if provider == "bedrock" else "1234", {}
    store = internet.backends[provider].store
    store.start(job_id, asked)
    path = f"fine_tuning/jobs/{quote(job_id, safe='')}/{verb}"
    httpx.post(f"{gateway.base_url}/{path}", headers=headers(provider))
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
    httpx.post(f"{gateway.base_url}/{path}", headers=headers(provider), content=document)
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
        httpx.Client(base_url=gateway.base_url),
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
    httpx.post(f"{gateway.base_url}{JOBS}", headers=sent, json=document)
    fake = FakeGateway(clock=FakeClock())
    fake.add_file(file_id=training_file, provider=provider)
    with httpx.Client(transport=fake.transport(), base_url="https://gateway.test/v1") as client:
        client.post(JOBS, headers=sent, json=document)
    assert comparable(fake.jobs[0].received) == comparable(internet.backends[provider].store.received[-1].json)
