"""The clients are botocore's own, made without looking for what the function doesn't use."""

from typing import Any

import botocore.loaders
import pytest
from botocore.validate import ParamValidationDecorator

from functions.payment_processor import clients

from .conftest import Backend, session


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


def test_the_clients_are_those_that_boto3_makes() -> None:
    for client, service in zip(clients.make(), clients.SERVICES, strict=True):
        expected = session().client(service, region_name="eu-west-1")
        assert client.meta.service_model.metadata == expected.meta.service_model.metadata
        assert client.meta.endpoint_url == expected.meta.endpoint_url
        assert client.meta.method_to_api_mapping == expected.meta.method_to_api_mapping


def test_no_other_services_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(*_: object) -> None:
        raise AssertionError("all services were listed")

    monkeypatch.setattr(botocore.loaders.Loader, "list_available_services", look)
    assert len(clients.make()) == len(clients.SERVICES)


def test_a_call_is_given_up_while_the_invocation_can_still_answer() -> None:
    for client in clients.make():
        config = client.meta.config
        attempts = config.retries["total_max_attempts"]
        assert attempts * (config.connect_timeout + config.read_timeout) < 10
        assert config.max_pool_connections == clients.CONNECTIONS


def test_calls_are_validated_in_tests_and_not_in_production(moto_backend: Backend) -> None:
    def validates(client: Any) -> bool:
        return isinstance(client._serializer, ParamValidationDecorator)

    assert not any(map(validates, clients.make()))
    assert validates(moto_backend.dynamodb)
    assert validates(moto_backend.sns)
