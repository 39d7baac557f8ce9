"""What people do with alerts stands beside them."""

from __future__ import annotations

from datetime import datetime

import pytest
from clickhouse_connect.driver.client import Client
from small_company import an_alert, the_company, write_rows

from infra.clickhouse.client import Access
from infra.clickhouse.sink import Sink
from infra.clickhouse.snapshots import refresh_snapshots
from schemas import rows
from schemas.row_ranges import RowBlock, RowRange
from schemas.settings import Settings

pytestmark = pytest.mark.io


def test_what_people_did_with_an_alert_stands_beside_it(access: Access, client: Client) -> None:
    write_rows(access, [*the_company(), an_alert("alert3", 1, "firing", "2026-06-10T18:00")], Settings())
    sink = Sink(access, "log1")
    sink.resume("facts", 1, 0)
    done = [
        ("acknowledge", "09:00", {"decided_by": "Mo"}),
        ("mark", "09:01", {"verdict": "false"}),
        ("mark", "09:02", {"verdict": "expected"}),
        ("assign", "09:03", {"assignee": "Ada"}),
        ("silence", "09:04", {"until": "2026-07-31"}),
        ("acknowledge", "09:00", {"decided_by": "Mo", "alert_id": "alert3"}),
    ]
    blocks = []
    for offset, (kind, clock, fields) in enumerate(done):
        row = rows.DecisionRow(
            log_id="log1", topic="decisions", partition=0, offset=offset, event_id=f"care{offset}",
            decision_id=f"care{offset}", occurred_at=datetime.fromisoformat(f"2026-06-30T{clock}+00:00"),
            region_id="north", kind=kind, **{"alert_id": "alert1", **fields},
        )  # fmt: skip
        blocks.append(RowBlock(offset, "decisions", row.model_dump_json().encode()))
    sink.write([RowRange("facts", 1, 0, len(blocks), blocks)])
    sink.close()
    found = client.query(
        "SELECT acknowledged_by, assignee, toString(silenced_until), verdict FROM alerts_now WHERE alert_id = 'alert1'"
    ).result_rows
    assert found == [("Mo", "Ada", "2026-07-31", "expected")]
    untouched = client.query(
        "SELECT count() FROM alerts_now WHERE verdict = '' AND acknowledged_at IS NULL"
    ).result_rows
    assert untouched == client.query("SELECT count() - 2 FROM alerts_now").result_rows
    refresh_snapshots(client)
    waited = client.query(
        "SELECT median_hours_to_acknowledge FROM kpi_alert_quality WHERE grain = 'company' AND window_days = 90"
    ).result_rows
    # alert1 fired as 10 June began, alert3 in its evening, though both were detected on that day
    assert waited == [((20 * 24 + 9 + 19 * 24 + 15) / 2,)]
