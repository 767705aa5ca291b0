from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.release.trial import pythons

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
NAMED = re.compile(r"\bnox (?:-s|--session) ([\w.-]+)")
# The one stored secret: with it the pull request of the spec-sync starts its checks.
APP_KEY = ("actions/create-github-app-token", "private-key", "SPEC_SYNC_APP_PRIVATE_KEY")
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")] + sorted((ROOT / "docs").glob("*.md"))


def sessions() -> set[str]:
    """Give the names of the sessions in noxfile.py, with each Python where there is one of each."""
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            for decorator in node.decorator_list:
                text = ast.unparse(decorator)
                if text.startswith("nox.session"):
                    named = re.search(r"name='([\w.-]+)'", text)
                    found.add(named[1] if named else node.name)
                    if "python=OTHERS" in text:
                        found |= {f"{node.name}-{version}" for version in pythons()}
    return found


def problems(text: str) -> Iterator[str]:
    """Tell what a workflow should not do, a sentence each."""
    workflow: dict[str, Any] = yaml.safe_load(text)
    if workflow.get("permissions") != {}:
        yield "permissions are not taken away from all jobs"
    for line in re.findall(r"uses: (.*)", text):
        if not PINNED.fullmatch(line):
            yield f"{line} is not pinned to a commit, with its version beside it"
    for name, job in workflow["jobs"].items():
        yield from (f"{name}: {problem}" for problem in job_problems(job))


def job_problems(job: dict[str, Any]) -> Iterator[str]:
    if "timeout-minutes" not in job:
        yield "it may run for hours"
    if "permissions" not in job:
        yield "it does not say what it may do"
    elif "id-token" in job["permissions"]:
        if len(job["permissions"]) > 1 or any("run" in step for step in job["steps"]):
            yield "what holds the identity of the project does nothing else"
        if "environment" not in job:
            yield "what holds the identity of the project has an environment with rules"
    for step in job["steps"]:
        yield from step_problems(step)


def step_problems(step: dict[str, Any]) -> Iterator[str]:
    command = step.get("run", "")
    if "${{" in command:
        yield f"an expression is put into a command: {command}"
    yield from (f"there is no session {name}" for name in NAMED.findall(command) if name not in sessions())
    if secrets_of(step) - {APP_KEY}:
        yield "it uses a stored secret"
    if step.get("uses", "").startswith("actions/checkout@") and step["with"]["persist-credentials"] is not False:
        yield "the token stays in the checkout"


def secrets_of(step: dict[str, Any]) -> set[tuple[str, str, str]]:
    """Give each input of a step that holds a stored secret: the action, the input's name, the secret."""
    action = step.get("uses", "").partition("@")[0]
    inputs = {**step.get("with", {}), **step.get("env", {}), "run": step.get("run", "")}
    return {
        (action, name, secret) for name, text in inputs.items() for secret in re.findall(r"secrets\.(\w+)", str(text))
    }


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_no_more_rights_than_it_needs(path: Path) -> None:
    assert list(problems(path.read_text(encoding="utf-8"))) == []


def python_versions(name: str) -> dict[str, list[str]]:
    """Give the Pythons that each job of a workflow sets up."""
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text(encoding="utf-8"))["jobs"]
    return {
        job: sorted(str(step["with"]["python-version"]).split())
        for job, one in jobs.items()
        for step in one["steps"]
        if "python-version" in step.get("with", {})
    }


def test_the_pythons_are_those_of_the_classifiers() -> None:
    assert python_versions("ci.yml")["checks"] == pythons()
    assert python_versions("release.yml")["check"] == pythons()
    assert python_versions("spec-sync.yml")["sync"] == pythons()[:1]


def test_other_systems_are_tried_with_one_python_and_the_next_python_may_fail() -> None:
    job = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))["jobs"]["elsewhere"]
    tried = {
        (one["os"], one["python"] in pythons(), one.get("early", False)) for one in job["strategy"]["matrix"]["include"]
    }
    assert tried == {("macos-latest", True, False), ("windows-latest", True, False), ("ubuntu-latest", False, True)}
    assert job["continue-on-error"] == "${{ matrix.early == true }}"


def test_there_are_four_workflows() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "codeql.yml", "release.yml", "spec-sync.yml"]


BREAKS: dict[str, tuple[Callable[[str], str], str]] = {
    "rights for all": (lambda text: text.replace("permissions: {}", "permissions: write-all"), "not taken away"),
    "a tag": (lambda text: re.sub(r"checkout@\w+ # v[\d.]+", "checkout@v5", text), "actions/checkout@v5 is not pinned"),
    "no version": (lambda text: re.sub(r" # v[\d.]+", "", text), "is not pinned to a commit, with its version"),
    "no limit": (lambda text: text.replace("    timeout-minutes: 30\n", ""), "it may run for hours"),
    "an injection": (
        lambda text: text.replace('"$GITHUB_REF_NAME"', "${{ github.ref_name }}"),
        "is put into a command",
    ),
    "a secret": (lambda text: text.replace("${{ github.token }}", "${{ secrets.PYPI }}"), "it uses a stored secret"),
    "a token left behind": (
        lambda text: text.replace("persist-credentials: false", "persist-credentials: true"),
        "the token stays in the checkout",
    ),
    "an identity too many": (
        lambda text: text.replace("contents: read", "id-token: write"),
        "what holds the identity of the project does nothing else",
    ),
    "an identity without rules": (
        lambda text: re.sub(r"    environment:\n.*\n.*\n", "", text),
        "what holds the identity of the project has an environment",
    ),
    "no such session": (
        lambda text: text.replace("release-check", "release_checks"),
        "there is no session release_checks",
    ),
}


@pytest.mark.parametrize(("change", "told"), BREAKS.values(), ids=BREAKS)
def test_what_a_workflow_should_not_do_is_noticed(change: Callable[[str], str], told: str) -> None:
    text = (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    assert any(told in problem for problem in problems(changed))


def test_a_release_is_published_only_after_it_was_checked() -> None:
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8"))["jobs"]
    assert {name: job.get("needs") for name, job in jobs.items()} == {
        "check": None,
        "publish": "check",
        "announce": "publish",
    }
    assert [name for name, job in jobs.items() if "id-token" in job["permissions"]] == ["publish"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_session_that_a_page_names_is_there(path: Path) -> None:
    assert set(NAMED.findall(path.read_text(encoding="utf-8"))) <= sessions()


def test_a_stored_secret_is_found_wherever_it_is() -> None:
    """The one that is allowed is allowed in its place alone."""
    step = {
        "uses": "actions/create-github-app-token@1",
        "with": {"private-key": "${{ secrets.SPEC_SYNC_APP_PRIVATE_KEY }}"},
    }
    assert list(step_problems(step)) == []
    for moved in (
        {"run": "x", "env": {"KEY": "${{ secrets.SPEC_SYNC_APP_PRIVATE_KEY }}"}},
        {**step, "uses": "other/action@1"},
        {**step, "with": {"private-key": "${{ secrets.OTHER }}"}},
    ):
        assert list(step_problems(moved)) == ["it uses a stored secret"]


def test_the_hooks_have_the_versions_of_the_checks() -> None:
    """What a commit is checked by is what CI checks it by."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0]["hooks"]
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]["lint"]
    assert {needed for hook in hooks for needed in hook["additional_dependencies"]} <= set(lint)


@pytest.mark.parametrize("path", sorted((ROOT / ".github").rglob("*.y*ml")), ids=lambda path: path.name)
def test_what_the_host_reads_is_yaml(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)
