"""What the command line asks for, as a value."""

from pathlib import Path

import attrs


@attrs.frozen
class Request:
    """One call of the tool; each verb uses what belongs to it."""

    verb: str
    root: Path
    source: str | None = None
    old: str = ""
    new: str = ""
    rule: str = ""
    check: bool = False
    accept: str = "additive"
    everything: bool = False
    offline: bool = False
