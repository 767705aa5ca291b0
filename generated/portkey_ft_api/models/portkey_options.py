from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PortkeyOptions")


@_attrs_define
class PortkeyOptions:
    """
    Attributes:
        x_portkey_aws_s3_bucket (str | Unset):
        x_portkey_vertex_storage_bucket_name (str | Unset):
        x_portkey_virtual_key (str | Unset):
    """

    x_portkey_aws_s3_bucket: str | Unset = UNSET
    x_portkey_vertex_storage_bucket_name: str | Unset = UNSET
    x_portkey_virtual_key: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        x_portkey_aws_s3_bucket = self.x_portkey_aws_s3_bucket

        x_portkey_vertex_storage_bucket_name = self.x_portkey_vertex_storage_bucket_name

        x_portkey_virtual_key = self.x_portkey_virtual_key

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if x_portkey_aws_s3_bucket is not UNSET:
            field_dict["x-portkey-aws-s3-bucket"] = x_portkey_aws_s3_bucket
        if x_portkey_vertex_storage_bucket_name is not UNSET:
            field_dict["x-portkey-vertex-storage-bucket-name"] = (
                x_portkey_vertex_storage_bucket_name
            )
        if x_portkey_virtual_key is not UNSET:
            field_dict["x-portkey-virtual-key"] = x_portkey_virtual_key

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        x_portkey_aws_s3_bucket = d.pop("x-portkey-aws-s3-bucket", UNSET)

        x_portkey_vertex_storage_bucket_name = d.pop(
            "x-portkey-vertex-storage-bucket-name", UNSET
        )

        x_portkey_virtual_key = d.pop("x-portkey-virtual-key", UNSET)

        portkey_options = cls(
            x_portkey_aws_s3_bucket=x_portkey_aws_s3_bucket,
            x_portkey_vertex_storage_bucket_name=x_portkey_vertex_storage_bucket_name,
            x_portkey_virtual_key=x_portkey_virtual_key,
        )

        portkey_options.additional_properties = d
        return portkey_options

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
