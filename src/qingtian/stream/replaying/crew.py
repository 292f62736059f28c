"""Who does the tasks of a replay: processes of this machine, or the nodes of a Ray cluster. Both do the same work."""

from __future__ import annotations

import importlib
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from types import TracebackType
from typing import Any, Protocol, Self

from qingtian.base.errors import QingtianError
from qingtian.stream.replaying import work
from qingtian.stream.replaying.task import Outcome, Task


class NoRay(QingtianError):
    code = "replay.no_ray"
    zh = "没有安装 Ray，无法在集群上重放。请安装附加组件 qingtian[ray]，或去掉 --ray 在本机重放。"
    en = "Ray is not installed, so nothing can be replayed on a cluster. Install qingtian[ray], or leave --ray out."


class Crew(Protocol):
    """Does tasks in any order."""

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        """Yield the outcome of each task as it is done. The first error ends it all."""


class Processes:
    """So many processes of this machine. A context: leaving it ends them."""

    def __init__(self, task: Task, *, count: int) -> None:
        """``task``: any of those to come; it says by which rules they are judged."""
        # a fork would copy threads of Arrow and Polars in the middle of their work
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(count, mp_context=context, initializer=work.settle, initargs=(task,))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        for done in as_completed([self._pool.submit(work.do, task) for task in tasks]):
            yield done.result()


class Cluster:
    """The nodes of a Ray cluster (extra ``qingtian[ray]``). They must reach the lake under the same URL."""

    def __init__(self, *, address: str) -> None:
        """``address``: ``host:port`` of the head node, or ``auto``.

        :raises NoRay: if the extra is not installed.
        """
        try:
            self._ray: Any = importlib.import_module("ray")
        except ImportError as error:
            raise NoRay from error
        self._ray.init(address=address, log_to_driver=False, namespace="qingtian-replay")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ray.shutdown()

    def outcomes(self, tasks: Sequence[Task]) -> Iterator[Outcome]:
        remote = self._ray.remote(_settled)
        waiting = [remote.remote(task) for task in tasks]
        while waiting:
            done, waiting = self._ray.wait(waiting, num_returns=1)
            yield self._ray.get(done[0])


def _settled(task: Task) -> Outcome:
    """Do a task in a process that Ray gives to this replay alone."""
    work.settle(task)
    return work.do(task)
