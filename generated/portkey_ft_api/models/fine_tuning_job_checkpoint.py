from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="FineTuningJobCheckpoint")


@_attrs_define
class FineTuningJobCheckpoint:
    """A usable snapshot of the model in training.

    Attributes:
        id (str):
        created_at (int | Unset):
        fine_tuned_model_checkpoint (str | Unset):
        fine_tuning_job_id (str | Unset):
        metrics (FineTuningJobCheckpointMetricsType0 | None | Unset):
        object_ (str | Unset):
        step_number (int | Unset):
    """

    id: str
    created_at: int | Unset = UNSET
    fine_tuned_model_checkpoint: str | Unset = UNSET
    fine_tuning_job_id: str | Unset = UNSET
    metrics: FineTuningJobCheckpointMetricsType0 | None | Unset = UNSET
    object_: str | Unset = UNSET
    step_number: int | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        created_at = self.created_at

        fine_tuned_model_checkpoint = self.fine_tuned_model_checkpoint

        fine_tuning_job_id = self.fine_tuning_job_id

        metrics: dict[str, Any] | None | Unset
        if isinstance(self.metrics, Unset):
            metrics = UNSET
        elif isinstance(self.metrics, FineTuningJobCheckpointMetricsType0):
            metrics = self.metrics.to_dict()
        else:
            metrics = self.metrics

        object_ = self.object_

        step_number = self.step_number

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if fine_tuned_model_checkpoint is not UNSET:
            field_dict["fine_tuned_model_checkpoint"] = fine_tuned_model_checkpoint
        if fine_tuning_job_id is not UNSET:
            field_dict["fine_tuning_job_id"] = fine_tuning_job_id
        if metrics is not UNSET:
            field_dict["metrics"] = metrics
        if object_ is not UNSET:
            field_dict["object"] = object_
        if step_number is not UNSET:
            field_dict["step_number"] = step_number

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        created_at = d.pop("created_at", UNSET)

        fine_tuned_model_checkpoint = d.pop("fine_tuned_model_checkpoint", UNSET)

        fine_tuning_job_id = d.pop("fine_tuning_job_id", UNSET)

        metrics = d.pop("metrics", UNSET)
        if isinstance(metrics, dict):
            try:
                metrics_type_0 = FineTuningJobCheckpointMetricsType0.from_dict(metrics)

                metrics = metrics_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass

        object_ = d.pop("object", UNSET)

        step_number = d.pop("step_number", UNSET)

        fine_tuning_job_checkpoint = cls(
            id,
            created_at,
            fine_tuned_model_checkpoint,
            fine_tuning_job_id,
            metrics,
            object_,
            step_number,
        )

        fine_tuning_job_checkpoint.additional_properties = d
        return fine_tuning_job_checkpoint

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


from ..models.fine_tuning_job_checkpoint_metrics_type_0 import (
    FineTuningJobCheckpointMetricsType0,
)
