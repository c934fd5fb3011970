"""What became of the question whether the public address leads to this server (`public_url`)."""

from __future__ import annotations

from enum import StrEnum

from vchat_tui.models import Model

PATH = "/healthz"
"""What is asked for, below the public address."""


class Reach(StrEnum):
    """What became of the question."""

    OK = "ok"
    NO_NAME = "no_name"  # the name leads nowhere
    PRIVATE = "private"  # it leads to an address that the internet does not know
    NO_ANSWER = "no_answer"
    TLS = "tls"  # the certificate is not one that providers take
    STATUS = "status"  # somebody else answers
    NOT_OURS = "not_ours"


class Reached(Model, frozen=True, kw_only=True):
    """How it went. `detail`: the address, the status, or what the certificate lacks."""

    reach: Reach
    detail: str = ""
