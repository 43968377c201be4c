"""Roles, policies, and which role has which."""

import json

from tests.operations.drift.out_of_band.change import (
    Change,
    Place,
    Shown,
    changed,
    gone,
    let_in,
    listed,
    one_of,
    policy,
    removed,
    statement,
    tagged,
    text,
    whole,
)

DEPLOYER, FUNCTION, FLOW_LOG = "deployer-role", "payments-function-role", "flow-log-role"
BOUNDARY, OPERATOR, ENCRYPTION = "workload-boundary-policy", "operator-policy", "payments-encryption-policy"


def _update(place: Place, **changes: object) -> None:
    iam = place.client("iam")
    role = iam.get_role(RoleName=place.id)["Role"]
    kept = {"Description": role["Description"], "MaxSessionDuration": role["MaxSessionDuration"]}
    iam.update_role(RoleName=place.id, **{**kept, **changes})


def _attach(place: Place, name: str) -> Shown:
    arn = place.states[name]["arn"]
    place.client("iam").attach_role_policy(RoleName=place.id, PolicyArn=arn)
    return Shown({"managedPolicyArns[0]": arn})


def _inline(place: Place, value: dict[str, object]) -> Shown:
    document = {"Version": "2012-10-17", "Statement": [value]}
    place.client("iam").put_role_policy(
        RoleName=place.id, PolicyName="by-hand", PolicyDocument=json.dumps(document)
    )
    return Shown({"inlinePolicies[0]": {"name": "by-hand", "policy": document}})


def _detach(place: Place) -> None:
    role, arn = place.id.split("/", 1)
    place.client("iam").detach_role_policy(RoleName=role, PolicyArn=arn)


def _delete_role(place: Place) -> None:
    iam = place.client("iam")
    for each in iam.list_attached_role_policies(RoleName=place.id)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=place.id, PolicyArn=each["PolicyArn"])
    iam.delete_role(RoleName=place.id)


def _delete_policy(place: Place) -> None:
    iam = place.client("iam")
    for role in iam.list_entities_for_policy(PolicyArn=place.id)["PolicyRoles"]:
        iam.detach_role_policy(RoleName=role["RoleName"], PolicyArn=place.id)
    iam.delete_policy(PolicyArn=place.id)


def _boundary(place: Place, name: str) -> Shown:
    arn = place.states[name]["arn"]
    place.client("iam").put_role_permissions_boundary(RoleName=place.id, PermissionsBoundary=arn)
    return Shown({"permissionsBoundary": arn})


CHANGES: tuple[Change, ...] = (
    *(
        change
        for role in (DEPLOYER, FUNCTION)
        for change in (
            changed(role, "description", text, lambda place, value: _update(place, Description=value)),
            changed(
                role,
                "maxSessionDuration",
                whole(3601, 43200),
                lambda place, value: _update(place, MaxSessionDuration=value),
            ),
            changed(role, "managedPolicyArns", one_of(BOUNDARY, OPERATOR), _attach),
            changed(role, "inlinePolicies", statement, _inline),
            *policy(
                role,
                "assumeRolePolicy",
                lambda place, document: place.client("iam").update_assume_role_policy(
                    RoleName=place.id, PolicyDocument=document
                ),
                let_in("sts:AssumeRole"),
            ),
        )
    ),
    *tagged(
        FUNCTION,
        lambda place, tags: place.client("iam").tag_role(RoleName=place.id, Tags=listed(tags)),
        lambda place, names: place.client("iam").untag_role(RoleName=place.id, TagKeys=names),
    ),
    changed(FUNCTION, "permissionsBoundary", one_of(OPERATOR), _boundary),
    changed(
        FLOW_LOG,
        "permissionsBoundary",
        gone,
        lambda place, _: place.client("iam").delete_role_permissions_boundary(RoleName=place.id),
    ),
    removed("operator-role", _delete_role, "operator-policy-attachment"),
    *(
        change
        for name in (BOUNDARY, ENCRYPTION)
        for change in policy(
            name,
            "policy",
            lambda place, document: place.client("iam").create_policy_version(
                PolicyArn=place.id, PolicyDocument=document, SetAsDefault=True
            ),
            statement,
        )
    ),
    *tagged(
        ENCRYPTION,
        lambda place, tags: place.client("iam").tag_policy(PolicyArn=place.id, Tags=listed(tags)),
        lambda place, names: place.client("iam").untag_policy(PolicyArn=place.id, TagKeys=names),
    ),
    removed("verifier-policy", _delete_policy, "verifier-policy-attachment"),
    removed("payments-runtime-policy-attachment", _detach),
)
