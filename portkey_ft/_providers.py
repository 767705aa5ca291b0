"""One profile per provider: what it, and the gateway's route to it, do differently.

This is the only module of the client that names a provider. The rest asks for the profile of whichever provider it is
told of, and gets that of :data:`UNKNOWN` where nothing is known: a virtual key, a config, a slug, or a provider that
is new to us.

What is written here was measured through the open-source gateway; `docs/providers.md` is generated from the same calls
and shows where a profile and the gateway differ.

What a profile can say is in :mod:`portkey_ft._profile`.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from portkey_ft._profile import (
    CreateRules,
    DatasetRules,
    HyperparameterRule,
    ImageLimits,
    MethodForm,
    ProviderProfile,
    RequiredSetting,
    RowRules,
    RowVariant,
    UploadRoute,
)

__all__ = [
    "COMMON_LIMITS_OF",
    "KNOWN_PROVIDERS",
    "PROFILES",
    "PROVIDER_HINTS",
    "PROVIDER_OPTION_HINTS",
    "PROVIDER_OPTION_PREFIXES",
    "UNKNOWN",
    "is_unsupported",
    "profile_of",
    "unsupported_provider",
]

#: Whose limits stand in for those of a provider that is not known, as messages name them.
COMMON_LIMITS_OF: Final = "OpenAI and Azure"

_MEBIBYTE: Final = 1024 * 1024


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
        "n_epochs": HyperparameterRule(takes_auto=False),
        "batch_size": HyperparameterRule(
            takes_auto=False, number_becomes='an adapter size; pass its name, such as "ADAPTER_SIZE_FOUR"'
        ),
        "learning_rate_multiplier": HyperparameterRule(takes_auto=False),
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
        "n_epochs": HyperparameterRule(takes_auto=False),
        "learning_rate_multiplier": HyperparameterRule(
            takes_auto=False, warning="the learning rate itself, not a factor of one"
        ),
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

# Bedrock writes chat rows as {"system", "messages"}, and rows of two texts only if the header model-type says so.
_BEDROCK_CHAT: Final = RowRules(
    formats=frozenset({"chat"}),
    keys=frozenset({"messages"}),
    message_keys=frozenset({"role", "content"}),
    roles=frozenset({"system", "user", "assistant"}),
    parts=frozenset(),
    system_required=True,
    alternating_start=True,
)
_BEDROCK_TEXT: Final = RowRules(formats=frozenset({"completion"}))

# Vertex' form depends on the model; without one of its prefixes it is Gemini's contents.
_GEMINI: Final = RowRules(
    formats=frozenset({"chat"}),
    keys=frozenset(
        {
            "messages",
            "tools",
            "tool_choice",
            "temperature",
            "top_p",
            "top_k",
            "max_tokens",
            "max_completion_tokens",
            "stop",
            "seed",
            "response_format",
            "logprobs",
            "modalities",
            "reasoning_effort",
            "thinking",
            "labels",
            "safety_settings",
        }
    ),
    # A call and its result are matched by their order, so that an id says nothing more.
    message_keys=frozenset({"role", "content", "tool_calls", "tool_call_id"}),
    parts=frozenset({"text", "image_url", "input_audio"}),
    system_only_first=True,
    system_one_part=True,
    text_beside_calls=False,
    calls_as_objects=True,
    tool_name_required=True,
    schema_keys_lost=frozenset({"strict", "additionalProperties", "$schema"}),
    image_keys=frozenset({"url"}),
    image_suffix_required=True,
)
_VERTEX_ANTHROPIC: Final = RowRules(
    formats=frozenset({"chat"}),
    keys=frozenset({"messages", "tools", "tool_choice", "temperature"}),
    message_keys=frozenset({"role", "content", "tool_calls", "tool_call_id"}),
    parts=frozenset({"text", "image_url", "refusal"}),
    system_only_first=True,
    calls_as_objects=True,
    schema_keys_lost=frozenset({"strict", "additionalProperties", "$schema"}),
)
_VERTEX_MESSAGES: Final = RowRules(
    formats=frozenset({"chat"}),
    keys=frozenset({"messages", "tools", "tool_choice", "parallel_tool_calls", "functions", "seed", "temperature"}),
)
_VERTEX_MESSAGES_ALONE: Final = RowRules(formats=frozenset({"chat"}), keys=frozenset({"messages", "temperature"}))
_VERTEX_MODEL: Final = "x-portkey-provider-model"

UNKNOWN: Final = ProviderProfile(
    dataset=DatasetRules(formats=frozenset({"chat", "completion", "preference", "reinforcement", "contents"}))
)

#: The providers that are known.
PROFILES: Final = (
    ProviderProfile(
        name="openai",
        create=_OPENAI_CREATE,
        dataset=DatasetRules(
            provider="openai",
            images=ImageLimits(frozenset({"jpeg", "png", "webp"}), 10, 10 * _MEBIBYTE, 50_000),
        ),
        upload=UploadRoute(stored_size="sent"),
    ),
    ProviderProfile(
        name="azure-openai",
        aliases=frozenset({"azure"}),
        create=CreateRules(method_form=MethodForm.WITH_HYPERPARAMETERS),
        dataset=DatasetRules(
            provider="azure-openai",
            byte_order_mark=True,
            images=ImageLimits(frozenset({"jpeg", "png", "webp"}), 64, 10 * _MEBIBYTE, 50_000),
        ),
        upload=UploadRoute(
            stored_size="sent",
            loses_content_type=frozenset({"x-portkey-azure-ad-token", "x-portkey-azure-auth-mode"}),
            config_keys={
                "x-portkey-azure-ad-token": "azure_ad_token",
                "x-portkey-azure-auth-mode": "azure_auth_mode",
            },
        ),
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
            system_only_first=True,
        ),
        upload=UploadRoute(
            reads_lines=True,
            rows=_BEDROCK_CHAT,
            variants=(RowVariant("x-portkey-model-type", "text", _BEDROCK_TEXT),),
            # The gateway cuts the whole form at 1,000,000 units, and S3 refuses a small part that is not the last.
            maximum_characters=998_000,
            suffix=".jsonl",
            further_fields=False,
            required=(
                RequiredSetting(("x-portkey-aws-s3-bucket",), "the S3 bucket", '"aws_s3_bucket": "..."'),
                RequiredSetting(
                    ("x-portkey-aws-bedrock-model", "x-portkey-provider-model"),
                    "the model that is tuned",
                    '"aws_bedrock_model": "..."',
                ),
            ),
            config_keys={
                "x-portkey-aws-s3-bucket": "aws_s3_bucket",
                "x-portkey-aws-bedrock-model": "aws_bedrock_model",
            },
            stored_size="rewritten",
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
            formats=frozenset({"chat"}),
            minimum_examples=1,
            maximum_bytes=1024 * _MEBIBYTE,
            system_only_first=True,
            images=ImageLimits(
                per_example=30, maximum_bytes=20 * _MEBIBYTE, schemes=("https://", "http://", "data:", "gs://")
            ),
        ),
        upload=UploadRoute(
            reads_lines=True,
            rows=_GEMINI,
            variants=(
                RowVariant(_VERTEX_MODEL, r"anthropic\..*", _VERTEX_ANTHROPIC),
                RowVariant(_VERTEX_MODEL, r"meta\..*", _VERTEX_MESSAGES_ALONE),
                RowVariant(_VERTEX_MODEL, r"(endpoints|mistralai)\..*", _VERTEX_MESSAGES),
            ),
            ascii_only=True,
            further_fields=False,
            required=(
                RequiredSetting(
                    ("x-portkey-vertex-storage-bucket-name",),
                    "the Cloud Storage bucket",
                    '"vertex_storage_bucket_name": "..."',
                ),
                RequiredSetting((_VERTEX_MODEL,), "the model that is tuned", '"provider_model": "..."'),
            ),
            config_keys={
                "x-portkey-vertex-storage-bucket-name": "vertex_storage_bucket_name",
                _VERTEX_MODEL: "vertex_model_name",
            },
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
        dataset=DatasetRules(
            provider="fireworks-ai",
            minimum_examples=3,
            maximum_bytes=None,
            system_only_first=True,
            images=ImageLimits(frozenset({"jpeg", "jpg", "png"}), schemes=("data:",)),
        ),
        upload=UploadRoute(
            reads_lines=True,
            ascii_only=True,
            further_fields=False,
            size_header="x-portkey-file-upload-size",
            config_keys={"x-portkey-file-upload-size": "fireworks_file_length"},
        ),
    ),
)

KNOWN_PROVIDERS: Final[Mapping[str, ProviderProfile]] = {
    name: profile for profile in PROFILES for name in (profile.name, *profile.aliases) if name is not None
}


def profile_of(provider: str | None) -> ProviderProfile:
    """Give the profile of a provider; that of :data:`UNKNOWN` if it is None, a slug, or a name without a profile."""
    return KNOWN_PROVIDERS.get(provider or "", UNKNOWN)


#: What to do about an error that the gateway reports, word for word, for one provider alone.
PROVIDER_HINTS: Final[Mapping[str, str]] = {
    "Failed to upload file": (
        "Fireworks takes a file of exactly the size that was announced, so a line that is no JSON makes it fail: "
        "upload with check=True."
    ),
}

#: Options of the official SDK's client that are for one provider, and how they are said here.
PROVIDER_OPTION_HINTS: Final[Mapping[str, str]] = {
    "organization": "pass provider_headers={'openai_organization': ...}",
    "project": "pass provider_headers={'openai_project': ...}",
}
#: Beginnings of the names that the official SDK sends as a header for a provider, by its rule.
PROVIDER_OPTION_PREFIXES: Final = (
    *("amz_", "anthropic_", "aws_", "azure_", "fireworks_", "huggingface_", "mistral_", "openai_", "vertex_"),
    *("file_", "provider_", "workers_ai_"),
)

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
