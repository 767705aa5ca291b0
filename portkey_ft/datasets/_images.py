"""The rules for images: their addresses, and the formats, sizes and numbers that providers publish."""

from __future__ import annotations

import binascii
import re
from typing import TYPE_CHECKING, Final

from portkey_ft.datasets._values import error, shown, warning

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portkey_ft._profile import ImageLimits
    from portkey_ft.datasets._values import Finding, JsonObject, JsonValue

_DATA_URL: Final = re.compile(r"data:image/([\w.+-]+)(;[^,]*)?,", re.IGNORECASE)
_SIGNATURES: Final = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "png"),
    (re.compile(rb"\xff\xd8\xff"), "jpeg"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "webp"),
    (re.compile(rb"GIF8[79]a"), "gif"),
    (re.compile(rb"BM"), "bmp"),
    (re.compile(rb"II\*\x00|MM\x00\*"), "tiff"),
)
_SAME: Final = {"jpg": "jpeg"}


def image_urls(example: JsonValue, pointer: str = "") -> list[tuple[str, str]]:
    """Collect the images of an example, whatever its shape: the pointer to each address, and the address."""
    found: list[tuple[str, str]] = []
    pending: list[tuple[str, JsonValue]] = [(pointer, example)]
    while pending:
        place, value = pending.pop()
        if isinstance(value, list):
            pending += [(f"{place}/{index}", item) for index, item in enumerate(value)]
        elif isinstance(value, dict):
            image = value.get("image_url") if value.get("type") == "image_url" else None
            url = image.get("url") if isinstance(image, dict) else None
            if isinstance(url, str):
                found.append((f"{place}/image_url/url", url))
            else:
                pending += [(f"{place}/{key}", item) for key, item in value.items() if isinstance(item, dict | list)]
    return sorted(found)


def image_findings(images: list[tuple[str, str]], limits: ImageLimits) -> Iterator[Finding]:
    """Find what is wrong with the images of an example.

    Args:
        images: What :func:`image_urls` gave.
        limits: What the provider publishes.
    """
    if limits.per_example is not None and len(images) > limits.per_example:
        yield error(
            "",
            "too-many-images",
            f"The example has {len(images)} images; at most {limits.per_example} are taken. Use fewer.",
        )
    for pointer, url in images:
        if not url.startswith(limits.schemes):
            schemes = ", ".join(limits.schemes)
            yield error(
                pointer,
                "bad-url",
                f"'{shown(url)}' does not begin with {schemes}. A local path is not sent: embed the image.",
            )
        elif url.startswith("data:"):
            yield from _embedded_findings(pointer, url, limits)


def _embedded_findings(pointer: str, url: str, limits: ImageLimits) -> Iterator[Finding]:
    """Find what is wrong with an embedded image."""
    head = _DATA_URL.match(url)
    if head is None or not (head[2] or "").lower().endswith(";base64"):
        yield error(
            pointer,
            "image-not-base64",
            f"'{shown(url, 30)}' is no embedded image. Write it as data:image/png;base64, and the image in base64.",
        )
        return
    try:
        image = binascii.a2b_base64(url[head.end() :], strict_mode=True)
    except ValueError as reason:
        yield error(pointer, "image-not-base64", f"The image cannot be decoded ({reason}). Encode it in base64.")
        return
    if limits.maximum_bytes is not None and len(image) > limits.maximum_bytes:
        most = f"{limits.maximum_bytes // 1024**2} MB"
        yield error(pointer, "image-too-large", f"The image has {len(image):,} bytes; at most {most} are taken.")
    declared = _SAME.get(head[1].lower(), head[1].lower())
    actual = next((name for signature, name in _SIGNATURES if signature.match(image)), declared)
    if limits.formats is not None and actual not in limits.formats:
        formats = ", ".join(sorted(limits.formats))
        yield error(
            pointer, "image-format", f"The image is {shown(actual)}, and one of {formats} is taken. Convert it."
        )
    elif actual != declared:
        yield warning(
            pointer, "image-type", f"The image is {actual} and is said to be {shown(declared)}. Correct the data: URL."
        )


def may_hold_images(example: JsonObject) -> bool:
    """Return quickly whether an example may hold images: whether a content is an array of parts."""
    return any(
        isinstance(message, dict) and isinstance(message.get("content"), list)
        for messages in (example.get("messages"), example.get("input"))
        for message in _messages(messages)
    )


def _messages(value: JsonValue) -> list[JsonValue]:
    inner = value.get("messages") if isinstance(value, dict) else value
    return inner if isinstance(inner, list) else []
