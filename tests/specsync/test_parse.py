import pytest

from scripts.specsync.document.json_values import JsonValue
from scripts.specsync.document.yaml_reader import DuplicateKeyError, Limits, lines_of, parse
from scripts.specsync.document.yaml_writer import write_yaml
from scripts.specsync.errors import SourceError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("NO", "NO"),
        ("true", True),
        ("~", None),
        ("", None),
        ("0o17", 15),
        ("0x1F", 31),
        ("0777", 777),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("+1", 1),
        ("2024-01-01", "2024-01-01"),
        ("'12'", "12"),
        ('"\\u00e9"', "é"),
        ("!!str 12", "12"),
        ("! 12", "12"),
        ("!!int '12'", 12),
        ("=", "="),
        ("-", [None]),
        ("[a, {b: c}]", ["a", {"b": "c"}]),
    ],
)
def test_scalars_have_their_meaning_of_yaml_1_2(text: str, value: JsonValue) -> None:
    assert parse(f"a: {text}\n".encode() if text != "-" else b"a:\n-\n") == {"a": value}


def test_keys_are_text_as_they_are_written() -> None:
    assert parse(b"200: a\nyes: b\n~: c\n1.0: d") == {"200": "a", "yes": "b", "~": "c", "1.0": "d"}


def test_equal_keys_are_refused_with_both_lines() -> None:
    with pytest.raises(DuplicateKeyError, match=r"line 4: key 'b' is already in this mapping, on line 2"):
        parse(b"a:\n  b: 1\n  c: 2\n  b: 3\n")


def test_a_number_and_a_text_that_look_alike_are_equal_keys() -> None:
    with pytest.raises(DuplicateKeyError):
        parse(b"200: a\n'200': b\n")


def test_what_an_alias_stands_for_is_copied_apart() -> None:
    value = parse(b"a: &x {b: [1]}\nc: *x\n")
    assert isinstance(value, dict)
    assert value["a"] == value["c"]
    assert value["a"] is not value["c"]


def test_an_anchor_may_be_used_again() -> None:
    assert parse(b"a: &x 1\nb: *x\nc: &x 2\nd: *x\n") == {"a": 1, "b": 1, "c": 2, "d": 2}


def test_an_undefined_alias_is_refused_with_its_line() -> None:
    with pytest.raises(SourceError, match="line 2: alias \\*nowhere"):
        parse(b"a: 1\nb: *nowhere\n")


def test_a_merge_key_brings_what_is_not_there() -> None:
    assert parse(b"a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\n") == {"a": {"b": 1, "c": 2}, "d": {"b": 3, "c": 2}}


def test_json_is_read_with_its_escapes() -> None:
    assert parse(b'{"a": "\\ud83d\\ude00 \\/", "b": [1.5e3, null]}') == {"a": "\U0001f600 /", "b": [1500.0, None]}


def test_utf_16_with_a_byte_order_mark_is_read() -> None:
    assert parse("a: é".encode("utf-16")) == {"a": "é"}


def test_bytes_that_are_no_text_are_refused_with_their_line() -> None:
    with pytest.raises(SourceError, match="line 2: not utf-8"):
        parse(b"a: 1\nb: \xff\n")


@pytest.mark.parametrize(
    ("limits", "text"),
    [(Limits(size=3), "a: 1"), (Limits(depth=2), "a: {b: {c: 1}}"), (Limits(nodes=3), "[1, 2, 3, 4]")],
    ids=["size", "depth", "nodes"],
)
def test_a_bound_is_kept(limits: Limits, text: str) -> None:
    with pytest.raises(SourceError, match=r"bytes|deeper|values"):
        parse(text.encode(), limits)


def test_aliases_count_as_what_they_stand_for() -> None:
    text = "a: &a [1, 1, 1, 1]\nb: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n"
    with pytest.raises(SourceError, match="aliases included"):
        parse(text.encode(), Limits(nodes=60))


def test_a_pointer_is_found_on_its_line() -> None:
    text = b"a:\n  - b: 1\n  - c:\n      d: 2\n"
    assert lines_of(text, ["/a/1/c/d"])[0] == 4
    assert lines_of(text, ["/a/1/nowhere"])[0] == 3


@pytest.mark.parametrize(
    "text",
    ["1e3", "0o17", "no", "yes", "null", "~", "", " a", "a: b", "a #b", "- a", "12:30", "2024-01-01", "=", "<<", "\t",
     "a\nb", "\x85", "\u2028", "\ufeff", "'", '"', "\\", "#", "[", "{", "%", "@", "`", "&a", "*a", "!a", "é", "0x1f",
     "1_000", ".inf", "NaN", "-.5", "+1", "a" * 3000],
)  # fmt: skip
def test_any_text_survives_being_written(text: str) -> None:
    assert parse(write_yaml({"key": text, text: ["x", text]}).encode()) == {"key": text, text: ["x", text]}


def test_other_readers_read_what_is_written() -> None:
    yaml = pytest.importorskip("ruamel.yaml")
    value: JsonValue = {"a": ["1e3", "no", "12:30", 1e22, 1.5, {}, [], {"b": [["x"], {"c": None}]}], "0o17": True}
    assert yaml.YAML(typ="safe", pure=True).load(write_yaml(value)) == value
