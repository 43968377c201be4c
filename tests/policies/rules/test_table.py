"""What the rules about tables say of which table, index and replica."""

import pytest

from policies.rules.table import COPIES
from tests.policies.cases import MISSING, Case, Cases
from tests.policies.compliant import GLOBAL_TABLE, REPLICA, TABLE
from tests.policies.engine import UNKNOWN, Made, config_of

CASES = Cases()
INDEX = "aws:dynamodb/globalSecondaryIndex:GlobalSecondaryIndex"
SCALED = "aws:appautoscaling/target:Target"

(
    CASES.about("table-on-demand", TABLE)
    .reads(
        "billingMode",
        "a string",
        "billingMode is not set, which means PROVISIONED; it must be PAY_PER_REQUEST.",
    )
    .broken({"billingMode": "PROVISIONED"}, "billingMode is PROVISIONED; it must be PAY_PER_REQUEST.")
)
(
    CASES.about("table-no-capacity", TABLE)
    .fine({"readCapacity": 0})
    .broken({"readCapacity": 5}, "readCapacity is set, which only provisioned tables have.")
    .broken({"writeCapacity": "5"}, "writeCapacity is set, which only provisioned tables have.")
    .reads_nothing_without("readCapacity", "a number")
    .reads_nothing_without("writeCapacity", "a number")
    .reads_nothing_without("readCapacityUnits", "a number")
    .reads_nothing_without("writeCapacityUnits", "a number")
    .reads_nothing_without("provisionedThroughput", "an object")
    .fine({"globalSecondaryIndexes": None})
    .broken(
        {"globalSecondaryIndexes": ["text"]},
        "globalSecondaryIndexes must be a list of objects, but it is a string.",
    )
    .unknown({"globalSecondaryIndexes": UNKNOWN}, "globalSecondaryIndexes")
    .broken(
        {"globalSecondaryIndexes": [{"name": "byDay", "readCapacity": 1}]},
        "globalSecondaryIndexes byDay: readCapacity is set, which only provisioned tables have.",
    )
)
CASES.about("table-no-capacity", Made(type=INDEX, name="index", props={"indexName": "byDay"})).broken(
    {"provisionedThroughput": {"readCapacityUnits": 5}},
    "provisionedThroughput: readCapacityUnits is set, which only provisioned tables have.",
)
(
    CASES.about("table-no-autoscaling", Made(type=SCALED, name="scaled", props={"serviceNamespace": "ecs"}))
    .broken({"serviceNamespace": "dynamodb"}, "it scales a provisioned table.")
    .reads("serviceNamespace", "a string")
)
WANTED_OFF = "point-in-time recovery is on; dev has it off."
WANTED_ON = "point-in-time recovery is off; prod has it on."
(
    CASES.about("table-point-in-time-recovery", TABLE)
    .reads("pointInTimeRecovery", "an object")
    .reads("pointInTimeRecovery.enabled", "true or false")
    .broken({"pointInTimeRecovery.enabled": True}, WANTED_OFF)
    .broken({"pointInTimeRecovery": [{"enabled": True}]}, WANTED_OFF)
    .declaring("dev declares it on", {**config_of("dev"), "payments:pointInTimeRecovery": "true"})
    .broken(
        {"replicas": [{"regionName": "us-west-2", "pointInTimeRecovery": True}]},
        f"replica us-west-2: {WANTED_OFF}",
    )
    .fine({"replicas": None})
    .broken({"replicas": ["text"]}, "replicas must be a list of objects, but it is a string.")
    .unknown({"replicas": UNKNOWN}, "replicas")
)
(
    CASES.about("table-point-in-time-recovery", TABLE, environment="prod")
    .reads("pointInTimeRecovery", "an object", WANTED_ON)
    .reads("pointInTimeRecovery.enabled", "true or false", WANTED_ON)
    .broken({"pointInTimeRecovery.enabled": False}, WANTED_ON)
    .declaring("prod declares it off", {**config_of("prod"), "payments:pointInTimeRecovery": "false"})
    .broken({"replicas": [{"regionName": "eu-west-2"}]}, f"replica eu-west-2: {WANTED_ON}")
)
CASES.about("table-point-in-time-recovery", TABLE, environment="staging").broken(
    {"pointInTimeRecovery": MISSING}, "point-in-time recovery is off; staging has it on."
)
(
    CASES.about("table-point-in-time-recovery", REPLICA, environment="prod")
    .reads("pointInTimeRecovery", "true or false", WANTED_ON)
    .broken({"pointInTimeRecovery": False}, WANTED_ON)
)
(
    CASES.about("table-declared-recovery", TABLE)
    .reads("pointInTimeRecovery", "an object")
    .broken({"pointInTimeRecovery.enabled": True}, "point-in-time recovery is on; the stack declares false.")
    .declaring(
        "dev declares it on",
        {**config_of("dev"), "payments:pointInTimeRecovery": "true"},
        "point-in-time recovery is off; the stack declares true.",
    )
    .fine({"replicas": None})
    .broken({"replicas": ["text"]}, "replicas must be a list of objects, but it is a string.")
    .unknown({"replicas": UNKNOWN}, "replicas")
)
NO_KEY = "serverSideEncryption.kmsKeyArn is not set."
OTHER_KEY = "arn:aws:kms:us-east-1:222222222222:key/1"
AWS_KEY = "arn:aws:kms:us-east-1:111111111111:alias/aws/dynamodb"
NOT_ON = "serverSideEncryption.enabled is not true, so that a key of DynamoDB's own is used."
(
    CASES.about("table-encryption", TABLE)
    .reads("serverSideEncryption", "an object", NOT_ON)
    .reads("serverSideEncryption.enabled", "true or false", NOT_ON)
    .reads("serverSideEncryption.kmsKeyArn", "a string", NO_KEY)
    .broken({"serverSideEncryption.enabled": False}, NOT_ON)
    .broken(
        {"serverSideEncryption.kmsKeyArn": OTHER_KEY},
        f"serverSideEncryption.kmsKeyArn is {OTHER_KEY}, a key of another account.",
    )
    .broken(
        {"serverSideEncryption.kmsKeyArn": AWS_KEY},
        f"serverSideEncryption.kmsKeyArn is {AWS_KEY}, a key of AWS's own.",
    )
    .broken({"replicas": [{"regionName": "eu-west-2"}]}, "replica eu-west-2: kmsKeyArn is not set.")
    .fine({"replicas": None})
    .broken({"replicas": ["text"]}, "replicas must be a list of objects, but it is a string.")
    .unknown({"replicas": UNKNOWN}, "replicas")
)
CASES.about("table-encryption", REPLICA).reads("kmsKeyArn", "a string", "kmsKeyArn is not set.")
(
    CASES.about("table-replica-region", TABLE)
    .broken(
        {"replicas": [{"regionName": "eu-west-2"}]},
        "it is replicated to eu-west-2; the stack declares us-east-1.",
    )
    .fine({"replicas": None})
    .broken({"replicas": ["text"]}, "replicas must be a list of objects, but it is a string.")
    .unknown({"replicas": UNKNOWN}, "replicas")
    .broken(
        {"globalTableWitness": {"regionName": "eu-west-2"}},
        "it is witnessed in eu-west-2; the stack declares us-east-1.",
    )
    .reads_nothing_without("globalTableWitness", "a list")
)
CASES.about("table-replica-region", GLOBAL_TABLE).broken(
    {"replicas.0.regionName": "eu-west-2"}, "it is replicated to eu-west-2; the stack declares us-east-1."
).unknown({"replicas.0.regionName": UNKNOWN}, "regionName")
for kind in sorted(COPIES):
    CASES.forbidden("table-copy", kind, "it copies a table's items past the table's own key and policy.")
(
    CASES.about("table-recovery-period", TABLE, environment="prod")
    .fine({"pointInTimeRecovery.recoveryPeriodInDays": 35})
    .broken({"pointInTimeRecovery.recoveryPeriodInDays": 1}, "recoveryPeriodInDays is 1; it must be 35.")
    .fine({"pointInTimeRecovery.recoveryPeriodInDays": 1, "pointInTimeRecovery.enabled": False})
    .reads("pointInTimeRecovery", "an object")
    .reads_nothing_without("pointInTimeRecovery.recoveryPeriodInDays", "a number")
    .unknown(
        {"pointInTimeRecovery.enabled": UNKNOWN, "pointInTimeRecovery.recoveryPeriodInDays": 1}, "enabled"
    )
)
CASES.forbidden("table-replica", REPLICA, "it replicates a table out of its region.")


@pytest.mark.parametrize("case", CASES.all, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    case.run()
