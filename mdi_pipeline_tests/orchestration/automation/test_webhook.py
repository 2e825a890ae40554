"""One message to the address of the settings."""

import pytest

from mdi_pipeline.home.settings import Settings, SettingsError
from mdi_pipeline.orchestration.automation.webhook import WebhookError, post


def test_a_webhook_that_refuses_is_said_without_its_address(receiver: tuple[str, list[str]]) -> None:
    with pytest.raises(WebhookError) as refused:
        post(f"{receiver[0]}/refuse", "text")
    assert "secret" not in str(refused.value)
    with pytest.raises(SettingsError, match="webhook"):
        Settings(webhook="file:///etc/passwd")
