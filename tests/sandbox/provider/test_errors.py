from botocore.exceptions import ClientError, EndpointConnectionError, ParamValidationError
from botocore.parsers import ResponseParserError

from sandbox.provider.errors import code, words


def _refusal(message: str) -> ClientError:
    response = {
        "Error": {"Code": "AccessDenied", "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 403},
    }
    return ClientError(response, "CreateRole")


def test_a_refusal_is_told_as_aws_tells_it() -> None:
    assert words(_refusal("not authorized to perform iam:CreateRole")) == (
        "operation error CreateRole, https response error StatusCode: 403, "
        "api error AccessDenied: not authorized to perform iam:CreateRole"
    )
    assert code(_refusal("no")) == "AccessDenied"


def test_the_page_of_a_server_that_fails_is_not_shown() -> None:
    told = "the sandbox's AWS failed inside and gave no answer of AWS's; its log tells more"
    assert words(_refusal("<!doctype html>\n<html lang=en>")).endswith(f"AccessDenied: {told}")
    assert words(ResponseParserError("b'<!doctype html>'")) == told


def test_nobody_at_the_address_is_said_to_be_so() -> None:
    assert words(EndpointConnectionError(endpoint_url="http://127.0.0.1:9")).startswith(
        'Could not connect to the endpoint URL: "http://127.0.0.1:9". Is the sandbox running there?'
    )


def test_a_malformed_request_is_told_with_what_botocore_says() -> None:
    assert words(ParamValidationError(report="Missing required parameter")) == (
        "ParamValidationError: Parameter validation failed:\nMissing required parameter"
    )
    assert code(ValueError()) == ""
