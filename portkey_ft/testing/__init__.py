"""A gateway that costs nothing, for the tests of programs that use portkey_ft.

`FakeGateway` answers the operations of fine-tuning and files as the gateway and its providers do: in process, as a
transport of httpx, or as a server on loopback. A `JobScript` says how a job lives, a `FakeClock` how time passes, a
`Fault` what goes wrong::

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
