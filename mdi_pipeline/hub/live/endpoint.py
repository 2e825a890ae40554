"""Where the Hub is and how one is known there: the address without secrets, and the secrets apart from it."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from huggingface_hub import constants, get_token

from mdi_pipeline.compute.visible_text import visible
from mdi_pipeline.hub.source import SourceError

MESSAGE_LENGTH = 300
"""Characters of a message from outside that are shown."""

SHORTEST_TOKEN = 8
"""Characters that a token has at least: a shorter text would be found in records by chance."""


@dataclass(frozen=True)
class Endpoint:
    """The Hub or a mirror of it.

    `address` has neither user nor password, query nor fragment: it may be stored and shown. `login` is what
    `HF_ENDPOINT` had of user and password, as HTTP sends it; None where it had none.
    """

    address: str
    login: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def named(cls, text: str | None) -> Endpoint:
        """The endpoint of a text, huggingface_hub's where None. Raises `SourceError` where it is no address."""
        try:
            parts = urlsplit(text or constants.ENDPOINT)
            address = f"{parts.scheme}://{_host(parts)}{parts.path}".rstrip("/")
            is_address = (
                parts.scheme in {"http", "https"}
                and parts.hostname
                and not re.search(r"\s", address)
                and address.isprintable()
            )
        except ValueError:  # a port or an IPv6 address that is none
            is_address = False
        if not is_address:
            # Not shown: what is no address may still hold a password.
            raise SourceError(
                "HF_ENDPOINT is no web address. Set it to one, such as https://huggingface.co, or unset it."
            )
        if parts.username is None and parts.password is None:
            return cls(address)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        login = base64.b64encode(f"{user}:{password}".encode()).decode()
        return cls(address, login, password or user)

    def authorization(self) -> dict[str, str]:
        """The header by which one is known: user and password where the address had them, else the user's token."""
        if self.login:
            return {"Authorization": f"Basic {self.login}"}
        token = None if constants.HF_HUB_DISABLE_IMPLICIT_TOKEN else get_token()
        return {"Authorization": f"Bearer {token}"} if token else {}

    def without_secrets(self, body: bytes) -> bytes:
        """What came from the server without the token and the login, should it have echoed them."""
        for secret, name in ((get_token(), b"<token>"), (self.login, b"<login>")):
            if secret and len(secret) >= SHORTEST_TOKEN:
                body = body.replace(secret.encode(), name)
        return body

    def message(self, said: object, length: int = MESSAGE_LENGTH) -> str:
        """What a server or an error said as it may be shown: its first line, short, without secrets and controls."""
        first = next(iter(str(said).strip().splitlines()), "") or type(said).__name__
        first = self.without_secrets(first.encode(errors="backslashreplace")).decode()
        if self.password:
            first = first.replace(self.password, "<password>")
        plain = visible(first[:length])
        return plain if len(first) <= length else f"{plain}…"


def _host(parts: SplitResult) -> str:
    """Host and port, without user and password. Raises `ValueError` where the port is none."""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if parts.port is None else f"{host}:{parts.port}"
