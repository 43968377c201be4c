"""Which address ranges are those of private networks."""

import pytest

from policies.ranges import outside


@pytest.mark.parametrize(
    "cidr",
    [
        "0.0.0.0/0",
        "0.0.0.0/1",
        "128.0.0.0/1",
        "8.0.0.0/6",
        "10.0.0.0/7",
        "52.94.0.0/16",
        "172.16.0.0/11",
        "192.168.0.0/15",
        "203.0.113.7",
        "::/0",
        "2000::/3",
        "2001:db8::/32",
        "everywhere",
        "",
    ],
)
def test_a_range_that_holds_a_public_address_or_is_none_at_all_is_outside(cidr: str) -> None:
    assert outside(cidr)


@pytest.mark.parametrize(
    "cidr",
    [
        "10.0.0.0/8",
        "10.0.0.0/16",
        "10.0.0.7/16",
        "172.31.0.0/16",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "fd00::/8",
    ],
)
def test_a_private_network_is_not_outside(cidr: str) -> None:
    assert not outside(cidr)
