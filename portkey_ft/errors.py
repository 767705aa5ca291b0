"""Everything that can go wrong, as one tree.

::

    PortkeyError
    ├── ConfigurationError (ValueError)         refused before anything was sent
    ├── APIConnectionError (ConnectionError)    no response
    │   └── APITimeoutError (TimeoutError)      no response in time
    ├── APIStatusError                          a response that is an error
    │   ├── BadRequestError             400
    │   ├── AuthenticationError         401
    │   ├── PermissionDeniedError       403
    │   ├── NotFoundError               404
    │   ├── ConflictError               409
    │   ├── UnprocessableEntityError    422
    │   ├── RateLimitError              429
    │   ├── GuardrailError              446
    │   └── InternalServerError         5xx
    ├── ResponseError                           a response that cannot be read
    ├── PaginationError                         a list whose cursor cannot be followed
    ├── NotSupportedError                       the gateway has no such operation for the provider
    ├── JobFailedError                          a job ended without a model
    ├── WaitTimeoutError (TimeoutError)         waiting took longer than allowed
    └── datasets.DatasetError (ValueError)      a training file that a provider would refuse

    PortkeyWarning (UserWarning)                a call goes on with something lost

The names follow the official SDK, so that ``except`` clauses move over with the import. Each error says which operation
it belongs to and under which trace id the gateway knows it, is safe to log, because no credential is ever in it, and
survives :mod:`pickle`.
"""

from __future__ import annotations

import copyreg
from typing import TYPE_CHECKING, Any

from portkey_ft._text import escape_unprintable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from portkey_ft.types import FineTuningJob

__all__ = [
    "APIConnectionError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ConfigurationError",
    "ConflictError",
    "GuardrailError",
    "InternalServerError",
    "JobFailedError",
    "NotFoundError",
    "NotSupportedError",
    "PaginationError",
    "PermissionDeniedError",
    "PortkeyError",
    "PortkeyWarning",
    "RateLimitError",
    "ResponseError",
    "UnprocessableEntityError",
    "WaitTimeoutError",
    "status_error_class",
]


