"""Runs a plan's steps, as many at once as it says, each after those it needs."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager

from operations.deployment.outcome import Failed, NotRun, Outcome, Report, Succeeded
from operations.deployment.plan import Plan, Step
from operations.engine.command import Interrupted
from operations.engine.failure import NotPromoted, OperationFailed, StackName

# A signal that comes just before the thread begins to wait is only heeded after the wait: so none is long.
_SECONDS_DEAF = 0.2

Operate = Callable[[StackName], Mapping[str, int]]
"""Does the plan's action to a stack; returns the count of resources by operation. Raises OperationFailed."""


def execute(
    plan: Plan,
    operate: Operate,
    *,
    interrupt: Callable[[], None],
    concluded: Callable[[Outcome], None] = lambda _: None,
) -> Report:
    """Runs `plan` and reports one outcome a stack, in the plan's order; `concluded` hears of each at once.

    On Ctrl-C (or SIGTERM, or a terminal that closes) nothing new begins, `interrupt` is called, once for each
    time, and what runs is waited for. Signals are heeded only where this is the main thread.
    """
    outcomes: dict[StackName, Outcome] = {}
    interrupted = threading.Event()

    def stop() -> None:
        interrupted.set()
        interrupt()

    def conclude(outcome: Outcome) -> None:
        outcomes[outcome.stack] = outcome
        concluded(outcome)

    waiting = list(plan.steps)
    running: set[Future[Outcome]] = set()
    with _heeding_signals(stop), ThreadPoolExecutor(max_workers=plan.at_once) as pool:
        while waiting or running:
            for step in tuple(waiting):
                obstacle = "interrupted" if interrupted.is_set() else _obstacle(step, outcomes)
                if obstacle:
                    waiting.remove(step)
                    conclude(NotRun(stack=step.stack, because=obstacle))
                elif step.after <= outcomes.keys() and len(running) < plan.at_once:
                    waiting.remove(step)
                    running.add(pool.submit(_run, step.stack, operate))
            if running:
                done, running = wait(running, timeout=_SECONDS_DEAF, return_when=FIRST_COMPLETED)
                for future in done:
                    conclude(future.result())
    ordered = tuple(outcomes[stack] for stack in plan.stacks)
    return Report(action=plan.action, outcomes=ordered, interrupted=interrupted.is_set())


def _obstacle(step: Step, outcomes: Mapping[StackName, Outcome]) -> str | None:
    """Why the step can't run any more, or None: what is nearest first, its own environment."""
    own = step.stack.environment
    for stack in sorted(step.after, key=lambda stack: (stack.environment != own, str(stack))):
        match outcomes.get(stack):
            case Failed():
                return f"{stack} failed"
            case NotRun(because=because):
                return because
    return None


def _run(stack: StackName, operate: Operate) -> Outcome:
    began = time.monotonic()
    try:
        changes = operate(stack)
    except Interrupted:
        return NotRun(stack=stack, because="interrupted")
    except OperationFailed as failure:
        refusal = failure.refusal if isinstance(failure, NotPromoted) else None
        return Failed(stack=stack, reason=str(failure), seconds=time.monotonic() - began, refusal=refusal)
    return Succeeded(stack=stack, changes=changes, seconds=time.monotonic() - began)


@contextmanager
def _heeding_signals(stop: Callable[[], None]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, lambda *_: stop()) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
