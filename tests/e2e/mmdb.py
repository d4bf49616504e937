# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes small databases in the MaxMind DB file format, version 2.0, for IPv4."""

import ipaddress

UINT16, UINT32, UINT64 = 5, 6, 9


def _sized(kind, size):
    """The control byte of a value."""
    if kind > 7:
        return bytes([min(size, 28), kind - 7])
    return bytes([kind << 5 | size])


def _value(value):
    if isinstance(value, dict):
        return _sized(7, len(value)) + b"".join(_value(k) + _value(v) for k, v in value.items())
    if isinstance(value, list):
        return _sized(11, len(value)) + b"".join(map(_value, value))
    if isinstance(value, str):
        text = value.encode()
        return _sized(2, len(text)) + text
    kind, number = value if isinstance(value, tuple) else (UINT32, value)
    size = (number.bit_length() + 7) // 8
    return _sized(kind, size) + number.to_bytes(size, "big")


def _insert(nodes, network, leaf):
    node = 0
    for depth in range(network.prefixlen):
        bit = int(network.network_address) >> (31 - depth) & 1
        if depth == network.prefixlen - 1:
            nodes[node][bit] = ("leaf", leaf)
            return
        if nodes[node][bit] is None:
            nodes.append([None, None])
            nodes[node][bit] = ("node", len(nodes) - 1)
        node = nodes[node][bit][1]


def write(path, records):
    """RECORDS: network as text -> dictionary."""
    nodes, data = [[None, None]], b""
    for network, record in records.items():
        _insert(nodes, ipaddress.ip_network(network), len(data))
        data += _value(record)
    tree = b""
    for node in nodes:
        for branch in node:
            number = len(nodes) if branch is None else branch[1] if branch[0] == "node" else len(nodes) + 16 + branch[1]
            tree += number.to_bytes(3, "big")
    about = {"node_count": len(nodes), "record_size": (UINT16, 24), "ip_version": (UINT16, 4), "database_type": "Test", "languages": ["en"],
             "binary_format_major_version": (UINT16, 2), "binary_format_minor_version": (UINT16, 0),
             "build_epoch": (UINT64, 1),
             "description": {"en": "a test"}}
    with open(path, "wb") as f:
        f.write(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _value(about))
