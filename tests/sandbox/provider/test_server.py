"""The provider's configuration as the engine sends it, and what only the gRPC surface shows."""

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2

from sandbox.provider.wire import UNKNOWN, to_struct
from tests.sandbox.provider.plugin import Plugin, RefusedError, fresh_account, serve, urn

QUEUE = "aws:sqs/queue:Queue"


def test_a_wrong_account_is_refused_with_both_ids() -> None:
    account = fresh_account()
    with serve(account) as plugin, pytest.raises(grpc.RpcError) as raised:
        plugin.configure(allowedAccountIds=["222222222222"])
    assert raised.value.details() == (
        f"AWS account ID not allowed: {account} (allowedAccountIds of the provider: 222222222222). "
        "Use credentials of an allowed account, or correct the account id"
    )


def test_a_forbidden_account_is_refused() -> None:
    account = fresh_account()
    with serve(account) as plugin, pytest.raises(grpc.RpcError, match="is among forbiddenAccountIds"):
        plugin.configure(forbiddenAccountIds=[account])


def test_roles_are_assumed_one_after_the_other() -> None:
    first, last = fresh_account(), fresh_account()
    roles = [
        {"roleArn": f"arn:aws:iam::{account}:role/deployer", "sessionName": "pulumi"}
        for account in (first, last)
    ]
    with serve(last) as plugin:
        plugin.configure(assumeRoles=roles, allowedAccountIds=[last])
        assert plugin.invoke("aws:index/getCallerIdentity:getCallerIdentity")["arn"] == (
            f"arn:aws:sts::{last}:assumed-role/deployer/pulumi"
        )


def test_without_roles_the_environments_credentials_decide_the_account() -> None:
    with serve("123456789012") as plugin:
        plugin.configure(assumeRoles=[])
        assert plugin.invoke("aws:index/getCallerIdentity:getCallerIdentity")["accountId"] == "123456789012"


@pytest.mark.parametrize("url", ["", "https://sqs.eu-west-1.amazonaws.com", "http://169.254.169.254"])
def test_the_real_aws_is_never_talked_to(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    with (
        serve(fresh_account()) as plugin,
        pytest.raises(grpc.RpcError, match="only talks to a local AWS, not to"),
    ):
        plugin.configure()


def test_a_real_endpoint_of_a_single_service_is_refused_too() -> None:
    with (
        serve(fresh_account()) as plugin,
        pytest.raises(RefusedError, match=r"endpoints\.sqs.*only talks to a local"),
    ):
        plugin.configure(endpoints=[{"sqs": "https://sqs.eu-west-1.amazonaws.com"}])


def test_local_endpoints_are_used_without_the_environment(moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with serve(fresh_account()) as plugin:
        plugin.configure(endpoints=[{"sqs": moto, "sts": moto}])
        monkeypatch.setenv("AWS_ENDPOINT_URL", moto)
        assert plugin.create(QUEUE, {"name": "queue"}).id.endswith("/queue")


def test_a_sandbox_that_is_not_running_is_said_to_be_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with serve(fresh_account()) as plugin, pytest.raises(grpc.RpcError, match="Is the sandbox running there"):
        plugin.configure(maxRetries="0")


def test_configuration_mistakes_are_told_together() -> None:
    with serve(fresh_account()) as plugin, pytest.raises(RefusedError) as refused:
        plugin.configure(regoin="eu-west-1", assumeRoles=[{"roleArn": "deployer"}], maxRetries="many")
    assert set(refused.value.failures) == {"regoin", "assumeRoles[0].roleArn", "maxRetries"}


def test_a_type_that_the_sandbox_has_not_is_named_with_those_it_has(plugin: Plugin) -> None:
    with pytest.raises(
        grpc.RpcError, match=r"does not implement the resource type aws:s3/bucket:Bucket; it impl"
    ):
        plugin.check("aws:s3/bucket:Bucket", {})


def test_a_component_between_stack_and_resource_does_not_hide_the_type(plugin: Plugin) -> None:
    its_urn = f"urn:pulumi:dev::payments::payments:index:PaymentProcessor${QUEUE}::queue"
    answer = plugin.stub.Check(provider_pb2.CheckRequest(urn=its_urn, news=to_struct({"name": "queue"})))
    assert not answer.failures


def test_another_region_replaces_the_provider_and_other_changes_do_not(plugin: Plugin) -> None:
    def diff(old: dict[str, str], new: dict[str, str]) -> list[str]:
        answer = plugin.stub.DiffConfig(provider_pb2.DiffRequest(olds=to_struct(old), news=to_struct(new)))
        assert answer.changes == provider_pb2.DiffResponse.DIFF_SOME
        return list(answer.replaces)

    assert diff({"region": "eu-west-1"}, {"region": "us-east-1"}) == ["region"]
    assert diff({"allowedAccountIds": '["1"]'}, {"allowedAccountIds": '["2"]'}) == []


def test_a_provider_that_depends_on_another_resource_waits_for_it() -> None:
    with serve(fresh_account()) as plugin:
        unknown = to_struct({"region": "eu-west-1", "allowedAccountIds": UNKNOWN})
        plugin.stub.CheckConfig(provider_pb2.CheckRequest(news=unknown))
        plugin.stub.Configure(provider_pb2.ConfigureRequest(args=unknown))
        with pytest.raises(grpc.RpcError, match="configuration is not known yet"):
            plugin.check(QUEUE, {"name": "queue"})


def test_the_version_is_that_of_the_sdk(plugin: Plugin) -> None:
    from importlib.metadata import version

    from google.protobuf import empty_pb2  # type: ignore[import-untyped]  # published without types

    assert plugin.stub.GetPluginInfo(empty_pb2.Empty()).version == version("pulumi-aws")
    assert urn(QUEUE, "queue").endswith("::queue")


def test_a_service_without_a_local_endpoint_is_not_looked_for_at_the_real_aws(
    moto: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    with serve(fresh_account()) as plugin:
        plugin.configure(endpoints=[{"sqs": moto, "sts": moto}])
        with pytest.raises(grpc.RpcError, match=r"only talks to a local AWS, not to https://sns\.eu-west-1"):
            plugin.stub.Create(
                provider_pb2.CreateRequest(
                    urn=urn("aws:sns/topic:Topic", "topic"),
                    properties=to_struct({"name": "topic", "tagsAll": {}}),
                )
            )


def test_a_service_that_the_environment_sends_elsewhere_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", "https://sns.eu-west-1.amazonaws.com")
    with serve(fresh_account()) as plugin:
        plugin.configure()
        with pytest.raises(grpc.RpcError, match=r"only talks to a local AWS, not to https://sns\.eu-west-1"):
            plugin.create("aws:sns/topic:Topic", {"name": "topic"})


def test_a_mistake_of_the_providers_own_is_told_without_a_traceback(
    plugin: Plugin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.provider.resources.sqs.Queue.read", lambda *_: dict[str, str]()["nothing"])
    with pytest.raises(grpc.RpcError) as raised:
        plugin.create(QUEUE, {"name": "queue"})
    assert raised.value.details() == "a mistake in the sandbox's aws provider, Create: KeyError: 'nothing'"
