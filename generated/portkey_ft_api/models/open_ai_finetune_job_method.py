from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.open_ai_finetune_job_method_dpo import OpenAIFinetuneJobMethodDpo
    from ..models.open_ai_finetune_job_method_supervised import (
        OpenAIFinetuneJobMethodSupervised,
    )


T = TypeVar("T", bound="OpenAIFinetuneJobMethod")


@_attrs_define
class OpenAIFinetuneJobMethod:
    """
    Attributes:
        type_ (str):
        dpo (OpenAIFinetuneJobMethodDpo | Unset):
        supervised (OpenAIFinetuneJobMethodSupervised | Unset):
    """

    type_: str
    dpo: OpenAIFinetuneJobMethodDpo | Unset = UNSET
    supervised: OpenAIFinetuneJobMethodSupervised | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        type_ = self.type_

        dpo: dict[str, Any] | Unset = UNSET
        if not isinstance(self.dpo, Unset):
            dpo = self.dpo.to_dict()

        supervised: dict[str, Any] | Unset = UNSET
        if not isinstance(self.supervised, Unset):
            supervised = self.supervised.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "type": type_,
            }
        )
        if dpo is not UNSET:
            field_dict["dpo"] = dpo
        if supervised is not UNSET:
            field_dict["supervised"] = supervised

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.open_ai_finetune_job_method_dpo import OpenAIFinetuneJobMethodDpo
        from ..models.open_ai_finetune_job_method_supervised import (
            OpenAIFinetuneJobMethodSupervised,
        )

        d = dict(src_dict)
        type_ = d.pop("type")

        _dpo = d.pop("dpo", UNSET)
        dpo: OpenAIFinetuneJobMethodDpo | Unset
        if isinstance(_dpo, Unset):
            dpo = UNSET
        else:
            dpo = OpenAIFinetuneJobMethodDpo.from_dict(_dpo)

        _supervised = d.pop("supervised", UNSET)
        supervised: OpenAIFinetuneJobMethodSupervised | Unset
        if isinstance(_supervised, Unset):
            supervised = UNSET
        else:
            supervised = OpenAIFinetuneJobMethodSupervised.from_dict(_supervised)

        open_ai_finetune_job_method = cls(
            type_=type_,
            dpo=dpo,
            supervised=supervised,
        )

        open_ai_finetune_job_method.additional_properties = d
        return open_ai_finetune_job_method

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
