from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="FineTuningJobHyperparameters")


@_attrs_define
class FineTuningJobHyperparameters:
    """
    Attributes:
        batch_size (float | None | str | Unset):
        beta (float | None | str | Unset):
        learning_rate_multiplier (float | None | str | Unset):
        n_epochs (float | None | str | Unset):
    """

    batch_size: float | None | str | Unset = UNSET
    beta: float | None | str | Unset = UNSET
    learning_rate_multiplier: float | None | str | Unset = UNSET
    n_epochs: float | None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        batch_size: float | None | str | Unset
        if isinstance(self.batch_size, Unset):
            batch_size = UNSET
        else:
            batch_size = self.batch_size

        beta: float | None | str | Unset
        if isinstance(self.beta, Unset):
            beta = UNSET
        else:
            beta = self.beta

        learning_rate_multiplier: float | None | str | Unset
        if isinstance(self.learning_rate_multiplier, Unset):
            learning_rate_multiplier = UNSET
        else:
            learning_rate_multiplier = self.learning_rate_multiplier

        n_epochs: float | None | str | Unset
        if isinstance(self.n_epochs, Unset):
            n_epochs = UNSET
        else:
            n_epochs = self.n_epochs

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if batch_size is not UNSET:
            field_dict["batch_size"] = batch_size
        if beta is not UNSET:
            field_dict["beta"] = beta
        if learning_rate_multiplier is not UNSET:
            field_dict["learning_rate_multiplier"] = learning_rate_multiplier
        if n_epochs is not UNSET:
            field_dict["n_epochs"] = n_epochs

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        batch_size = d.pop("batch_size", UNSET)

        beta = d.pop("beta", UNSET)

        learning_rate_multiplier = d.pop("learning_rate_multiplier", UNSET)

        n_epochs = d.pop("n_epochs", UNSET)

        fine_tuning_job_hyperparameters = cls(
            batch_size,
            beta,
            learning_rate_multiplier,
            n_epochs,
        )

        fine_tuning_job_hyperparameters.additional_properties = d
        return fine_tuning_job_hyperparameters

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
