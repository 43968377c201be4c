"""What the rules about a function's role and log group, and a topic's policy, say of which stack."""

import pytest

from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import (
    ATTACHMENT,
    FUNCTION,
    LOG_GROUP,
    POLICY,
    ROLE,
    ROLE_POLICY,
    TOPIC,
    TOPIC_POLICY,
    arn,
    deny_plain,
    named,
    policy,
    resource,
)
from tests.policies.engine import UNKNOWN, Made

CASES = Cases()


def of(kind: str, name: str, **props: object) -> Made:
    made = resource(kind, name=name)
    return made.but(props={**made.props, **props})


WORKER = of(FUNCTION, "function")
HOLDER = of(ROLE, "role", arn=arn("iam", f"role/{named('payments-function-role')}"))
RIGHTS = of(POLICY, "policy", arn=arn("iam", f"policy/{named('payments-policy')}"))
ATTACHED = of(ATTACHMENT, "attachment")
SILENT = "its role role may not logs:createlogstream."
MUTE = "its role role may not logs:putlogevents."

PATH = arn("iam", "role/payments/dev/")
ORIGIN = f"it must be of this stack, or of bootstrap-iam's ({PATH}*)."
FOREIGN = "arn:aws:iam::222222222222:role/payments/dev/payments-function-role-dev-acme"

(
    CASES.about_stack("relation-function-logging", WORKER, HOLDER, RIGHTS, ATTACHED)
    .without("attachment", SILENT, MUTE)
    .without("policy", SILENT, MUTE)
    .without("role", f"its role is {HOLDER.props['arn']}; {ORIGIN}")
    .broken({"function.role": MISSING}, f"its role is not set; {ORIGIN}")
    .broken({"function.role": FOREIGN}, f"its role is {FOREIGN}; {ORIGIN}")
    .fine({"function.role": arn("iam", "role/payments/dev/payments-function-role-dev-acme")})
    .broken({"attachment.role": "other"}, SILENT, MUTE)
    .broken(
        {"policy.policy": policy({"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"})}, SILENT
    )
    .broken({"policy.policy": policy({"Effect": "Deny", "Action": "logs:*", "Resource": "*"})}, SILENT, MUTE)
    .broken({"policy.policy": "no JSON"}, "policy must be a JSON policy document, but it is a string.")
    .fine({"policy.policy": policy({"Effect": "Allow", "Action": "logs:*", "Resource": "*"})})
    .unknown({"policy.policy": UNKNOWN}, "policy")
    .unknown({"function.role": UNKNOWN}, "role")
    .unknown({"attachment.role": UNKNOWN}, "attachment.role")
    .unknown({"attachment.policyArn": UNKNOWN}, "policyArn")
)
CASES.about_stack(
    "relation-function-logging",
    WORKER,
    HOLDER,
    RIGHTS.but(props={**RIGHTS.props, "arn": UNKNOWN}),
    ATTACHED.but(props={**ATTACHED.props, "policyArn": UNKNOWN}, links={"policyArn": (RIGHTS.urn,)}),
)
CASES.about_stack(
    "relation-function-logging",
    WORKER,
    HOLDER,
    of(ROLE_POLICY, "inline", role=named("payments-function-role")),
).without("inline", SILENT, MUTE)
CASES.about_stack(
    "relation-function-logging",
    WORKER,
    of(
        ROLE,
        "role",
        arn=arn("iam", f"role/{named('payments-function-role')}"),
        inlinePolicies=[{"name": "x", **resource(POLICY).props}],
    ),
)
ELSEWHERE = "its log group is not of this stack, so that neither retention nor key is known."
(
    CASES.about_stack("relation-function-log-group", WORKER, of(LOG_GROUP, "logs"))
    .without("logs", ELSEWHERE)
    .broken({"function.loggingConfig.logGroup": "/aws/lambda/payments"}, ELSEWHERE)
    .broken({"function.loggingConfig": MISSING}, ELSEWHERE)
    .broken({"function.loggingConfig": None}, ELSEWHERE)
    .unknown({"function.loggingConfig.logGroup": UNKNOWN}, "logGroup")
)
NEWS = of(TOPIC, "topic", arn=arn("sns", named("payments-alarm-topic")))
PLAIN = "it has no policy of its own that refuses what doesn't come over TLS."
(
    CASES.about_stack("relation-topic-policy", NEWS, of(TOPIC_POLICY, "policy"))
    .without("policy", PLAIN)
    .broken({"policy.arn": arn("sns", "other")}, PLAIN)
    .unknown({"policy.arn": UNKNOWN}, "policy.arn")
)
MADE_BY_AWS = policy({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Publish", "Resource": "*"})
(
    CASES.about_stack(
        "relation-topic-policy", of(TOPIC, "topic", policy=policy(deny_plain("sns:Publish", "*")))
    )
    .broken({"topic.policy": MISSING}, PLAIN)
    .broken({"topic.policy": None}, PLAIN)
    .broken({"topic.policy": MADE_BY_AWS}, PLAIN)
    .broken({"topic.policy": ["x"]}, "policy must be a policy document with statements, but it is a list.")
    .unknown({"topic.policy": UNKNOWN}, "topic.policy")
)


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
