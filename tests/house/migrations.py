"""What is wrong with a migration, from its attributes and the statements that it would run."""

import re
from collections.abc import Iterator
from io import StringIO
from os import pathsep
from pathlib import Path

from alembic import command
from alembic.script import Script, ScriptDirectory

from complaints.records.migrations.revisions import alembic_config
from tests.house.sources import ROOT

VERSIONS = ROOT / "complaints" / "records" / "migrations" / "versions"
INDEX = re.compile(r"^(CREATE(?: UNIQUE)? INDEX|DROP INDEX)\s(?!CONCURRENTLY)(?:.*?\bON (\w+))?", re.DOTALL)
CONSTRAINT = re.compile(
    r"^ALTER TABLE (\w+) ADD (?:CONSTRAINT \w+ |COLUMN .*)?(?:UNIQUE|PRIMARY KEY|EXCLUDE)\b(?!.*USING INDEX)",
    re.DOTALL,
)
BOOKKEEPING = re.compile(r"^(BEGIN|COMMIT|SET lock_timeout|(?:INSERT INTO|UPDATE) alembic_version)\b")


def faults(*further: Path) -> list[str]:
    """Return a line for each fault of the migrations, and of those in `further` folders."""
    config = alembic_config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", pathsep.join(map(str, (VERSIONS, *further))))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())[::-1]
    known = [script.revision for script in scripts]
    found: list[str] = []
    for number, script in enumerate(scripts):
        if script.revision != f"{number + 1:04}" or not Path(script.path).name.startswith(f"r{script.revision}_"):
            found.append(f"{Path(script.path).name}: its revision is not {number + 1:04}, or not in its file's name")
        if fault := _marking_fault(script, known, earlier_scripts=scripts[:number]):
            found.append(f"{script.revision}: {fault}")
            continue
        buffer = StringIO()
        config.output_buffer = buffer
        command.upgrade(config, f"{script.down_revision or 'base'}:{script.revision}", sql=True)
        found.extend(f"{script.revision}: {fault}" for fault in _statement_faults(buffer.getvalue()))
    return found


def _marking_fault(script: Script, known: list[str], earlier_scripts: list[Script]) -> str | None:
    compatible_from = getattr(script.module, "compatible_from", None)
    if compatible_from not in known[: known.index(script.revision) + 1]:
        return "compatible_from names no revision up to its own"
    before = [getattr(earlier.module, "compatible_from", "") for earlier in earlier_scripts]
    if before and compatible_from < max(before):
        return f"compatible_from is older than an earlier migration's, {max(before)}"
    return None


def _statement_faults(script: str) -> Iterator[str]:
    lines = "\n".join(line for line in script.splitlines() if not line.startswith("--"))
    statements = [statement.strip() for statement in re.split(r";\s*\n", lines) if statement.strip()]
    created = set(re.findall(r"^CREATE TABLE (\w+)", "\n".join(statements), re.MULTILINE))
    for statement in statements:
        if (found := INDEX.match(statement)) and found[2] not in created:
            yield f"an index without CONCURRENTLY: {_short(statement)}"
        if (found := CONSTRAINT.match(statement)) and found[1] not in created:
            yield f"a constraint that builds its index under a lock: {_short(statement)}"
    rest = [statement for statement in statements if not BOOKKEEPING.match(statement)]
    if any("INDEX CONCURRENTLY" in statement for statement in rest):
        yield from (
            f"more than indexes in a migration that makes one concurrently: {_short(statement)}"
            for statement in rest
            if "INDEX CONCURRENTLY" not in statement
        )


def _short(statement: str) -> str:
    return " ".join(statement.split())[:80]
