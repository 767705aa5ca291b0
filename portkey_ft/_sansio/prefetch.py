"""Plans driven one step ahead: the next page is on its way while the caller is busy with this one.

The two drivers of :mod:`portkey_ft._sansio.drivers` once more, with each step in the background: of a thread, or of the
event loop. What a step raises is raised when the caller gets there.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import Future
from contextvars import copy_context
from threading import Thread
from typing import Generic, TypeVar

from portkey_ft._sansio.drivers import IO, AsyncIO, Done, advance, advance_async
from portkey_ft._sansio.plan import Emit, Stream

__all__ = ["PrefetchingStream", "iterate_prefetching"]

T = TypeVar("T")
Step = Emit[T] | Done


def iterate_prefetching(plan: Stream[T], io: IO) -> Iterator[T]:
    """Drive a plan in a thread, a step ahead of what is handed out.

    Nothing is begun before the first value is asked for. A caller that leaves half-way waits for nothing: the step that
    is under way ends by itself, and the plan with it.
    """
    reached: Step[T] = advance(plan, io)
    while isinstance(reached, Emit):
        ahead = _in_thread(lambda: advance(plan, io))
        yield reached.value
        reached = ahead.result()


def _in_thread(work: Callable[[], T]) -> Future[T]:
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is asked for
            future.set_exception(error)

    # Not one of a pool: those are waited for at the interpreter's exit, up to the timeout of a request.
    Thread(target=copy_context().run, args=(run,), name="portkey-ft-ahead", daemon=True).start()
    return future


class PrefetchingStream(Generic[T]):
    """Drives a plan in the background of the event loop, a step ahead of what is handed out.

    An iterator and no async generator, for the reasons of :class:`portkey_ft._sansio.drivers.AsyncStream`.
    """

    def __init__(self, plan: Stream[T], io: AsyncIO) -> None:
        self._plan = plan
        self._io = io
        self._ahead: Callable[[], Awaitable[Step[T]]] | None = None

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        step = self._ahead or self._step
        self._ahead = None
        reached = await step()
        if not isinstance(reached, Emit):
            raise StopAsyncIteration
        self._ahead = _in_background(self._step)
        value: T = reached.value
        return value

    async def _step(self) -> Step[T]:
        try:
            return await advance_async(self._plan, self._io)
        except BaseException:
            # A plan that was left where it waits for a response cannot go on without it.
            self._plan.close()
            raise


def _in_background(work: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
    """Begin work in the running event loop, and give what waits for its result and is cancelled with it."""
    # Whoever runs under trio has imported it.
    if "trio" in sys.modules and _runs_trio():
        return _in_trio(work)

    async def run() -> T | Exception:
        try:
            return await work()
        except Exception as error:  # noqa: BLE001 - kept: a task that nobody waits for any more would complain of it
            return error

    task = asyncio.ensure_future(run())

    async def result() -> T:
        return _unpacked(await task)

    return result


def _runs_trio() -> bool:
    import trio  # noqa: PLC0415 - see above

    return trio.lowlevel.in_trio_run()


def _in_trio(work: Callable[[], Awaitable[T]]) -> Callable[[], Awaitable[T]]:
    import trio  # noqa: PLC0415 - see above

    done = trio.Event()
    scope = trio.CancelScope()
    kept: list[T | Exception] = []

    async def run() -> None:
        with scope:
            try:
                kept.append(await work())
            except Exception as error:  # noqa: BLE001 - a system task that raises would bring the whole run down
                kept.append(error)
        done.set()

    # A nursery would have to be closed in the task and at the place where it was opened; the caller has neither.
    trio.lowlevel.spawn_system_task(run)

    async def result() -> T:
        try:
            await done.wait()
        except BaseException:
            scope.cancel()
            raise
        return _unpacked(kept[0])

    return result


def _unpacked(kept: T | Exception) -> T:
    if isinstance(kept, Exception):
        raise kept
    return kept
