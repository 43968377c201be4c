"""What a state may not hold: each thing that the engine would run, fetch, or call, spoiled one by one."""

import gzip
import json
from collections.abc import Callable
from copy import deepcopy
from importlib.metadata import version
from typing import Any

import pytest

from operations.engine.checkpoint import AllowedProvider, judge, read_checkpoint

URL = "awskms://alias/acme-payments-state-secrets-dev?region=eu-west-1"
DECLARED = frozenset({URL})
STACK = "urn:pulumi:dev::payments::"
AWS = f"{STACK}pulumi:providers:aws::aws"


def checkpoint() -> dict[str, Any]:
    """What a deployment of the repository's programs writes."""
    return {
        "version": 3,
        "checkpoint": {
            "stack": "organization/payments/dev",
            "latest": {
                "secrets_providers": {"type": "cloud", "state": {"url": URL, "encryptedkey": "c2VhbGVk"}},
                "resources": [
                    {"urn": f"{STACK}pulumi:pulumi:Stack::payments-dev", "type": "pulumi:pulumi:Stack"},
                    {
                        "urn": f"{STACK}pulumi:providers:pulumi::default",
                        "type": "pulumi:providers:pulumi",
                        "custom": True,
                    },
                    {
                        "urn": AWS,
                        "type": "pulumi:providers:aws",
                        "custom": True,
                        "id": "1",
                        "inputs": {
                            "__internal": {},
                            "version": version("pulumi-aws"),
                            "region": "us-east-1",
                            "assumeRoles": "[]",
                            "skipRegionValidation": "true",
                        },
                        "outputs": {"version": version("pulumi-aws"), "region": "us-east-1"},
                    },
                    {
                        "urn": f"{STACK}pulumi:pulumi:StackReference::network-dev",
                        "type": "pulumi:pulumi:StackReference",
                        "custom": True,
                        "provider": f"{STACK}pulumi:providers:pulumi::default::2",
                    },
                    {
                        "urn": f"{STACK}fintech:payments:PaymentProcessor::payments",
                        "type": "fintech:payments:X",
                    },
                    {
                        "urn": f"{STACK}aws:sqs/queue:Queue::payments-queue",
                        "type": "aws:sqs/queue:Queue",
                        "custom": True,
                        "provider": f"{AWS}::1",
                    },
                ],
            },
        },
    }


