"""How the site is built: `sphinx-build -nW --keep-going -b html docs docs/_build/html`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "generated")]

from portkey_ft import __version__  # noqa: E402 - found by the line above

project = "portkey-ft"
author = "The portkey-ft authors"
project_copyright = author
release = version = __version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
default_role = "code"
myst_heading_anchors = 3
# Lists have a property that is called object; a hint of type object means Python's.
suppress_warnings = ["ref.python"]

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
# Types stand in the signature, where callers look for them; "Args" says what they mean.
autodoc_typehints = "signature"
autosummary_generate = False
python_maximum_signature_line_length = 100
napoleon_google_docstring = True
napoleon_numpy_docstring = False
# The fields of a class are listed in its docstring, once.
napoleon_use_ivar = True

# Every link within this package must lead somewhere. What belongs to Python, to libraries,
# or to the inside of this package has no page here.
nitpick_ignore_regex = [
    (r"py:.*", r"(?!portkey_ft).*"),
    (r"py:.*", r"portkey_ft(\.\w+)*\._(?!writing\.(Call|Watch)Options$).*"),
    # Type variables.
    (r"py:.*", r"portkey_ft(\.\w+)*\.T"),
]

html_theme = "furo"
html_title = f"portkey-ft {version}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {"sidebar_hide_name": False, "navigation_with_keys": True}
html_show_sphinx = False
html_copy_source = False


def _keep_colons(
    _app: object, what: str, _name: str, _thing: object, _options: object, lines: list[str]
) -> None:
    """Keep napoleon from taking a property's words before a colon for its type."""
    if what == "property" and lines:
        lines.insert(0, "")


def _without_nothing(
    _app: object,
    _what: str,
    _name: str,
    _thing: object,
    _options: object,
    signature: str | None,
    returns: str | None,
) -> tuple[str | None, str | None]:
    """Show a default that is made anew each time as "...", and not by the mark of attrs."""
    return signature and signature.replace(" = NOTHING", " = ..."), returns


def setup(app: Sphinx) -> None:
    """Take part in the reading of signatures, and of docstrings before napoleon does."""
    app.connect("autodoc-process-signature", _without_nothing)
    app.connect("autodoc-process-docstring", _keep_colons, priority=400)
