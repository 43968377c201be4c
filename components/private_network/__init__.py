"""A network without a way to the internet."""

from components.private_network.network import PrivateNetwork, PrivateNetworkArgs

__all__ = ["PrivateNetwork", "PrivateNetworkArgs"]
