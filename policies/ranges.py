"""Address ranges: those of private networks, and all others."""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

PRIVATE_IPV4 = tuple(map(IPv4Network, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16")))
"""RFC 1918 and RFC 6598; a VPC has its addresses from these."""
PRIVATE_IPV6 = tuple(map(IPv6Network, ("fc00::/7", "fe80::/10")))
"""RFC 4193 and link-local addresses."""


@lru_cache(maxsize=512)
def outside(cidr: str) -> bool:
    """Return whether an address range reaches beyond private networks; what is no range counts as well."""
    try:
        network = ip_network(cidr, strict=False)
    except ValueError:
        return True
    if isinstance(network, IPv4Network):
        return not any(network.subnet_of(private) for private in PRIVATE_IPV4)
    return not any(network.subnet_of(private) for private in PRIVATE_IPV6)
