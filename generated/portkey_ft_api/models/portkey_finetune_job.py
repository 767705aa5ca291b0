from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.bedrock_params import BedrockParams
    from ..models.open_ai_finetune_job_hyperparameters import (
        OpenAIFinetuneJobHyperparameters,
    )
    from ..models.open_ai_finetune_job_integrations_item import (
        OpenAIFinetuneJobIntegrationsItem,
    )
    from ..models.open_ai_finetune_job_metadata import OpenAIFinetuneJobMetadata
    from ..models.open_ai_finetune_job_method import OpenAIFinetuneJobMethod
    from ..models.portkey_options import PortkeyOptions


T = TypeVar("T", bound="PortkeyFinetuneJob")


@_attrs_define
class PortkeyFinetuneJob:
    """
    Attributes:
        model (str):
        training_file (str):
        hyperparameters (OpenAIFinetuneJobHyperparameters | Unset):
        integrations (list[OpenAIFinetuneJobIntegrationsItem] | Unset):
        metadata (OpenAIFinetuneJobMetadata | Unset):
        method (OpenAIFinetuneJobMethod | Unset):
        seed (int | Unset):
        suffix (str | Unset):
        validation_file (str | Unset):
        job_name (str | Unset):
        output_file (str | Unset):
        portkey_options (PortkeyOptions | Unset):
        provider_options (BedrockParams | Unset):
        role_arn (str | Unset):
    """

    model: str
    training_file: str
    hyperparameters: OpenAIFinetuneJobHyperparameters | Unset = UNSET
    integrations: list[OpenAIFinetuneJobIntegrationsItem] | Unset = UNSET
    metadata: OpenAIFinetuneJobMetadata | Unset = UNSET
    method: OpenAIFinetuneJobMethod | Unset = UNSET
    seed: int | Unset = UNSET
    suffix: str | Unset = UNSET
    validation_file: str | Unset = UNSET
    job_name: str | Unset = UNSET
    output_file: str | Unset = UNSET
    portkey_options: PortkeyOptions | Unset = UNSET
    provider_options: BedrockParams | Unset = UNSET
    role_arn: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        model = self.model

        training_file = self.training_file

        hyperparameters: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hyperparameters, Unset):
            hyperparameters = self.hyperparameters.to_dict()

        integrations: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.integrations, Unset):
            integrations = []
            for integrations_item_data in self.integrations:
                integrations_item = integrations_item_data.to_dict()
                integrations.append(integrations_item)

        metadata: dict[str, Any] | Unset = UNSET
        if not isinstance(self.metadata, Unset):
            metadata = self.metadata.to_dict()

        method: dict[str, Any] | Unset = UNSET
        if not isinstance(self.method, Unset):
            method = self.method.to_dict()

        seed = self.seed

        suffix = self.suffix

        validation_file = self.validation_file

        job_name = self.job_name

        output_file = self.output_file

        portkey_options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.portkey_options, Unset):
            portkey_options = self.portkey_options.to_dict()

        provider_options: dict[str, Any] | Unset = UNSET
        if not isinstance(self.provider_options, Unset):
            provider_options = self.provider_options.to_dict()

        role_arn = self.role_arn

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "model": model,
                "training_file": training_file,
            }
        )
        if hyperparameters is not UNSET:
            field_dict["hyperparameters"] = hyperparameters
        if integrations is not UNSET:
            field_dict["integrations"] = integrations
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if method is not UNSET:
            field_dict["method"] = method
        if seed is not UNSET:
            field_dict["seed"] = seed
        if suffix is not UNSET:
            field_dict["suffix"] = suffix
        if validation_file is not UNSET:
            field_dict["validation_file"] = validation_file
        if job_name is not UNSET:
            field_dict["job_name"] = job_name
        if output_file is not UNSET:
            field_dict["output_file"] = output_file
        if portkey_options is not UNSET:
            field_dict["portkey_options"] = portkey_options
        if provider_options is not UNSET:
            field_dict["provider_options"] = provider_options
        if role_arn is not UNSET:
            field_dict["role_arn"] = role_arn

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.bedrock_params import BedrockParams
        from ..models.open_ai_finetune_job_hyperparameters import (
            OpenAIFinetuneJobHyperparameters,
        )
        from ..models.open_ai_finetune_job_integrations_item import (
            OpenAIFinetuneJobIntegrationsItem,
        )
        from ..models.open_ai_finetune_job_metadata import OpenAIFinetuneJobMetadata
        from ..models.open_ai_finetune_job_method import OpenAIFinetuneJobMethod
        from ..models.portkey_options import PortkeyOptions

        d = dict(src_dict)
        model = d.pop("model")

        training_file = d.pop("training_file")

        _hyperparameters = d.pop("hyperparameters", UNSET)
        hyperparameters: OpenAIFinetuneJobHyperparameters | Unset
        if isinstance(_hyperparameters, Unset):
            hyperparameters = UNSET
        else:
            hyperparameters = OpenAIFinetuneJobHyperparameters.from_dict(
                _hyperparameters
            )

        _integrations = d.pop("integrations", UNSET)
        integrations: list[OpenAIFinetuneJobIntegrationsItem] | Unset = UNSET
        if _integrations is not UNSET:
            integrations = []
            for integrations_item_data in _integrations:
                integrations_item = OpenAIFinetuneJobIntegrationsItem.from_dict(
                    integrations_item_data
                )

                integrations.append(integrations_item)

        _metadata = d.pop("metadata", UNSET)
        metadata: OpenAIFinetuneJobMetadata | Unset
        if isinstance(_metadata, Unset):
            metadata = UNSET
        else:
            metadata = OpenAIFinetuneJobMetadata.from_dict(_metadata)

        _method = d.pop("method", UNSET)
        method: OpenAIFinetuneJobMethod | Unset
        if isinstance(_method, Unset):
            method = UNSET
        else:
            method = OpenAIFinetuneJobMethod.from_dict(_method)

        seed = d.pop("seed", UNSET)

        suffix = d.pop("suffix", UNSET)

        validation_file = d.pop("validation_file", UNSET)

        job_name = d.pop("job_name", UNSET)

        output_file = d.pop("output_file", UNSET)

        _portkey_options = d.pop("portkey_options", UNSET)
        portkey_options: PortkeyOptions | Unset
        if isinstance(_portkey_options, Unset):
            portkey_options = UNSET
        else:
            portkey_options = PortkeyOptions.from_dict(_portkey_options)

        _provider_options = d.pop("provider_options", UNSET)
        provider_options: BedrockParams | Unset
        if isinstance(_provider_options, Unset):
            provider_options = UNSET
        else:
            provider_options = BedrockParams.from_dict(_provider_options)

        role_arn = d.pop("role_arn", UNSET)

        portkey_finetune_job = cls(
            model=model,
            training_file=training_file,
            hyperparameters=hyperparameters,
            integrations=integrations,
            metadata=metadata,
            method=method,
            seed=seed,
            suffix=suffix,
            validation_file=validation_file,
            job_name=job_name,
            output_file=output_file,
            portkey_options=portkey_options,
            provider_options=provider_options,
            role_arn=role_arn,
        )

        portkey_finetune_job.additional_properties = d
        return portkey_finetune_job

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