class PortkeyError(Exception):
    """The root of all errors that this package raises on purpose.

    Attributes:
        message: What went wrong.
        hint: What to do about it, if that is known.
        operation: The facade's name of the operation, such as ``"fine_tuning.jobs.create"``, if one was under way.
        trace_id: The id under which the gateway's logs know the request, if it gave one.
    """

    def __init__(
        self, message: str, *, hint: str | None = None, operation: str | None = None, trace_id: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.operation = operation
        self.trace_id = trace_id

    def __str__(self) -> str:
        """Join the parts that are known, what went wrong first; what a terminal would obey is escaped."""
        parts = [self._headline()]
        if self.hint:
            parts.append(f"Hint: {escape_unprintable(self.hint)}")
        where = [
            f"{name} {escape_unprintable(value)}"
            for name, value in (("operation", self.operation), ("trace id", self.trace_id))
            if value is not None
        ]
        if where:
            parts.append(f"[{', '.join(where)}]")
        return " ".join(parts)

    def _headline(self) -> str:
        return escape_unprintable(self.message)

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own way calls __init__ with args alone, and OSError's re-reads them as an errno.
        state = {**self.__dict__, "args": self.args}
        return copyreg.__newobj__, (type(self), *self.args), state  # type: ignore[attr-defined]  # no stub


class PortkeyWarning(UserWarning):
    """A call goes on with something lost: a part of what was asked for, or a field of the response; see the message."""


class ConfigurationError(PortkeyError, ValueError):
    """A client or a call was given something that cannot work. Nothing was sent."""


class APIConnectionError(PortkeyError, ConnectionError):
    """The gateway could not be reached, or the connection broke before the response was complete.

    Attributes:
        outcome_unknown: True if the request may have arrived and taken effect. A request that starts paid work is
            then never repeated automatically; check first whether the work was started.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        operation: str | None = None,
        trace_id: str | None = None,
        outcome_unknown: bool = True,
    ) -> None:
        super().__init__(message, hint=hint, operation=operation, trace_id=trace_id)
        self.outcome_unknown = outcome_unknown


class APITimeoutError(APIConnectionError, TimeoutError):
    """The gateway did not respond within the timeout."""


class APIStatusError(PortkeyError):
    """The gateway or the provider behind it responded with an error.

    Attributes:
        status_code: The HTTP status. It may be a 2xx: the gateway wraps some providers' errors that way.
        code: The provider's code of the error, if it gave one.
        type: The provider's type of the error, if it gave one.
        param: The parameter that is wrong, if the provider named one.
        provider: The provider that the gateway was talking to, if it said so.
        body: The response as JSON data, or as text where it is no JSON, as far as it could be read.
        headers: The response's headers, with lower-case names.
        request: The request as ``"METHOD url"``.
        retry_after: How many seconds to wait before another attempt, if the response said so.
    """

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        hint: str | None = None,
        operation: str | None = None,
        trace_id: str | None = None,
        code: str | None = None,
        type: str | None = None,  # noqa: A002 - the field's name on the wire
        param: str | None = None,
        provider: str | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        request: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint, operation=operation, trace_id=trace_id)
        self.status_code = status_code
        self.code = code
        self.type = type
        self.param = param
        self.provider = provider
        self.body = body
        self.headers = dict(headers or {})
        self.request = request
        self.retry_after = retry_after

    def _headline(self) -> str:
        code = f" {self.code}" if self.code else ""
        return escape_unprintable(f"{self.status_code}{code}: {self.message}")


class BadRequestError(APIStatusError):
    """400: the request is malformed, or the provider cannot do what it asks."""


class AuthenticationError(APIStatusError):
    """401: a key is missing, wrong or expired."""


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this."""


class NotFoundError(APIStatusError):
    """404: there is no such job, file or path."""


class ConflictError(APIStatusError):
    """409: the thing is in a state that forbids this."""


class UnprocessableEntityError(APIStatusError):
    """422: the request is well-formed, and its content is refused."""


class RateLimitError(APIStatusError):
    """429: too many requests, or a quota is used up."""


class GuardrailError(APIStatusError):
    """446: a guardrail of the gateway refused the request."""


class InternalServerError(APIStatusError):
    """5xx: the gateway or the provider failed."""


class ResponseError(PortkeyError):
    """A response has a good status and cannot be read as what it should be.

    Attributes:
        pointer: Where in the response, as a JSON pointer (RFC 6901); ``""`` is the whole of it.
        status_code: The HTTP status, if there is one.
        id: The id of the job or file that the response is about, if it has one: what was started or uploaded is not
            lost.
        body: The response as JSON data, or as text where it is no JSON; None if nothing of it could be decoded.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        operation: str | None = None,
        trace_id: str | None = None,
        pointer: str = "",
        status_code: int | None = None,
        id: str | None = None,  # noqa: A002 - the field's name on the wire
        body: object = None,
    ) -> None:
        super().__init__(message, hint=hint, operation=operation, trace_id=trace_id)
        self.pointer = pointer
        self.status_code = status_code
        self.id = id
        self.body = body

    def _headline(self) -> str:
        return (
            super()._headline()
            if self.id is None
            else f"{super()._headline()} Its id is {escape_unprintable(self.id)}."
        )


class PaginationError(PortkeyError):
    """A list cannot be continued: its cursor came back a second time, or the provider has none that works.

    Attributes:
        cursor: The cursor at which the list stands.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        operation: str | None = None,
        trace_id: str | None = None,
        cursor: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint, operation=operation, trace_id=trace_id)
        self.cursor = cursor


class NotSupportedError(PortkeyError):
    """The gateway does not offer this operation for this provider."""


class JobFailedError(PortkeyError):
    """A job ended without a model.

    Attributes:
        job: The job in its final state; ``job.error`` holds the provider's reason.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        operation: str | None = None,
        trace_id: str | None = None,
        job: FineTuningJob | None = None,
    ) -> None:
        super().__init__(message, hint=hint, operation=operation, trace_id=trace_id)
        self.job = job


class WaitTimeoutError(PortkeyError, TimeoutError):
    """Waiting took longer than allowed. What was waited for goes on."""


def status_error_class(status_code: int) -> type[APIStatusError]:
    """Find the class for an HTTP status; one that has none of its own gets the class of its family."""
    exact: dict[int, type[APIStatusError]] = {
        400: BadRequestError,
        401: AuthenticationError,
        403: PermissionDeniedError,
        404: NotFoundError,
        409: ConflictError,
        422: UnprocessableEntityError,
        429: RateLimitError,
        446: GuardrailError,
    }
    internal_server_error = 500
    if status_code in exact:
        return exact[status_code]
    return InternalServerError if status_code >= internal_server_error else APIStatusError
