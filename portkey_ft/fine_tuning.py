"""Fine-tuning jobs and their checkpoints: what a user calls.

Two pairs of thin shells that run the same plans, one by blocking and one by awaiting.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Unpack

from portkey_ft._api import operations
from portkey_ft._api.job_spec import JobSpec, Method
from portkey_ft._listing import PageRange
from portkey_ft._plans import jobs as plans
from portkey_ft._plans.polling import Pace, final_job
from portkey_ft._plans.progress import watching
from portkey_ft._plans.runtime import AsyncRuntime, SyncRuntime
from portkey_ft.checkpoints import AsyncCheckpointList, CheckpointList
from portkey_ft.options import CallOptions, WatchOptions
from portkey_ft.pagination import AsyncList, SyncList
from portkey_ft.types import FineTuningEvent, FineTuningJob

__all__ = ["AsyncCheckpoints", "AsyncFineTuning", "AsyncJobs", "Checkpoints", "FineTuning", "Jobs"]

OnProgress = Callable[[FineTuningJob], Any]


class Checkpoints:
    """The checkpoints of jobs."""

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
        """List the checkpoints of a job, newest first; nothing is sent before the list is iterated.

        Args:
            fine_tuning_job_id: The job.
            after: Where to begin: the ``cursor`` of an earlier list, or the id of the checkpoint before the first.
            limit: How many in all; all by default.
            page_size: How many to ask for in one request; the provider's choice by default.
            prefetch: Whether to ask for the next page while you are busy with this one. It saves the time of waiting,
                and costs a request more if you stop early.
            **options: See :class:`~portkey_ft.options.CallOptions`.

        Raises:
            ConfigurationError: An argument cannot work.
            NotSupportedError: While iterating: the gateway has no checkpoints for this provider.
            PortkeyError: While iterating: see :mod:`portkey_ft.errors`.
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        query = plans.list_checkpoints(self._runtime, fine_tuning_job_id, options, page_range)
        return CheckpointList(query, self._runtime.io)


