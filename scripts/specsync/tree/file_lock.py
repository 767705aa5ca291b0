"""Lets one sync at a time change a project."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from scripts.specsync.errors import UsageError


@contextmanager
def project_lock(folder: Path) -> Generator[None]:
    """Hold the project's lock, which is on a folder that is always there and so leaves no file behind.

    The system lets go of it when the process ends, however it ends.
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
