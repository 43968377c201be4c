"""What the rules about security groups say of which opening."""

import pytest

from tests.policies.cases import Case, Cases
from tests.policies.compliant import DEFAULT_GROUP, EGRESS, GROUP, GROUP_RULE, INGRESS
from tests.policies.engine import UNKNOWN

CASES = Cases()

(
    CASES.about("network-ingress-open", GROUP)
    .reads("ingress", "a list of objects")
    .broken({"ingress.0.cidrBlocks": ["0.0.0.0/0"]}, "it lets 0.0.0.0/0 in.")
    .broken({"ingress.0.ipv6CidrBlocks": ["::/0"]}, "it lets ::/0 in.")
    .broken({"ingress.0.cidrBlocks": ["52.0.0.0/8"]}, "it lets 52.0.0.0/8 in.")
    .broken(
        {"ingress.0.cidrBlocks": ["0.0.0.0/1", "128.0.0.0/1"]},
        "it lets 0.0.0.0/1 in.",
        "it lets 128.0.0.0/1 in.",
    )
    .broken({"ingress.0.cidrBlocks": "0.0.0.0/0"}, "cidrBlocks must be a list, but it is a string.")
    .fine({"egress.0.cidrBlocks": ["0.0.0.0/0"]})
    .unknown({"ingress.0.cidrBlocks": [UNKNOWN]}, "cidrBlocks.0")
)
CASES.about("network-ingress-open", DEFAULT_GROUP).broken(
    {"ingress": [{"cidrBlocks": ["0.0.0.0/0"]}]}, "it lets 0.0.0.0/0 in."
)
(
    CASES.about("network-ingress-open", GROUP_RULE)
    .broken({"cidrBlocks": ["0.0.0.0/0"]}, "it lets 0.0.0.0/0 in.")
    .fine({"cidrBlocks": ["0.0.0.0/0"], "type": "egress"})
    .reads_nothing_without("cidrBlocks", "a list")
    .reads_nothing_without("ipv6CidrBlocks", "a list")
    .reads("type", "a string")
)
(
    CASES.about("network-ingress-open", INGRESS)
    .broken({"cidrIpv4": "0.0.0.0/0"}, "it lets 0.0.0.0/0 in.")
    .broken({"cidrIpv6": "::/0"}, "it lets ::/0 in.")
    .reads("cidrIpv4", "a string")
    .reads_nothing_without("cidrIpv6", "a string")
)
(
    CASES.about("network-egress-open", GROUP)
    .reads("egress", "a list of objects")
    .broken({"egress.0.cidrBlocks": ["0.0.0.0/0"]}, "it lets traffic out to 0.0.0.0/0.")
    .fine({"ingress.0.cidrBlocks": ["0.0.0.0/0"]})
)
CASES.about("network-egress-open", GROUP_RULE).broken(
    {"cidrBlocks": ["0.0.0.0/0"], "type": "egress"}, "it lets traffic out to 0.0.0.0/0."
).fine({"cidrBlocks": ["0.0.0.0/0"]}).reads("type", "a string").unknown(
    {"type": "egress", "cidrBlocks": UNKNOWN}, "cidrBlocks"
)
(
    CASES.about("network-egress-open", EGRESS)
    .broken({"cidrIpv4": "0.0.0.0/0"}, "it lets traffic out to 0.0.0.0/0.")
    .broken({"cidrIpv6": "::/0"}, "it lets traffic out to ::/0.")
    .reads("cidrIpv4", "a string")
    .reads_nothing_without("cidrIpv6", "a string")
    .reads_nothing_without("cidrBlocks", "a list")
    .reads_nothing_without("ipv6CidrBlocks", "a list")
)
(
    CASES.about("network-default-security-group", DEFAULT_GROUP)
    .broken({"ingress": [{"self": True}]}, "ingress is not empty.")
    .broken({"egress": [{"cidrBlocks": ["0.0.0.0/0"]}]}, "egress is not empty.")
    .reads("ingress", "a list")
    .reads("egress", "a list")
)
(
    CASES.about("network-group-description", GROUP)
    .reads("description", "a string", "description is not set.")
    .broken({"description": "Managed by Pulumi"}, "description is 'Managed by Pulumi'.")
    .broken({"description": " "}, "description is not set.")
)
(
    CASES.about("network-rule-description", GROUP)
    .broken({"ingress.0.description": ""}, "ingress rule 1 has no description.")
    .broken({"egress.0.description": None}, "egress rule 1 has no description.")
    .reads("ingress", "a list of objects")
    .reads("egress", "a list of objects")
)
for kind in (GROUP_RULE, INGRESS, EGRESS):
    CASES.about("network-rule-description", kind).reads("description", "a string", "description is not set.")


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
