import base64
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.delivery.code import CodeDamaged, unpacked
from sandbox.delivery.function import Function
from tests.sandbox.accounts_of_tests import zipped

CONTENT = zipped("def handler(event, context): ...")


def function(tmp_path: Path, content: bytes = CONTENT) -> Function:
    location = tmp_path / "code.zip"
    location.write_bytes(content)
    return Function(
        name="work",
        arn="arn:aws:lambda:eu-west-1:111111111111:function:work",
        handler="app.handler",
        runtime="python3.13",
        role_arn="arn:aws:iam::111111111111:role/function-role",
        timeout=3.0,
        memory=128,
        version="$LATEST",
        variables={},
        code_sha256=base64.b64encode(hashlib.sha256(CONTENT).digest()).decode(),
        code_location=location.as_uri(),
        log_group="work",
        reserved_concurrency=None,
        dead_letter_arn=None,
    )


def test_code_is_unpacked_once_a_digest(tmp_path: Path) -> None:
    deployed = function(tmp_path)
    folder = unpacked(deployed, tmp_path / "cache")
    assert (folder / "app.py").is_file()
    gone = replace(deployed, code_location="file:///nowhere")
    assert unpacked(gone, tmp_path / "cache") == folder


def test_a_zip_that_is_not_what_lambda_names_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CodeDamaged, match=r"work: its zip has the SHA-256 .* Deploy it anew"):
        unpacked(function(tmp_path, CONTENT + b"more"), tmp_path / "cache")
    assert not list((tmp_path / "cache").glob("*/app.py"))
