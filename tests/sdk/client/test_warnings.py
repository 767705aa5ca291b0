"""A warning names the line of the caller, whichever way the package was called."""

from __future__ import annotations

import warnings
from pathlib import Path

import portkey_ft
from portkey_ft import PortkeyWarning
from portkey_ft._warnings import warn


def test_a_warning_is_a_user_warning_at_the_line_of_the_caller() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn("something is lost")
    (one,) = caught
    assert one.filename == __file__
    assert one.category is PortkeyWarning
    assert issubclass(PortkeyWarning, UserWarning)


def test_a_script_beside_the_package_whose_name_begins_alike_is_the_caller() -> None:
    beside = f"{Path(portkey_ft.__file__).parent}_demo.py"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(compile("\nwarn('something is lost')", beside, "exec"), {"warn": warn})  # noqa: S102 - a script
    assert [(one.filename, one.lineno) for one in caught] == [(beside, 2)]
