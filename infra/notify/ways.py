"""The ways a message takes: e-mail over SMTP, and webhooks whose body Slack and Teams understand."""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from typing import Any

from infra.notify.due import Message
from infra.outward import Outward
from schemas.errors import SettingsError, UnavailableError
from schemas.settings import Notify, Recipient

TIMEOUT_SECONDS = 20


class Ways:
    """Sends messages. Neither passwords nor addresses of webhooks are ever part of an error's text."""

    def __init__(self, addresses: Outward, rules: Notify, environment: Mapping[str, str]) -> None:
        self._addresses = addresses
        self._recipients = {recipient.name: recipient for recipient in rules.recipients}
        self._environment = environment

    def send(self, message: Message) -> None:
        """Raises UnavailableError when the other side does not take it now, SettingsError when something is not set."""
        recipient = self._recipients.get(message.recipient)
        if recipient is None:
            raise SettingsError(f"{message.recipient} is no longer among the recipients")
        if message.channel == "email":
            self._mail(message, recipient.email)
        else:
            self._hook(message, recipient)

    def _mail(self, message: Message, to: str) -> None:
        at = self._addresses
        if not at.smtp_host:
            raise SettingsError("TERRADRIFT_SMTP_HOST is not set: no e-mail can be sent")
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = at.smtp_from, to, message.subject
        # the same message always has the same id: a mailbox may drop what comes twice
        mail["Message-ID"] = f"<{message.message_id}@terradrift>"
        mail.set_content(message.body)
        try:
            kind = smtplib.SMTP_SSL if at.smtp_tls == "tls" else smtplib.SMTP
            with kind(at.smtp_host, at.smtp_port, timeout=TIMEOUT_SECONDS) as server:
                if at.smtp_tls == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if at.smtp_user:
                    server.login(at.smtp_user, at.smtp_password.get_secret_value())
                server.send_message(mail)
        except (smtplib.SMTPException, OSError) as error:
            raise UnavailableError(
                f"mail server {at.smtp_host}:{at.smtp_port}: {type(error).__name__}: {error}"
            ) from None

    def _hook(self, message: Message, recipient: Recipient) -> None:
        variable = recipient.webhook_variable
        url = self._environment.get(variable, "")
        if not url.startswith(("https://", "http://")):
            raise SettingsError(f"{variable} does not hold the http(s) address of a webhook")
        body = json.dumps(_card(message) if recipient.webhook_body == "card" else _text(message)).encode()
        headers = {"Content-Type": "application/json", "Idempotency-Key": message.message_id}
        request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310 - http(s) only, checked above
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS):  # noqa: S310
                pass
        except urllib.error.HTTPError as error:
            raise UnavailableError(f"webhook of {variable} answered {error.code}") from None
        except OSError as error:
            raise UnavailableError(f"webhook of {variable}: {type(error).__name__}") from None


def _text(message: Message) -> dict[str, Any]:
    """As Slack, Mattermost and their like take it."""
    return {"text": f"*{message.subject}*\n{message.body}"}


def _card(message: Message) -> dict[str, Any]:
    """An Adaptive Card, as a workflow of Microsoft Teams takes it; a single end of line is none in its Markdown."""
    blocks = [
        {"type": "TextBlock", "text": message.subject, "weight": "bolder", "size": "medium", "wrap": True},
        {"type": "TextBlock", "text": message.body.replace("\n", "\n\n"), "wrap": True},
    ]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return {"type": "message", "attachments": [attachment]}


def obstacles(rules: Notify, environment: Mapping[str, str]) -> Iterator[str]:
    """What is not set, so that messages could not be sent; said when the notifier starts rather than at the first alert."""
    if any(recipient.email for recipient in rules.recipients) and not environment.get("TERRADRIFT_SMTP_HOST"):
        yield "TERRADRIFT_SMTP_HOST is not set: no e-mail can be sent"
    for recipient in rules.recipients:
        if recipient.webhook_variable and not environment.get(recipient.webhook_variable):
            yield f"{recipient.webhook_variable} is not set: {recipient.name} cannot be told by webhook"
        if not recipient.email and not recipient.webhook_variable:
            yield f"{recipient.name} has neither email nor webhook_variable: nothing can be sent there"
