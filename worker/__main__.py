"""`python -m worker`: run, verify, reconcile."""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from complaints.runtime.exit import end
from complaints.settings import WorkerSettings, read_environment
from complaints.temporal.client import connect
from worker.connections import CannotStartError, startup_errors, temporal_and_record
from worker.observability.logs import set_up_logs
from worker.replay.history_files import RecordedError
from worker.replay.reconcile import reconcile
from worker.replay.verify import HISTORIES, verify_open, verify_recorded
from worker.run import WorkerFailedError, read_settings, run

DONE, FAILED, DIFFERS, BAD_INPUT, CANNOT_START = 0, 1, 1, 2, 4


def main(arguments: list[str]) -> int:
    """The exit code."""
    given = _parser().parse_args(arguments)
    environment = read_environment()
    try:
        settings = read_settings(environment)
        set_up_logs(settings.log_level)
        return asyncio.run(_do(given, settings, environment))
    except RecordedError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except CannotStartError as error:
        print(error, file=sys.stderr)
        return CANNOT_START
    except WorkerFailedError as error:
        print(error, file=sys.stderr)
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description="Does the complaints' work, and looks after it.",
        epilog="Exit codes: 0 done; 1 something would break or differs, or went wrong; 2 bad input; "
        "4 Temporal or PostgreSQL is out of reach, or not set up.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="do the complaints' work until told to stop (SIGTERM)")
    check = commands.add_parser("verify", help="replay recorded histories and all open complaints against this code")
    check.add_argument("--recorded-only", action="store_true", help="without the server's open complaints")
    check.add_argument("--histories", type=Path, metavar="FOLDER", help="of recorded histories; else tests/histories")
    compare = commands.add_parser("reconcile", help="compare every complaint in Temporal with its record, and mend it")
    compare.add_argument("--dry-run", action="store_true", help="only say what is missing")
    return parser


async def _do(given: argparse.Namespace, settings: WorkerSettings, environment: Mapping[str, str]) -> int:
    if given.command == "verify":
        return await _verify(given, environment)
    if given.command == "reconcile":
        return await _reconcile(environment, dry_run=given.dry_run)
    await run(settings, environment)
    return DONE


async def _verify(given: argparse.Namespace, environment: Mapping[str, str]) -> int:
    files = sorted((given.histories or HISTORIES).glob("*.jsonl"))
    if given.histories and not files:
        raise RecordedError(f"{given.histories} holds no recorded histories (*.jsonl)")
    recorded = await verify_recorded(files, print)
    in_all = [f"{recorded.replayed:,} recorded histories"]
    broken = recorded.broken
    if not given.recorded_only:
        with startup_errors():
            living = await verify_open(await connect(environment), print)
        in_all.append(f"{living.replayed:,} open complaints")
        broken += living.broken
    print(f"Replayed {' and '.join(in_all)}: {f'{broken:,} would break' if broken else 'none would break'}.")
    return DIFFERS if broken else DONE


async def _reconcile(environment: Mapping[str, str], *, dry_run: bool) -> int:
    async with temporal_and_record(environment) as (client, engine):
        found = await reconcile(client, engine, print, dry_run=dry_run)
    outcome = "lack something on the record" if dry_run else "were mended"
    print(
        f"Compared {len(found.compared):,} complaints with the record: {len(found.behind):,} {outcome}, "
        f"{len(found.amiss):,} must be looked at."
    )
    return DIFFERS if found.amiss or (dry_run and found.behind) else DONE


if __name__ == "__main__":
    end(main(sys.argv[1:]))
