"""Which internet addresses are nobody's private ones.

A name that somebody else gives us may lead to this machine or its network; whoever connects to
what a name leads to asks here first.
"""

from __future__ import annotations

import ipaddress

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")  # RFC 8215

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(address: str) -> bool:
    """Whether anybody on the internet can be reached at an address, whatever it is wrapped in.

    Args:
        address: IPv4 or IPv6, as numbers; anything else is not public.
    """
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return False
    return all(_is_public(meant) for meant in _unwrapped(given))


def _is_public(address: _Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (
        address.is_site_local or address.scope_id or address in _NAT64_LOCAL
    ):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _unwrapped(address: _Address) -> tuple[_Address, ...]:
    """The addresses that a packet to this one ends at: IPv6 has four ways to carry IPv4."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _NAT64:
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    return (address,)
