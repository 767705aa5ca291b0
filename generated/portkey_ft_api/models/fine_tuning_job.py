from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="FineTuningJob")


@_attrs_define
class FineTuningJob:
    """A fine-tuning job as any provider may describe it.

    Attributes:
        id (str):
        completed_at (int | None | Unset):
        created_at (int | None | Unset):
        error (FineTuningJobError | None | str | Unset):
        estimated_finish (int | None | Unset):
        fine_tuned_model (None | str | Unset):
        finished_at (int | None | Unset):
        hyperparameters (FineTuningJobHyperparameters | None | Unset):
        integrations (list[FineTuningIntegration] | None | Unset):
        job_name (None | str | Unset):
        metadata (Any | Unset):
        method (Any | Unset):
        model (None | str | Unset):
        object_ (str | Unset):
        organization_id (None | str | Unset):
        result_files (list[str] | None | Unset):
        seed (int | None | Unset):
        status (str | Unset):
        suffix (None | str | Unset):
        trained_tokens (int | None | str | Unset):
        training_file (str | Unset):
        user_provided_suffix (None | str | Unset):
        validation_file (None | str | Unset):
    """

    id: str
    completed_at: int | None | Unset = UNSET
    created_at: int | None | Unset = UNSET
    error: FineTuningJobError | None | str | Unset = UNSET
    estimated_finish: int | None | Unset = UNSET
    fine_tuned_model: None | str | Unset = UNSET
    finished_at: int | None | Unset = UNSET
    hyperparameters: FineTuningJobHyperparameters | None | Unset = UNSET
    integrations: list[FineTuningIntegration] | None | Unset = UNSET
    job_name: None | str | Unset = UNSET
    metadata: Any | Unset = UNSET
    method: Any | Unset = UNSET
    model: None | str | Unset = UNSET
    object_: str | Unset = UNSET
    organization_id: None | str | Unset = UNSET
    result_files: list[str] | None | Unset = UNSET
    seed: int | None | Unset = UNSET
    status: str | Unset = UNSET
    suffix: None | str | Unset = UNSET
    trained_tokens: int | None | str | Unset = UNSET
    training_file: str | Unset = UNSET
    user_provided_suffix: None | str | Unset = UNSET
    validation_file: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        completed_at: int | None | Unset
        if isinstance(self.completed_at, Unset):
            completed_at = UNSET
        else:
            completed_at = self.completed_at

        created_at: int | None | Unset
        if isinstance(self.created_at, Unset):
            created_at = UNSET
        else:
            created_at = self.created_at

        error: dict[str, Any] | None | str | Unset
        if isinstance(self.error, Unset):
            error = UNSET
        elif isinstance(self.error, FineTuningJobError):
            error = self.error.to_dict()
        else:
            error = self.error

        estimated_finish: int | None | Unset
        if isinstance(self.estimated_finish, Unset):
            estimated_finish = UNSET
        else:
            estimated_finish = self.estimated_finish

        fine_tuned_model: None | str | Unset
        if isinstance(self.fine_tuned_model, Unset):
            fine_tuned_model = UNSET
        else:
            fine_tuned_model = self.fine_tuned_model

        finished_at: int | None | Unset
        if isinstance(self.finished_at, Unset):
            finished_at = UNSET
        else:
            finished_at = self.finished_at

        hyperparameters: dict[str, Any] | None | Unset
        if isinstance(self.hyperparameters, Unset):
            hyperparameters = UNSET
        elif isinstance(self.hyperparameters, FineTuningJobHyperparameters):
            hyperparameters = self.hyperparameters.to_dict()
        else:
            hyperparameters = self.hyperparameters

        integrations: list[dict[str, Any]] | None | Unset
        if isinstance(self.integrations, Unset):
            integrations = UNSET
        elif isinstance(self.integrations, list):
            integrations = []
            for integrations_type_0_item_data in self.integrations:
                integrations_type_0_item = integrations_type_0_item_data.to_dict()
                integrations.append(integrations_type_0_item)

        else:
            integrations = self.integrations

        job_name: None | str | Unset
        if isinstance(self.job_name, Unset):
            job_name = UNSET
        else:
            job_name = self.job_name

        metadata = self.metadata

        method = self.method

        model: None | str | Unset
        if isinstance(self.model, Unset):
            model = UNSET
        else:
            model = self.model

        object_ = self.object_

        organization_id: None | str | Unset
        if isinstance(self.organization_id, Unset):
            organization_id = UNSET
        else:
            organization_id = self.organization_id

        result_files: list[str] | None | Unset
        if isinstance(self.result_files, Unset):
            result_files = UNSET
        elif isinstance(self.result_files, list):
            result_files = self.result_files

        else:
            result_files = self.result_files

        seed: int | None | Unset
        if isinstance(self.seed, Unset):
            seed = UNSET
        else:
            seed = self.seed

        status = self.status

        suffix: None | str | Unset
        if isinstance(self.suffix, Unset):
            suffix = UNSET
        else:
            suffix = self.suffix

        trained_tokens: int | None | str | Unset
        if isinstance(self.trained_tokens, Unset):
            trained_tokens = UNSET
        else:
            trained_tokens = self.trained_tokens

        training_file = self.training_file

        user_provided_suffix: None | str | Unset
        if isinstance(self.user_provided_suffix, Unset):
            user_provided_suffix = UNSET
        else:
            user_provided_suffix = self.user_provided_suffix

        validation_file: None | str | Unset
        if isinstance(self.validation_file, Unset):
            validation_file = UNSET
        else:
            validation_file = self.validation_file

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if completed_at is not UNSET:
            field_dict["completed_at"] = completed_at
        if created_at is not UNSET:
            field_dict["created_at"] = created_at
        if error is not UNSET:
            field_dict["error"] = error
        if estimated_finish is not UNSET:
            field_dict["estimated_finish"] = estimated_finish
        if fine_tuned_model is not UNSET:
            field_dict["fine_tuned_model"] = fine_tuned_model
        if finished_at is not UNSET:
            field_dict["finished_at"] = finished_at
        if hyperparameters is not UNSET:
            field_dict["hyperparameters"] = hyperparameters
        if integrations is not UNSET:
            field_dict["integrations"] = integrations
        if job_name is not UNSET:
            field_dict["job_name"] = job_name
        if metadata is not UNSET:
            field_dict["metadata"] = metadata
        if method is not UNSET:
            field_dict["method"] = method
        if model is not UNSET:
            field_dict["model"] = model
        if object_ is not UNSET:
            field_dict["object"] = object_
        if organization_id is not UNSET:
            field_dict["organization_id"] = organization_id
        if result_files is not UNSET:
            field_dict["result_files"] = result_files
        if seed is not UNSET:
            field_dict["seed"] = seed
        if status is not UNSET:
            field_dict["status"] = status
        if suffix is not UNSET:
            field_dict["suffix"] = suffix
        if trained_tokens is not UNSET:
            field_dict["trained_tokens"] = trained_tokens
        if training_file is not UNSET:
            field_dict["training_file"] = training_file
        if user_provided_suffix is not UNSET:
            field_dict["user_provided_suffix"] = user_provided_suffix
        if validation_file is not UNSET:
            field_dict["validation_file"] = validation_file

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        id = d.pop("id")

        completed_at = d.pop("completed_at", UNSET)

        created_at = d.pop("created_at", UNSET)

        error = d.pop("error", UNSET)
        if isinstance(error, dict):
            try:
                error_type_0 = FineTuningJobError.from_dict(error)

                error = error_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass

        estimated_finish = d.pop("estimated_finish", UNSET)

        fine_tuned_model = d.pop("fine_tuned_model", UNSET)

        finished_at = d.pop("finished_at", UNSET)

        hyperparameters = d.pop("hyperparameters", UNSET)
        if isinstance(hyperparameters, dict):
            try:
                hyperparameters_type_0 = FineTuningJobHyperparameters.from_dict(
                    hyperparameters
                )

                hyperparameters = hyperparameters_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass

        integrations = d.pop("integrations", UNSET)
        if isinstance(integrations, list):
            try:
                integrations_type_0 = []
                _integrations_type_0 = integrations
                for integrations_type_0_item_data in _integrations_type_0:
                    integrations_type_0_item = FineTuningIntegration.from_dict(
                        integrations_type_0_item_data
                    )

                    integrations_type_0.append(integrations_type_0_item)

                integrations = integrations_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass

        job_name = d.pop("job_name", UNSET)

        metadata = d.pop("metadata", UNSET)

        method = d.pop("method", UNSET)

        model = d.pop("model", UNSET)

        object_ = d.pop("object", UNSET)

        organization_id = d.pop("organization_id", UNSET)

        result_files = d.pop("result_files", UNSET)
        if isinstance(result_files, list):
            try:
                result_files_type_0 = cast(list[str], result_files)

                result_files = result_files_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass

        seed = d.pop("seed", UNSET)

        status = d.pop("status", UNSET)

        suffix = d.pop("suffix", UNSET)

        trained_tokens = d.pop("trained_tokens", UNSET)

        training_file = d.pop("training_file", UNSET)

        user_provided_suffix = d.pop("user_provided_suffix", UNSET)

        validation_file = d.pop("validation_file", UNSET)

        fine_tuning_job = cls(
            id,
            completed_at,
            created_at,
            error,
            estimated_finish,
            fine_tuned_model,
            finished_at,
            hyperparameters,
            integrations,
            job_name,
            metadata,
            method,
            model,
            object_,
            organization_id,
            result_files,
            seed,
            status,
            suffix,
            trained_tokens,
            training_file,
            user_provided_suffix,
            validation_file,
        )

        fine_tuning_job.additional_properties = d
        return fine_tuning_job

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


from ..models.fine_tuning_integration import FineTuningIntegration
from ..models.fine_tuning_job_error import FineTuningJobError
from ..models.fine_tuning_job_hyperparameters import FineTuningJobHyperparameters
