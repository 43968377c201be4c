"""The provider under the real engine, with programs that use pulumi_aws."""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi import automation as auto
from pulumi.automation._stack import StackInitMode  # the class of the constructor's own argument

from operations.deployment.activity import Events
from operations.deployment.operate import EventedStack
from operations.engine import Engine, ensure_engine
from operations.engine.command import EngineCommand
from operations.engine.failure import StackName
from tests.sandbox.provider.plugin import REGION, STACK_TAGS, client, fresh_account

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def engine() -> Engine:
    return ensure_engine()


class Stack:
    """A stack of an inline program on a state of its own."""

    def __init__(
        self, engine: Engine, folder: Path, account: str, program: Callable[["Stack"], None]
    ) -> None:
        self.account = account
        self.settings: dict[str, Any] = {}
        self._folder = folder
        self._pid = folder / "engine.pid"
        plugins = folder / "home" / "plugins" / "resource-aws-v7.51.1"
        for path in (plugins, folder / "state", folder / "work"):
            path.mkdir(parents=True)
        shim = plugins / "pulumi-resource-aws"
        shim.write_text(
            f'#!/bin/sh\necho $PPID > "{self._pid}"\ncd "{REPOSITORY}"\n'
            f'exec "{sys.executable}" -u -m sandbox.provider "$@"\n'
        )
        shim.chmod(0o755)
        environment = {
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'state'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
        }
        created = auto.create_stack(
            "dev",
            project_name="trial",
            program=lambda: program(self),
            opts=auto.LocalWorkspaceOptions(
                work_dir=str(folder / "work"),
                pulumi_command=EngineCommand(engine, {**os.environ, **environment}),
                env_vars=environment,
            ),
        )
        created.set_config("pulumi:disable-default-providers", auto.ConfigValue('["aws"]'))
        self.stack = EventedStack(created.name, created.workspace, StackInitMode.SELECT)

    def up(self) -> Mapping[str, int]:
        """How many resources were created, updated, ..."""
        events = Events(StackName(project="trial", environment="dev"), "up", lambda _: None)
        self.stack.up(on_event=events.take)
        return events.changes

    def state(self) -> str:
        """The state as it is stored."""
        (path,) = (self._folder / "state").rglob("dev.json")
        return path.read_text()

    def kill_engine(self) -> None:
        """Kill the engine that runs now."""
        os.kill(int(self._pid.read_text()), signal.SIGKILL)

    def provider(self) -> pulumi.ResourceOptions:
        """The options of a resource in the stack's account."""
        import pulumi_aws as aws

        roles = [aws.ProviderAssumeRoleArgs(role_arn=f"arn:aws:iam::{self.account}:role/deployer")]
        provider = aws.Provider(
            "aws",
            region=REGION,
            assume_roles=roles,
            allowed_account_ids=[self.account],
            default_tags=aws.ProviderDefaultTagsArgs(tags=STACK_TAGS),
        )
        return pulumi.ResourceOptions(provider=provider)


def _payments(stack: Stack) -> None:
    import pulumi_aws as aws

    options = stack.provider()
    visibility = stack.settings.get("visibility", 60)
    dead = aws.sqs.Queue("dead", name="dead-dev-acme", opts=options)
    policy = dead.arn.apply(lambda arn: json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3}))
    queue = aws.sqs.Queue(
        "queue",
        name="queue-dev-acme",
        visibility_timeout_seconds=visibility,
        redrive_policy=policy,
        opts=options,
    )
    table = aws.dynamodb.Table(
        "table",
        name="table-dev-acme",
        billing_mode="PAY_PER_REQUEST",
        hash_key=stack.settings.get("key", "pk"),
        attributes=[{"name": stack.settings.get("key", "pk"), "type": "S"}],
        point_in_time_recovery={"enabled": True},
        opts=options,
    )
    vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16", tags={"Name": "vpc-dev-acme"}, opts=options)
    zones = aws.get_availability_zones_output(
        state="available", opts=pulumi.InvokeOptions(provider=options.provider)
    )
    aws.ec2.Subnet(
        "subnet",
        vpc_id=vpc.id,
        cidr_block="10.0.1.0/24",
        availability_zone=zones.names[0],
        tags={"Name": "subnet-dev-acme"},
        opts=options,
    )
    aws.cloudwatch.MetricAlarm(
        "alarm",
        name="alarm-dev-acme",
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        threshold=1,
        namespace="AWS/SQS",
        metric_name="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": pulumi.Output.secret("hidden"), "Other": "shown"},
        period=60,
        statistic="Maximum",
        opts=options,
    )
    pulumi.export("queueUrl", queue.url)
    pulumi.export("tableArn", table.arn)


