"""What the rule about coverage says of which type."""

import pytest

from policies.rules.coverage import JUDGED_IN_PART, NOTHING_TO_CHECK
from tests.policies.cases import Case, Cases
from tests.policies.compliant import BUILDERS
from tests.policies.engine import Made

CASES = Cases()

KNOWN = {*NOTHING_TO_CHECK, *(found for found in BUILDERS if found.startswith("aws:"))} - JUDGED_IN_PART
for kind in sorted(KNOWN):
    CASES.about("coverage-type", Made(type=kind, name="known", props={}))
for kind in sorted(JUDGED_IN_PART):
    CASES.forbidden(
        "coverage-type",
        kind,
        f"rules judge {kind} in part only: nobody has decided what else must hold for it.",
    )
for kind in (
    "aws:apigatewayv2/api:Api",
    "aws:ebs/snapshot:Snapshot",
    "aws:index/instance:Instance",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:opensearch/domain:Domain",
    "aws:rds/instance:Instance",
    "aws:ssm/parameter:Parameter",
):
    CASES.forbidden(
        "coverage-type", kind, f"no rule knows {kind}: nobody has decided yet what must hold for it."
    )

for kind in ("aws-native:lambda:Function", "command:local:Command", "pulumi-python:dynamic:Resource"):
    package = kind.partition(":")[0]
    made = Made(type=kind, name="elsewhere", props={})
    CASES.about("coverage-package", made.but(type="random:index/randomId:RandomId")).made(
        kind, f"no rule knows resources of the package {package} ({kind}).", type=kind
    ).made(f"a component called {kind}", type=kind, provider_name=None)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
