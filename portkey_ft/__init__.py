"""Fine-tune models through the Portkey AI gateway.

>>> from portkey_ft import Portkey
>>> client = Portkey(api_key="pk-...", provider="@my-openai")
>>> client.base_url
'https://api.portkey.ai/v1'
"""

from typing import TYPE_CHECKING, Any

from portkey_ft._deprecation import PortkeyDeprecationWarning
from portkey_ft._version import __version__
from portkey_ft.auth import Config, Managed, Provider, VirtualKey
from portkey_ft.client import AsyncPortkey, Portkey
from portkey_ft.errors import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    GuardrailError,
    InternalServerError,
    JobFailedError,
    NotFoundError,
    NotSupportedError,
    PaginationError,
    PermissionDeniedError,
    PortkeyError,
    PortkeyWarning,
    RateLimitError,
    ResponseError,
    UnprocessableEntityError,
    WaitTimeoutError,
)

if TYPE_CHECKING:
    from portkey_ft import datasets, testing
    from portkey_ft.methods import DPO, Reinforcement, Supervised
    from portkey_ft.types import (
        Checkpoint,
        CheckpointMetrics,
        DeletedFile,
        File,
        FineTuningEvent,
        FineTuningJob,
        Hyperparameters,
        JobError,
        ResponseInfo,
    )

__all__ = [
    "DPO",
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncPortkey",
    "AuthenticationError",
    "BadRequestError",
    "Checkpoint",
    "CheckpointMetrics",
    "Config",
    "ConfigurationError",
    "ConflictError",
    "DeletedFile",
    "File",
    "FineTuningEvent",
    "FineTuningJob",
    "GuardrailError",
    "Hyperparameters",
    "InternalServerError",
    "JobError",
    "JobFailedError",
    "Managed",
    "NotFoundError",
    "NotSupportedError",
    "PaginationError",
    "PermissionDeniedError",
    "Portkey",
    "PortkeyDeprecationWarning",
    "PortkeyError",
    "PortkeyWarning",
    "Provider",
    "RateLimitError",
    "Reinforcement",
    "ResponseError",
    "ResponseInfo",
    "Supervised",
    "UnprocessableEntityError",
    "VirtualKey",
    "WaitTimeoutError",
    "__version__",
    "datasets",
    "testing",
]


_SUBPACKAGES = ("datasets", "testing")
_METHODS = ("DPO", "Reinforcement", "Supervised")


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever has the name
    """Load types and subpackages on first use, so that importing the package stays cheap."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 - see above

    if name in _SUBPACKAGES:
        return import_module(f"{__name__}.{name}")
    module = import_module(f"{__name__}.{'methods' if name in _METHODS else 'types'}")
    value = getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return list(__all__)
