"""The network that functions run in, as far as `bootstrap-iam` knows its ids."""

from typing import Annotated

from pydantic import Field, Strict

from components.section import Section


class DeclaredNetwork(Section):
    """Outputs of the environment's `network` stack, under the same keys.

    `bootstrap-iam` is deployed before the network exists. Once its ids are declared, permissions name them;
    until then they require some VPC and some VPC endpoint.
    """

    vpc_id: Annotated[str, Field(pattern=r"^vpc-[0-9a-z]+$")]
    private_subnet_ids: Annotated[
        tuple[Annotated[str, Field(pattern=r"^subnet-[0-9a-z]+$")], ...], Strict(False), Field(min_length=1)
    ]
    function_security_group_id: Annotated[str, Field(pattern=r"^sg-[0-9a-z]+$")]
    dynamodb_endpoint_id: Annotated[str, Field(pattern=r"^vpce-[0-9a-z]+$")]
    sns_endpoint_id: Annotated[str, Field(pattern=r"^vpce-[0-9a-z]+$")]
