"""The deployer's way into an account, and the limit that its workloads never leave."""

from components.deployer_access.access import DeployerAccess, DeployerAccessArgs, People
from components.deployer_access.subscribers import Subscribers

__all__ = ["DeployerAccess", "DeployerAccessArgs", "People", "Subscribers"]
