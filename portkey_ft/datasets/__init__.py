"""Check a training file before it is uploaded.

::

    report = check("train.jsonl", provider="openai")
    print(report)
    report.raise_for_problems()

Providers report what is wrong with a file minutes after the upload, one problem at a time, or silently skip lines.
``check`` reads the file once, in bounded memory and nearly as fast as its JSON can be parsed, and reports every problem
with its line, the place in it, and what to do.
"""

from portkey_ft.datasets._check import check, check_lines
from portkey_ft.datasets._report import DatasetError, DatasetReport, Problem, ProblemCount
from portkey_ft.datasets._tokens import tiktoken_counter
from portkey_ft.datasets._values import DatasetFormat, Severity

__all__ = [
    "DatasetError",
    "DatasetFormat",
    "DatasetReport",
    "Problem",
    "ProblemCount",
    "Severity",
    "check",
    "check_lines",
    "tiktoken_counter",
]
