"""A fake gateway for testing programs that use portkey_ft, without cost or network access.

`FakeGateway` implements the fine-tuning and file operations of the gateway and its providers, in process as an httpx
transport or as a server on loopback. A `JobScript` defines how a job proceeds, a `FakeClock` how time passes, a `Fault`
which requests fail::

    import httpx

    from portkey_ft.testing import FakeClock, FakeGateway

    gateway = FakeGateway(clock=FakeClock())
    client = httpx.Client(transport=gateway.transport(), base_url="https://gateway.test/v1")

``python -m portkey_ft.testing`` runs it as a server.
"""

from portkey_ft.testing._clock import FakeClock
from portkey_ft.testing._faults import Fault
from portkey_ft.testing._gateway import FakeGateway
from portkey_ft.testing._model.job_script import JobScript

__all__ = ["FakeClock", "FakeGateway", "Fault", "JobScript"]
