"""Runs inside a worker's process: imports the handler, then answers invocations line by line.

    python -I bootstrap.py REQUESTS ANSWERS   (descriptors of two pipes; a line of JSON each way)

Nothing of the repository may be imported here: the function has its own code, what Lambda's runtime brings
(boto3), and the standard library.
"""

import importlib
import json
import os
import resource
import sys
import time
import traceback
from typing import Any


class Context:
    """What a handler is told of its invocation.

    https://docs.aws.amazon.com/lambda/latest/dg/python-context.html
    """

    identity = None
    client_context = None

    def __init__(self, request_id: str, arn: str, deadline: float) -> None:
        self.aws_request_id = request_id
        self.invoked_function_arn = arn
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self._deadline = deadline

    def get_remaining_time_in_millis(self) -> int:
        """Until the process is killed."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main(requests: int, answers: int) -> None:
    """Answer until the other end of the pipe is gone."""
    task_root = os.environ["LAMBDA_TASK_ROOT"]
    packages = [path for path in sys.path if path.startswith((sys.prefix, sys.base_prefix))]
    sys.path[:] = [task_root, *packages]
    with os.fdopen(requests, encoding="utf-8") as inbox, os.fdopen(answers, "w", encoding="utf-8") as outbox:

        def answer(content: dict[str, Any]) -> None:
            sys.stdout.flush()
            sys.stderr.flush()
            # Kilobytes on Linux, bytes on macOS.
            used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (
                1024**2 if sys.platform == "darwin" else 1024
            )
            outbox.write(json.dumps({**content, "memory": used}) + "\n")
            outbox.flush()

        module, _, name = os.environ["_HANDLER"].rpartition(".")
        try:
            handler = getattr(importlib.import_module(module.replace("/", ".")), name)
        except BaseException as error:  # noqa: BLE001  whatever importing the function raises
            answer({"error": _failure(error)})
            return
        answer({"ready": True})
        for line in inbox:
            request = json.loads(line)
            os.environ["_X_AMZN_TRACE_ID"] = request["trace"]
            context = Context(request["id"], request["arn"], request["deadline"])
            try:
                answer({"result": handler(request["event"], context)})
            except Exception as error:  # noqa: BLE001  whatever the function raises is its outcome
                answer({"error": _failure(error)})


def _failure(error: BaseException) -> dict[str, Any]:
    """As Lambda reports it to whoever invoked."""
    own = error.__traceback__  # this file's frame, which is none of the function's business
    trace = traceback.format_exception(type(error), error, own and own.tb_next)
    sys.stdout.write(f"[ERROR] {''.join(trace)}")
    return {"errorType": type(error).__name__, "errorMessage": str(error), "stackTrace": trace}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
