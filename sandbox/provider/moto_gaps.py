"""What moto 5.2.5 takes and then forgets, although the projects depend on it: `fill()` makes it remember.

Call it in the process that serves moto, before the first request; calling it again does nothing. Without it
a deployment goes through, but moto does not hold a function's dead-letter queue or log group, loses a
queue's access policy with the next SetQueueAttributes, and never shows a redrive-allow policy.

Each filling wraps moto's own method; tests/sandbox/provider/test_moto_gaps.py shows each gap closed over
boto3, and will tell when a newer moto has closed one by itself or has moved a method.
"""

import functools
import inspect
import json
from collections.abc import Callable
from typing import Any

_FILLED = "_payments_sandbox"


def fill() -> None:
    """Fill all gaps, once a process."""
    from moto.awslambda.models import LambdaBackend, LambdaFunction
    from moto.cloudwatch.models import CloudWatchBackend
    from moto.dynamodb.models import DynamoDBBackend
    from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule
    from moto.ec2.models.vpcs import VPCBackend
    from moto.ec2.responses.vpcs import VPCs
    from moto.iam.models import IAMBackend
    from moto.iam.responses import IamResponse
    from moto.logs.responses import LogsResponse
    from moto.sns.models import SNSBackend
    from moto.sqs.models import Queue, SQSBackend

    if getattr(LambdaFunction, _FILLED, False):
        return
    setattr(LambdaFunction, _FILLED, True)
    _fill_function(LambdaFunction)
    _fill_invoke_config(LambdaBackend)
    _fill_time_to_live(DynamoDBBackend)
    _fill_queue(Queue)
    _fill_names_of_attributes(SQSBackend)
    _fill_role(IAMBackend)
    _fill_topics(SNSBackend)
    _fill_rule(SecurityGroupRule, SecurityGroupBackend)
    _fill_endpoints(VPCBackend)
    _fill_private_dns(VPCs)
    _fill_vpc(VPCBackend)
    _fill_tags(SecurityGroupBackend, CloudWatchBackend)
    _fill_log_group(LogsResponse)
    _fill_oidc(IamResponse)


def _wrap(owner: Any, name: str) -> Callable[[Callable[..., Any]], None]:
    """Replace a method by one that gets the original as its first argument."""
    original = getattr(owner, name)

    def decorate(replacement: Callable[..., Any]) -> None:
        @functools.wraps(original)
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            return replacement(functools.partial(original, self), self, *args, **kwargs)

        setattr(owner, name, method)

    return decorate


