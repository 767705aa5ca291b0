"""Fine-tune models through the Portkey AI gateway.

>>> from portkey_ft import Portkey
>>> client = Portkey(api_key="pk-...", virtual_key="vk-...")
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
    from portkey_ft.types import (
        DPO,
        Checkpoint,
        CheckpointMetrics,
        DeletedFile,
        File,
        FineTuningEvent,
        FineTuningJob,
        Hyperparameters,
        JobError,
        ResponseInfo,
        Supervised,
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
    "ResponseError",
    "ResponseInfo",
    "Supervised",
    "UnprocessableEntityError",
    "VirtualKey",
    "WaitTimeoutError",
    "__version__",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever has the name
    """Load the types of answers when one is asked for: a program that sends a request loads them then."""
    if name in __all__:
        from portkey_ft import types  # noqa: PLC0415 - see above

        value = getattr(types, name)
        globals()[name] = value
        return value
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
