from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.fine_tuning_integration_wandb_type_0 import (
        FineTuningIntegrationWandbType0,
    )


T = TypeVar("T", bound="FineTuningIntegration")


@_attrs_define
class FineTuningIntegration:
    """
    Attributes:
        type_ (str | Unset):
        wandb (FineTuningIntegrationWandbType0 | None | Unset):
    """

    type_: str | Unset = UNSET
    wandb: FineTuningIntegrationWandbType0 | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.fine_tuning_integration_wandb_type_0 import (
            FineTuningIntegrationWandbType0,
        )

        type_ = self.type_

        wandb: dict[str, Any] | None | Unset
        if isinstance(self.wandb, Unset):
            wandb = UNSET
        elif isinstance(self.wandb, FineTuningIntegrationWandbType0):
            wandb = self.wandb.to_dict()
        else:
            wandb = self.wandb

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if type_ is not UNSET:
            field_dict["type"] = type_
        if wandb is not UNSET:
            field_dict["wandb"] = wandb

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.fine_tuning_integration_wandb_type_0 import (
            FineTuningIntegrationWandbType0,
        )

        d = dict(src_dict)
        type_ = d.pop("type", UNSET)

        def _parse_wandb(
            data: object,
        ) -> FineTuningIntegrationWandbType0 | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                wandb_type_0 = FineTuningIntegrationWandbType0.from_dict(data)

                return wandb_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(FineTuningIntegrationWandbType0 | None | Unset, data)

        wandb = _parse_wandb(d.pop("wandb", UNSET))

        fine_tuning_integration = cls(
            type_=type_,
            wandb=wandb,
        )

        fine_tuning_integration.additional_properties = d
        return fine_tuning_integration

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