def _fill_function(function: Any) -> None:  # noqa: C901 - six small fillings of one class
    """Dead-letter queue and logging are kept; updates of key, tracing, storage, architecture stick."""

    @_wrap(function, "__init__")
    def _create(
        original: Any, self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any
    ) -> None:
        self.dead_letter_config = spec.get("DeadLetterConfig") or {}
        self.logging_config = spec.get("LoggingConfig") or {}
        original(account_id, spec, *args, **kwargs)

    @_wrap(function, "get_configuration")
    def _describe(original: Any, self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        config: dict[str, Any] = original(*args, **kwargs)
        if self.dead_letter_config:
            config["DeadLetterConfig"] = self.dead_letter_config
        usual = {"LogFormat": "Text", "LogGroup": self.logs_group_name}
        config["LoggingConfig"] = {**usual, **self.logging_config}
        if config.get("VpcConfig"):
            config["VpcConfig"] = {**config["VpcConfig"], "VpcId": _vpc_of(self)}
        return config

    @_wrap(function, "get_code")
    def _get(original: Any, self: Any) -> dict[str, Any]:
        answer: dict[str, Any] = original()
        if (
            self.reserved_concurrency is not None
        ):  # moto drops a reservation of 0, which switches a function off
            answer["Concurrency"] = {"ReservedConcurrentExecutions": self.reserved_concurrency}
        return answer

    @_wrap(function, "update_configuration")
    def _update(original: Any, self: Any, updates: dict[str, Any]) -> Any:
        if "DeadLetterConfig" in updates:
            target = updates["DeadLetterConfig"].get("TargetArn")
            self.dead_letter_config = {"TargetArn": target} if target else {}
        if "LoggingConfig" in updates:
            self.logging_config = updates["LoggingConfig"]
        if "KMSKeyArn" in updates:
            self.kms_key_arn = updates["KMSKeyArn"] or None
        if "TracingConfig" in updates:
            self.tracing_config = updates["TracingConfig"]
        if "EphemeralStorage" in updates:
            self.ephemeral_storage = updates["EphemeralStorage"]["Size"]
        if "VpcConfig" in updates and not updates["VpcConfig"].get("SubnetIds"):
            updates = {**updates, "VpcConfig": None}
        return original(updates)

    @_wrap(function, "update_function_code")
    def _update_code(original: Any, self: Any, spec: dict[str, Any]) -> Any:
        if spec.get("Architectures"):
            self.architectures = spec["Architectures"]
        return original(spec)


def _vpc_of(function: Any) -> str:
    """The VPC of a function's subnets, where moto has a constant."""
    from moto.ec2.models import ec2_backends

    backend = ec2_backends[function.account_id][function.region]
    for subnet in function.vpc_config.get("SubnetIds", []):
        for zone in backend.subnets.values():
            if subnet in zone:
                return str(zone[subnet].vpc_id)
    return ""


def _fill_time_to_live(backend: Any) -> None:
    """Time to live is switched off only with the name of the attribute that it is on for."""
    from moto.dynamodb.exceptions import MockValidationException

    @_wrap(backend, "update_time_to_live")
    def _update(original: Any, self: Any, table_name: str, wanted: dict[str, Any]) -> None:
        present = self.describe_time_to_live(table_name)
        on = present["TimeToLiveStatus"] == "ENABLED"
        if on and wanted.get("AttributeName") != present.get("AttributeName"):
            raise MockValidationException(
                "TimeToLive is active on a different AttributeName: current AttributeName is "
                f"{present.get('AttributeName')}"
            )
        if on is bool(wanted.get("Enabled")):
            raise MockValidationException(f"TimeToLive is already {'enabled' if on else 'disabled'}")
        original(table_name, wanted)


def _fill_queue(queue: Any) -> None:
    """Setting one attribute leaves the access policy alone; the redrive-allow policy is an attribute too."""
    attributes_of = queue.attributes.fget

    def attributes(self: Any) -> dict[str, Any]:
        found: dict[str, Any] = attributes_of(self)
        if allowed := getattr(self, "redrive_allow_policy", None):
            found["RedriveAllowPolicy"] = allowed
        return found

    queue.attributes = property(attributes)

    @_wrap(queue, "_set_attributes")
    def _set(original: Any, self: Any, changed: dict[str, Any], now: Any = None) -> None:
        kept = getattr(self, "policy", None)
        rest = dict(changed)
        if "RedriveAllowPolicy" in rest:
            text = rest.pop("RedriveAllowPolicy")
            self.redrive_allow_policy = json.dumps(text) if isinstance(text, dict) else text or None
        original(rest, now)
        if "Policy" not in rest:
            self.policy = kept


def _fill_names_of_attributes(backend: Any) -> None:
    """A queue's redrive-allow policy can be asked for by name, as the AWS plugin does."""

    @_wrap(backend, "get_queue_attributes")
    def _get(original: Any, self: Any, queue_name: str, attribute_names: list[str]) -> dict[str, Any]:
        name = "RedriveAllowPolicy"
        if name not in attribute_names:
            return dict(original(queue_name, attribute_names))
        found = dict(original(queue_name, [other for other in attribute_names if other != name]))
        allowed = self.get_queue(queue_name).attributes.get(name)
        return {**found, name: allowed} if allowed else found


def _fill_role(backend: Any) -> None:
    """Updating a role without a description keeps the one that it has."""

    @_wrap(backend, "update_role")
    def _update(original: Any, self: Any, role_name: str, description: Any, duration: Any) -> Any:
        kept = self.get_role(role_name).description if description is None else description
        return original(role_name, kept, duration)


def _fill_topics(backend: Any) -> None:
    """Creating a topic that exists is only right with the same attributes and tags."""
    from moto.core.utils import camelcase_to_underscores
    from moto.sns.exceptions import SNSInvalidParameter
    from moto.sns.utils import make_arn_for_topic

    @_wrap(backend, "create_topic")
    def _create(original: Any, self: Any, name: str, attributes: Any = None, tags: Any = None) -> Any:
        existing = self.topics.get(make_arn_for_topic(self.account_id, name, self.region_name))
        if existing is not None:
            wrong = None
            if any(
                getattr(existing, camelcase_to_underscores(each), None) != text
                for each, text in (attributes or {}).items()
            ):
                wrong = "Attributes"
            elif (tags or {}) != existing._tags:
                wrong = "Tags"
            if wrong:
                raise SNSInvalidParameter(
                    f"Invalid parameter: {wrong} Reason: Topic already exists with different {wrong.lower()}"
                )
        return original(name, attributes, tags)


def _fill_invoke_config(backend: Any) -> None:
    """Putting the settings of asynchronous invocations again replaces them."""

    @_wrap(backend, "put_function_event_invoke_config")
    def _put(original: Any, self: Any, function_name: str, config: dict[str, Any]) -> Any:
        self.get_function(function_name).event_invoke_config = []
        return original(function_name, config)


def _fill_rule(rule: Any, backend: Any) -> None:
    """A rule towards a group or a prefix list has a description too, and its end can be modified."""

    signature = inspect.signature(rule.__init__)

    @_wrap(rule, "__init__")
    def _create(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        towards = signature.bind(self, *args, **kwargs).arguments
        group, prefix_list = (towards.get(name) or {} for name in ("source_group", "prefix_list_id"))
        self.other_description = group.get("Description") or prefix_list.get("Description")

    def description(self: Any) -> str | None:
        return self.ip_range.get("Description") or getattr(self, "other_description", None)

    rule.description = property(description)

    @_wrap(backend, "modify_security_group_rules")
    def _modify(original: Any, self: Any, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
        original(group_id, rules)
        group = self.get_security_group_by_name_or_id(group_id)
        for rule_id, wanted in rules.items():
            existing = group.get_rule(rule_id)
            existing.other_description = wanted.get("Description")
            if "PrefixListId" in wanted:
                existing.prefix_list_id = wanted["PrefixListId"]
            if "ReferencedGroupId" in wanted:
                existing.source_group = {**existing.source_group, "GroupId": wanted["ReferencedGroupId"]}


def _fill_endpoints(backend: Any) -> None:
    """A gateway endpoint's routes follow its route tables, and deleting an endpoint twice is no error."""

    @_wrap(backend, "modify_vpc_endpoint")
    def _modify(original: Any, self: Any, vpc_id: str, *args: Any, **kwargs: Any) -> None:
        endpoint = self.vpc_end_points.get(vpc_id)
        before = set(endpoint.route_table_ids or ()) if endpoint else set()
        original(vpc_id, *args, **kwargs)
        prefix_list = endpoint.destination_prefix_list_id
        if prefix_list:
            after = set(endpoint.route_table_ids or ())
            for table in after - before:
                self.create_route(table, None, gateway_id=vpc_id, destination_prefix_list_id=prefix_list)
            for table in before - after:
                self.delete_route(table, prefix_list)

    @_wrap(backend, "delete_vpc_endpoints")
    def _delete(original: Any, self: Any, vpce_ids: list[str] | None = None) -> None:
        states = {each: getattr(self.vpc_end_points.get(each), "state", "") for each in vpce_ids or []}
        original([each for each, state in states.items() if state != "deleted"])


def _fill_private_dns(responses: Any) -> None:
    """ModifyVpcEndpoint switches private DNS on and off."""

    @_wrap(responses, "modify_vpc_endpoint")
    def _modify(original: Any, self: Any) -> Any:
        answer = original()
        wanted = self._get_bool_param("PrivateDnsEnabled")
        if wanted is not None:
            self.ec2_backend.vpc_end_points[self._get_param("VpcEndpointId")].private_dns_enabled = wanted
        return answer


def _fill_tags(groups: Any, alarms: Any) -> None:
    """The tags of a security group and of an alarm go with it: another one of its name begins without."""

    @_wrap(groups, "_delete_security_group")
    def _delete_group(original: Any, self: Any, vpc_id: str | None, group_id: str) -> None:
        original(vpc_id, group_id)
        self.tags.pop(group_id, None)

    @_wrap(alarms, "delete_alarms")
    def _delete_alarms(original: Any, self: Any, alarm_names: list[str]) -> None:
        arns = [self.alarms[name].alarm_arn for name in alarm_names if name in self.alarms]
        original(alarm_names)
        for arn in arns:
            self.tagger.delete_all_tags_for_resource(arn)


def _fill_vpc(backend: Any) -> None:
    """A VPC's own network ACL goes with it."""

    @_wrap(backend, "delete_vpc")
    def _delete(original: Any, self: Any, vpc_id: str) -> Any:
        vpc = original(vpc_id)
        for acl in [acl for acl in self.network_acls.values() if acl.vpc_id == vpc_id]:
            del self.network_acls[acl.id]
        return vpc


def _fill_log_group(responses: Any) -> None:
    """AssociateKmsKey and DisassociateKmsKey, which moto has not."""

    def associate(self: Any) -> str:
        self.logs_backend.groups[self._get_param("logGroupName")].kms_key_id = self._get_param("kmsKeyId")
        return ""

    responses.associate_kms_key = associate
    responses.disassociate_kms_key = associate


def _fill_oidc(responses: Any) -> None:
    """AddClientIDToOpenIDConnectProvider and its opposite, which moto has not."""
    from moto.core.responses import EmptyResult

    def clients(self: Any) -> tuple[list[str], str]:
        provider = self.backend.get_open_id_connect_provider(self._get_param("OpenIDConnectProviderArn"))
        return provider.client_id_list, self._get_param("ClientID")

    def add(self: Any) -> Any:
        present, client = clients(self)
        if client not in present:
            present.append(client)
        return EmptyResult()

    def remove(self: Any) -> Any:
        present, client = clients(self)
        if client in present:
            present.remove(client)
        return EmptyResult()

    responses.add_client_id_to_open_id_connect_provider = add
    responses.remove_client_id_from_open_id_connect_provider = remove
