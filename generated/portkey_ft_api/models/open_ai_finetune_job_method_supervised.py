from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.open_ai_finetune_job_method_supervised_hyperparameters import (
        OpenAIFinetuneJobMethodSupervisedHyperparameters,
    )


T = TypeVar("T", bound="OpenAIFinetuneJobMethodSupervised")


@_attrs_define
class OpenAIFinetuneJobMethodSupervised:
    """
    Attributes:
        hyperparameters (OpenAIFinetuneJobMethodSupervisedHyperparameters | Unset):
    """

    hyperparameters: OpenAIFinetuneJobMethodSupervisedHyperparameters | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        hyperparameters: dict[str, Any] | Unset = UNSET
        if not isinstance(self.hyperparameters, Unset):
            hyperparameters = self.hyperparameters.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if hyperparameters is not UNSET:
            field_dict["hyperparameters"] = hyperparameters

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.open_ai_finetune_job_method_supervised_hyperparameters import (
            OpenAIFinetuneJobMethodSupervisedHyperparameters,
        )

        d = dict(src_dict)
        _hyperparameters = d.pop("hyperparameters", UNSET)
        hyperparameters: OpenAIFinetuneJobMethodSupervisedHyperparameters | Unset
        if isinstance(_hyperparameters, Unset):
            hyperparameters = UNSET
        else:
            hyperparameters = (
                OpenAIFinetuneJobMethodSupervisedHyperparameters.from_dict(
                    _hyperparameters
                )
            )

        open_ai_finetune_job_method_supervised = cls(
            hyperparameters=hyperparameters,
        )

        open_ai_finetune_job_method_supervised.additional_properties = d
        return open_ai_finetune_job_method_supervised

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
