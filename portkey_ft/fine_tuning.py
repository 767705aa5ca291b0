"""Fine-tuning jobs and their checkpoints: synchronous and asynchronous resource classes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Unpack

from portkey_ft._api import operations
from portkey_ft._api.job_spec import JobSpec
from portkey_ft._listing import PageRange
from portkey_ft._plans import jobs as plans
from portkey_ft._plans.polling import Polling, final_job
from portkey_ft._plans.progress import show_progress
from portkey_ft._plans.runtime import AsyncRuntime, SyncRuntime
from portkey_ft._redaction import async_without_arguments_in_traceback, without_arguments_in_traceback
from portkey_ft.checkpoints import AsyncCheckpointList, CheckpointList
from portkey_ft.methods import Method
from portkey_ft.options import CallOptions, WatchOptions
from portkey_ft.pagination import AsyncList, SyncList
from portkey_ft.types import FineTuningEvent, FineTuningJob

__all__ = ["AsyncCheckpoints", "AsyncFineTuning", "AsyncJobs", "Checkpoints", "FineTuning", "Jobs"]

OnProgress = Callable[[FineTuningJob], Any]


class Checkpoints:
    """The checkpoints of fine-tuning jobs, as client.fine_tuning.jobs.checkpoints."""

    def __init__(self, runtime: SyncRuntime) -> None:
        self._runtime = runtime

    def list(
        self,
        fine_tuning_job_id: str,
        *,
        after: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        prefetch: bool = False,
        **options: Unpack[CallOptions],
    ) -> CheckpointList:
        """List the checkpoints of a job, newest first. Requests are sent while the list is iterated.

        Args:
            fine_tuning_job_id: The ID of the job.
            after: Where to begin: the cursor of an earlier list, or the ID of the
                checkpoint before the first one wanted.
            limit: How many checkpoints in all; every one by default.
            page_size: How many checkpoints to ask for in one request; the provider's choice by default.
            prefetch: Whether to request the next page while you are busy with this one. It saves waiting, and costs
                one request more if you stop early.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Raises:
            ConfigurationError: An argument cannot work; nothing was sent.
            NotSupportedError: While iterating: the gateway has no checkpoints for this provider.
            PortkeyError: While iterating: any other error of portkey_ft.errors.

        Example:
            >>> best = client.fine_tuning.jobs.checkpoints.list(job.id).best("full_valid_loss")
            >>> best.step_number
            80
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        query = plans.list_checkpoints(self._runtime, fine_tuning_job_id, options, page_range)
        return CheckpointList(query, self._runtime.io)


