"""What can be changed in the accounts past the engine, for every type of resource that is deployed.

What no stack manages, no check of a stack can see: a resource that somebody makes beside it (a subscription,
a mapping, an entry of the network's access list), and who may invoke a function, which AWS does not show with
the function. What AWS fixes when it makes a resource can't be changed: names, the description of a managed
policy or of a security group, the protocol of a subscription.

Left out for want of moto: it takes, but does not show, the version of a topic's signatures and its tracing,
another key for a table, and that an endpoint's private DNS names are switched off.
"""

from tests.operations.drift.out_of_band import (
    alarms,
    functions,
    iam,
    keys,
    network,
    queues,
    security_groups,
    tables,
    topics,
)
from tests.operations.drift.out_of_band.change import Change

CATALOGUE: tuple[Change, ...] = (
    *iam.CHANGES,
    *network.CHANGES,
    *security_groups.CHANGES,
    *keys.CHANGES,
    *queues.CHANGES,
    *topics.CHANGES,
    *tables.CHANGES,
    *functions.CHANGES,
    *alarms.CHANGES,
)
