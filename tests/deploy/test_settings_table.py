"""The documentation lists every setting."""

import re
from pathlib import Path

from complaints.settings import PREFIX, CodecSettings, IntakeSettings, MigrationSettings, WorkerSettings

OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


def test_every_setting_is_in_the_table_and_no_other_one() -> None:
    table = OPERATIONS.partition("## Configuration")[2].partition("`docker-compose.yml` sets most")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    listed = {name for row in rows for name in re.findall(rf"`{PREFIX}(\w+)`", row)}
    fields = {
        name.upper()
        for each in (WorkerSettings, IntakeSettings, CodecSettings, MigrationSettings)
        for name in each.model_fields
    }
    fields = {name for name in fields if not name.startswith("TEMPORAL_")}  # of Temporal, so without our prefix
    assert listed == fields | {"DATABASE_PASSWORD_FILE", "KEYS_PASSWORD_FILE", "STAFF", "URL"}
