"""Writes docs/providers.md from the findings of a run. Pure: findings in, text out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from attrs import field, frozen

from tests.e2e.cases import Case
from tests.e2e.truth.creates import Cell
from tests.e2e.truth.page import LEGEND, Messages, create_sections, file_rows, of_any_provider
from tests.e2e.truth.uploads import FileCell

GATEWAY_VERSION = "1.15.2"

_HEAD = f"""\
# Providers

What works for which provider through the open-source gateway (`@portkey-ai/gateway` {GATEWAY_VERSION}), and what
becomes of everything that you ask for. This page is written by `tests/e2e/test_providers.py`, which makes every call
against the real gateway, with back ends that respond as the providers do; a test fails when the page and the run
differ.
`PORTKEY_FT_E2E_REWRITE=1 nox -s e2e` writes it anew. No provider's own servers were called.

## What each provider needs

Always: `provider=`, `authorization=` where there is one, and these `provider_headers=`. In a config the same names
stand beside `provider` and `api_key`, except where another name is given.

"""
_WORKS = """
No operation fails silently: one that does not work raises the error below the table that the number leads to. "With"
names a header without which it does not work; "one page" is a list of which further pages cannot be had. `jobs` stands
for `fine_tuning.jobs`, PROVIDER for the provider's name.
"""
_CREATE = """
## What becomes of the arguments of a job

Every argument of `fine_tuning.jobs.create`, alone, through the real gateway; what it says is then looked for in what
the provider received. The run fails if it neither arrived nor was refused or warned of. It is done with `provider=`,
`config=`, a config with targets, and `virtual_key=` (a proxy does for this what the hosted gateway does); a cell says
so where these differ.

"""
_FILES = """
## What becomes of a training file

Each file is uploaded with `files.create(file=path)`, and what is stored is compared with it line by line. Where an
iterator of bytes ("streamed") or `check=True` make a difference, the cell says so. A file is refused before it is sent,
or while it is sent if it can be read only once; the cell names [the rules](reference/datasets.md). With `check=False`
nothing is checked, and the gateway may drop what is refused here. Other words for the same (a role, the place of a
system message) are no difference.

"""


@frozen
class Finding:
    """The outcome of one operation with one provider.

    Attributes:
        error: The error that is raised where it does not work, with its message.
        needs: The headers without which it does not work, each with the error that is then raised.
        one_page: The error that is raised when there are more items than fit on a page, if further ones cannot be had.
    """

    error: tuple[str, str] | None = None
    needs: Mapping[str, tuple[str, str]] = field(factory=dict)
    one_page: tuple[str, str] | None = None

    def cell(self, provider: str, messages: Messages) -> str:
        """Return the cell of the table, with the numbers of what users read."""
        if self.error is not None:
            return f"no ({_number(self.error, provider, messages)})"
        names = [f"`{name}` ({_number(error, provider, messages)})" for name, error in self.needs.items()]
        works = f"with {', '.join(names)}" if names else "yes"
        pages = f"; one page ({_number(self.one_page, provider, messages)})" if self.one_page else ""
        return f"{works}{pages}"


def _number(error: tuple[str, str], provider: str, messages: Messages) -> int:
    name, text = error
    return messages.number(f"`{name}`: {of_any_provider(text, provider)}")


def page(
    cases: Sequence[Case],
    found: Mapping[tuple[str, str], Finding],
    creates: Sequence[Cell],
    files: Sequence[FileCell],
    surprises: Mapping[str, Sequence[str]],
) -> str:
    """Write the page.

    Args:
        cases: The providers.
        found: What was found, by operation and provider.
        creates: What became of the arguments of a create.
        files: What became of training files.
        surprises: What else the gateway does, by provider; each sentence is held by a test.
    """
    operations = list(dict.fromkeys(operation for operation, _ in found))
    messages = Messages()
    rows = [
        [f"`{operation}`", *(found[operation, case.provider].cell(case.provider, messages) for case in cases)]
        for operation in operations
    ]
    parts = [
        _HEAD,
        _table(["provider", "`authorization=`", "`provider_headers=`", "other names in a config"], map(_needs, cases)),
        "\n## What works\n\n",
        _table(["operation", *(case.provider for case in cases)], rows),
        _WORKS,
        messages.listed(),
        _CREATE,
        LEGEND,
        *_create_tables(cases, creates),
        _FILES,
        _file_table(cases, files),
        "\n## What else to know\n",
        *(_section(provider, sentences) for provider, sentences in surprises.items()),
    ]
    return "".join(parts)


def _create_tables(cases: Sequence[Case], creates: Sequence[Cell]) -> Iterator[str]:
    providers = [case.provider for case in cases]
    for topic, rows, messages in create_sections(creates, providers):
        yield f"\n### {topic}\n\n" + _table(["argument", *providers], rows) + messages.listed()


def _file_table(cases: Sequence[Case], files: Sequence[FileCell]) -> str:
    providers = [case.provider for case in cases]
    rows, messages = file_rows(files, providers)
    return _table(["training file", *providers], rows) + messages.listed()


def _needs(case: Case) -> list[str]:
    names = ", ".join(f"`{name}`" for name in case.needs) or "-"
    others = ", ".join(f"`{name}` is `{other}`" for name, other in case.config_names.items()) or "-"
    return [f"`{case.provider}`", "yes" if case.authorization else "no", names, others]


def _table(head: Sequence[str], rows: object) -> str:
    lines = [head, ["---"] * len(head), *rows]  # type: ignore[misc]  # any iterable of rows
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _section(provider: str, sentences: Sequence[str]) -> str:
    return f"\n**{provider}**\n\n" + "".join(f"- {sentence}\n" for sentence in sentences)