class Jobs:
    """Fine-tuning jobs, as client.fine_tuning.jobs."""

    def __init__(self, runtime: SyncRuntime) -> None:
        self._runtime = runtime

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """The checkpoints of jobs."""
        return Checkpoints(self._runtime)

    @without_arguments_in_traceback
    def create(
        self,
        *,
        model: str,
        training_file: str,
        validation_file: str | None = None,
        suffix: str | None = None,
        seed: int | None = None,
        method: Method | None = None,
        hyperparameters: Mapping[str, Any] | None = None,
        integrations: Sequence[Mapping[str, Any]] | None = None,
        metadata: Mapping[str, Any] | None = None,
        job_name: str | None = None,
        role_arn: str | None = None,
        output_file: str | Mapping[str, Any] | None = None,
        provider_options: Mapping[str, Any] | None = None,
        portkey_options: Mapping[str, Any] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> FineTuningJob:
        """Start a fine-tuning job. This costs money.

        The request is sent again only if it certainly did not arrive, so that there are never two jobs for one call.
        What the gateway would drop on the way to your provider is refused, if it changes the training, or warned of.

        Args:
            model: The model to fine-tune.
            training_file: The ID of the uploaded training file, as files.create returns it.
            validation_file: The ID of the uploaded validation file.
            suffix: Text that becomes part of the name of the fine-tuned model.
            seed: Seed of the random numbers of the training.
            method: How to train: Supervised(...), DPO(...), Reinforcement(...), or a mapping as in the provider's API.
            hyperparameters: Hyperparameters by name, for supervised training without method.
            integrations: Services that the job reports to, such as Weights & Biases.
            metadata: Key-value pairs attached to the job.
            job_name: The name of the job (Bedrock).
            role_arn: The ARN of the role that the job runs under (Bedrock).
            output_file: Where the results are stored: an S3 URI (Bedrock).
            provider_options: Options for the provider, in managed fine-tuning.
            portkey_options: Options for Portkey, in managed fine-tuning. Keys in it are treated as secrets.
            extra_body: Further fields of the request, sent as they are: for what this version does not know.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Returns:
            The job as it was created; retrieved once more where the provider answers with an ID alone.

        Raises:
            ConfigurationError: An argument cannot work; nothing was sent.
            NotSupportedError: What was asked for would not arrive at the provider; no job was started.
            APIConnectionError: No response. If outcome_unknown is true, the job may have been started.
            PortkeyError: Any other error of portkey_ft.errors.

        Warns:
            PortkeyWarning: A label does not arrive, or the job came back as another one than was asked for.

        Example:
            >>> job = client.fine_tuning.jobs.create(
            ...     model="gpt-4o-mini-2024-07-18",
            ...     training_file=file.id,
            ...     method=Supervised(n_epochs=3),
            ...     suffix="support",
            ... )
            >>> job.status
            'validating_files'
        """
        call_options = self._runtime.options(operations.JOBS_CREATE.name, options)
        spec = JobSpec(
            model=model,
            training_file=training_file,
            validation_file=validation_file,
            suffix=suffix,
            seed=seed,
            method=method,
            hyperparameters=hyperparameters,
            integrations=integrations,
            metadata=metadata,
            job_name=job_name,
            role_arn=role_arn,
            output_file=output_file,
            provider_options=provider_options,
            portkey_options=portkey_options,
            extra_body=extra_body,
        )
        return self._runtime.run(plans.create(self._runtime, call_options, spec))

    def list(
        self,
        *,
        metadata: Mapping[str, str] | None = None,
        after: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        prefetch: bool = False,
        **options: Unpack[CallOptions],
    ) -> SyncList[FineTuningJob]:
        """List jobs, newest first. Requests are sent while the list is iterated.

        Args:
            metadata: List only jobs with these key-value pairs (OpenAI and Azure OpenAI).
            after: Where to begin: the cursor of an earlier list, or the ID of the
                job before the first one wanted.
            limit: How many jobs in all; every one by default.
            page_size: How many jobs to ask for in one request; the provider's choice by default.
            prefetch: Whether to request the next page while you are busy with this one. It saves waiting, and costs
                one request more if you stop early.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Raises:
            ConfigurationError: An argument cannot work; nothing was sent.
            NotSupportedError: The gateway drops the filter for this provider.
            PaginationError: While iterating: there are more jobs, and the provider gives no cursor that works.
            PortkeyError: While iterating: any other error of portkey_ft.errors.

        Example:
            >>> for job in client.fine_tuning.jobs.list(limit=5):
            ...     print(job.id, job.status)
            ftjob-1 succeeded
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        return SyncList(plans.list_jobs(self._runtime, metadata, options, page_range), self._runtime.io)

    def retrieve(self, fine_tuning_job_id: str, **options: Unpack[CallOptions]) -> FineTuningJob:
        """Retrieve a job.

        Args:
            fine_tuning_job_id: The ID of the job.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Raises:
            NotFoundError: There is no such job.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> client.fine_tuning.jobs.retrieve(job.id).status
            'succeeded'
        """
        call_options = self._runtime.options(operations.JOBS_RETRIEVE.name, options)
        return self._runtime.run(plans.retrieve(self._runtime.environment, call_options, fine_tuning_job_id))

    def cancel(self, fine_tuning_job_id: str, **options: Unpack[CallOptions]) -> FineTuningJob:
        """Cancel a job.

        Args:
            fine_tuning_job_id: The ID of the job.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Returns:
            The job right after. It may take a while until its status is "cancelled".

        Raises:
            PortkeyError: Any error of portkey_ft.errors.

        Example:
            >>> client.fine_tuning.jobs.cancel(running.id).status
            'cancelled'
        """
        call_options = self._runtime.options(operations.JOBS_CANCEL.name, options)
        return self._runtime.run(plans.cancel(self._runtime.environment, call_options, fine_tuning_job_id))

    def pause(self, fine_tuning_job_id: str, **options: Unpack[CallOptions]) -> FineTuningJob:
        """Pause a job (OpenAI and Azure OpenAI).

        For other providers the gateway would cancel the job, so that this is refused before anything is sent. Where the
        provider is not known, the job is retrieved first, which tells it.

        Args:
            fine_tuning_job_id: The ID of the job.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Returns:
            The job right after.

        Raises:
            NotSupportedError: The gateway would cancel the job instead, or nothing tells which provider it belongs to.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> client.fine_tuning.jobs.pause(running.id).status
            'paused'
        """
        call_options = self._runtime.options(operations.JOBS_PAUSE.name, options)
        return self._runtime.run(plans.pause(self._runtime, call_options, fine_tuning_job_id))

    def resume(self, fine_tuning_job_id: str, **options: Unpack[CallOptions]) -> FineTuningJob:
        """Resume a paused job (OpenAI and Azure OpenAI).

        For other providers the gateway would cancel the job, so that this is refused before anything is sent. Where the
        provider is not known, the job is retrieved first, which tells it.

        Args:
            fine_tuning_job_id: The ID of the job.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Returns:
            The job right after.

        Raises:
            NotSupportedError: The gateway would cancel the job instead, or nothing tells which provider it belongs to.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> client.fine_tuning.jobs.resume(paused.id).status
            'running'
        """
        call_options = self._runtime.options(operations.JOBS_RESUME.name, options)
        return self._runtime.run(plans.resume(self._runtime, call_options, fine_tuning_job_id))

    def list_events(
        self,
        fine_tuning_job_id: str,
        *,
        after: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        prefetch: bool = False,
        **options: Unpack[CallOptions],
    ) -> SyncList[FineTuningEvent]:
        """List the events of a job, newest first. Requests are sent while the list is iterated.

        Args:
            fine_tuning_job_id: The ID of the job.
            after: Where to begin: the cursor of an earlier list, or the ID of the
                event before the first one wanted.
            limit: How many events in all; every one by default.
            page_size: How many events to ask for in one request; the provider's choice by default.
            prefetch: Whether to request the next page while you are busy with this one. It saves waiting, and costs
                one request more if you stop early.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Raises:
            ConfigurationError: An argument cannot work; nothing was sent.
            NotSupportedError: While iterating: the gateway has no events for this provider.
            PortkeyError: While iterating: any other error of portkey_ft.errors.

        Example:
            >>> client.fine_tuning.jobs.list_events(job.id).first().message
            'The job has successfully completed'
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        query = plans.list_events(self._runtime, fine_tuning_job_id, options, page_range)
        return SyncList(query, self._runtime.io)

    def wait(
        self,
        fine_tuning_job_id: str,
        *,
        timeout: float = Polling().timeout,
        poll_interval: float = Polling().poll_interval,
        on_progress: OnProgress | None = None,
        progress: bool = False,
        **options: Unpack[WatchOptions],
    ) -> FineTuningJob:
        """Wait until a job has succeeded.

        Polls the job until it reaches a final state, backing off between polls and retrying transient errors. Ctrl-C
        ends the waiting; the job goes on.

        Args:
            fine_tuning_job_id: The ID of the job.
            timeout: Seconds after which waiting ends with an error; a day by default. The job goes on.
            poll_interval: Seconds between the first polls. They grow to a minute while nothing changes.
            on_progress: Called with the job at each poll.
            progress: Whether to show a progress bar on stderr (a line per change without the extra progress).
            **options: Options of the requests of this call: request_timeout (seconds for each step of an exchange),
                extra_headers, trace_id and gateway_metadata; see
                portkey_ft.options.WatchOptions.

        Returns:
            The job, succeeded.

        Raises:
            JobFailedError: The job ended without a model.
            WaitTimeoutError: It has not ended in time, or stays in a state that this version does not know.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> job = client.fine_tuning.jobs.wait(job.id, timeout=6 * 3600)
            >>> job.fine_tuned_model
            'ft:gpt-4o-mini-2024-07-18:...:support:1'
        """
        polling = Polling(timeout=timeout, poll_interval=poll_interval)
        plan = plans.wait(self._runtime, fine_tuning_job_id, polling, options)
        now = self._runtime.environment.now
        with show_progress(fine_tuning_job_id, now=now, on_progress=on_progress, progress=progress) as observe:
            job = self._runtime.run(plan, observe)
        return final_job(job)

    def follow(
        self,
        fine_tuning_job_id: str,
        *,
        timeout: float = Polling().timeout,
        poll_interval: float = Polling().poll_interval,
        **options: Unpack[WatchOptions],
    ) -> Iterator[FineTuningEvent]:
        """Iterate over the events of a job as they happen, each once and oldest first, until the job has ended.

        Args:
            fine_tuning_job_id: The ID of the job.
            timeout: Seconds after which following ends with an error; a day by default. The job goes on.
            poll_interval: Seconds between the first polls. They grow to a minute while nothing happens.
            **options: Options of the requests of this call: request_timeout (seconds for each step of an exchange),
                extra_headers, trace_id and gateway_metadata; see
                portkey_ft.options.WatchOptions.

        Raises:
            ConfigurationError: An argument cannot work; nothing was sent.
            NotSupportedError: While iterating: the gateway has no events for this provider; wait works.
            WaitTimeoutError: While iterating: the job has not ended in time.
            PortkeyError: While iterating: any other error of portkey_ft.errors.

        Example:
            >>> for event in client.fine_tuning.jobs.follow(job.id):
            ...     print(event.message)
            Created fine-tuning job: ftjob-1
            ...
            The job has successfully completed
        """
        polling = Polling(timeout=timeout, poll_interval=poll_interval)
        return self._runtime.iterate(plans.follow(self._runtime, fine_tuning_job_id, polling, options))


class FineTuning:
    """Fine-tuning, as client.fine_tuning."""

    def __init__(self, runtime: SyncRuntime) -> None:
        self._runtime = runtime

    @cached_property
    def jobs(self) -> Jobs:
        """Fine-tuning jobs."""
        return Jobs(self._runtime)


class AsyncCheckpoints:
    """The checkpoints of fine-tuning jobs, as client.fine_tuning.jobs.checkpoints."""

    def __init__(self, runtime: AsyncRuntime) -> None:
        self._runtime = runtime

    def list(
        self,
        fine_tuning_job_id: str,
        *,
        after: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        prefetch: bool = False,
        **options: Unpack[CallOptions],
    ) -> AsyncCheckpointList:
        """List the checkpoints of a job, newest first. Requests are sent while the list is iterated.

        Args:
            fine_tuning_job_id: The ID of the job.
            after: Where to begin: the cursor of an earlier list, or the ID of the
                checkpoint before the first one wanted.
            limit: How many checkpoints in all; every one by default.
            page_size: How many checkpoints to ask for in one request; the provider's choice by default.
            prefetch: Whether to request the next page while you are busy with this one. It saves waiting, and costs
                one request more if you stop early.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Raises:
            ConfigurationError: An argument cannot work; nothing was sent.
            NotSupportedError: While iterating: the gateway has no checkpoints for this provider.
            PortkeyError: While iterating: any other error of portkey_ft.errors.

        Example:
            >>> best = await client.fine_tuning.jobs.checkpoints.list(job.id).best("full_valid_loss")
            >>> best.step_number
            80
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        query = plans.list_checkpoints(self._runtime, fine_tuning_job_id, options, page_range)
        return AsyncCheckpointList(query, self._runtime.io)


class AsyncJobs:
    """Fine-tuning jobs, as client.fine_tuning.jobs."""

    def __init__(self, runtime: AsyncRuntime) -> None:
        self._runtime = runtime

    @cached_property
    def checkpoints(self) -> AsyncCheckpoints:
        """The checkpoints of jobs."""
        return AsyncCheckpoints(self._runtime)

    @async_without_arguments_in_traceback
    async def create(
        self,
        *,
        model: str,
        training_file: str,
        validation_file: str | None = None,
        suffix: str | None = None,
        seed: int | None = None,
        method: Method | None = None,
        hyperparameters: Mapping[str, Any] | None = None,
        integrations: Sequence[Mapping[str, Any]] | None = None,
        metadata: Mapping[str, Any] | None = None,
        job_name: str | None = None,
        role_arn: str | None = None,
        output_file: str | Mapping[str, Any] | None = None,
        provider_options: Mapping[str, Any] | None = None,
        portkey_options: Mapping[str, Any] | None = None,
        extra_body: Mapping[str, Any] | None = None,
        **options: Unpack[CallOptions],
    ) -> FineTuningJob:
        """Start a fine-tuning job. This costs money.

        The request is sent again only if it certainly did not arrive, so that there are never two jobs for one call.
        What the gateway would drop on the way to your provider is refused, if it changes the training, or warned of.

        Args:
            model: The model to fine-tune.
            training_file: The ID of the uploaded training file, as files.create returns it.
            validation_file: The ID of the uploaded validation file.
            suffix: Text that becomes part of the name of the fine-tuned model.
            seed: Seed of the random numbers of the training.
            method: How to train: Supervised(...), DPO(...), Reinforcement(...), or a mapping as in the provider's API.
            hyperparameters: Hyperparameters by name, for supervised training without method.
            integrations: Services that the job reports to, such as Weights & Biases.
            metadata: Key-value pairs attached to the job.
            job_name: The name of the job (Bedrock).
            role_arn: The ARN of the role that the job runs under (Bedrock).
            output_file: Where the results are stored: an S3 URI (Bedrock).
            provider_options: Options for the provider, in managed fine-tuning.
            portkey_options: Options for Portkey, in managed fine-tuning. Keys in it are treated as secrets.
            extra_body: Further fields of the request, sent as they are: for what this version does not know.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Returns:
            The job as it was created; retrieved once more where the provider answers with an ID alone.

        Raises:
            ConfigurationError: An argument cannot work; nothing was sent.
            NotSupportedError: What was asked for would not arrive at the provider; no job was started.
            APIConnectionError: No response. If outcome_unknown is true, the job may have been started.
            PortkeyError: Any other error of portkey_ft.errors.

        Warns:
            PortkeyWarning: A label does not arrive, or the job came back as another one than was asked for.

        Example:
            >>> job = await client.fine_tuning.jobs.create(
            ...     model="gpt-4o-mini-2024-07-18",
            ...     training_file=file.id,
            ...     method=Supervised(n_epochs=3),
            ...     suffix="support",
            ... )
            >>> job.status
            'validating_files'
        """
        call_options = self._runtime.options(operations.JOBS_CREATE.name, options)
        spec = JobSpec(
            model=model,
            training_file=training_file,
            validation_file=validation_file,
            suffix=suffix,
            seed=seed,
            method=method,
            hyperparameters=hyperparameters,
            integrations=integrations,
            metadata=metadata,
            job_name=job_name,
            role_arn=role_arn,
            output_file=output_file,
            provider_options=provider_options,
            portkey_options=portkey_options,
            extra_body=extra_body,
        )
        return await self._runtime.run(plans.create(self._runtime, call_options, spec))

    def list(
        self,
        *,
        metadata: Mapping[str, str] | None = None,
        after: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        prefetch: bool = False,
        **options: Unpack[CallOptions],
    ) -> AsyncList[FineTuningJob]:
        """List jobs, newest first. Requests are sent while the list is iterated.

        Args:
            metadata: List only jobs with these key-value pairs (OpenAI and Azure OpenAI).
            after: Where to begin: the cursor of an earlier list, or the ID of the
                job before the first one wanted.
            limit: How many jobs in all; every one by default.
            page_size: How many jobs to ask for in one request; the provider's choice by default.
            prefetch: Whether to request the next page while you are busy with this one. It saves waiting, and costs
                one request more if you stop early.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Raises:
            ConfigurationError: An argument cannot work; nothing was sent.
            NotSupportedError: The gateway drops the filter for this provider.
            PaginationError: While iterating: there are more jobs, and the provider gives no cursor that works.
            PortkeyError: While iterating: any other error of portkey_ft.errors.

        Example:
            >>> async for job in client.fine_tuning.jobs.list(limit=5):
            ...     print(job.id, job.status)
            ftjob-1 succeeded
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        return AsyncList(plans.list_jobs(self._runtime, metadata, options, page_range), self._runtime.io)

    async def retrieve(self, fine_tuning_job_id: str, **options: Unpack[CallOptions]) -> FineTuningJob:
        """Retrieve a job.

        Args:
            fine_tuning_job_id: The ID of the job.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Raises:
            NotFoundError: There is no such job.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> (await client.fine_tuning.jobs.retrieve(job.id)).status
            'succeeded'
        """
        call_options = self._runtime.options(operations.JOBS_RETRIEVE.name, options)
        return await self._runtime.run(plans.retrieve(self._runtime.environment, call_options, fine_tuning_job_id))

    async def cancel(self, fine_tuning_job_id: str, **options: Unpack[CallOptions]) -> FineTuningJob:
        """Cancel a job.

        Args:
            fine_tuning_job_id: The ID of the job.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Returns:
            The job right after. It may take a while until its status is "cancelled".

        Raises:
            PortkeyError: Any error of portkey_ft.errors.

        Example:
            >>> (await client.fine_tuning.jobs.cancel(running.id)).status
            'cancelled'
        """
        call_options = self._runtime.options(operations.JOBS_CANCEL.name, options)
        return await self._runtime.run(plans.cancel(self._runtime.environment, call_options, fine_tuning_job_id))

    async def pause(self, fine_tuning_job_id: str, **options: Unpack[CallOptions]) -> FineTuningJob:
        """Pause a job (OpenAI and Azure OpenAI).

        For other providers the gateway would cancel the job, so that this is refused before anything is sent. Where the
        provider is not known, the job is retrieved first, which tells it.

        Args:
            fine_tuning_job_id: The ID of the job.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Returns:
            The job right after.

        Raises:
            NotSupportedError: The gateway would cancel the job instead, or nothing tells which provider it belongs to.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> (await client.fine_tuning.jobs.pause(running.id)).status
            'paused'
        """
        call_options = self._runtime.options(operations.JOBS_PAUSE.name, options)
        return await self._runtime.run(plans.pause(self._runtime, call_options, fine_tuning_job_id))

    async def resume(self, fine_tuning_job_id: str, **options: Unpack[CallOptions]) -> FineTuningJob:
        """Resume a paused job (OpenAI and Azure OpenAI).

        For other providers the gateway would cancel the job, so that this is refused before anything is sent. Where the
        provider is not known, the job is retrieved first, which tells it.

        Args:
            fine_tuning_job_id: The ID of the job.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Returns:
            The job right after.

        Raises:
            NotSupportedError: The gateway would cancel the job instead, or nothing tells which provider it belongs to.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> (await client.fine_tuning.jobs.resume(paused.id)).status
            'running'
        """
        call_options = self._runtime.options(operations.JOBS_RESUME.name, options)
        return await self._runtime.run(plans.resume(self._runtime, call_options, fine_tuning_job_id))

    def list_events(
        self,
        fine_tuning_job_id: str,
        *,
        after: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        prefetch: bool = False,
        **options: Unpack[CallOptions],
    ) -> AsyncList[FineTuningEvent]:
        """List the events of a job, newest first. Requests are sent while the list is iterated.

        Args:
            fine_tuning_job_id: The ID of the job.
            after: Where to begin: the cursor of an earlier list, or the ID of the
                event before the first one wanted.
            limit: How many events in all; every one by default.
            page_size: How many events to ask for in one request; the provider's choice by default.
            prefetch: Whether to request the next page while you are busy with this one. It saves waiting, and costs
                one request more if you stop early.
            **options: Options of this call alone: timeout (seconds for each step of the exchange),
                extra_headers, extra_query, trace_id and gateway_metadata; see
                portkey_ft.options.CallOptions.

        Raises:
            ConfigurationError: An argument cannot work; nothing was sent.
            NotSupportedError: While iterating: the gateway has no events for this provider.
            PortkeyError: While iterating: any other error of portkey_ft.errors.

        Example:
            >>> (await client.fine_tuning.jobs.list_events(job.id).first()).message
            'The job has successfully completed'
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        query = plans.list_events(self._runtime, fine_tuning_job_id, options, page_range)
        return AsyncList(query, self._runtime.io)

    async def wait(
        self,
        fine_tuning_job_id: str,
        *,
        timeout: float = Polling().timeout,  # noqa: ASYNC109 - the deadline of a plan that knows the clock
        poll_interval: float = Polling().poll_interval,
        on_progress: OnProgress | None = None,
        progress: bool = False,
        **options: Unpack[WatchOptions],
    ) -> FineTuningJob:
        """Wait until a job has succeeded.

        Polls the job until it reaches a final state, backing off between polls and retrying transient errors. Ctrl-C
        ends the waiting; the job goes on.

        Args:
            fine_tuning_job_id: The ID of the job.
            timeout: Seconds after which waiting ends with an error; a day by default. The job goes on.
            poll_interval: Seconds between the first polls. They grow to a minute while nothing changes.
            on_progress: Called with the job at each poll.
            progress: Whether to show a progress bar on stderr (a line per change without the extra progress).
            **options: Options of the requests of this call: request_timeout (seconds for each step of an exchange),
                extra_headers, trace_id and gateway_metadata; see
                portkey_ft.options.WatchOptions.

        Returns:
            The job, succeeded.

        Raises:
            JobFailedError: The job ended without a model.
            WaitTimeoutError: It has not ended in time, or stays in a state that this version does not know.
            PortkeyError: Any other error of portkey_ft.errors.

        Example:
            >>> job = await client.fine_tuning.jobs.wait(job.id, timeout=6 * 3600)
            >>> job.fine_tuned_model
            'ft:gpt-4o-mini-2024-07-18:...:support:1'
        """
        polling = Polling(timeout=timeout, poll_interval=poll_interval)
        plan = plans.wait(self._runtime, fine_tuning_job_id, polling, options)
        now = self._runtime.environment.now
        with show_progress(fine_tuning_job_id, now=now, on_progress=on_progress, progress=progress) as observe:
            job = await self._runtime.run(plan, observe)
        return final_job(job)

    def follow(
        self,
        fine_tuning_job_id: str,
        *,
        timeout: float = Polling().timeout,
        poll_interval: float = Polling().poll_interval,
        **options: Unpack[WatchOptions],
    ) -> AsyncIterator[FineTuningEvent]:
        """Iterate over the events of a job as they happen, each once and oldest first, until the job has ended.

        Args:
            fine_tuning_job_id: The ID of the job.
            timeout: Seconds after which following ends with an error; a day by default. The job goes on.
            poll_interval: Seconds between the first polls. They grow to a minute while nothing happens.
            **options: Options of the requests of this call: request_timeout (seconds for each step of an exchange),
                extra_headers, trace_id and gateway_metadata; see
                portkey_ft.options.WatchOptions.

        Raises:
            ConfigurationError: An argument cannot work; nothing was sent.
            NotSupportedError: While iterating: the gateway has no events for this provider; wait works.
            WaitTimeoutError: While iterating: the job has not ended in time.
            PortkeyError: While iterating: any other error of portkey_ft.errors.

        Example:
            >>> async for event in client.fine_tuning.jobs.follow(job.id):
            ...     print(event.message)
            Created fine-tuning job: ftjob-1
            ...
            The job has successfully completed
        """
        polling = Polling(timeout=timeout, poll_interval=poll_interval)
        return self._runtime.iterate(plans.follow(self._runtime, fine_tuning_job_id, polling, options))


class AsyncFineTuning:
    """Fine-tuning, as client.fine_tuning."""

    def __init__(self, runtime: AsyncRuntime) -> None:
        self._runtime = runtime

    @cached_property
    def jobs(self) -> AsyncJobs:
        """Fine-tuning jobs."""
        return AsyncJobs(self._runtime)
