"""Contains all the data models used in inputs/outputs"""

from .bedrock_finetune_job import BedrockFinetuneJob
from .bedrock_params import BedrockParams
from .create_file_request import CreateFileRequest
from .delete_file_response import DeleteFileResponse
from .fine_tuning_integration import FineTuningIntegration
from .fine_tuning_integration_wandb_type_0 import FineTuningIntegrationWandbType0
from .fine_tuning_job import FineTuningJob
from .fine_tuning_job_checkpoint import FineTuningJobCheckpoint
from .fine_tuning_job_checkpoint_metrics_type_0 import (
    FineTuningJobCheckpointMetricsType0,
)
from .fine_tuning_job_error import FineTuningJobError
from .fine_tuning_job_event import FineTuningJobEvent
from .fine_tuning_job_event_data_type_0 import FineTuningJobEventDataType0
from .fine_tuning_job_hyperparameters import FineTuningJobHyperparameters
from .fine_tuning_job_metadata_type_0 import FineTuningJobMetadataType0
from .fine_tuning_job_method_type_0 import FineTuningJobMethodType0
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
from .open_ai_finetune_job_hyperparameters import OpenAIFinetuneJobHyperparameters
from .open_ai_finetune_job_integrations_item import OpenAIFinetuneJobIntegrationsItem
from .open_ai_finetune_job_metadata import OpenAIFinetuneJobMetadata
from .open_ai_finetune_job_method import OpenAIFinetuneJobMethod
from .open_ai_finetune_job_method_dpo import OpenAIFinetuneJobMethodDpo
from .open_ai_finetune_job_method_dpo_hyperparameters import (
    OpenAIFinetuneJobMethodDpoHyperparameters,
)
from .open_ai_finetune_job_method_supervised import OpenAIFinetuneJobMethodSupervised
from .open_ai_finetune_job_method_supervised_hyperparameters import (
    OpenAIFinetuneJobMethodSupervisedHyperparameters,
)
from .portkey_finetune_job import PortkeyFinetuneJob
from .portkey_options import PortkeyOptions

__all__ = (
    "BedrockFinetuneJob",
    "BedrockParams",
    "CreateFileRequest",
    "DeleteFileResponse",
    "FineTuningIntegration",
    "FineTuningIntegrationWandbType0",
    "FineTuningJob",
    "FineTuningJobCheckpoint",
    "FineTuningJobCheckpointMetricsType0",
    "FineTuningJobError",
    "FineTuningJobEvent",
    "FineTuningJobEventDataType0",
    "FineTuningJobHyperparameters",
    "FineTuningJobMetadataType0",
    "FineTuningJobMethodType0",
    "ListFilesResponse",
    "ListFineTuningJobCheckpointsResponse",
    "ListFineTuningJobEventsResponse",
    "ListPaginatedFineTuningJobsResponse",
    "OpenAIFile",
    "OpenAIFinetuneJob",
    "OpenAIFinetuneJobHyperparameters",
    "OpenAIFinetuneJobIntegrationsItem",
    "OpenAIFinetuneJobMetadata",
    "OpenAIFinetuneJobMethod",
    "OpenAIFinetuneJobMethodDpo",
    "OpenAIFinetuneJobMethodDpoHyperparameters",
    "OpenAIFinetuneJobMethodSupervised",
    "OpenAIFinetuneJobMethodSupervisedHyperparameters",
    "PortkeyFinetuneJob",
    "PortkeyOptions",
)
