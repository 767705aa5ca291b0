"""Reading responses with the generated models: one thing, or a page of a list, and a warning of what was unreadable.

Nothing here knows the generated client: the seam passes in its models' parsers.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from portkey_ft._api.error_responses import json_payload, response_info
from portkey_ft._api.values import FieldLocation, id_of, kind_of, to_bool, to_str
from portkey_ft._http.messages import Response
from portkey_ft._json import is_array, is_object
from portkey_ft._warnings import warn
from portkey_ft.errors import NotSupportedError, ResponseError
from portkey_ft.types import Identified, Page

__all__ = ["location_of", "parse_model", "read_one", "read_page", "unsupported"]

M = TypeVar("M")
T = TypeVar("T")
Item = TypeVar("Item", bound=Identified)

# What a generated model may raise about data that are not what the document says.
_MODEL_ERRORS = (AttributeError, KeyError, TypeError, ValueError)
_NEEDED = ("data", "id")


def parse_model(parse: Callable[[Any], M], data: object, location: FieldLocation) -> M:
    """Parse with a generated model, whose own errors name neither operation nor location."""
    if not is_object(data):
        raise location.error(None, f"expected an object, got {kind_of(data)}")
    with suppress(*_MODEL_ERRORS):
        return parse(data)
    needed = {name: data[name] for name in _NEEDED if name in data}
    kept = dict(needed)
    for name, value in data.items():
        try:
            parse({**needed, name: value})
        except KeyError:
            break
        except _MODEL_ERRORS:
            location.note(name, f"expected something else, got {kind_of(value)}")
        else:
            kept[name] = value
    try:
        return parse(kept)
    except KeyError as error:
        raise location.error(str(error.args[0]), "a field is missing that is always needed") from None
    except _MODEL_ERRORS:
        raise location.error(None, "its shape is not the expected one") from None


def location_of(operation: str, response: Response, data: object) -> FieldLocation:
    return FieldLocation(operation, response_info(response), redact=response.redact, body=data)


def read_one(
    parse: Callable[[Any], M], build: Callable[[M, Any, FieldLocation], T], operation: str, response: Response
) -> T:
    """Read a response that is one thing."""
    data = json_payload(response)
    location = location_of(operation, response, data)
    value = build(parse_model(parse, data, location), data, location)
    _warn_of_unreadable(location)
    return value


def read_page(
    parse: Callable[[Any], Any],
    parse_item: Callable[[Any], Any],
    build: Callable[[Any, Any, FieldLocation], Item],
    operation: str,
    response: Response,
) -> Page[Item]:
    """Read a response that is a page of a list."""
    data = json_payload(response)
    location = location_of(operation, response, data)
    raws: object = data.get("data") if is_object(data) else None
    if is_object(data) and raws is None and "data" in data:
        raws = []
    if not is_array(raws):
        raise _no_list(data, location)
    items: tuple[Item, ...] = ()
    # All at once if all is well. Otherwise item by item: each has its own location, and does not hide the others.
    try:
        model = parse({**data, "data": raws})
        items = tuple([build(item, raw, location) for item, raw in zip(model.data, raws, strict=True)])
    except (*_MODEL_ERRORS, ResponseError):
        model = None
    if model is None or location.unreadable:
        location.unreadable.clear()
        model = parse_model(parse, {**data, "data": []}, location)
        places = [location.child("data", index) for index in range(len(raws))]
        pairs = zip(raws, places, strict=True)
        items = tuple([build(parse_model(parse_item, raw, place), raw, place) for raw, place in pairs])
    has_more = to_bool(model.has_more, "has_more", location)
    last_id = to_str(model.last_id, "last_id", location)
    if has_more is None and last_id is not None and all(item.id != last_id for item in items):
        # Bedrock's: no id but AWS's token for the next page, which is there only if there is a next page.
        has_more = True
    page = Page(
        items,
        has_more=has_more,
        cursor=last_id or (items[-1].id if items else None),
        object=to_str(model.object_, "object", location),
        response=location.response,
    )
    _warn_of_unreadable(location)
    return page


def _warn_of_unreadable(location: FieldLocation) -> None:
    """Warn once of a response, whatever number of its fields could not be read."""
    if not location.unreadable:
        return
    first, *others = location.unreadable
    subject = id_of(location.body)
    more = f" {len(others)} more fields could not be read either." if others else ""
    warn(
        location.redact(
            f"{location.operation}{f' ({subject})' if subject else ''}: the field {first.pointer} of the response was "
            f"read as None: {first.problem}.{more} What came is in .raw."
        )
    )


def _no_list(data: object, location: FieldLocation) -> Exception:
    if is_object(data) and "id" in data:
        # The gateway routes events and checkpoints of most providers to the job itself.
        return unsupported(location, "it responded with the job in place of a list.")
    found = data.get("data") if is_object(data) else data
    return location.error("data" if is_object(data) else None, f"expected a list, got {kind_of(found)}")


def unsupported(location: FieldLocation, hint: str) -> NotSupportedError:
    message = f"the gateway has no {location.operation} for {location.response.provider or 'this provider'}."
    return NotSupportedError(
        message, hint=hint, operation=location.operation, trace_id=location.redacted(location.response.trace_id)
    )
