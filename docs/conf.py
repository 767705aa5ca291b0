"""How the site is built: `sphinx-build -nW --keep-going -b html docs docs/_build/html`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "generated")]

import portkey_ft  # noqa: E402 - found by the line above

project = "portkey-ft"
author = "The portkey-ft authors"
project_copyright = author
release = version = portkey_ft.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_llms_txt",
]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
default_role = "code"
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence"]
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
    (r"py:.*", r"portkey_ft(\.\w+)*\.(Item)?T"),
]

REPOSITORY = "https://github.com/portkey-ft/portkey-ft"

html_theme = "furo"
# The theme's own underlines module names in dark mode, which hides their underscores.
pygments_dark_style = "github-dark"
html_title = f"portkey-ft {version}"
# Where the site is, as whoever hosts it says.
html_baseurl = os.environ.get("READTHEDOCS_CANONICAL_URL", "")
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {
    "sidebar_hide_name": False,
    "navigation_with_keys": True,
    "source_repository": REPOSITORY,
    "source_branch": "main",
    "source_directory": "docs/",
    "top_of_page_buttons": ["view"],
    "footer_icons": [
        {
            "name": "Repository on GitHub",
            "url": REPOSITORY,
            "html": "Repository on GitHub",
            "class": "",
        },
    ],
}
html_show_sphinx = False
html_show_sourcelink = False

# A prompt and what a command prints are not copied with it.
copybutton_prompt_text = "$ "
copybutton_only_copy_prompt_lines = True

# For readers that are programs: an index, and all pages in one file (llmstxt.org).
llms_txt_exclude = ["genindex"]
llms_txt_title = "portkey-ft"
llms_txt_summary = (
    "A Python SDK for fine-tuning through the Portkey AI gateway: jobs, files and "
    "checkpoints of OpenAI, Azure OpenAI, Bedrock, Vertex AI and Fireworks AI, with "
    "synchronous and asynchronous clients of the same shape."
)


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


def _resolve_short_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: Element
) -> Element | None:
    """Lead a name as programs import it, ``portkey_ft.DPO``, to where it is documented."""
    package, _, name = node["reftarget"].rpartition(".")
    if node.get("refdomain") != "py" or package != "portkey_ft":
        return None
    target = f"{getattr(portkey_ft, name).__module__}.{name}"
    domain = env.get_domain("py")
    return domain.resolve_xref(
        env, node["refdoc"], app.builder, node["reftype"], target, node, content
    )


def setup(app: Sphinx) -> None:
    """Take part in the reading of signatures, and of docstrings before napoleon does."""
    app.connect("missing-reference", _resolve_short_name)
    app.connect("autodoc-process-signature", _without_nothing)
    app.connect("autodoc-process-docstring", _keep_colons, priority=400)
