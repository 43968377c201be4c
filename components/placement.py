"""Where a stack's resources are, and what they are called."""

from dataclasses import dataclass

from components.naming import Names
from components.settings import Identity, Scaling, Settings


@dataclass(frozen=True, kw_only=True)
class Placement:
    """An account, a region and the names in it: enough to know a resource's ARN before it exists."""

    account_id: str
    region: str
    names: Names

    @classmethod
    def of(cls, settings: Settings[Identity, Scaling]) -> "Placement":
        """Where the stack with these settings has its resources."""
        identity = settings.identity
        return cls(account_id=identity.account_id, region=identity.region, names=settings.names)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a regional resource, such as `arn("dynamodb", "table/payments-table-dev-acme")`."""
        return f"arn:aws:{service}:{self.region}:{self.account_id}:{resource}"

    def iam_arn(self, resource: str) -> str:
        """The ARN of an IAM resource, which is in no region: `iam_arn("role/deployer-role-dev-acme")`."""
        return f"arn:aws:iam::{self.account_id}:{resource}"

    @property
    def workload_path(self) -> str:
        """The IAM path of workload roles, their policies and the permissions boundary."""
        return f"/payments/{self.names.environment}/"

    def workload_arn(self, kind: str, resource_type: str) -> str:
        """The ARN of a `role` or `policy` under the workload path, such as `payments-function-role`."""
        return self.iam_arn(f"{kind}{self.workload_path}{self.names(resource_type)}")
