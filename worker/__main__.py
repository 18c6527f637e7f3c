"""Run the worker, or one of its checks and repairs: `python -m worker --help`."""

import argparse
import sys
from pathlib import Path

from complaints.runtime.exit import exit_process
from complaints.runtime.imports import without_garbage_collection


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    options = _parser().parse_args(arguments)
    with without_garbage_collection():
        from worker.commands import run_command  # the help is quicker without
    return run_command(options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m worker",
        description="Run the worker, or check its code and the record against Temporal.",
        epilog="Exit codes: 0 done; 1 a failure, or something would break or differs; 2 bad input; "
        "4 Temporal or PostgreSQL is unavailable, or not set up.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="run workflows and activities until SIGTERM")
    check = commands.add_parser("verify", help="replay recorded histories and all open workflows against this code")
    check.add_argument("--recorded-only", action="store_true", help="leave out the server's open workflows")
    check.add_argument(
        "--histories",
        type=Path,
        metavar="FOLDER",
        help="folder of the recorded histories (default: those of this version)",
    )
    compare = commands.add_parser("reconcile", help="write to the record what Temporal has and the record lacks")
    compare.add_argument("--dry-run", action="store_true", help="print what is missing, and write nothing")
    compare.add_argument(
        "--restored",
        action="store_true",
        help="the record was restored to an older state: refuse staff and systems until a person confirms them",
    )
    revive_ = commands.add_parser("revive", help="start complaints again whose workflows were terminated or lost")
    which = revive_.add_mutually_exclusive_group(required=True)
    which.add_argument("references", nargs="*", default=[], metavar="REF", help="complaints to revive")
    which.add_argument("--all", action="store_true", help="every complaint that is open on the record")
    revive_.add_argument("--dry-run", action="store_true", help="print what would be started, and start nothing")
    give = commands.add_parser("give", help="give a complaint an act that only Temporal had, as reconcile prints it")
    give.add_argument("reference", metavar="REF", help="the complaint")
    give.add_argument("act", metavar="ACT", help="the act's name")
    give.add_argument("fields", metavar="JSON", help="its fields")
    count = commands.add_parser("connections", help="print how many database connections are needed, and are allowed")
    count.add_argument("--workers", type=int, default=1, metavar="N", help="worker processes (default: 1)")
    count.add_argument("--intakes", type=int, default=1, metavar="N", help="intake services (default: 1)")
    count.add_argument(
        "--others", type=int, default=120, metavar="N", help="of others (default: 120, Temporal on the same server)"
    )
    _add_keys(commands)
    _add_administration(commands)
    return parser


def _add_keys(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    keys = commands.add_parser("keys", help="list, rotate, rewrap or reconcile the data keys").add_subparsers(
        dest="keys_command", required=True
    )
    keys.add_parser("list", help="count the data keys, and name what cannot be decrypted")
    rotate = keys.add_parser("rotate", help="encrypt with new data keys from now on")
    which = rotate.add_mutually_exclusive_group(required=True)
    which.add_argument("references", nargs="*", default=[], metavar="REF", help="complaints; * for the services' own")
    which.add_argument("--all", action="store_true", dest="everything", help="all complaints, and the services' own")
    keys.add_parser("reconcile", help="after a restore of the key store: destroy again the keys of erased complaints")
    keys.add_parser("rewrap", help="wrap all data keys with the first key-encryption key")


def _add_administration(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    first = commands.add_parser("administrator", help="enter the first administrator in the staff directory")
    first.add_argument("id", metavar="ID", help="their staff id, of somebody new or in the directory")
    first.add_argument("name", metavar="NAME", help="their name")
    first.add_argument("email", metavar="EMAIL", help="their email address, by which they sign in")
    first.add_argument("--another", action="store_true", help="also where somebody is administrator already")
    confirm = commands.add_parser("confirm", help="confirm staff or systems after a restore of the record")
    confirm.add_argument("kind", choices=("staff", "system"), help="staff or systems")
    confirm.add_argument("names", nargs="*", metavar="NAME", help="ids or names; without any, all are shown")
    confirm.add_argument("--all", action="store_true", dest="everybody", help="confirm all of them")
    confirm.add_argument("--yes", action="store_true", help="do it without asking")
    confirm.add_argument("--by", default="operator", metavar="NAME", help="who confirms, for the record")


if __name__ == "__main__":
    exit_process(main(sys.argv[1:]))
