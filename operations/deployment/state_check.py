"""Judges a stack's state after an `up` by the repository's own policy pack, with every value known."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from operations import REPOSITORY
from operations.engine.failure import OperationFailed, StackName
from policies.check import check_export
from policies.configuration import BLOCKING, PackConfigurationError
from policies.export import UnreadableDocumentError
from policies.stack_files import MissingConfigurationError, read_config

OWN_PACK = REPOSITORY / "policies"

StateCheck = Callable[[StackName, Mapping[str, Any]], list[str]]
"""Judges a stack's exported state; returns what is wrong with it, a line each. Raises OperationFailed."""


def state_check(policy_pack: Path, root: Path) -> StateCheck | None:
    """The check that goes with a pack: there is one for our own, which can be asked without the engine."""
    if policy_pack.resolve() != OWN_PACK.resolve():
        return None

    def check(stack: StackName, exported: Mapping[str, Any]) -> list[str]:
        try:
            config = read_config(root / "projects" / stack.project, stack.environment)
            report = check_export(exported, config)
        except (UnreadableDocumentError, PackConfigurationError, MissingConfigurationError) as reason:
            raise OperationFailed(f"{stack} is up, but its state could not be checked: {reason}") from reason
        wrong = [
            f"{_name(finding.violation.urn)}: {finding.violation.message} ({finding.violation.rule.id})"
            for finding in report.blocking
        ]
        return wrong + [
            f"{_name(outcome.urn)}: {outcome.path} is not known, so {outcome.rule.id} could not be judged"
            for outcome in report.not_evaluated
            if report.configuration.level(outcome.rule) in BLOCKING
        ]

    return check


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]
