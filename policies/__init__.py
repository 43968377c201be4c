"""The CrossGuard pack behind `pulumi preview --policy-pack policies`.

The folder stands alone: it imports neither the components nor pulumi_aws, so that it can be published as it
is.

    engine ──▶ adapter ─┐                        ┌─▶ rules/   (data + pure functions)
                        ├─▶ evaluation ──────────┤
    export ──▶ check ───┘       │                └─▶ properties, documents (how a rule reads)
                                ▼
                  configuration, exceptions, report
"""
