"""Contains all the data models used in inputs/outputs"""

from .create_file_request import CreateFileRequest
from .delete_file_response import DeleteFileResponse
from .fine_tuning_integration import FineTuningIntegration
from .fine_tuning_job import FineTuningJob
from .fine_tuning_job_checkpoint import FineTuningJobCheckpoint
from .fine_tuning_job_checkpoint_metrics_type_0 import (
    FineTuningJobCheckpointMetricsType0,
)
from .fine_tuning_job_error import FineTuningJobError
from .fine_tuning_job_event import FineTuningJobEvent
from .fine_tuning_job_hyperparameters import FineTuningJobHyperparameters
from .list_files_response import ListFilesResponse
from .list_fine_tuning_job_checkpoints_response import (
    ListFineTuningJobCheckpointsResponse,
)
from .list_fine_tuning_job_events_response import ListFineTuningJobEventsResponse
from .list_paginated_fine_tuning_jobs_response import (
    ListPaginatedFineTuningJobsResponse,
)
from .open_ai_file import OpenAIFile
from .open_ai_finetune_job import OpenAIFinetuneJob
from .portkey_finetune_job import PortkeyFinetuneJob

__all__ = (
    "CreateFileRequest",
    "DeleteFileResponse",
    "FineTuningIntegration",
    "FineTuningJob",
    "FineTuningJobCheckpoint",
    "FineTuningJobCheckpointMetricsType0",
    "FineTuningJobError",
    "FineTuningJobEvent",
    "FineTuningJobHyperparameters",
    "ListFilesResponse",
    "ListFineTuningJobCheckpointsResponse",
    "ListFineTuningJobEventsResponse",
    "ListPaginatedFineTuningJobsResponse",
    "OpenAIFile",
    "OpenAIFinetuneJob",
    "PortkeyFinetuneJob",
)
