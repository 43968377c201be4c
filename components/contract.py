"""The digest of the contract of payment requests: the schema, and the parser that interprets it."""

import hashlib
from pathlib import Path

FUNCTION = Path(__file__).parent.parent / "functions" / "payment_processor"
FILES = ("contract.py", "payment_request.schema.json")


def contract_digest(function: Path = FUNCTION) -> str:
    """Return the SHA-256 (hexadecimal) of the contract's files, the same on every machine."""
    contents = hashlib.sha256()
    for name in FILES:
        contents.update(f"{name}\n{hashlib.sha256((function / name).read_bytes()).hexdigest()}\n".encode())
    return contents.hexdigest()
