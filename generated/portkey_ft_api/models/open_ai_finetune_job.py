from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="OpenAIFinetuneJob")


@_attrs_define
class OpenAIFinetuneJob:
    """
    Attributes:
        model (str):
        training_file (str):
        hyperparameters (Any | Unset):
        integrations (list[Any] | Unset):
        metadata (Any | Unset):
        method (Any | Unset):
        seed (int | Unset):
        suffix (str | Unset):
        validation_file (str | Unset):
    """

    model: str
    training_file: str
    hyperparameters: Any | Unset = UNSET
    integrations: list[Any] | Unset = UNSET
    metadata: Any | Unset = UNSET
    method: Any | Unset = UNSET
    seed: int | Unset = UNSET
    suffix: str | Unset = UNSET
    validation_file: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        model = self.model

        training_file = self.training_file

        hyperparameters = self.hyperparameters

        integrations: list[Any] | Unset = UNSET
        if not isinstance(self.integrations, Unset):
            integrations = self.integrations

        metadata = self.metadata

        method = self.method

        seed = self.seed

        suffix = self.suffix

        validation_file = self.validation_file

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

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        model = d.pop("model")

        training_file = d.pop("training_file")

        hyperparameters = d.pop("hyperparameters", UNSET)

        integrations = cast(list[Any], d.pop("integrations", UNSET))

        metadata = d.pop("metadata", UNSET)

        method = d.pop("method", UNSET)

        seed = d.pop("seed", UNSET)

        suffix = d.pop("suffix", UNSET)

        validation_file = d.pop("validation_file", UNSET)

        open_ai_finetune_job = cls(
            model,
            training_file,
            hyperparameters,
            integrations,
            metadata,
            method,
            seed,
            suffix,
            validation_file,
        )

        open_ai_finetune_job.additional_properties = d
        return open_ai_finetune_job

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
