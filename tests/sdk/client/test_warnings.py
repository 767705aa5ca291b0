"""A warning names the line of the caller, whichever way the package was called."""

from __future__ import annotations

import warnings

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
