from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="BedrockParams")


@_attrs_define
class BedrockParams:
    """
    Attributes:
        job_name (str | Unset):
        output_file (str | Unset):
        role_arn (str | Unset):
    """

    job_name: str | Unset = UNSET
    output_file: str | Unset = UNSET
    role_arn: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        job_name = self.job_name

        output_file = self.output_file

        role_arn = self.role_arn

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if job_name is not UNSET:
            field_dict["job_name"] = job_name
        if output_file is not UNSET:
            field_dict["output_file"] = output_file
        if role_arn is not UNSET:
            field_dict["role_arn"] = role_arn

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        job_name = d.pop("job_name", UNSET)

        output_file = d.pop("output_file", UNSET)

        role_arn = d.pop("role_arn", UNSET)

        bedrock_params = cls(
            job_name=job_name,
            output_file=output_file,
            role_arn=role_arn,
        )

        bedrock_params.additional_properties = d
        return bedrock_params

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
