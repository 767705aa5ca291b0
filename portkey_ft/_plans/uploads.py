"""What an upload takes: a file in any form, made ready so that every row of it reaches the provider.

Some routes of the gateway pass the bytes on. Others write each row anew, and drop what they cannot, with a response
that reports success. For these a file is held against what survives before it is sent, or while it is sent if it can be
read only once; what does not change a row's meaning is changed on the way; and the size in the response is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from portkey_ft._api import operations
from portkey_ft._api.requests import RequestOptions
from portkey_ft._http.upload_sources import UploadSource, source_of
from portkey_ft._plans.upload_settings import FINE_TUNE, UploadSettings, with_size
from portkey_ft._profile import ProviderProfile
from portkey_ft._providers import UNKNOWN, profile_of
from portkey_ft.errors import ConfigurationError, ResponseError
from portkey_ft.options import CheckOptions
from portkey_ft.types import File

if TYPE_CHECKING:
    from portkey_ft.datasets import DatasetReport
    from portkey_ft.datasets._run import Demands, Pass

__all__ = ["FileUpload", "compare_stored", "is_unforeseen", "look_back", "prepare"]

_NAME = operations.FILES_CREATE.name
#: The code of what a row loses on its way.
LOST = "value-lost"
_LOSSES_SHOWN = 3
#: The longest line of a file that is not checked but only held against what survives.
_LONGEST = 64 * 1024 * 1024


@frozen
class FileUpload:
    """An upload that is ready to be sent.

    Attributes:
        options: What the call adds to the request.
        source: Where the bytes come from.
        purpose: What the file is for.
        fields: Further fields of the form.
        profile: The profile of the provider that it is meant for.
        stored: Gives, once it was sent, the size that the response should name; None if it cannot be foretold.
        warning: What the caller should be warned of before anything is sent, if anything.
        late_warning: Gives, once it was sent, what the caller should be warned of; for a file that is read only then.
    """

    options: RequestOptions
    source: UploadSource
    purpose: str
    fields: Mapping[str, str]
    profile: ProviderProfile
    stored: Callable[[], int | None] = lambda: None
    warning: str | None = None
    late_warning: Callable[[], str | None] = lambda: None


def prepare(
    settings: UploadSettings, file: object, filename: str | None, between: Callable[[], object] | None = None
) -> FileUpload:
    """Make a file ready. It reads the file if that is needed and possible more than once, and blocks as long.

    Args:
        settings: What the upload is asked for besides.
        file: What the caller passed.
        filename: Its name, in place of its own.
        between: Called between chunks by a client that awaits; what it raises ends the reading.

    Raises:
        ConfigurationError: The file cannot be uploaded, or not without awaiting it.
        DatasetError: A row would not arrive, or was checked and would be refused.
    """
    source = source_of(file, filename)
    try:
        source.name.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        message = "the filename is no text: it holds half of a character."
        raise ConfigurationError(message, operation=_NAME) from None
    if source.async_chunks is not None and between is None:
        message = "this file has to be awaited, which a sync client cannot do."
        hint = "use AsyncPortkey, or pass its path, or what it holds as bytes."
        raise ConfigurationError(message, hint=hint, operation=_NAME)
    between = between or _nothing
    profile, route = settings.profile, settings.profile.upload
    upload = _counted(FileUpload(settings.options, source, settings.purpose, settings.fields, profile))
    if settings.purpose != FINE_TUNE:
        return upload
    if settings.file_check is False:
        # What becomes of rows that nobody has looked at cannot be foretold.
        upload = upload if route.stored_size == "sent" else evolve(upload, stored=lambda: None)
        return _announced(upload, settings, between)
    if settings.file_check or route.reads_lines:
        return _checked(upload, settings, between)
    return upload


def _counted(upload: FileUpload) -> FileUpload:
    """Count what is sent, so that the size in the response can be compared."""
    sent = [0]
    show = upload.options.on_progress

    def count(so_far: int, whole: int | None) -> None:
        sent[0] = so_far
        if show is not None:
            show(so_far, whole)

    return evolve(upload, options=evolve(upload.options, on_progress=count), stored=lambda: sent[0])


def _nothing() -> None:
    pass


def _checked(upload: FileUpload, settings: UploadSettings, between: Callable[[], object]) -> FileUpload:
    """Hold a file against its rules, before it is sent or while it is."""
    from portkey_ft.datasets._lines import StreamLines  # noqa: PLC0415 - most uploads are not checked
    from portkey_ft.datasets._rewriting import RowFilter, raise_for_loss  # noqa: PLC0415 - likewise

    source, route = upload.source, upload.profile.upload
    demands = _demands(settings)
    make = partial(RowFilter, rewrites=route.reads_lines, ascii_only=route.ascii_only, longest=demands.max_line_bytes)
    if not source.replayable:
        if route.size_header is not None:
            message = f"{upload.profile.name} is told the size of a file before its rows; this can be read only once."
            raise ConfigurationError(message, hint="pass its path, or what it holds as bytes.", operation=_NAME)
        once = _run(source, demands)
        upload = evolve(upload, source=evolve(source, rewriter=lambda: make(once)))
        if not route.reads_lines:
            return upload
        late_warning = partial(_late_warning, source.name, once)
        return evolve(upload, stored=lambda: once.stored_units, late_warning=late_warning)
    run, lines, rows, size = _run(source, demands), StreamLines(demands.max_line_bytes), make(None), 0
    for chunk in source.chunks():
        between()
        for line, length in lines.feed(chunk):
            run.feed(line, length)
        size += len(rows.feed(chunk))
    for line, length in lines.finish():
        run.feed(line, length)
    size += len(rows.finish())
    report = run.report()
    raise_for_loss(report, survival_only=demands.survival_only)
    if not route.reads_lines:
        return upload
    rewritten = evolve(source, size=size, rewriter=lambda: make(None))
    options = with_size(upload.options, settings, size - 1)
    warning = _loss_warning(source.name, report)
    return evolve(upload, options=options, source=rewritten, stored=lambda: run.stored_units, warning=warning)


def _late_warning(name: str, run: Pass) -> str | None:
    return _loss_warning(name, run.report())


def _loss_warning(name: str, report: DatasetReport) -> str | None:
    """Say what of a file does not arrive, though it may be uploaded; None if nothing is lost."""
    lost = [problem for problem in report.problems if problem.code == LOST and problem.severity == "warning"]
    number = sum(entry.count for entry in report.counts if entry.code == LOST and entry.severity == "warning")
    if not lost:
        return None
    # The same of many rows is said once, with the first of them.
    first = {problem.message: problem for problem in reversed(lost)}
    shown = list(reversed(first.values()))[:_LOSSES_SHOWN]
    more = f" and {number - len(shown):,} more" if number > len(shown) else ""
    return f"{name}: {'; '.join(map(str, shown))}{more}"


def _demands(settings: UploadSettings) -> Demands:
    from portkey_ft.datasets._check import demands_of  # noqa: PLC0415 - most uploads are not checked

    check = settings.file_check
    asked: CheckOptions = {} if check is None or isinstance(check, bool) else check
    return demands_of(settings.profile, settings.headers, **asked, survival_only=check is None)


def _run(source: UploadSource, demands: Demands) -> Pass:
    from portkey_ft.datasets._duplicates import SeenLines  # noqa: PLC0415 - most uploads are not checked
    from portkey_ft.datasets._run import Pass  # noqa: PLC0415 - likewise

    seen = None if demands.survival_only else SeenLines(source.size)
    return Pass(source.name, demands, seen, whole_file=True)


def _announced(upload: FileUpload, settings: UploadSettings, between: Callable[[], object]) -> FileUpload:
    """Announce the size of a file that is sent as it is, to a provider that is told it."""
    if upload.profile.upload.reads_lines:
        # Rows that were not looked at are rewritten all the same: the size that is stored cannot be foretold.
        upload = evolve(upload, stored=lambda: None)
    header = upload.profile.upload.size_header
    if header is None or header in settings.headers or not upload.source.replayable:
        return upload
    from portkey_ft.datasets._rewriting import RowFilter  # noqa: PLC0415 - most uploads need no size

    rows, size = RowFilter(None, rewrites=True, ascii_only=False, longest=_LONGEST), 0
    for chunk in upload.source.chunks():
        between()
        size += len(rows.feed(chunk))
    return evolve(upload, options=with_size(upload.options, settings, size + len(rows.finish()) - 1))


def compare_stored(file: File, upload: FileUpload) -> None:
    """Compare what the gateway reports as stored with what was sent.

    Raises:
        ResponseError: They differ, so that rows were lost or doubled; the file's id is in the message.
    """
    if upload.purpose != FINE_TUNE:
        return
    actual = _actual_profile(file, upload.profile)
    means = None if actual is None else actual.upload.stored_size
    # What was not known to be rewritten cannot be foretold.
    foretold = means == "sent" or (means == "rewritten" and actual is upload.profile)
    stored = upload.stored() if foretold else None
    if upload.fields and actual is not None and not actual.upload.further_fields:
        message = f"the gateway dropped the fields {', '.join(upload.fields)}, or took them for rows of {file.id}."
    elif file.bytes == 0 and (means is not None or actual is None):
        # The gateway skips what it cannot turn into the provider's form, and calls the rest a file.
        message = f"the gateway skipped every line of {upload.source.name}, and stored an empty file."
    elif stored is not None and file.bytes is not None and file.bytes != stored:
        message = (
            f"{upload.source.name} was stored as {file.id} with {file.bytes:,} bytes, where {stored:,} were expected: "
            "rows were lost, or came twice."
        )
    else:
        return
    raise _lost(message, file)


def _actual_profile(file: File, meant: ProviderProfile) -> ProviderProfile | None:
    """Give the profile of the provider that a response names, else of the one that was meant; None if unknown."""
    provider = file.response.provider if file.response else None
    profile = meant if provider is None else profile_of(provider)
    return None if profile is UNKNOWN else profile


def _lost(message: str, file: File) -> ResponseError:
    hint = "do not train on this file; upload it again with check=True, and with provider= where that is possible."
    return ResponseError(message, hint=hint, operation=_NAME, trace_id=file.trace_id, id=file.id, pointer="/bytes")


def is_unforeseen(file: File, upload: FileUpload, settings: UploadSettings) -> bool:
    """Tell whether a file went to a provider that was not known before, and whose rows the gateway writes anew."""
    actual = _actual_profile(file, upload.profile)
    checked = settings.file_check is not False and upload.purpose == FINE_TUNE
    return checked and actual is not None and actual is not upload.profile and actual.upload.reads_lines


def look_back(
    file: File, upload: FileUpload, settings: UploadSettings, between: Callable[[], object] = _nothing
) -> str | None:
    """Hold a file that was sent against what survives, now that the response has told the provider. It blocks.

    Returns:
        What the caller should be warned of, if anything.

    Raises:
        ResponseError: Rows of it were lost; the file's id is in the message.
    """
    from portkey_ft.datasets import DatasetError  # noqa: PLC0415 - most uploads are not checked

    profile = _actual_profile(file, upload.profile)
    source = upload.source
    if profile is None:
        return None
    if not source.replayable:
        return (
            f"{source.name} was stored as {file.id} at {profile.name}, whose rows the gateway writes anew. It could "
            "be read only once, before the provider was known, so that nothing tells whether every row arrived."
        )
    known = evolve(settings, profile=profile, file_check=None)
    try:
        checked = _checked(evolve(upload, profile=profile, source=evolve(source, rewriter=None)), known, between)
    except DatasetError as error:
        first = error.report.problems[0]
        message = f"{source.name} was stored as {file.id}, and not all of it arrived at {profile.name}: {first}"
    else:
        if not profile.upload.ascii_only or all(chunk.isascii() for chunk in source.chunks()):
            return checked.warning
        message = (
            f"{source.name} was stored as {file.id}, and characters in it may have been damaged on the way to "
            f"{profile.name}, for which they have to be escaped."
        )
    raise _lost(message, file)
