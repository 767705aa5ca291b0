from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ListFineTuningJobCheckpointsResponse")


@_attrs_define
class ListFineTuningJobCheckpointsResponse:
    """
    Attributes:
        data (list[FineTuningJobCheckpoint]):
        first_id (None | str | Unset):
        has_more (bool | None | Unset):
        last_id (None | str | Unset):
        object_ (str | Unset):
    """

    data: list[FineTuningJobCheckpoint]
    first_id: None | str | Unset = UNSET
    has_more: bool | None | Unset = UNSET
    last_id: None | str | Unset = UNSET
    object_: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        data = []
        for data_item_data in self.data:
            data_item = data_item_data.to_dict()
            data.append(data_item)

        first_id: None | str | Unset
        if isinstance(self.first_id, Unset):
            first_id = UNSET
        else:
            first_id = self.first_id

        has_more: bool | None | Unset
        if isinstance(self.has_more, Unset):
            has_more = UNSET
        else:
            has_more = self.has_more

        last_id: None | str | Unset
        if isinstance(self.last_id, Unset):
            last_id = UNSET
        else:
            last_id = self.last_id

        object_ = self.object_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "data": data,
            }
        )
        if first_id is not UNSET:
            field_dict["first_id"] = first_id
        if has_more is not UNSET:
            field_dict["has_more"] = has_more
        if last_id is not UNSET:
            field_dict["last_id"] = last_id
        if object_ is not UNSET:
            field_dict["object"] = object_

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        data = []
        _data = d.pop("data")
        for data_item_data in _data:
            data_item = FineTuningJobCheckpoint.from_dict(data_item_data)

            data.append(data_item)

        first_id = d.pop("first_id", UNSET)

        has_more = d.pop("has_more", UNSET)

        last_id = d.pop("last_id", UNSET)

        object_ = d.pop("object", UNSET)

        list_fine_tuning_job_checkpoints_response = cls(
            data,
            first_id,
            has_more,
            last_id,
            object_,
        )

        list_fine_tuning_job_checkpoints_response.additional_properties = d
        return list_fine_tuning_job_checkpoints_response

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


from ..models.fine_tuning_job_checkpoint import FineTuningJobCheckpoint
