"""Messages reach a real mail server and a webhook, once each, whatever fails on the way."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.message import Message as Mail
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MailHandler
from clickhouse_connect.driver.client import Client
from small_company import written_through_the_sink

from infra.clickhouse.client import Access
from infra.embedded.ports import free_port
from infra.notify.due import due
from infra.notify.memory import Memory, begun
from infra.notify.rounds import Round, run_round
from infra.notify.ways import Ways
from infra.outward import Outward
from schemas.settings import Notify, Recipient, Settings
from tests.support.webhook import receiving

pytestmark = pytest.mark.io
NOON = datetime(2026, 7, 1, 10, tzinfo=UTC)


class Mailbox(MailHandler):
    def __init__(self) -> None:
        super().__init__()
        self.mails: list[Mail] = []
        self.refuses = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.refuses:
            return "451 try again later"
        return await super().handle_DATA(server, session, envelope)

    def handle_message(self, message: Mail) -> None:
        self.mails.append(message)


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, int]]:
    box = Mailbox()
    port = free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, port
    controller.stop()


@pytest.fixture
def hook() -> Iterator[tuple[list[dict[str, Any]], str]]:
    received: list[dict[str, Any]] = []

    def take(headers: Mapping[str, str], body: bytes) -> int:
        received.append({"key": headers["Idempotency-Key"], **json.loads(body)})
        return 200

    with receiving(take) as url:
        yield received, url


@pytest.fixture(scope="module", autouse=True)
def company(access: Access) -> None:
    """One firing alert (5000 EUR a year) and one waiting suggestion."""
    written_through_the_sink(access, Settings())


@pytest.fixture
def memory(client: Client) -> Memory:
    client.command("TRUNCATE TABLE notifications")
    return Memory(client)


RULES = Notify(
    recipients=(Recipient(name="mia", email="mia@example.org", webhook_variable="MIA_HOOK"),),
    quiet_from=0,
    quiet_until=0,
)


def ways(port: int, url: str, rules: Notify = RULES) -> Ways:
    environment = {
        "TERRADRIFT_SMTP_HOST": "127.0.0.1", "TERRADRIFT_SMTP_PORT": str(port), "TERRADRIFT_SMTP_TLS": "none", "MIA_HOOK": url,
    }  # fmt: skip
    return Ways(Outward.from_env(environment), rules, environment)


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def kinds(done: Round) -> list[str]:
    return [message.channel for message in done.sent]


def test_an_alert_and_a_suggestion_reach_a_person_by_mail_and_webhook_once(
    memory: Memory, mailbox: tuple[Mailbox, int], hook: tuple[list[dict[str, Any]], str]
) -> None:
    (box, port), (received, url) = mailbox, hook
    done = run_round(memory, ways(port, url), RULES, at(NOON))
    assert (kinds(done), done.failures) == (["email", "webhook"], [])
    (mail,) = box.mails
    assert mail["Subject"] == "Terradrift: 1 alert and 1 suggestion"
    assert "r1 sells less; 5,000 a year at stake" in str(mail.get_payload())
    assert received[0]["text"].startswith("*Terradrift: 1 alert and 1 suggestion*")
    again = run_round(memory, ways(port, url), RULES, at(NOON + timedelta(minutes=1)))
    assert (again.sent, len(box.mails), len(received)) == ([], 1, 1)


def test_a_workflow_of_teams_gets_an_adaptive_card(
    memory: Memory, mailbox: tuple[Mailbox, int], hook: tuple[list[dict[str, Any]], str]
) -> None:
    received, url = hook
    carded = RULES.model_copy(update={"recipients": (RULES.recipients[0].model_copy(update={"webhook_body": "card"}),)})
    done = run_round(memory, ways(mailbox[1], url, carded), carded, at(NOON))
    assert done.failures == []
    (attachment,) = received[0]["attachments"]
    assert (received[0]["type"], attachment["contentType"]) == ("message", "application/vnd.microsoft.card.adaptive")
    title, body = attachment["content"]["body"]
    assert title["text"] == "Terradrift: 1 alert and 1 suggestion"
    assert "r1 sells less; 5,000 a year at stake" in body["text"]


def test_a_mail_server_that_is_away_delays_only_the_mail(
    memory: Memory, mailbox: tuple[Mailbox, int], hook: tuple[list[dict[str, Any]], str]
) -> None:
    (box, port), (received, url) = mailbox, hook
    box.refuses = True
    failing = run_round(memory, ways(port, url), RULES, at(NOON))
    assert kinds(failing) == ["webhook"]
    assert "451" in failing.failures[0]
    assert kinds(run_round(memory, ways(port, url), RULES, at(NOON + timedelta(seconds=30)))) == []
    box.refuses = False
    assert kinds(run_round(memory, ways(port, url), RULES, at(NOON + timedelta(minutes=2)))) == ["email"]
    assert (len(box.mails), len(received)) == (1, 1)


def test_a_message_whose_process_was_killed_is_sent_word_for_word_under_its_old_id(
    memory: Memory, mailbox: tuple[Mailbox, int], hook: tuple[list[dict[str, Any]], str]
) -> None:
    (box, port), (received, url) = mailbox, hook
    killed = Notify(
        recipients=(RULES.recipients[0].model_copy(update={"webhook_variable": ""}),), quiet_from=0, quiet_until=0
    )
    (message,) = due(NOON, killed, memory.open_items(), [])
    memory.write(begun(message, NOON))  # and here the process ends
    done = run_round(memory, ways(port, url), RULES, at(NOON + timedelta(seconds=5)))
    assert sorted(kinds(done)) == ["email", "webhook"]
    assert [mail["Message-ID"] for mail in box.mails] == [f"<{message.message_id}@terradrift>"]
    assert len(received) == 1
    assert run_round(memory, ways(port, url), RULES, at(NOON + timedelta(minutes=9))).sent == []


def test_an_address_of_a_webhook_is_in_no_message_of_ours(memory: Memory, mailbox: tuple[Mailbox, int]) -> None:
    secret = "http://127.0.0.1:1/services/SECRET"
    done = run_round(memory, ways(mailbox[1], secret), RULES, at(NOON))
    assert len(done.failures) == 1
    assert "SECRET" not in done.failures[0]
