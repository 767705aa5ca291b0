"""One profile per provider: what it, and the gateway's route to it, do differently.

This is the only module of the client that names a provider. The rest asks for the profile of whichever provider it is
told of, and gets that of :data:`UNKNOWN` where nothing is known: a virtual key, a config, a slug, or a provider that
is new to us.

What is written here was measured through the open-source gateway; `docs/providers.md` is generated from the same calls
and shows where a profile and the gateway differ.

A new thing that providers differ in becomes a field of :class:`ProviderProfile` (or of :class:`DatasetRules` and its
neighbours, for training files), with the value that holds for :data:`UNKNOWN` as its default. What becomes of the
arguments of ``fine_tuning.jobs.create`` is in :class:`CreateRules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

if TYPE_CHECKING:
    from portkey_ft.datasets._values import DatasetFormat

__all__ = [
    "COMMON_LIMITS_OF",
    "KNOWN_PROVIDERS",
    "PROFILES",
    "PROVIDER_HINTS",
    "UNKNOWN",
    "CreateRules",
    "DatasetRules",
    "HyperparameterRule",
    "MethodForm",
    "ProviderProfile",
    "is_unsupported",
    "profile_of",
    "unsupported_provider",
]

#: Whose limits stand in for those of a provider that is not known, as messages name them.
COMMON_LIMITS_OF: Final = "OpenAI and Azure"

_MEBIBYTE: Final = 1024 * 1024


@frozen
class DatasetRules:
    """What a provider asks of a training file; the defaults are those of OpenAI and Azure, by far the most used.

    Attributes:
        provider: The provider as it is named in messages; None where the rules are those common to all.
        formats: The forms of an example that it trains on.
        minimum_examples: Fewer are refused.
        maximum_bytes: A larger file is refused; None where no limit is documented.
        byte_order_mark: Whether a byte order mark at the start is welcome.
        system_required: Whether a chat example has to start with a system message.
        system_only_first: Whether a system message further down is refused, and not only unusual.
        suffix_required: Whether another file name than ``*.jsonl`` is refused, and not only unusual.
    """

    provider: str | None = None
    formats: frozenset[DatasetFormat] = frozenset({"chat", "completion", "preference"})
    minimum_examples: int = 10
    maximum_bytes: int | None = 512 * _MEBIBYTE
    byte_order_mark: bool = False
    system_required: bool = False
    system_only_first: bool = False
    suffix_required: bool = False


class MethodForm(Enum):
    """Where the gateway's route to a provider looks for ``method`` and ``hyperparameters`` of a job."""

    #: Nothing is known: both places, with equal values.
    UNKNOWN = auto()
    #: Both are passed on as they are.
    AS_GIVEN = auto()
    #: ``method`` is passed on only if ``hyperparameters`` stands beside it, be it empty; otherwise it is dropped.
    WITH_HYPERPARAMETERS = auto()
    #: Only ``hyperparameters`` is read, and a ``method`` beside it may take its place.
    HYPERPARAMETERS_ALONE = auto()


@frozen
class HyperparameterRule:
    """How a hyperparameter arrives that does not arrive as it was given.

    Attributes:
        number_becomes: What a number is taken for, where only text arrives as it was given.
        drops_zero: Whether the gateway drops the value 0.
        only_models: A part of the names of the models that read it, where not all of them do.
        others_read: The name under which the other models would read it.
        warning: What the provider takes the value for, where it arrives with another meaning.
    """

    number_becomes: str | None = None
    drops_zero: bool = False
    only_models: str | None = None
    others_read: str | None = None
    warning: str | None = None


@frozen
class CreateRules:
    """What arrives at a provider of the arguments of ``fine_tuning.jobs.create``.

    Attributes:
        method_form: Where the route looks for method and hyperparameters.
        methods: The types of method that arrive; None if every one does.
        hyperparameters: The hyperparameters that arrive; None if every one does.
        lost: The other arguments that do not arrive, each with what becomes of it.
        output_file_is_object: Whether the provider wants ``output_file`` as ``{"s3Uri": ...}``.
        prefixes: What the gateway puts before an argument, whether or not it is there already; ``*`` is any one part.
    """

    method_form: MethodForm = MethodForm.UNKNOWN
    methods: frozenset[str] | None = None
    hyperparameters: Mapping[str, HyperparameterRule] | None = None
    lost: Mapping[str, str] = field(factory=dict[str, str])
    output_file_is_object: bool = False
    prefixes: Mapping[str, str] = field(factory=dict[str, str])