class Jobs:
    """Fine-tuning jobs."""

    def __init__(self, runtime: SyncRuntime) -> None:
        self._runtime = runtime

    @cached_property
    def checkpoints(self) -> Checkpoints:
        """The checkpoints of jobs."""
        return Checkpoints(self._runtime)

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
        """Start a job. It costs money, so this is sent again only if it certainly did not arrive.

        Args:
            model: The model to train.
            training_file: Id of the file to learn from, as ``files.create`` gives it.
            validation_file: Id of the file to measure with.
            suffix: Put into the name of the trained model.
            seed: Seed of the training's random numbers.
            method: How to learn: ``Supervised(...)``, ``DPO(...)``, or a mapping as in the provider's API.
            hyperparameters: Hyperparameters by name, for providers that take them beside the method. What is given
                in ``method`` is sent in both places to providers that do not read it there.
            integrations: What the job shall report to.
            metadata: What shall be attached to the job.
            job_name: Name of the job (Bedrock).
            role_arn: Role that the job runs under (Bedrock).
            output_file: Where the results go (Bedrock).
            provider_options: Options for the provider in managed fine-tuning.
            portkey_options: Options for Portkey in managed fine-tuning.
            extra_body: Further fields of the body, for what this version does not know.
            **options: See :class:`~portkey_ft.options.CallOptions`.

        Returns:
            The job as it was created, or as it was right after where the provider answers with an id alone.

        Raises:
            ConfigurationError: An argument cannot work; nothing was sent.
            APIConnectionError: No answer. If ``outcome_unknown`` is true, the job may have been started.
            PortkeyError: See :mod:`portkey_ft.errors`.
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
        after: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        prefetch: bool = False,
        **options: Unpack[CallOptions],
    ) -> SyncList[FineTuningJob]:
        """List jobs, newest first; nothing is sent before the list is iterated.

        Args:
            after: Where to begin: the ``cursor`` of an earlier list, or the id of the job before the first.
            limit: How many in all; all by default.
            page_size: How many to ask for in one request; the provider's choice by default.
            prefetch: Whether to ask for the next page while you are busy with this one. It saves the time of waiting,
                and costs a request more if you stop early.
            **options: See :class:`~portkey_ft.options.CallOptions`.

        Raises:
            ConfigurationError: An argument cannot work.
            PaginationError: While iterating: there are more, and the provider gives no cursor that works.
            PortkeyError: While iterating: see :mod:`portkey_ft.errors`.
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        return SyncList(plans.list_jobs(self._runtime, options, page_range), self._runtime.io)

    def retrieve(self, fine_tuning_job_id: str, **options: Unpack[CallOptions]) -> FineTuningJob:
        """Look at a job.

        Args:
            fine_tuning_job_id: The job.
            **options: See :class:`~portkey_ft.options.CallOptions`.

        Raises:
            NotFoundError: There is no such job.
            PortkeyError: See :mod:`portkey_ft.errors`.
        """
        call_options = self._runtime.options(operations.JOBS_RETRIEVE.name, options)
        return self._runtime.run(plans.retrieve(self._runtime.environment, call_options, fine_tuning_job_id))

    def cancel(self, fine_tuning_job_id: str, **options: Unpack[CallOptions]) -> FineTuningJob:
        """Stop a job.

        Args:
            fine_tuning_job_id: The job.
            **options: See :class:`~portkey_ft.options.CallOptions`.

        Returns:
            The job as it was right after. It may take a while to be cancelled.

        Raises:
            PortkeyError: See :mod:`portkey_ft.errors`.
        """
        call_options = self._runtime.options(operations.JOBS_CANCEL.name, options)
        return self._runtime.run(plans.cancel(self._runtime.environment, call_options, fine_tuning_job_id))

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
        """List what happened to a job, newest first; nothing is sent before the list is iterated.

        Args:
            fine_tuning_job_id: The job.
            after: Where to begin: the ``cursor`` of an earlier list, or the id of the event before the first.
            limit: How many in all; all by default.
            page_size: How many to ask for in one request; the provider's choice by default.
            prefetch: Whether to ask for the next page while you are busy with this one. It saves the time of waiting,
                and costs a request more if you stop early.
            **options: See :class:`~portkey_ft.options.CallOptions`.

        Raises:
            ConfigurationError: An argument cannot work.
            NotSupportedError: While iterating: the gateway has no events for this provider.
            PortkeyError: While iterating: see :mod:`portkey_ft.errors`.
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        return SyncList(plans.list_events(self._runtime, fine_tuning_job_id, options, page_range), self._runtime.io)

    def wait(
        self,
        fine_tuning_job_id: str,
        *,
        timeout: float = Pace().timeout,
        poll_interval: float = Pace().poll_interval,
        on_progress: OnProgress | None = None,
        progress: bool = False,
        **options: Unpack[WatchOptions],
    ) -> FineTuningJob:
        """Wait until a job has ended with a model.

        Faults that pass are waited out. Ctrl-C stops the watching; the job goes on.

        Args:
            fine_tuning_job_id: The job.
            timeout: Seconds after which waiting ends, a day by default. The job goes on.
            poll_interval: Seconds between the first looks; they grow to a minute while nothing changes.
            on_progress: Called with the job at each look.
            progress: Whether to show a bar on stderr (a line per change without the extra ``progress``).
            **options: See :class:`~portkey_ft.options.WatchOptions`.

        Raises:
            JobFailedError: The job ended without a model.
            WaitTimeoutError: It has not ended in time, or stays in a state that nobody knows.
            PortkeyError: See :mod:`portkey_ft.errors`.
        """
        pace = Pace(timeout=timeout, poll_interval=poll_interval)
        watched = plans.wait(self._runtime, fine_tuning_job_id, pace, options)
        now = self._runtime.environment.now
        with watching(fine_tuning_job_id, now=now, on_progress=on_progress, progress=progress) as observe:
            job = self._runtime.run(watched, observe)
        return final_job(job)

    def follow(
        self,
        fine_tuning_job_id: str,
        *,
        timeout: float = Pace().timeout,
        poll_interval: float = Pace().poll_interval,
        **options: Unpack[WatchOptions],
    ) -> Iterator[FineTuningEvent]:
        """Iterate over what happens to a job, each event once and oldest first, until the job has ended.

        Args:
            fine_tuning_job_id: The job.
            timeout: Seconds after which following ends, a day by default. The job goes on.
            poll_interval: Seconds between the first looks; they grow to a minute while nothing happens.
            **options: See :class:`~portkey_ft.options.WatchOptions`.

        Raises:
            NotSupportedError: The gateway has no events for this provider; ``wait`` works.
            WaitTimeoutError: The job has not ended in time.
            PortkeyError: See :mod:`portkey_ft.errors`.
        """
        pace = Pace(timeout=timeout, poll_interval=poll_interval)
        return self._runtime.iterate(plans.follow(self._runtime, fine_tuning_job_id, pace, options))


class FineTuning:
    """What belongs to fine-tuning."""

    def __init__(self, runtime: SyncRuntime) -> None:
        self._runtime = runtime

    @cached_property
    def jobs(self) -> Jobs:
        """Fine-tuning jobs."""
        return Jobs(self._runtime)


class AsyncCheckpoints:
    """The checkpoints of jobs."""

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
        """List the checkpoints of a job, newest first; nothing is sent before the list is iterated.

        Args:
            fine_tuning_job_id: The job.
            after: Where to begin: the ``cursor`` of an earlier list, or the id of the checkpoint before the first.
            limit: How many in all; all by default.
            page_size: How many to ask for in one request; the provider's choice by default.
            prefetch: Whether to ask for the next page while you are busy with this one. It saves the time of waiting,
                and costs a request more if you stop early.
            **options: See :class:`~portkey_ft.options.CallOptions`.

        Raises:
            ConfigurationError: An argument cannot work.
            NotSupportedError: While iterating: the gateway has no checkpoints for this provider.
            PortkeyError: While iterating: see :mod:`portkey_ft.errors`.
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        query = plans.list_checkpoints(self._runtime, fine_tuning_job_id, options, page_range)
        return AsyncCheckpointList(query, self._runtime.io)


