"""Files that are made from other sources are up to date."""

from pathlib import Path

import pytest

from complaints.settings import CodecSettings, IntakeSettings, Settings, WorkerSettings
from tests.deploy.kubernetes import settings_file
from tests.deploy.kubernetes.generated_files import GENERATED
from tests.deploy.kubernetes.rendering import read_env_file

TABLES = (settings_file.IN_SECRETS, settings_file.OF_ONE_WORKLOAD, settings_file.NOT_APPLICABLE)


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_a_generated_file_is_up_to_date(path: Path) -> None:
    assert path.read_text("utf-8") == GENERATED[path](), "run: make manifests"


def test_every_setting_is_in_the_file_or_has_a_reason_why_not() -> None:
    in_file = {name.removeprefix("COMPLAINTS_") for name in read_env_file(settings_file.settings_file())}
    elsewhere = [name for table in TABLES for name in table]
    assert len(elsewhere) == len(set(elsewhere))
    assert in_file.isdisjoint(elsewhere)
    assert in_file | set(elsewhere) == (
        settings_file.settings_of().keys()
        | settings_file.PASSWORD_FILES.keys()
        | settings_file.OTHERS.keys()
        | {"SERVES"}
    )


@pytest.mark.parametrize("each", [WorkerSettings, IntakeSettings, CodecSettings])
def test_the_files_values_are_valid_and_differ_from_the_defaults_only_where_the_table_says(
    each: type[Settings],
) -> None:
    read, defaults = each.read(read_env_file(settings_file.settings_file())), each()
    changed = {name.upper() for name in each.model_fields if getattr(read, name) != getattr(defaults, name)}
    assert changed == {name for name in settings_file.VALUES if name.lower() in each.model_fields}
