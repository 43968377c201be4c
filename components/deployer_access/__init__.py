"""The deployer's way into an account, and the limit that its workloads never leave."""

from components.deployer_access.access import DeployerAccess, DeployerAccessArgs

__all__ = ["DeployerAccess", "DeployerAccessArgs"]