class AsyncJobs:
    """Fine-tuning jobs."""

    def __init__(self, runtime: AsyncRuntime) -> None:
        self._runtime = runtime

    @cached_property
    def checkpoints(self) -> AsyncCheckpoints:
        """The checkpoints of jobs."""
        return AsyncCheckpoints(self._runtime)

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
        """Start a job. It costs money, so this is sent again only if it certainly did not arrive.

        Args:
            model: The model to train.
            training_file: Id of the file to learn from, as ``files.create`` gives it.
            validation_file: Id of the file to measure with.
            suffix: Put into the name of the trained model.
            seed: Seed of the training's random numbers.
            method: How to learn: ``Supervised(...)``, ``DPO(...)``, or a mapping as in the provider's API.
            hyperparameters: Hyperparameters by name, for providers that take them beside the method. What is given
                in ``method`` is sent in both places to providers that do not read it there.
            integrations: What the job shall report to.
            metadata: What shall be attached to the job.
            job_name: Name of the job (Bedrock).
            role_arn: Role that the job runs under (Bedrock).
            output_file: Where the results go (Bedrock).
            provider_options: Options for the provider in managed fine-tuning.
            portkey_options: Options for Portkey in managed fine-tuning.
            extra_body: Further fields of the body, for what this version does not know.
            **options: See :class:`~portkey_ft.options.CallOptions`.

        Returns:
            The job as it was created, or as it was right after where the provider answers with an id alone.

        Raises:
            ConfigurationError: An argument cannot work; nothing was sent.
            APIConnectionError: No answer. If ``outcome_unknown`` is true, the job may have been started.
            PortkeyError: See :mod:`portkey_ft.errors`.
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
        after: str | None = None,
        limit: int | None = None,
        page_size: int | None = None,
        prefetch: bool = False,
        **options: Unpack[CallOptions],
    ) -> AsyncList[FineTuningJob]:
        """List jobs, newest first; nothing is sent before the list is iterated.

        Args:
            after: Where to begin: the ``cursor`` of an earlier list, or the id of the job before the first.
            limit: How many in all; all by default.
            page_size: How many to ask for in one request; the provider's choice by default.
            prefetch: Whether to ask for the next page while you are busy with this one. It saves the time of waiting,
                and costs a request more if you stop early.
            **options: See :class:`~portkey_ft.options.CallOptions`.

        Raises:
            ConfigurationError: An argument cannot work.
            PaginationError: While iterating: there are more, and the provider gives no cursor that works.
            PortkeyError: While iterating: see :mod:`portkey_ft.errors`.
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        return AsyncList(plans.list_jobs(self._runtime, options, page_range), self._runtime.io)

    async def retrieve(self, fine_tuning_job_id: str, **options: Unpack[CallOptions]) -> FineTuningJob:
        """Look at a job.

        Args:
            fine_tuning_job_id: The job.
            **options: See :class:`~portkey_ft.options.CallOptions`.

        Raises:
            NotFoundError: There is no such job.
            PortkeyError: See :mod:`portkey_ft.errors`.
        """
        call_options = self._runtime.options(operations.JOBS_RETRIEVE.name, options)
        return await self._runtime.run(plans.retrieve(self._runtime.environment, call_options, fine_tuning_job_id))

    async def cancel(self, fine_tuning_job_id: str, **options: Unpack[CallOptions]) -> FineTuningJob:
        """Stop a job.

        Args:
            fine_tuning_job_id: The job.
            **options: See :class:`~portkey_ft.options.CallOptions`.

        Returns:
            The job as it was right after. It may take a while to be cancelled.

        Raises:
            PortkeyError: See :mod:`portkey_ft.errors`.
        """
        call_options = self._runtime.options(operations.JOBS_CANCEL.name, options)
        return await self._runtime.run(plans.cancel(self._runtime.environment, call_options, fine_tuning_job_id))

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
        """List what happened to a job, newest first; nothing is sent before the list is iterated.

        Args:
            fine_tuning_job_id: The job.
            after: Where to begin: the ``cursor`` of an earlier list, or the id of the event before the first.
            limit: How many in all; all by default.
            page_size: How many to ask for in one request; the provider's choice by default.
            prefetch: Whether to ask for the next page while you are busy with this one. It saves the time of waiting,
                and costs a request more if you stop early.
            **options: See :class:`~portkey_ft.options.CallOptions`.

        Raises:
            ConfigurationError: An argument cannot work.
            NotSupportedError: While iterating: the gateway has no events for this provider.
            PortkeyError: While iterating: see :mod:`portkey_ft.errors`.
        """
        page_range = PageRange(after=after, limit=limit, page_size=page_size, prefetch=prefetch)
        return AsyncList(plans.list_events(self._runtime, fine_tuning_job_id, options, page_range), self._runtime.io)

    async def wait(
        self,
        fine_tuning_job_id: str,
        *,
        timeout: float = Pace().timeout,  # noqa: ASYNC109 - the whole wait, not a deadline of one call
        poll_interval: float = Pace().poll_interval,
        on_progress: OnProgress | None = None,
        progress: bool = False,
        **options: Unpack[WatchOptions],
    ) -> FineTuningJob:
        """Wait until a job has ended with a model.

        Faults that pass are waited out. Ctrl-C stops the watching; the job goes on.

        Args:
            fine_tuning_job_id: The job.
            timeout: Seconds after which waiting ends, a day by default. The job goes on.
            poll_interval: Seconds between the first looks; they grow to a minute while nothing changes.
            on_progress: Called with the job at each look.
            progress: Whether to show a bar on stderr (a line per change without the extra ``progress``).
            **options: See :class:`~portkey_ft.options.WatchOptions`.

        Raises:
            JobFailedError: The job ended without a model.
            WaitTimeoutError: It has not ended in time, or stays in a state that nobody knows.
            PortkeyError: See :mod:`portkey_ft.errors`.
        """
        pace = Pace(timeout=timeout, poll_interval=poll_interval)
        watched = plans.wait(self._runtime, fine_tuning_job_id, pace, options)
        now = self._runtime.environment.now
        with watching(fine_tuning_job_id, now=now, on_progress=on_progress, progress=progress) as observe:
            job = await self._runtime.run(watched, observe)
        return final_job(job)

    def follow(
        self,
        fine_tuning_job_id: str,
        *,
        timeout: float = Pace().timeout,
        poll_interval: float = Pace().poll_interval,
        **options: Unpack[WatchOptions],
    ) -> AsyncIterator[FineTuningEvent]:
        """Iterate over what happens to a job, each event once and oldest first, until the job has ended.

        Args:
            fine_tuning_job_id: The job.
            timeout: Seconds after which following ends, a day by default. The job goes on.
            poll_interval: Seconds between the first looks; they grow to a minute while nothing happens.
            **options: See :class:`~portkey_ft.options.WatchOptions`.

        Raises:
            NotSupportedError: The gateway has no events for this provider; ``wait`` works.
            WaitTimeoutError: The job has not ended in time.
            PortkeyError: See :mod:`portkey_ft.errors`.
        """
        pace = Pace(timeout=timeout, poll_interval=poll_interval)
        return self._runtime.iterate(plans.follow(self._runtime, fine_tuning_job_id, pace, options))


class AsyncFineTuning:
    """What belongs to fine-tuning."""

    def __init__(self, runtime: AsyncRuntime) -> None:
        self._runtime = runtime

    @cached_property
    def jobs(self) -> AsyncJobs:
        """Fine-tuning jobs."""
        return AsyncJobs(self._runtime)
