import os
import signal
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from components.environment import LADDER
from components.stacks import PROJECTS
from operations.deployment.execute import execute
from operations.deployment.outcome import Failed, NotRun, Outcome, Report, Succeeded, exit_code
from operations.deployment.plan import Action, Plan, plan
from operations.engine.command import Interrupted
from operations.engine.failure import OperationFailed, StackName


class Engine:
    """Remembers what it was asked, in order; fails on some stacks."""

    def __init__(self, *failing: str) -> None:
        self.failing = failing
        self.began: list[str] = []
        self.ended: list[str] = []
        self.interrupts = 0
        self._lock = threading.Lock()
        self.most_at_once = 0

    def operate(self, stack: StackName) -> Mapping[str, int]:
        with self._lock:
            self.began.append(str(stack))
            self.most_at_once = max(self.most_at_once, len(self.began) - len(self.ended))
        try:
            if str(stack) in self.failing:
                raise OperationFailed("it broke")
            return {"create": 1}
        finally:
            with self._lock:
                self.ended.append(str(stack))

    def interrupt(self) -> None:
        self.interrupts += 1


def run(made: Plan, engine: Engine) -> Report:
    return execute(made, engine.operate, interrupt=engine.interrupt)


def kinds(report: Report) -> dict[str, type[Outcome]]:
    return {str(outcome.stack): type(outcome) for outcome in report.outcomes}


def test_all_stacks_succeed_with_their_changes() -> None:
    engine = Engine()
    report = run(plan(Action.UP, environments=["dev"]), engine)

    assert engine.began == ["bootstrap-iam/dev", "network/dev", "payments/dev"]
    assert [type(outcome) for outcome in report.outcomes] == [Succeeded] * 3
    assert isinstance(report.outcomes[0], Succeeded)
    assert report.outcomes[0].changes == {"create": 1}
    assert exit_code(report) == 0


def test_a_failure_leaves_what_depends_on_it_untouched_and_says_so() -> None:
    engine = Engine("network/dev")
    report = run(plan(Action.UP, environments=["dev"]), engine)

    assert engine.began == ["bootstrap-iam/dev", "network/dev"]
    _, failed, not_run = report.outcomes
    assert isinstance(failed, Failed)
    assert failed.reason == "it broke"
    assert isinstance(not_run, NotRun)
    assert not_run.because == "network/dev failed"
    assert exit_code(report) == 1


def test_one_after_the_other_a_failure_ends_the_environments_that_follow_too() -> None:
    engine = Engine("payments/dev")
    report = run(plan(Action.UP, environments=LADDER, at_once=1), engine)

    assert engine.began == ["bootstrap-iam/dev", "network/dev", "payments/dev"]
    assert list(kinds(report).values()).count(NotRun) == 6


def test_side_by_side_a_failure_ends_only_what_reads_it() -> None:
    report = run(plan(Action.UP, environments=LADDER, at_once=3), Engine("payments/staging"))

    assert kinds(report)["payments/dev"] is Succeeded
    assert kinds(report)["network/prod"] is Succeeded
    assert kinds(report)["payments/prod"] is NotRun


@given(
    failing=st.sets(st.sampled_from([f"{p}/{e}" for p in PROJECTS for e in LADDER])),
    at_once=st.integers(1, 4),
    action=st.sampled_from(Action),
)
def test_whatever_fails_every_stack_has_one_outcome_and_none_begins_before_its_needs(
    failing: set[str], at_once: int, action: Action
) -> None:
    engine = Engine(*failing)
    made = plan(action, environments=LADDER, at_once=at_once)
    report = run(made, engine)

    assert tuple(outcome.stack for outcome in report.outcomes) == made.stacks
    succeeded = {outcome.stack for outcome in report.outcomes if isinstance(outcome, Succeeded)}
    for step in made.steps:
        if str(step.stack) in engine.began:
            assert step.after <= succeeded
    assert engine.most_at_once <= at_once
    assert len(engine.began) == len(set(engine.began))


def test_independent_stacks_do_run_at_once() -> None:
    together = threading.Barrier(3, timeout=30)

    def operate(stack: StackName) -> Mapping[str, int]:
        if stack.project == "bootstrap-iam":
            together.wait()
        return {}

    report = execute(plan(Action.UP, environments=LADDER, at_once=3), operate, interrupt=lambda: None)

    assert report.succeeded


def test_each_outcome_is_told_as_it_comes() -> None:
    told: list[Outcome] = []
    made = plan(Action.UP, environments=["dev"])
    report = execute(made, Engine("network/dev").operate, interrupt=lambda: None, concluded=told.append)

    assert tuple(told) == report.outcomes


def test_ctrl_c_interrupts_what_runs_and_begins_nothing_more() -> None:
    interrupted = threading.Event()

    def operate(stack: StackName) -> Mapping[str, int]:
        if str(stack) == "network/dev":
            os.kill(os.getpid(), signal.SIGINT)
            assert interrupted.wait(30)
            raise OperationFailed("update canceled")
        return {}

    report = execute(plan(Action.UP, environments=["dev"]), operate, interrupt=interrupted.set)

    up, cancelled, not_run = report.outcomes
    assert isinstance(up, Succeeded)
    assert isinstance(cancelled, Failed)
    assert isinstance(not_run, NotRun)
    assert not_run.because == "interrupted"
    assert exit_code(report) == 130


def test_after_ctrl_c_nothing_that_was_ready_begins_either() -> None:
    began: list[str] = []
    interrupted = threading.Event()

    def operate(stack: StackName) -> Mapping[str, int]:
        began.append(str(stack))
        if len(began) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        assert interrupted.wait(30)
        return {}

    made = plan(Action.UP, environments=LADDER, projects=["network"], at_once=2)
    report = execute(made, operate, interrupt=interrupted.set)

    assert sorted(began) == ["network/dev", "network/staging"]
    assert kinds(report)["network/prod"] is NotRun


def test_a_stack_that_was_interrupted_before_its_first_command_was_not_run() -> None:
    def operate(_: StackName) -> Mapping[str, int]:
        raise Interrupted("`pulumi up` was not started")

    made = plan(Action.UP, environments=["dev"], projects=["network"])

    assert isinstance(execute(made, operate, interrupt=lambda: None).outcomes[0], NotRun)


def test_signal_handlers_are_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)
    run(plan(Action.UP, environments=["dev"]), Engine())

    assert signal.getsignal(signal.SIGINT) is before


def test_it_runs_in_another_thread_too() -> None:
    made = plan(Action.UP, environments=["dev"])
    with ThreadPoolExecutor() as pool:
        assert pool.submit(run, made, Engine()).result(30).succeeded
