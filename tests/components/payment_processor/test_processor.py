import pulumi

from components.payment_processor import PaymentProcessor
from tests.builders import payment_processor_args, with_provider
from tests.components.payment_processor.recorded import plain
from tests.recorder import record

PROCESSOR = "fintech:payments:PaymentProcessor"


def test_every_part_is_below_the_component() -> None:
    recorder = plain()
    assert recorder.one(PROCESSOR).parent == ""
    assert {recorder.ancestors(each)[-1] for each in recorder.aws} == {PROCESSOR}


def test_parts_nest_by_what_they_are_for() -> None:
    recorder = plain()
    parts = {
        "sqs/queue:Queue": "fintech:payments:Queues",
        "dynamodb/table:Table": "fintech:payments:Ledger",
        "sns/topic:Topic": "fintech:payments:Topics",
        "lambda/function:Function": "fintech:payments:PaymentFunction",
        "cloudwatch/metricAlarm:MetricAlarm": "fintech:payments:Monitoring",
        "kms/key:Key": "fintech:encryption:EncryptionKey",
    }
    for kind, part in parts.items():
        assert {recorder.ancestors(each)[0] for each in recorder.of_type(kind)} == {part}


def test_two_processors_fit_into_one_stack() -> None:
    def program(opts: pulumi.ResourceOptions) -> None:
        PaymentProcessor("payments", payment_processor_args(), opts)
        PaymentProcessor("refunds", payment_processor_args(), opts)

    recorder = record(with_provider(program))
    names = [
        (each.type, each.inputs[key])
        for each in recorder.aws
        for key in ("name", "dashboardName")
        if key in each.inputs
    ]
    assert len(names) == len(set(names))
    tags = [(each.type, each.tag_name) for each in recorder.aws if each.tag_name]
    assert len(tags) == len(set(tags))
    assert len(recorder.aws) == 2 * len(plain().aws)


def test_a_second_processor_shares_no_part_with_the_first() -> None:
    program = with_provider(lambda opts: PaymentProcessor("refunds", payment_processor_args(), opts))
    for each in record(program).aws:
        assert "payments-queue" not in str(each.inputs)
        assert "payments-table" not in str(each.inputs)
        assert "payments-notification-topic" not in str(each.inputs)


def test_the_component_exposes_what_producers_and_operators_need() -> None:
    def program(opts: pulumi.ResourceOptions) -> None:
        processor = PaymentProcessor("payments", payment_processor_args(), opts)
        for name in PaymentProcessor.__annotations__:
            pulumi.export(name, getattr(processor, name))

    assert record(with_provider(program)).outputs == {
        "table_arn": "arn:of:payments-table",
        "table_name": "payments-table-dev-acme",
        "queue_url": "https://queue/payments-queue",
        "queue_arn": "arn:of:payments-queue",
        "dead_letter_queue_url": "https://queue/payments-dead-letter-queue",
        "dead_letter_queue_arn": "arn:of:payments-dead-letter-queue",
        "verification_queue_url": "https://queue/payments-verification-queue",
        "verification_dead_letter_queue_url": "https://queue/payments-verification-dead-letter-queue",
        "topic_arn": "arn:of:payments-notification-topic",
        "alarm_topic_arn": "arn:of:payments-alarm-topic",
        "function_name": "payments-function-dev-acme",
        "function_arn": "arn:of:payments-function",
    }


def test_one_key_encrypts_every_part() -> None:
    recorder = plain()
    recorder.one("kms/key:Key")
    used = [
        *(each.inputs["kmsMasterKeyId"] for each in recorder.of_type("sqs/queue:Queue")),
        *(each.inputs["kmsMasterKeyId"] for each in recorder.of_type("sns/topic:Topic")),
        recorder.one("dynamodb/table:Table").inputs["serverSideEncryption"]["kmsKeyArn"],
        recorder.one("lambda/function:Function").inputs["kmsKeyArn"],
        recorder.one("cloudwatch/logGroup:LogGroup").inputs["kmsKeyId"],
    ]
    assert used == ["arn:of:payments-key"] * 9


def test_function_and_alarms_come_after_what_their_composed_arns_name() -> None:
    """The engine makes children after, and destroys them before, what their component depends on."""
    recorder = plain()
    function = recorder.one("fintech:payments:PaymentFunction")
    for kind in ("sqs/queue:Queue", "sqs/queuePolicy:QueuePolicy", "dynamodb/table:Table", "sns/topic:Topic"):
        assert {each.urn for each in recorder.of_type(kind)} <= set(function.dependencies)
    monitoring = recorder.one("fintech:payments:Monitoring")
    assert recorder.one("sns/topic:Topic", "payments-alarm-topic").urn in monitoring.dependencies
