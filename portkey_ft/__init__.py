"""Fine-tune models through the Portkey AI gateway.

>>> from portkey_ft import Portkey
>>> client = Portkey(api_key="pk-...", virtual_key="vk-...")
>>> client.base_url
'https://api.portkey.ai/v1'
"""

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
    RateLimitError,
    ResponseError,
    UnprocessableEntityError,
    WaitTimeoutError,
)
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
