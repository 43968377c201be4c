import pulumi
import pytest

from tests.builders import ARTIFACT, FUNCTION_ROLE
from tests.components.payment_processor.recorded import plain, recorded, scaled

DEAD_LETTER_QUEUE = "arn:aws:sqs:us-east-1:111111111111:payments-dead-letter-queue-dev-acme"


def test_the_function_runs_on_arm64() -> None:
    inputs = plain().one("lambda/function:Function").inputs
    assert inputs["architectures"] == ["arm64"]
    assert inputs["runtime"] == "python3.13"
    assert inputs["handler"] == "payment_processor.handler.handler"


@pytest.mark.parametrize(("concurrency", "in_flight"), [(1, 2), (10, 10), (100, 100)])
def test_concurrency_is_reserved_and_the_mapping_holds_to_it(concurrency: int, in_flight: int) -> None:
    recorder = scaled(reserved_concurrency=concurrency)
    assert recorder.one("lambda/function:Function").inputs["reservedConcurrentExecutions"] == concurrency
    mapping = recorder.one("EventSourceMapping", "payments-event-source-mapping")
    assert mapping.inputs["scalingConfig"] == {"maximumConcurrency": in_flight}
    verification = recorder.one("EventSourceMapping", "payments-verification-event-source-mapping")
    assert verification.inputs["scalingConfig"] == {"maximumConcurrency": 2}


@pytest.mark.parametrize("memory", [512, 1024, 2048])
def test_memory_is_as_configured(memory: int) -> None:
    assert scaled(memory_mb=memory).one("lambda/function:Function").inputs["memorySize"] == memory


def test_it_runs_in_the_private_subnets() -> None:
    assert plain().one("lambda/function:Function").inputs["vpcConfig"] == {
        "subnetIds": ["subnet-a", "subnet-b"],
        "securityGroupIds": ["sg-function"],
    }


def test_its_code_is_the_artifact() -> None:
    inputs = plain().one("lambda/function:Function").inputs
    assert isinstance(inputs["code"], pulumi.FileArchive)
    assert inputs["code"].path == str(ARTIFACT.path)
    assert inputs["sourceCodeHash"] == ARTIFACT.source_code_hash
    assert inputs["codeSha256"] == ARTIFACT.source_code_hash


def test_failed_asynchronous_invocations_are_parked_in_the_dead_letter_queue() -> None:
    recorder = scaled(max_receive_count=5)
    function = recorder.one("lambda/function:Function")
    assert function.inputs["deadLetterConfig"] == {"targetArn": DEAD_LETTER_QUEUE}
    config = recorder.one("FunctionEventInvokeConfig").inputs
    assert config["functionName"] == "payments-function-dev-acme"
    assert config["maximumRetryAttempts"] == 2
    assert config["maximumEventAgeInSeconds"] == 3600


def test_the_queue_feeds_it_in_batches_of_which_it_reports_the_failures() -> None:
    for name in ("payments", "payments-verification"):
        inputs = plain().one("EventSourceMapping", f"{name}-event-source-mapping").inputs
        assert inputs["eventSourceArn"] == f"arn:aws:sqs:us-east-1:111111111111:{name}-queue-dev-acme"
        assert inputs["functionName"] == "arn:of:payments-function"
        assert inputs["batchSize"] == 10
        assert inputs["maximumBatchingWindowInSeconds"] == 1
        assert inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("days", [30, 90, 365])
def test_it_logs_json_to_its_own_group_for_as_long_as_configured(days: int) -> None:
    recorder = scaled(log_retention_days=days)
    assert recorder.one("LogGroup").inputs["retentionInDays"] == days
    assert recorder.one("LogGroup").inputs["name"] == "payments-log-group-dev-acme"
    logging = recorder.one("lambda/function:Function").inputs["loggingConfig"]
    assert logging == {"logFormat": "JSON", "logGroup": "payments-log-group-dev-acme"}


def test_it_is_traced() -> None:
    assert plain().one("lambda/function:Function").inputs["tracingConfig"] == {"mode": "Active"}


def test_its_configuration_is_what_the_code_reads() -> None:
    variables = recorded("staging").one("lambda/function:Function").inputs["environment"]["variables"]
    assert variables == {
        "ENVIRONMENT": "staging",
        "TABLE_NAME": "payments-table-staging-acme",
        "TOPIC_ARN": "arn:aws:sns:us-east-1:111111111111:payments-notification-topic-staging-acme",
        "VERIFICATION_QUEUE_ARN": (
            "arn:aws:sqs:us-east-1:111111111111:payments-verification-queue-staging-acme"
        ),
        "MAXIMUM_AMOUNTS": "EUR:10000000,JPY:10000000",
        "NEAR_DUPLICATE_SECONDS": "3600",
        "RETENTION_DAYS": "0",
        "LOG_LEVEL": "INFO",
        "POWERTOOLS_SERVICE_NAME": "payments",
        "POWERTOOLS_METRICS_NAMESPACE": "Payments",
    }


def test_it_has_the_role_that_it_is_given() -> None:
    assert plain().one("lambda/function:Function").inputs["role"] == FUNCTION_ROLE
    assert plain().of_type("iam/role:Role") == []
