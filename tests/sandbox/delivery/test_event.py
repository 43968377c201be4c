from sandbox.delivery.event import sqs_event

ARN = "arn:aws:sqs:eu-west-1:111111111111:requests"


def test_a_record_is_what_lambda_makes_of_a_message() -> None:
    message = {
        "MessageId": "id",
        "ReceiptHandle": "handle",
        "Body": "body",
        "MD5OfBody": "841a2d689ad86bd1611447453c22c6fc",
        "MD5OfMessageAttributes": "0123",
        "Attributes": {"ApproximateReceiveCount": "2", "SentTimestamp": "1700000000000"},
        "MessageAttributes": {
            "text": {"DataType": "String", "StringValue": "value"},
            "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
        },
    }
    assert sqs_event([message], ARN) == {
        "Records": [
            {
                "messageId": "id",
                "receiptHandle": "handle",
                "body": "body",
                "md5OfBody": "841a2d689ad86bd1611447453c22c6fc",
                "md5OfMessageAttributes": "0123",
                "attributes": {"ApproximateReceiveCount": "2", "SentTimestamp": "1700000000000"},
                "messageAttributes": {
                    "text": {
                        "stringValue": "value",
                        "stringListValues": [],
                        "binaryListValues": [],
                        "dataType": "String",
                    },
                    "bytes": {
                        "binaryValue": "AAE=",
                        "stringListValues": [],
                        "binaryListValues": [],
                        "dataType": "Binary",
                    },
                },
                "eventSource": "aws:sqs",
                "eventSourceARN": ARN,
                "awsRegion": "eu-west-1",
            }
        ]
    }


def test_a_batch_keeps_the_order_of_its_messages() -> None:
    messages = [
        {"MessageId": name, "ReceiptHandle": "", "Body": "", "MD5OfBody": ""} for name in ("b", "a", "c")
    ]
    assert [record["messageId"] for record in sqs_event(messages, ARN)["Records"]] == ["b", "a", "c"]
