from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="OpenAIFile")


@_attrs_define
class OpenAIFile:
    """An uploaded file as any provider may describe it.

    Attributes:
        id (str):
        bytes_ (int | None | str | Unset):
        create_at (int | None | Unset):
        createdAt (int | None | Unset):
        created_at (int | None | Unset):
        expires_at (int | None | Unset):
        filename (None | str | Unset):
        object_ (str | Unset):
        purpose (None | str | Unset):
        status (None | str | Unset):
        status_details (None | str | Unset):
    """

    id: str
    bytes_: int | None | str | Unset = UNSET
    create_at: int | None | Unset = UNSET
    createdAt: int | None | Unset = UNSET
    created_at: int | None | Unset = UNSET
    expires_at: int | None | Unset = UNSET
    filename: None | str | Unset = UNSET
    object_: str | Unset = UNSET
    purpose: None | str | Unset = UNSET
    status: None | str | Unset = UNSET
    status_details: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        bytes_: int | None | str | Unset
        if isinstance(self.bytes_, Unset):
            bytes_ = UNSET
        else:
            bytes_ = self.bytes_

        create_at: int | None | Unset
        if isinstance(self.create_at, Unset):
            create_at = UNSET
        else:
            create_at = self.create_at

        createdAt: int | None | Unset
        if isinstance(self.createdAt, Unset):
            createdAt = UNSET
        else:
            createdAt = self.createdAt

        created_at: int | None | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        else:
            created_at = self.created_at

        expires_at: int | None | Unset
        if isinstance(self.expires_at, Unset):
            expires_at = UNSET
        else:
            expires_at = self.expires_at

        filename: None | str | Unset
        if isinstance(self.filename, Unset):
            filename = UNSET
        else:
            filename = self.filename

        object_ = self.object_

        purpose: None | str | Unset
        if isinstance(self.purpose, Unset):
            purpose = UNSET
        else:
            purpose = self.purpose

        status: None | str | Unset
        if isinstance(self.status, Unset):
            status = UNSET
        else:
            status = self.status

        status_details: None | str | Unset
        if isinstance(self.status_details, Unset):
            status_details = UNSET
        else:
            status_details = self.status_details

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if bytes_ is not UNSET:
            field_dict["bytes"] = bytes_
        if create_at is not UNSET:
            field_dict["create_at"] = create_at
        if createdAt is not UNSET:
            field_dict["createdAt"] = createdAt
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if expires_at is not UNSET:
            field_dict["expires_at"] = expires_at
        if filename is not UNSET:
            field_dict["filename"] = filename
        if object_ is not UNSET:
            field_dict["object"] = object_
        if purpose is not UNSET:
            field_dict["purpose"] = purpose
        if status is not UNSET:
            field_dict["status"] = status
        if status_details is not UNSET:
            field_dict["status_details"] = status_details

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        bytes_ = d.pop("bytes", UNSET)

        create_at = d.pop("create_at", UNSET)

        createdAt = d.pop("createdAt", UNSET)

        created_at = d.pop("created_at", UNSET)

        expires_at = d.pop("expires_at", UNSET)

        filename = d.pop("filename", UNSET)

        object_ = d.pop("object", UNSET)

        purpose = d.pop("purpose", UNSET)

        status = d.pop("status", UNSET)

        status_details = d.pop("status_details", UNSET)

        open_ai_file = cls(
            id,
            bytes_,
            create_at,
            createdAt,
            created_at,
            expires_at,
            filename,
            object_,
            purpose,
            status,
            status_details,
        )

        open_ai_file.additional_properties = d
        return open_ai_file

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
