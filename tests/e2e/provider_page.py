"""The page docs/providers.md: what the run found out, put into words. Pure: findings in, text out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from tests.e2e.cases import Case

GATEWAY_VERSION = "1.15.2"

_HEAD = f"""\
# Providers

What works for which provider through the open gateway (`@portkey-ai/gateway` {GATEWAY_VERSION}). This page is written
by `tests/e2e/test_providers.py`, which makes every call against the real gateway, with back ends that answer as the
providers do; a test fails when the page and the run differ. `PORTKEY_FT_E2E_REWRITE=1 nox -s e2e` writes it anew.

## What each provider needs

Always: `provider=`, `authorization=` where there is one, and these `provider_headers=`. In a config the same names
stand beside `provider` and `api_key`, except where another name is given.

"""


@frozen
class Finding:
    """What became of one operation with one provider.

    Attributes:
        error: The error that the user sees where it does not work, with its message.
        needs: The headers without which it does not work, each with the error that the user then sees.
        one_page: What the user sees when there are more items than fit on a page, if that cannot be followed.
    """

    error: tuple[str, str] | None = None
    needs: Mapping[str, tuple[str, str]] = field(factory=dict)
    one_page: tuple[str, str] | None = None

    def cell(self) -> str:
        """Give the cell of the table."""
        if self.error is not None:
            return f"no: `{self.error[0]}`"
        works = f"with {', '.join(f'`{name}`' for name in self.needs)}" if self.needs else "yes"
        return f"{works}; further pages: `{self.one_page[0]}`" if self.one_page else works


def page(
    cases: Sequence[Case], found: Mapping[tuple[str, str], Finding], surprises: Mapping[str, Sequence[str]]
) -> str:
    """Write the page.

    Args:
        cases: The providers.
        found: What was found, by operation and provider.
        surprises: What else the gateway does, by provider; each sentence is held by a test.
    """
    operations = list(dict.fromkeys(operation for operation, _ in found))
    rows = [[f"`{operation}`", *(found[operation, case.provider].cell() for case in cases)] for operation in operations]
    parts = [
        _HEAD,
        _table(["provider", "`authorization=`", "`provider_headers=`", "other names in a config"], map(_needs, cases)),
        "\n## What works\n\n",
        _table(["operation", *(case.provider for case in cases)], rows),
        "\nNo operation fails in silence: one that does not work raises the error that the table names.\n",
        "\n## What is said where it does not work\n\n",
        _table(["operation", "provider", "the user sees"], _messages(found)),
        "\n## What else to know\n",
        *(_section(provider, sentences) for provider, sentences in surprises.items()),
    ]
    return "".join(parts)


def _needs(case: Case) -> list[str]:
    names = ", ".join(f"`{name}`" for name in case.needs) or "-"
    others = ", ".join(f"`{name}` is `{other}`" for name, other in case.config_names.items()) or "-"
    return [f"`{case.provider}`", "yes" if case.authorization else "no", names, others]


def _messages(found: Mapping[tuple[str, str], Finding]) -> list[list[str]]:
    rows = []
    for (operation, provider), finding in found.items():
        place = [f"`{operation}`", provider]
        if finding.error is not None:
            rows.append([*place, f"`{finding.error[0]}`: {finding.error[1]}"])
        rows += [
            [f"`{operation}` without `{header}`", provider, f"`{kind}`: {text}"]
            for header, (kind, text) in finding.needs.items()
        ]
        if finding.one_page is not None:
            rows.append([f"`{operation}`, second page", provider, f"`{finding.one_page[0]}`: {finding.one_page[1]}"])
    return rows


def _table(head: Sequence[str], rows: object) -> str:
    lines = [head, ["---"] * len(head), *rows]  # type: ignore[misc]  # any iterable of rows
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _section(provider: str, sentences: Sequence[str]) -> str:
    return f"\n**{provider}**\n\n" + "".join(f"- {sentence}\n" for sentence in sentences)
