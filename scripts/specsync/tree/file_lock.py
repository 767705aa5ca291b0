"""A lock by which only one sync at a time changes a project."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from scripts.specsync.errors import UsageError


@contextmanager
def project_lock(folder: Path) -> Generator[None]:
    """Hold the lock of a project: a lock on a folder that always exists, so that no file is left behind.

    The system releases it when the process ends, in whatever way.
    """
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        message = f"{folder.name}: {error.strerror}"
        raise UsageError(message) from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = "another sync of this project is running"
            raise UsageError(message) from None
        yield
    finally:
        os.close(descriptor)
