"""Two decoders read responses, and nobody can tell which one it was: the same values, and the same errors."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portkey_ft import ResponseError
from portkey_ft._json import CompiledDecoder, compiled_decoder, read_json
from tests.support.decoders import needs_compiled, reading
from tests.support.paths import ROOT

if TYPE_CHECKING:
    from tests.support.ways import Way, Wire

pytestmark = pytest.mark.anyio


def outcome(content: bytes, encoding: str = "utf-8") -> str:
    """Tell what comes of reading, to the last bit: the text of a value shows types, order, -0.0 and each digit."""
    try:
        return repr(read_json(content, encoding))
    except ValueError as error:
        return f"{type(error).__name__}: {error}"


def outcomes(content: bytes, encoding: str = "utf-8") -> tuple[str, str]:
    """Read with the standard library's decoder and with the compiled one."""
    with reading(compiled=False):
        standard = outcome(content, encoding)
    with reading(compiled=True):
        return standard, outcome(content, encoding)


def deep(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


PECULIAR = {
    "the largest of 64 bits": (b"18446744073709551615", 18446744073709551615),
    "one more": (b"18446744073709551616", 18446744073709551616),
    "the smallest of 64 bits": (b"-9223372036854775808", -9223372036854775808),
    "one less": (b"-9223372036854775809", -9223372036854775809),
    "an id of forty digits": (b'{"id":' + b"1" * 40 + b"}", {"id": int("1" * 40)}),
    "four hundred digits": (b"9" * 400, int("9" * 400)),
    "five thousand digits": (b"9" * 5000, ValueError),
    "five thousand digits and a point": (b"9" * 5000 + b".0", math.inf),
    "larger than any": (b"[1e999,-1e999,1e308]", [math.inf, -math.inf, 1e308]),
    "smaller than any": (b"[1e-999,-1e-999,5e-324,4.9406564584124654e-325]", [0.0, -0.0, 5e-324, 0.0]),
    "zeros": (b"[0,-0,0.0,-0.0,0e5]", [0, 0, 0.0, -0.0, 0.0]),
    "whole floats": (b"[1.0,1e2,9007199254740992e3]", [1.0, 100.0, 9007199254740992e3]),
    "long floats": (
        b"[0.1234567890123456789012345678901234567890,2.2250738585072011e-308,9007199254740993.0]",
        [0.12345678901234568, 2.225073858507201e-308, 9007199254740992.0],
    ),
    "no numbers": (b"[NaN,Infinity,-Infinity]", [None, None, None]),
    "numbers that Python would read": (b"[01]", ValueError),
    "a name that comes twice": (b'{"a":1,"b":2,"a":{"c":3,"c":4}}', {"a": {"c": 4}, "b": 2}),
    "a name that is escaped": (b'{"\\u0061":1,"a":2,"":3}', {"a": 2, "": 3}),
    "invalid UTF-8": (b'"\xff"', UnicodeDecodeError),
    "invalid UTF-8 behind what is no JSON": (b'[1,"\xff"', UnicodeDecodeError),
    "overlong UTF-8": (b'"\xc0\x80"', UnicodeDecodeError),
    "a surrogate in UTF-8": (b'"\xed\xa0\x80"', UnicodeDecodeError),
    "half a pair": (b'"\\ud800"', "\ud800"),
    "the other half": (b'{"\\udc00":"\\udc00\\ud800"}', {"\udc00": "\udc00\ud800"}),
    "a pair": (b'"\\ud83d\\ude00"', "\U0001f600"),
    "a byte order mark": (b'\xef\xbb\xbf{"a":1}', {"a": 1}),
    "two of them": (b"\xef\xbb\xbf\xef\xbb\xbf1", ValueError),
    "UTF-16": ('{"a":1}'.encode("utf-16"), UnicodeDecodeError),
    "UTF-32": ('{"a":1}'.encode("utf-32"), UnicodeDecodeError),
    "UTF-16 without a mark": ('{"a":1}'.encode("utf-16-le"), ValueError),
    "nothing": (b"", ValueError),
    "blanks": (b" \t\r\n", ValueError),
    "blanks around": (b" \t\r\n[ 1 , 2 ]\n\r\t ", [1, 2]),
    "other blanks": (b"\x0b1", ValueError),
    "a blank that does not break": (b"\xc2\xa01", ValueError),
    "a control character": (b'"a\x1fb"', ValueError),
    "a line feed in a text": (b'"a\nb"', ValueError),
    "an escaped control character": (b'"\\u0000\\u001f\x7f"', "\x00\x1f\x7f"),
    "a null behind": (b"1\x00", ValueError),
    "escapes": (rb'"\"\\\/\b\f\n\r\t\u00e9"', '"\\/\b\f\n\r\té'),
    "an escape that is none": (rb'"\x61"', ValueError),
    "a comma too many": (b"[1,]", ValueError),
    "two values": (b"1 2", ValueError),
    "lists in lists": (b"[[1,[2]],[]]", [[1, [2]], []]),
    "a name that is no text": (b"{1:2}", ValueError),
    "as deep as is taken": (deep(100), json.loads(deep(100))),
    "deeper": (deep(101), ValueError),
    "too deep for any": (deep(100_000), ValueError),
}


@needs_compiled
@pytest.mark.parametrize("name", PECULIAR)
def test_what_decoders_differ_on_is_the_same(name: str) -> None:
    content, expected = PECULIAR[name]
    standard, compiled = outcomes(content)
    assert compiled == standard
    if isinstance(expected, type):
        with pytest.raises(expected):
            read_json(content)
    else:
        assert standard == repr(expected)


@needs_compiled
@pytest.mark.parametrize("name", PECULIAR)
def test_it_is_the_same_within_a_page(name: str) -> None:
    content, _ = PECULIAR[name]
    standard, compiled = outcomes(b'{"data":[{"id":"a"},{"id":"b","x":' + content + b'}],"has_more":false}')
    assert compiled == standard


@needs_compiled
@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-16-be", "iso8859-1", "cp037", "ascii"])
def test_other_encodings_are_the_same(encoding: str) -> None:
    for text in ('{"a": [1, NaN]}', "[" * 101 + "]" * 101, "{", '["\\ud800"]'):
        standard, compiled = outcomes(text.encode(encoding), encoding)
        assert compiled == standard


WORDS = r"""{ } [ ] " , : 0 1 - . e E + [[ ]] \ \u0000 "\ud800" "\ud83d\ude00" "a": true null NaN Infinity e300 e-330
    1e999 -0 9999999999999999999 18446744073709551616 [[[[[[[[[ ]]]]]]]]] {"":{"":{"":{"":{"":{"":{"":{"": }}}}}}}} é"""
PIECES = st.sampled_from([*WORDS.split(), " ", "\n", "\t", "\x7f", "\ufeff", "\u2028", "\ud800"])
NUMBERS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "-"]),
    st.integers(0) | st.integers(2**53 - 2, 2**53 + 2) | st.integers(2**63 - 2, 2**64 + 2),
    st.just("") | st.integers(0).map(".{}".format),
    st.just("") | st.integers(-400, 400).map("e{}".format),
)
# Surrogates too: the standard library writes and reads them.
TEXTS = st.text(st.characters(), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(TEXTS, inner, max_size=6),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Write a value, and cut, repeat or overwrite a few bytes of it."""
    content = json.dumps(draw(VALUES), ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")
    for _ in range(draw(st.integers(0, 3))):
        begin = draw(st.integers(0, len(content)))
        end = draw(st.integers(begin, min(begin + 4, len(content))))
        put = draw(st.binary(max_size=2) | PIECES.map(lambda piece: piece.encode("utf-8", "surrogatepass")))
        content = content[:begin] + put + content[end:]
    return content


DRAWN = (
    st.binary()
    | mutated()
    | NUMBERS.map(str.encode)
    | st.lists(PIECES, max_size=8).map(lambda pieces: "".join(pieces).encode("utf-8", "surrogatepass"))
)


@needs_compiled
@given(content=DRAWN)
def test_drawn_bytes_are_the_same(content: bytes) -> None:
    standard, compiled = outcomes(content)
    assert compiled == standard


@needs_compiled
@given(content=NUMBERS.map(str.encode))
@example(b"0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001")
@example(b"179769313486231580793728971405301e276")
def test_numbers_are_the_same_to_the_last_bit(content: bytes) -> None:
    standard, compiled = outcomes(b"[" + content + b"]")
    assert compiled == standard


@needs_compiled
def test_a_decoder_that_gives_other_values_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these is what some fast decoder does."""
    others: dict[str, dict[str, Any]] = {
        "one more": {"parse_int": float},
        "no numbers": {},
        "larger than any": {"parse_float": lambda _: 0.0},
        "a name that comes twice": {"object_pairs_hook": lambda pairs: dict(reversed(pairs))},
        "a line feed in a text": {"strict": False},
        "deeper": {},
    }
    for name, options in others.items():
        content, _ = PECULIAR[name]
        decoder = json.JSONDecoder(**options)
        other = CompiledDecoder(lambda content, decoder=decoder: decoder.decode(content.decode()), (ValueError,))
        with reading(compiled=False):
            standard = outcome(content)
        monkeypatch.setattr("portkey_ft._json.compiled_decoder", lambda other=other: other)
        assert outcome(content) != standard, name
        monkeypatch.undo()


@needs_compiled
def test_ordinary_responses_are_not_read_twice() -> None:
    """What the compiled decoder refuses is read by both, so that it may not refuse what is sent every day."""
    samples = json.loads((ROOT / "tests/contract/payloads.json").read_text(encoding="utf-8"))
    with reading(compiled=True):
        compiled = compiled_decoder()
    assert compiled is not None
    for kind, responses in samples.items():
        for name, response in responses.items():
            page = response if "data" in response else {"object": "list", "data": [response] * 3, "has_more": False}
            assert compiled.decode(json.dumps(page).encode()) == page, (kind, name)
    tagged = {"id": "j", "integrations": [{"type": "wandb", "wandb": {"project": "p", "tags": ["t"]}}]}
    assert compiled.decode(json.dumps({"data": [tagged]}).encode()) == {"data": [tagged]}


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=needs_compiled)])
async def test_the_extra_is_used_where_it_is_installed(compiled: bool, way: Way, wire: Wire) -> None:  # noqa: FBT001 - a case
    content = b'{"id": "f", "bytes": 5, "own": {"loss": NaN, "count": 18446744073709551616}}'
    client = way.client(wire.say((200, content), (200, b'{"id": "f"')))
    with reading(compiled=compiled):
        assert (compiled_decoder() is not None) is compiled
        file = await way.get(client.files.retrieve("f"))
        assert (file.bytes, file.raw["own"]) == (5, {"loss": None, "count": 18446744073709551616})
        with pytest.raises(ResponseError, match="not JSON"):
            await way.get(client.files.retrieve("f"))
