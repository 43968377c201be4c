"""What the rule about coverage says of which type."""

import pytest

from policies.rules.coverage import NOTHING_TO_CHECK
from tests.policies.cases import Case, Cases
from tests.policies.compliant import BUILDERS
from tests.policies.engine import Made

CASES = Cases()

for kind in sorted({*NOTHING_TO_CHECK, *(found for found in BUILDERS if found.startswith("aws:"))}):
    CASES.about("coverage-type", Made(type=kind, name="known", props={}))
for kind in ("aws:rds/instance:Instance", "aws:apigatewayv2/api:Api"):
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
