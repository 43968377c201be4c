"""IAM OpenID Connect providers."""

from collections.abc import Iterable, Mapping

from typing_extensions import override

from sandbox.provider.account import Account
from sandbox.provider.resource import Resource, given, tag_list, tag_map
from sandbox.provider.resources.iam import ABSENT, TAKEN
from sandbox.provider.schema import Kind, Property, described, matching
from sandbox.provider.wire import Properties


class OpenIdConnectProvider(Resource):
    """An OpenID Connect provider whose tokens may assume roles: GitHub's, for a pipeline."""

    urn_type = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
    noun = "IAM OIDC Provider"
    naming = None
    regional = False
    absent = ABSENT
    taken = TAKEN
    properties = described(
        url=Property(
            required=True,
            replaces=True,
            rule=matching(r"https://\S+", 9, 255, 'expected "url" to be an https URL'),
        ),
        clientIdLists=Property(kind=Kind.STRINGS, required=True, unordered=True),
        thumbprintLists=Property(kind=Kind.STRINGS, computed=True, unordered=True),
        arn=Property(output=True),
    )

    @override
    def create(self, aws: Account, new: Properties) -> str:
        answer = aws.client("iam").create_open_id_connect_provider(
            Url=new["url"],
            ClientIDList=new["clientIdLists"],
            Tags=tag_list(new["tagsAll"]),
            **given(ThumbprintList=new.get("thumbprintLists")),
        )
        return str(answer["OpenIDConnectProviderArn"])

    @override
    def candidates(self, aws: Account, new: Properties) -> Iterable[str]:
        return [aws.arn("iam", f"oidc-provider/{new['url'].removeprefix('https://')}", region="")]

    @override
    def read(self, aws: Account, resource_id: str) -> Properties | None:
        found = aws.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=resource_id)
        return {
            "arn": resource_id,
            "url": f"https://{found['Url'].removeprefix('https://')}",
            "clientIdLists": list(found["ClientIDList"]),
            "thumbprintLists": list(found.get("ThumbprintList", [])),
            "tagsAll": tag_map(found.get("Tags", [])),
        }

    @override
    def update(
        self, aws: Account, resource_id: str, old: Properties, new: Properties, changed: frozenset[str]
    ) -> None:
        iam = aws.client("iam")
        if "thumbprintLists" in changed:
            iam.update_open_id_connect_provider_thumbprint(
                OpenIDConnectProviderArn=resource_id, ThumbprintList=new["thumbprintLists"]
            )
        before, after = set(old["clientIdLists"]), set(new["clientIdLists"])
        for client in sorted(after - before):
            iam.add_client_id_to_open_id_connect_provider(
                OpenIDConnectProviderArn=resource_id, ClientID=client
            )
        for client in sorted(before - after):
            iam.remove_client_id_from_open_id_connect_provider(
                OpenIDConnectProviderArn=resource_id, ClientID=client
            )

    @override
    def retag(self, aws: Account, state: Properties, put: Mapping[str, str], drop: Iterable[str]) -> None:
        if names := list(drop):
            aws.client("iam").untag_open_id_connect_provider(
                OpenIDConnectProviderArn=state["id"], TagKeys=names
            )
        if put:
            aws.client("iam").tag_open_id_connect_provider(
                OpenIDConnectProviderArn=state["id"], Tags=tag_list(put)
            )

    @override
    def delete(self, aws: Account, resource_id: str, state: Properties) -> None:
        aws.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=resource_id)


RESOURCES: tuple[Resource, ...] = (OpenIdConnectProvider(),)
