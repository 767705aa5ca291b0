"""The pytest plugin, in runs of pytest of its own."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
CONFTEST = 'pytest_plugins = ["portkey_ft.testing.pytest_plugin"]\n'
SECTION = (ROOT / "docs" / "testing.md").read_text("utf-8").partition("## With pytest")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)


@pytest.fixture
def user(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A user's folder with tests, where warnings are errors."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(ROOT / "generated")]))
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    return pytester


def test_it_is_not_there_unasked(user: pytest.Pytester) -> None:
    user.makepyfile("def test_it(portkey_gateway): pass")
    result = user.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'portkey_gateway' not found*"])


def test_the_example_of_the_page_passes(user: pytest.Pytester) -> None:
    conftest, example = BLOCKS
    assert conftest == CONFTEST
    user.makeconftest(conftest)
    user.makepyfile(example)
    user.runpytest_subprocess().assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("right", "wrong", "test", "reason"),
    [
        (
            "    job = client.fine_tuning.jobs.create(",
            (
                "    with suppress(APIConnectionError):\n"
                '        client.fine_tuning.jobs.create(model="m", training_file=file.id)\n'
                "    job = client.fine_tuning.jobs.create("
            ),
            "test_no_job_is_paid_for_twice",
            "assert 2 == 1",
        ),
        ('hyperparameters={"n_epochs": 2}', "seed=2", "test_training", "KeyError: 'hyperparameters'"),
    ],
    ids=["create called again", "a setting forgotten"],
)
def test_the_example_fails_for_the_right_reason(
    user: pytest.Pytester, right: str, wrong: str, test: str, reason: str
) -> None:
    conftest, example = BLOCKS
    assert right in example
    user.makeconftest(conftest)
    user.makepyfile(example.replace(right, wrong))
    result = user.runpytest_subprocess("-k", test)
    result.assert_outcomes(failed=1, deselected=1)
    result.stdout.fnmatch_lines([f"E *{reason}*"])


def test_sync_and_async_clients_share_the_gateway_and_the_clock(user: pytest.Pytester) -> None:
    user.makeconftest(CONFTEST)
    user.makepyfile(
        """
        import asyncio

        import pytest
        import trio

        MODEL = "gpt-4o-mini-2024-07-18"

        @pytest.mark.parametrize("run", [asyncio.run, trio.run])
        def test_both(run, make_portkey, make_async_portkey, portkey_gateway, portkey_clock):
            began = portkey_clock.now()
            client = make_portkey()
            file = portkey_gateway.add_file(b"x" * 4000)
            job = client.fine_tuning.jobs.create(model=MODEL, training_file=file.id)

            async def wait():
                return await make_async_portkey().fine_tuning.jobs.wait(job.id)

            async def go():
                return await wait()

            done = run(go) if run is trio.run else run(go())
            assert (done.status, done.trained_tokens) == ("succeeded", 3000)
            assert portkey_clock.now() - began >= 12
            assert client.fine_tuning.jobs.retrieve(job.id).status == "succeeded"

        def test_nothing_is_left_of_another_test(portkey_gateway, make_portkey):
            assert (portkey_gateway.jobs, portkey_gateway.requests) == ((), ())
        """
    )
    user.runpytest_subprocess().assert_outcomes(passed=3)


def test_arguments_and_the_gateway_can_be_chosen_and_the_environment_counts_for_nothing(
    user: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("API_KEY", "VIRTUAL_KEY", "BASE_URL"):
        monkeypatch.setenv(f"PORTKEY_{name}", "https://wrong.example")
    user.makeconftest(
        CONFTEST
        + """
import pytest
from portkey_ft.testing import FakeGateway

@pytest.fixture
def portkey_gateway(portkey_clock):
    return FakeGateway(clock=portkey_clock, api_keys="pk", virtual_keys={"vk": "vertex-ai", "openai": "openai"})
"""
    )
    user.makepyfile(
        """
        import pytest
        from portkey_ft import AuthenticationError

        WAYS = [{"virtual_key": "vk"}, {"provider": "@vk"}, {"config": {"virtual_key": "vk"}}]

        @pytest.mark.parametrize("options", WAYS)
        def test_provider(make_portkey, portkey_gateway, options):
            portkey_gateway.add_job(job_id="1", provider="vertex-ai")
            assert make_portkey(api_key="pk", **options).fine_tuning.jobs.retrieve("1").id == "1"

        def test_key(make_portkey):
            with pytest.raises(AuthenticationError):
                make_portkey().files.list().to_list()
            assert make_portkey(api_key="pk").files.list().to_list() == []
        """
    )
    user.runpytest_subprocess().assert_outcomes(passed=4)


def test_the_fixtures_are_listed_with_what_they_are(user: pytest.Pytester) -> None:
    result = user.runpytest_subprocess("-p", "portkey_ft.testing.pytest_plugin", "--fixtures")
    result.stdout.fnmatch_lines_random(
        [
            "portkey_gateway*",
            "*Return a ``FakeGateway`` without jobs and files.*",
            "make_portkey*",
            "make_async_portkey*",
        ]
    )