@frozen
class ProviderProfile:
    """What is particular about a provider; the defaults hold for one that is not known.

    Attributes:
        name: Its name at the gateway; None for a provider that is not known.
        aliases: Other names under which :func:`portkey_ft.datasets.check` takes it.
        unsupported: Operations that the gateway routes but cannot do for this provider. It does not say so: it asks
            the provider for something else, and passes on whatever comes back.
        follows_cursor: Whether the cursor of a list leads to the next page. Where it does not, the provider takes a
            page token and the gateway hands out an id.
        drops_query: Lists of which the gateway sends no query on, neither cursor nor page size.
        drops_list_filters: Whether the gateway drops the filters of a list, so that it comes unfiltered.
        any_post_cancels: Whether the gateway takes every POST below the path of a job, be it ``/pause``, for a
            cancellation.
        create: What arrives of the arguments of ``fine_tuning.jobs.create``.
        dataset: What it asks of a training file.
    """

    name: str | None = None
    aliases: frozenset[str] = frozenset()
    unsupported: frozenset[str] = frozenset()
    follows_cursor: bool = True
    drops_query: frozenset[str] = frozenset()
    drops_list_filters: bool = False
    any_post_cancels: bool = False
    create: CreateRules = CreateRules()
    dataset: DatasetRules = DatasetRules()


_JOB_PARTS: Final = frozenset({"fine_tuning.jobs.checkpoints.list", "fine_tuning.jobs.list_events"})

_DROPPED: Final = "the gateway drops it"
_FOR_MANAGED: Final = "the gateway drops it where a provider is named; it is for managed fine-tuning"
_MANAGED_OPTIONS: Final = dict.fromkeys(("portkey_options", "provider_options"), _FOR_MANAGED)
_OPENAI_CREATE: Final = CreateRules(
    method_form=MethodForm.AS_GIVEN,
    lost={**dict.fromkeys(("metadata", "job_name", "role_arn", "output_file"), _DROPPED), **_MANAGED_OPTIONS},
)
_BEDROCK_CREATE: Final = CreateRules(
    method_form=MethodForm.HYPERPARAMETERS_ALONE,
    methods=frozenset({"supervised"}),
    hyperparameters={
        "n_epochs": HyperparameterRule(drops_zero=True),
        "batch_size": HyperparameterRule(drops_zero=True),
        "learning_rate_multiplier": HyperparameterRule(
            drops_zero=True, only_models="claude", others_read="learningRate"
        ),
    },
    lost={
        **dict.fromkeys(("seed", "integrations", "metadata"), _DROPPED),
        "validation_file": "the gateway sends it in a form that AWS does not define",
        **_MANAGED_OPTIONS,
    },
    output_file_is_object=True,
)
_VERTEX_CREATE: Final = CreateRules(
    method_form=MethodForm.HYPERPARAMETERS_ALONE,
    methods=frozenset({"supervised"}),
    hyperparameters={
        "n_epochs": HyperparameterRule(),
        "batch_size": HyperparameterRule(number_becomes='an adapter size; pass its name, such as "ADAPTER_SIZE_FOUR"'),
        "learning_rate_multiplier": HyperparameterRule(),
    },
    lost={
        **dict.fromkeys(("seed", "integrations", "metadata", "job_name", "role_arn", "output_file"), _DROPPED),
        **_MANAGED_OPTIONS,
    },
)
_FIREWORKS_CREATE: Final = CreateRules(
    method_form=MethodForm.HYPERPARAMETERS_ALONE,
    methods=frozenset({"supervised"}),
    hyperparameters={
        "n_epochs": HyperparameterRule(),
        "learning_rate_multiplier": HyperparameterRule(warning="the learning rate itself, not a factor of one"),
    },
    lost={
        **dict.fromkeys(("seed", "integrations", "metadata", "job_name", "role_arn", "output_file"), _DROPPED),
        **_MANAGED_OPTIONS,
    },
    prefixes={
        "model": "accounts/fireworks/models/",
        "training_file": "accounts/*/datasets/",
        "validation_file": "accounts/*/datasets/",
    },
)