def _held(account: str) -> Counter[str]:
    """How many of the program's resources moto holds."""
    ec2 = client(account, REGION, "ec2")
    named = [{"Name": "tag:Project", "Values": ["payments"]}]
    return +Counter(
        {
            "queues": len(client(account, REGION, "sqs").list_queues().get("QueueUrls", [])),
            "tables": len(client(account, REGION, "dynamodb").list_tables()["TableNames"]),
            "vpcs": len(ec2.describe_vpcs(Filters=named)["Vpcs"]),
            "subnets": len(ec2.describe_subnets(Filters=named)["Subnets"]),
            "alarms": len(client(account, REGION, "cloudwatch").describe_alarms()["MetricAlarms"]),
        }
    )


WHOLE = Counter({"queues": 2, "tables": 1, "vpcs": 1, "subnets": 1, "alarms": 1})


def test_a_stack_lives_on_the_real_engine(moto: str, engine: Engine, tmp_path: Path) -> None:
    stack = Stack(engine, tmp_path, fresh_account(), _payments)
    sqs = client(stack.account, REGION, "sqs")

    assert stack.up() == {"create": 8}
    outputs = stack.stack.workspace.stack_outputs("dev")
    assert outputs["tableArn"].value == f"arn:aws:dynamodb:{REGION}:{stack.account}:table/table-dev-acme"
    assert _held(stack.account) == WHOLE
    assert stack.up() == {"same": 8}

    sqs.set_queue_attributes(QueueUrl=outputs["queueUrl"].value, Attributes={"VisibilityTimeout": "7"})
    assert _drifted(stack) == {"queue": ["visibilityTimeoutSeconds"]}

    stack.settings["visibility"] = 120
    assert stack.up() == {"same": 7, "update": 1}
    attributes = sqs.get_queue_attributes(QueueUrl=outputs["queueUrl"].value, AttributeNames=["All"])
    assert attributes["Attributes"]["VisibilityTimeout"] == "120"

    stack.settings["key"] = "id"
    assert stack.up() == {"same": 7, "replace": 1}

    state = stack.state()
    assert "shown" in state
    assert "hidden" not in state  # the secret is kept through the provider, and nothing else made one

    stack.stack.destroy()
    assert _held(stack.account) == Counter()


def _drifted(stack: Stack) -> dict[str, list[str]]:
    """Outputs that a refresh would change, by the resource's logical name."""
    found: dict[str, list[str]] = {}

    def see(event: auto.events.EngineEvent) -> None:
        outputs = event.res_outputs_event
        if outputs and outputs.metadata.op == "update" and outputs.metadata.type.startswith("aws:"):
            assert outputs.metadata.old is not None
            assert outputs.metadata.new is not None
            old, new = outputs.metadata.old.outputs or {}, outputs.metadata.new.outputs or {}
            changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
            found[outputs.metadata.urn.rsplit("::", 1)[-1]] = changed

    stack.stack.preview_refresh(on_event=see)
    return found


@pytest.mark.filterwarnings("ignore:Error in event stream")  # it ends with the engine
def test_an_update_that_was_killed_midway_converges_when_repeated(
    moto: str, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from moto.ec2.models.subnets import SubnetBackend
    from moto.ec2.models.vpcs import VPCBackend

    stack = Stack(engine, tmp_path, fresh_account(), _payments)
    for owner, call in ((VPCBackend, "create_vpc"), (SubnetBackend, "create_subnet")):
        with monkeypatch.context() as killing:
            _kill_after(killing, stack, owner, call)
            with pytest.raises(auto.errors.CommandError):
                stack.up()
        stack.stack.cancel()  # a killed engine leaves its lock
    stack.up()
    assert _held(stack.account) == WHOLE
    assert stack.up() == {"same": 8}
    stack.stack.destroy()
    assert _held(stack.account) == Counter()


def _kill_after(killing: pytest.MonkeyPatch, stack: Stack, owner: Any, call: str) -> None:
    """Kill the engine once AWS has done the call, before it can know."""
    create = getattr(owner, call)

    def create_and_kill(self: Any, *args: Any, **kwargs: Any) -> Any:
        created = create(self, *args, **kwargs)
        if self.account_id == stack.account and "acme" in repr((args, kwargs)):
            stack.kill_engine()
        return created

    killing.setattr(owner, call, create_and_kill)


def test_a_wrong_account_is_refused_by_the_real_engine(moto: str, engine: Engine, tmp_path: Path) -> None:
    account = fresh_account()

    def program(stack: Stack) -> None:
        import pulumi_aws as aws

        role = f"arn:aws:iam::{account}:role/deployer"
        provider = aws.Provider(
            "aws", region=REGION, assume_roles=[{"role_arn": role}], allowed_account_ids=["222222222222"]
        )
        aws.sqs.Queue("queue", name="queue", opts=pulumi.ResourceOptions(provider=provider))

    with pytest.raises(auto.errors.CommandError) as raised:
        Stack(engine, tmp_path, account, program).up()
    assert f"AWS account ID not allowed: {account} (allowedAccountIds of the provider: 222222222222)" in str(
        raised.value
    )
