"""Requests that the gateway changes, and how the fake gateway changes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from attrs import frozen

from portkey_ft.testing._http.messages import Problem, Request
from portkey_ft.testing._http.multipart import read_upload
from portkey_ft.testing._providers import javascript
from portkey_ft.testing._providers.base import Creation, NewFile
from portkey_ft.testing._providers.registry import DIALECTS
from tests.e2e.cases import CASES

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
    "odd values": {"hyperparameters": {"n_epochs": [1, None, 2.5], "batch_size": {}, "learning_rate_multiplier": True}},
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
    """Remove random values."""
    return json.loads(re.sub(r"portkey-finetune-[0-9a-f-]{36}", "portkey-finetune-RANDOM", json.dumps(body)))


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


#: One row each.
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
    "thinking": chat(U, A, seed=7, thinking={"type": "enabled", "budget_tokens": 9}, reasoning_effort="low"),
    "thinking without a budget": chat(U, A, thinking={"type": "enabled"}),
    "thinking with no budget": chat(U, A, thinking={"type": "enabled", "budget_tokens": None}),
    "thinking that is off": chat(U, A, thinking={"type": "disabled", "budget_tokens": 9}),
    "thinking in a word": chat(U, A, thinking="on"),
    "thinking that is null": chat(U, A, thinking=None),
    "schema": chat(
        U, A, response_format={"type": "json_schema", "json_schema": {"schema": {"$schema": "x", "type": "object"}}}
    ),
    "vision": chat(U, U, A, model="gemini-vision"),
    "system without text": chat({"role": "system", "content": [image("gs://b/a.jpg")]}, U, A),
    "system without content": chat({"role": "system", "content": None}, U, A),
    "large arguments": chat(
        U, {"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "f", "arguments": '{"a": 1e400}'}}]}
    ),
    "arguments as an object": chat(
        U, {"role": "assistant", "tool_calls": [{**CALL, "function": {"name": "f", "arguments": {}}}]}
    ),
    "tool without function": chat(U, A, tools=[{"type": "web_search"}, {"type": "function"}]),
    "no tools": chat(U, A, tools=[]),
    "null in place of a row": "null",
    "null in place of a message": chat(U, None, A),
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


def size(*lines: bytes) -> str:
    return str(sum(len(line) + 1 for line in lines) - 1)


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


FORMS: tuple[tuple[str, bytes, dict[str, str]], ...] = (
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
)


@frozen
class Sample:
    """An upload: the provider, the body of the request, and its headers beside the usual ones."""

    provider: str
    body: bytes
    more: Mapping[str, str]

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the request."""
        sent = headers(self.provider, **self.more)
        return {**sent, "content-type": "multipart/form-data; boundary=BOUNDARY"}


def _uploads() -> Iterator[tuple[str, Sample]]:
    text = {"x_portkey_model_type": "text"}
    for name, row in ROWS.items():
        body, length = form(row.encode() + b"\n"), {"x_portkey_file_upload_size": size(row.encode())}
        yield f"{name}, bedrock", Sample("bedrock", body, {})
        yield f"{name}, bedrock text", Sample("bedrock", body, text)
        yield f"{name}, vertex-ai", Sample("vertex-ai", body, {})
        yield f"{name}, fireworks-ai", Sample("fireworks-ai", body, length)
    for name, content in CONTENTS.items():
        lines = [line.strip().removeprefix(b"\xef\xbb\xbf") for line in content.split(b"\n")]
        length = {"x_portkey_file_upload_size": size(*(line for line in lines if line))}
        for provider in ("bedrock", "vertex-ai", "fireworks-ai"):
            yield f"file: {name}, {provider}", Sample(provider, form(content), length)
    for number, (provider, body, more) in enumerate(FORMS, start=1):
        yield f"form {number}, {provider}", Sample(provider, body, more)


UPLOADS: Mapping[str, Sample] = dict(_uploads())


def creation(provider: str, name: str) -> dict[str, Any]:
    """Return the body of a create."""
    return {"model": CASES[provider].model, "training_file": FILES.get(provider, "file-1"), **CREATIONS[name]}


def forwarded(provider: str, document: Mapping[str, object]) -> object:
    """Return what the fake gateway makes of the body of a create."""
    body = cast("Mapping[str, object]", javascript.parse(json.dumps(document)))
    account_id = CASES[provider].needs.get("fireworks_account_id")
    return DIALECTS[provider].forward_job(Creation(body=body, account_id=account_id, serial=1))


def parsed(content_type: str, text: str) -> object:
    """Return an error so that two of them can be compared."""
    return json.loads(text) if content_type == "application/json" else [content_type.lower(), text]


def uploaded(sample: Sample) -> list[object]:
    """Return what the fake gateway makes of an upload: status, stored text, and the reported size or the error."""
    length = {"content-length": str(len(sample.body))}
    request = Request(method="POST", path="/v1/files", headers={**sample.headers, **length}, body=sample.body)
    upload = read_upload(request)
    assert upload is not None
    dialect = DIALECTS[sample.provider]
    new = dialect.new_file(request, upload, 1)
    if isinstance(new, NewFile):
        return [200, new.content.decode(), new.reported_size]
    response = dialect.error_response(new, "files.create") if isinstance(new, Problem) else new
    assert isinstance(response.body, bytes)
    return [response.status, "", parsed(response.headers["content-type"], response.body.decode())]
