"""What goes wrong, told in AWS's words: never a traceback."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

if TYPE_CHECKING:
    from sandbox.provider.schema import Failure
    from sandbox.provider.wire import Properties


AWS_ERRORS = (ClientError, BotoCoreError, ResponseParserError)
"""What botocore raises: AWS said no, or was not asked, or its answer could not be read."""


class ProviderError(Exception):
    """Something the user should read: one message that says what failed, where, and what to do."""


class ConfigurationError(ProviderError):
    """The provider's own configuration is refused."""

    def __init__(self, failures: "list[Failure]") -> None:
        super().__init__("; ".join(f"{failure.path}: {failure.reason}" for failure in failures))
        self.failures = failures


class InitializationError(ProviderError):
    """The resource exists, but is not yet as it should be: the engine records it, to update it next time."""

    def __init__(self, resource_id: str, state: "Properties", inputs: "Properties", reason: str) -> None:
        super().__init__(reason)
        self.resource_id = resource_id
        self.state = state
        self.inputs = inputs


def words(error: Exception) -> str:
    """An AWS error as its plugin tells it: operation, status, code, message."""
    if isinstance(error, ClientError):
        details = error.response.get("Error", {})
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "?")
        message = str(details.get("Message", ""))
        return (
            f"operation error {error.operation_name}, https response error StatusCode: {status}, "
            f"api error {details.get('Code', '?')}: {_NO_ANSWER if _is_page(message) else message}"
        )
    if type(error).__name__ in ("EndpointConnectionError", "ConnectTimeoutError", "ConnectionClosedError"):
        return f"{error}. Is the sandbox running there? Its address comes from AWS_ENDPOINT_URL"
    if isinstance(error, ResponseParserError):
        return _NO_ANSWER
    return f"{type(error).__name__}: {error}"  # a malformed request, which botocore does not even send


_NO_ANSWER = "the sandbox's AWS failed inside and gave no answer of AWS's; its log tells more"


def _is_page(message: str) -> bool:
    """Whether an error message is the page that a web server shows when it fails."""
    return message.lstrip().lower().startswith("<!doctype html")


def code(error: Exception) -> str:
    """AWS's code for the error, or an empty text."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""
