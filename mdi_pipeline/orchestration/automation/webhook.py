"""One message to the address that the home's settings name.

The address itself may be a secret: it stands in no log and in no error.
"""

import json
from urllib.request import Request, urlopen

SECONDS = 10
"""How long the receiver may take."""


def post(address: str, text: str) -> None:
    """Post `{"text": …}`, the shape that Slack, Mattermost and many others take. Raises `WebhookError`."""
    message = Request(  # noqa: S310 (settings admit http and https only)
        address, json.dumps({"text": text}).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    try:
        with urlopen(message, timeout=SECONDS):  # noqa: S310
            pass
    except OSError as error:
        reason = getattr(error, "reason", None) or error
        raise WebhookError(f"the webhook of mdi.toml did not take the message: {reason}") from None


class WebhookError(Exception):
    """The message was not taken; says why, without the address."""