UNKNOWN: Final = ProviderProfile(
    dataset=DatasetRules(formats=frozenset({"chat", "completion", "preference", "contents"}))
)

#: The providers that are known.
PROFILES: Final = (
    ProviderProfile(name="openai", create=_OPENAI_CREATE, dataset=DatasetRules(provider="openai")),
    ProviderProfile(
        name="azure-openai",
        aliases=frozenset({"azure"}),
        create=CreateRules(method_form=MethodForm.WITH_HYPERPARAMETERS),
        dataset=DatasetRules(provider="azure-openai", byte_order_mark=True),
    ),
    ProviderProfile(
        name="bedrock",
        unsupported=_JOB_PARTS | {"files.delete", "files.list"},
        follows_cursor=False,
        drops_query=frozenset({"fine_tuning.jobs.list"}),
        drops_list_filters=True,
        any_post_cancels=True,
        create=_BEDROCK_CREATE,
        dataset=DatasetRules(
            provider="bedrock",
            formats=frozenset({"chat", "completion"}),
            # The number depends on the model that is tuned.
            minimum_examples=1,
            maximum_bytes=None,
            system_required=True,
            system_only_first=True,
            suffix_required=True,
        ),
    ),
    ProviderProfile(
        name="vertex-ai",
        aliases=frozenset({"vertex"}),
        unsupported=_JOB_PARTS | {"files.delete", "files.list"},
        follows_cursor=False,
        drops_list_filters=True,
        any_post_cancels=True,
        create=_VERTEX_CREATE,
        dataset=DatasetRules(
            provider="vertex-ai",
            formats=frozenset({"chat", "contents"}),
            minimum_examples=1,
            maximum_bytes=1024 * _MEBIBYTE,
            system_only_first=True,
        ),
    ),
    ProviderProfile(
        name="fireworks-ai",
        aliases=frozenset({"fireworks"}),
        unsupported=_JOB_PARTS | {"files.content"},
        follows_cursor=False,
        drops_query=frozenset({"files.list"}),
        drops_list_filters=True,
        any_post_cancels=True,
        create=_FIREWORKS_CREATE,
        dataset=DatasetRules(provider="fireworks-ai", minimum_examples=3, maximum_bytes=None, system_only_first=True),
    ),
)

KNOWN_PROVIDERS: Final[Mapping[str, ProviderProfile]] = {
    name: profile for profile in PROFILES for name in (profile.name, *profile.aliases) if name is not None
}


def profile_of(provider: str | None) -> ProviderProfile:
    """Give the profile of a provider; that of :data:`UNKNOWN` if it is None, a slug, or a name without a profile."""
    return KNOWN_PROVIDERS.get(provider, UNKNOWN) if provider is not None else UNKNOWN


#: What to do about an error that the gateway reports, word for word, for one provider alone.
PROVIDER_HINTS: Final[Mapping[str, str]] = {
    "Failed to upload file": (
        "Fireworks takes a file of exactly the size that was announced, so a line that is no JSON makes it fail: "
        "upload with check=True."
    ),
}

# Other statuses speak of the caller or of the moment: a wrong key, too many requests, a provider that is down.
_AMBIGUOUS_STATUSES: Final = frozenset(
    {
        HTTPStatus.BAD_REQUEST,
        HTTPStatus.NOT_FOUND,
        HTTPStatus.METHOD_NOT_ALLOWED,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        HTTPStatus.NOT_IMPLEMENTED,
    }
)


def unsupported_provider(operation: str, provider: str | None, status_code: int, message: str) -> str | None:
    """Name the provider for which the gateway cannot do an operation, if that is what an error means.

    Only a response that is an error is read this way, so that a gateway that has learned more is believed.

    Args:
        operation: The facade's name of the operation.
        provider: The provider, as the response names it.
        status_code: The HTTP status of the error.
        message: What it says.
    """
    if message == "Model is required" and operation in {"files.delete", "files.list"}:
        # The gateway says this before it asks Bedrock, and names no provider.
        return "bedrock"
    return provider if status_code in _AMBIGUOUS_STATUSES and is_unsupported(operation, provider) else None


def is_unsupported(operation: str, provider: str | None) -> bool:
    """Tell whether the gateway would ask a provider for something else than this operation."""
    return operation in profile_of(provider).unsupported