def latest(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["checkpoint"]["latest"]
    return found


def provider(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = latest(document)["resources"][2]
    return found


def queue(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = latest(document)["resources"][-1]
    return found


Spoil = Callable[[dict[str, Any]], object]
SPOILED: dict[str, tuple[Spoil, str]] = {
    "download URL": (
        lambda d: provider(d)["inputs"].update(pluginDownloadURL="https://example.com"),
        "pluginDownloadURL",
    ),
    "download URL among the outputs": (
        lambda d: provider(d)["outputs"].update(pluginDownloadURL="https://example.com"),
        "pluginDownloadURL",
    ),
    "hidden download URL": (
        lambda d: provider(d)["inputs"].update(__internal={"pluginDownloadURL": "https://example.com"}),
        "pluginDownloadURL",
    ),
    "checksums": (
        lambda d: provider(d)["inputs"].update(__internal={"pluginChecksums": {"linux-amd64": "00"}}),
        "pluginChecksums",
    ),
    "parameterization": (
        lambda d: provider(d)["inputs"].update(__internal={"parameterization": {"name": "x"}}),
        "parameterization",
    ),
    "another name": (
        lambda d: provider(d)["inputs"].update(__internal={"name": "evil"}),
        "internal settings",
    ),
    "another version": (lambda d: provider(d)["inputs"].update(version="7.0.0"), "7.0.0"),
    "another version among the outputs": (lambda d: provider(d)["outputs"].update(version="0.1"), "0.1"),
    "another endpoint": (
        lambda d: provider(d)["inputs"].update(endpoints='[{"sts": "https://example.com"}]'),
        "setting endpoints",
    ),
    "another profile": (lambda d: provider(d)["inputs"].update(profile="admin"), "setting profile"),
    "another package": (
        lambda d: latest(d)["resources"].append(
            {"urn": f"{STACK}pulumi:providers:command::x", "type": "pulumi:providers:command", "custom": True}
        ),
        "package command",
    ),
    "settings of the engine's own provider": (
        lambda d: latest(d)["resources"][1].update(inputs={"url": "https://example.com"}),
        "setting url",
    ),
    "dynamic provider": (
        lambda d: latest(d)["resources"].append(
            {
                "urn": f"{STACK}pulumi-python:dynamic:Resource::x",
                "type": "pulumi-python:dynamic:Resource",
                "custom": True,
            }
        ),
        "pulumi-python:dynamic:Resource",
    ),
    "dynamic provider of another language": (
        lambda d: queue(d).update(type="pulumi-nodejs:dynamic:Resource"),
        "pulumi-nodejs:dynamic:Resource",
    ),
    "provider of a dynamic package": (
        lambda d: queue(d).update(provider=f"{STACK}pulumi:providers:pulumi-python::default::3"),
        "not allowed",
    ),
    "pending operation": (
        lambda d: latest(d).update(
            pending_operations=[{"type": "creating", "resource": {"type": "random:index:Id", "custom": True}}]
        ),
        "random:index:Id",
    ),
    "another key": (
        lambda d: latest(d)["secrets_providers"]["state"].update(url=f"{URL}&endpoint=https://example.com"),
        "endpoint=https://example.com",
    ),
    "vault": (
        lambda d: latest(d).update(secrets_providers={"type": "cloud", "state": {"url": "hashivault://x"}}),
        "hashivault://x",
    ),
    "passphrase": (lambda d: latest(d).update(secrets_providers={"type": "passphrase"}), "passphrase"),
    "malformed secrets": (lambda d: latest(d).update(secrets_providers=["x"]), "None"),
    "malformed resources": (lambda d: latest(d).update(resources={"a": 1}), "not a list"),
    "malformed resource": (lambda d: latest(d)["resources"].append(7), "not a resource"),
    "malformed properties": (lambda d: provider(d).update(inputs=["x"]), "not a mapping"),
    "no checkpoint": (lambda d: d.pop("checkpoint"), "not a checkpoint"),
}


def test_what_the_programs_write_may_be_used() -> None:
    assert judge(checkpoint(), secrets=DECLARED) == []


def test_a_stack_without_resources_may_be_used() -> None:
    assert judge({"version": 3, "checkpoint": {"stack": "x", "latest": None}}, secrets=DECLARED) == []


@pytest.mark.parametrize(("spoil", "named"), SPOILED.values(), ids=SPOILED)
def test_what_would_run_or_call_out_is_refused_by_name(spoil: Spoil, named: str) -> None:
    document = deepcopy(checkpoint())
    spoil(document)

    found = judge(document, secrets=DECLARED)

    assert len(found) == 1, found
    assert named in found[0]


def test_a_version_that_states_may_still_hold_may_be_used() -> None:
    document = checkpoint()
    provider(document)["inputs"]["version"] = provider(document)["outputs"]["version"] = "7.0.0"
    settings = frozenset({"region", "assumeRoles", "skipRegionValidation"})
    allowed = {"aws": AllowedProvider(versions=frozenset({"7.0.0"}), settings=settings)}

    assert judge(document, secrets=DECLARED, allowed=allowed) == []


def test_a_compressed_checkpoint_is_read_as_the_plain_one() -> None:
    plain = json.dumps(checkpoint()).encode()
    assert read_checkpoint(gzip.compress(plain)) == read_checkpoint(plain) == checkpoint()


@pytest.mark.parametrize("content", [b"", b"{", b"\x1f\x8bnot compressed", b"\xff", b"[" * 100_000])
def test_a_malformed_file_is_an_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_checkpoint(content)
