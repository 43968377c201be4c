"""The pack's name and version, the same in every output."""

PACK = "payments-guardrails"
VERSION = "1.1.0"
"""As in `PulumiPolicy.yaml`, which the engine reads."""
