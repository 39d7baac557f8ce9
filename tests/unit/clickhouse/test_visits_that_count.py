"""Reports of calls, and of visits that were moved or cancelled, are no visits: whoever counts visits leaves them out."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
READS_VISITS = re.compile(r"\bFROM visits\b")
ONLY_VISITS_MADE = re.compile(r"FROM visits(?: FINAL)?\s+WHERE[^()]*\bstatus = 'done' AND channel = 'visit'")
OTHERS = {
    "02_watermark.sql": "how far reports have come, whatever they say",
    "16_activity_windows_live.sql": "keeps calls apart; the other place only narrows the days that are looked at",
    "28_month_sums.sql": "counts what was moved and cancelled too",
    "dead_letters.sql": "counts messages",
    "list_lengths.sql": "counts the outcomes that are in use, of calls too",
    "pipeline_delay.sql": "times messages",
    "feeds.sql": "counts messages",
}


def test_every_query_that_reads_visits_takes_those_that_were_made() -> None:
    files = [
        *ROOT.glob("infra/clickhouse/**/*.sql"),
        *ROOT.glob("infra/clickhouse/*.py"),
        *ROOT.glob("console/**/*.sql"),
    ]
    reading = {path.name: path.read_text(encoding="utf-8") for path in files if "migrations" not in path.parts}
    reading = {name: text for name, text in reading.items() if READS_VISITS.search(text)}
    careless = {
        name for name, text in reading.items() if len(READS_VISITS.findall(text)) > len(ONLY_VISITS_MADE.findall(text))
    }
    assert careless == OTHERS.keys()
    assert len(reading) > len(OTHERS)
