"""One AWS account in one region, seen with one identity: cached clients over one botocore session."""

import os
import threading
from functools import cache, cached_property
from typing import Any, NamedTuple

import botocore.config
import botocore.session
from botocore.exceptions import BotoCoreError, ClientError

from sandbox.provider.call_log import FILE, CallLog
from sandbox.provider.configuration import Configuration, Role, is_loopback, not_local
from sandbox.provider.errors import AWS_ERRORS, ProviderError, words


class Keys(NamedTuple):
    """What a call is signed with; all None for those of the environment or profile."""

    access: str | None
    secret: str | None
    token: str | None


@cache
def _session(profile: str | None) -> Any:
    """One session a process: reading the services' descriptions is most of what a client costs."""
    return botocore.session.Session(profile=profile)


class Account:
    """The account that a configuration leads to: its clients, identity and default tags."""

    partition = "aws"

    def __init__(self, configuration: Configuration) -> None:
        self.region = configuration.region
        self.default_tags = dict(configuration.default_tags)
        self._configuration = configuration
        self._clients: dict[str, Any] = {}
        self._lock = threading.RLock()  # making a client is not thread-safe, using one is

    @cached_property
    def _options(self) -> Any:
        return botocore.config.Config(
            retries={"mode": "standard", "total_max_attempts": self._configuration.max_retries + 1},
            connect_timeout=5,
            read_timeout=60,
            max_pool_connections=32,
        )

    @cached_property
    def _keys(self) -> Keys:
        """The keys that calls are signed with: the configured ones, or what the assumed roles gave."""
        configuration = self._configuration
        keys = Keys(configuration.access_key, configuration.secret_key, configuration.token)
        try:
            if keys.secret is None and _session(configuration.profile).get_credentials() is None:
                raise ProviderError(
                    "No valid credential sources found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY "
                    "(any value will do for the sandbox), or the provider's accessKey and secretKey"
                )
            for role in configuration.roles:
                keys = self._assume(keys, role)
        except BotoCoreError as error:
            raise ProviderError(f"configuring the AWS provider: {words(error)}") from error
        return keys

    def _assume(self, keys: Keys, role: Role) -> Keys:
        optional = {
            "ExternalId": role.external_id,
            "DurationSeconds": role.duration_seconds,
            "Policy": role.policy,
        }
        try:
            answer = self._client(keys, "sts").assume_role(
                RoleArn=role.arn,
                RoleSessionName=role.session_name,
                **{name: value for name, value in optional.items() if value is not None},
            )
        except ClientError as error:
            raise ProviderError(f"Cannot assume IAM Role {role.arn}: {words(error)}") from error
        granted = answer["Credentials"]
        return Keys(granted["AccessKeyId"], granted["SecretAccessKey"], granted["SessionToken"])

    def _client(self, keys: Keys, service: str) -> Any:
        client = _session(self._configuration.profile).create_client(
            service,
            region_name=self.region,
            aws_access_key_id=keys.access,
            aws_secret_access_key=keys.secret,
            aws_session_token=keys.token,
            config=self._options,
            endpoint_url=self._configuration.endpoints.get(service),
        )
        # Whatever the environment and AWS's own files say, in all the ways that they can say it.
        if not is_loopback(client.meta.endpoint_url):
            raise ProviderError(not_local(client.meta.endpoint_url))
        return client

    def client(self, service: str) -> Any:
        """The client of a service, made once."""
        with self._lock:
            if service not in self._clients:
                client = self._client(self._keys, service)
                if service != "sts" and self._log:
                    self._log.attach(client)
                self._clients[service] = client
            return self._clients[service]

    @cached_property
    def _log(self) -> CallLog | None:
        path = os.environ.get(FILE)
        if not path:
            return None
        unlogged = cache(lambda service: self._client(self._keys, service))
        return CallLog(path, self.account_id, self.region, self.identity["Arn"], unlogged)

    @cached_property
    def identity(self) -> dict[str, str]:
        """Who calls, as STS says: Account, Arn, UserId."""
        try:
            answer = self.client("sts").get_caller_identity()
        except AWS_ERRORS as error:
            raise ProviderError(f"retrieving AWS account details: {words(error)}") from error
        return {name: answer[name] for name in ("Account", "Arn", "UserId")}

    @property
    def account_id(self) -> str:
        """The account's id."""
        return self.identity["Account"]

    def verify(self) -> None:
        """Raise ProviderError when the credentials lead to an account that is not allowed."""
        allowed = self._configuration.allowed_account_ids
        if allowed and self.account_id not in allowed:
            raise ProviderError(
                f"AWS account ID not allowed: {self.account_id} (allowedAccountIds of the provider: "
                f"{', '.join(allowed)}). Use credentials of an allowed account, or correct the account id"
            )
        if self.account_id in self._configuration.forbidden_account_ids:
            raise ProviderError(f"AWS account ID not allowed: {self.account_id} is among forbiddenAccountIds")

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """The ARN of a resource of this account."""
        region = self.region if region is None else region
        return f"arn:{self.partition}:{service}:{region}:{self.account_id}:{resource}"
