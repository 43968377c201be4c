from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.environment import LADDER
from components.stacks import PROJECTS
from operations.deployment.plan import Action, InvalidPlan, Plan, plan, upstreams
from operations.engine.failure import StackName

some_environments = st.lists(st.sampled_from(LADDER), min_size=1, unique=True)
some_projects = st.lists(st.sampled_from(PROJECTS), min_size=1, unique=True)
actions = st.sampled_from(Action)


def names(made: Plan) -> list[str]:
    return [str(stack) for stack in made.stacks]


def test_up_runs_the_projects_in_order_and_the_environments_from_the_lowest() -> None:
    made = plan(Action.UP, environments=["prod", "dev"], projects=["payments", "network"])

    assert names(made) == ["network/dev", "payments/dev", "network/prod", "payments/prod"]


def test_destroy_runs_the_other_way_round() -> None:
    made = plan(Action.DESTROY, environments=["dev", "prod"], projects=["network", "payments"])

    assert names(made) == ["payments/prod", "network/prod", "payments/dev", "network/dev"]


@given(action=actions, environments=some_environments, projects=some_projects, at_once=st.integers(1, 9))
def test_every_stack_that_was_asked_for_has_one_turn_after_all_that_it_waits_for(
    action: Action, environments: list[str], projects: list[str], at_once: int
) -> None:
    made = plan(action, environments=environments, projects=projects, at_once=at_once)

    assert sorted(names(made)) == sorted(f"{p}/{e}" for p in projects for e in environments)
    for turn, step in enumerate(made.steps):
        assert step.after <= set(made.stacks[:turn])


@given(environments=some_environments, projects=some_projects)
def test_what_a_stack_reads_goes_up_before_it_and_down_after_it(
    environments: list[str], projects: list[str]
) -> None:
    up = plan(Action.UP, environments=environments, projects=projects, at_once=9)
    down = plan(Action.DESTROY, environments=environments, projects=projects, at_once=9)

    for reader, read in combinations(up.stacks, 2):
        if read in upstreams(reader):
            reader, read = read, reader
        if reader in upstreams(read):
            assert reader in {step.stack: step.after for step in up.steps}[read]
            assert read in {step.stack: step.after for step in down.steps}[reader]


def test_environments_side_by_side_wait_for_one_another_only_where_they_read_one_another() -> None:
    made = plan(Action.UP, environments=LADDER, at_once=3)
    after = {str(step.stack): {str(stack) for stack in step.after} for step in made.steps}

    assert after["network/prod"] == {"bootstrap-iam/prod"}
    assert after["payments/prod"] == {
        "bootstrap-iam/prod",
        "network/prod",
        "payments/dev",
        "payments/staging",
    }


def test_one_at_a_time_waits_for_all_before_so_that_the_first_failure_ends_it() -> None:
    made = plan(Action.UP, environments=["dev", "staging"], at_once=1)

    assert made.steps[3].after == set(made.stacks[:3])


def test_a_stack_reads_the_earlier_projects_of_its_environment_first() -> None:
    payments = StackName(project="payments", environment="staging")

    assert [str(stack) for stack in upstreams(payments)] == [
        "bootstrap-iam/staging",
        "network/staging",
        "payments/dev",
    ]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"environments": []}, "No environment was named. There are dev, staging, prod."),
        ({"environments": ["live"]}, "There is no environment 'live'. There are dev, staging, prod."),
        (
            {"environments": ["dev"], "projects": ["net"]},
            "There is no project 'net'. There are bootstrap-iam, network, payments.",
        ),
        ({"environments": ["dev"], "at_once": 0}, "0 stacks at once: at least 1 is needed."),
    ],
)
def test_what_can_not_be_planned_is_refused_with_what_there_is(
    asked: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidPlan) as refused:
        plan(Action.UP, **asked)  # type: ignore[arg-type]  # one spoiled argument a case

    assert str(refused.value) == message
