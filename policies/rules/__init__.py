"""Every rule of the pack, in the order of the docs."""

from policies.rule import AnyRule
from policies.rules import (
    alarm,
    bucket,
    coverage,
    destroyable,
    document_lint,
    endpoint,
    event_source,
    function,
    function_access,
    function_secrets,
    identity_policy,
    key,
    log_group,
    naming,
    network,
    placement,
    queue,
    relation_bucket,
    relation_function,
    relation_network,
    relation_queue,
    relation_role,
    resource_policy,
    role,
    security_group,
    table,
    tagging,
    topic,
    trust,
    trust_zone,
)

_GENERAL: tuple[AnyRule, ...] = (
    *naming.RULES,
    *tagging.RULES,
    *placement.RULES,
    *trust_zone.RULES,
    *destroyable.RULES,
)
"""Rules about every type alike, which say nothing of what a type is for."""

_SPECIFIC: tuple[AnyRule, ...] = (
    *function.RULES,
    *function_access.RULES,
    *function_secrets.RULES,
    *event_source.RULES,
    *table.RULES,
    *queue.RULES,
    *topic.RULES,
    *bucket.RULES,
    *network.RULES,
    *security_group.RULES,
    *endpoint.RULES,
    *identity_policy.RULES,
    *trust.RULES,
    *trust_zone.IAM_RULES,
    *document_lint.RULES,
    *role.RULES,
    *resource_policy.RULES,
    *key.RULES,
    *log_group.RULES,
    *alarm.RULES,
    *relation_function.RULES,
    *relation_queue.RULES,
    *relation_bucket.RULES,
    *relation_role.RULES,
    *relation_network.RULES,
)

RULES: tuple[AnyRule, ...] = (*_GENERAL, *_SPECIFIC, *coverage.rules(_SPECIFIC))
