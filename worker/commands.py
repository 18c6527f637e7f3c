"""The commands of `python -m worker`."""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from complaints.encryption.connections import open_key_store
from complaints.encryption.key_ring import open_key_ring
from complaints.environment import read_environment
from complaints.formatting.plural import plural
from complaints.policies.loader import load_policy
from complaints.procedure.policy import PolicyError
from complaints.runtime.clock import now
from complaints.runtime.service import StartupError, database_url_of, open_engine
from complaints.settings import IntakeSettings, WorkerSettings, settings_errors
from complaints.temporal.calls import NoAnswerError
from worker.administrator import NoAdministratorError, enter_administrator
from worker.confirm_access import UnknownNamesError, ask_on_terminal, confirm_access
from worker.connections import startup_errors, temporal_and_record
from worker.data_keys import list_keys, reconcile_keys, rewrap_keys, rotate_keys, unknown_subjects
from worker.database_connections import report_connections
from worker.observability.logs import set_up_logs
from worker.replay.give_act import NotGivenError, give_act
from worker.replay.history_files import HistoryFileError
from worker.replay.not_running import list_maybe_not_running
from worker.replay.reconcile import reconcile
from worker.replay.revive import Reviver, revive_with_progress
from worker.replay.verify import HISTORIES, Verified, verify_open, verify_recorded
from worker.run import WorkerFailedError, read_settings, run
from workflows import names

DONE, FAILED, DIFFERS, BAD_INPUT, STARTUP_FAILED = 0, 1, 1, 2, 4


def run_command(options: argparse.Namespace) -> int:
    """Run the command of the parsed command line; return the exit code."""
    environment = read_environment()
    try:
        settings = read_settings(environment)
        set_up_logs(settings.log_level, settings.build_id, is_replay=options.command != "run")
        return asyncio.run(_run_async(options, settings, environment))
    except HistoryFileError as error:
        print(error, file=sys.stderr)
        return BAD_INPUT
    except StartupError as error:
        print(error, file=sys.stderr)
        return STARTUP_FAILED
    except WorkerFailedError as error:
        print(error, file=sys.stderr)
        return FAILED


async def _run_async(options: argparse.Namespace, settings: WorkerSettings, environment: Mapping[str, str]) -> int:
    if options.command == "verify":
        return await _verify(options, settings, environment)
    if options.command == "reconcile":
        return await _reconcile(settings, environment, dry_run=options.dry_run, is_restored=options.restored)
    if options.command == "revive":
        return await _revive(settings, environment, options.references, dry_run=options.dry_run)
    if options.command == "give":
        return await _give(options, settings, environment)
    if options.command == "connections":
        return await _connections(options, settings, environment)
    if options.command == "administrator":
        return await _enter_administrator(options, settings)
    if options.command == "confirm":
        return await _confirm(options, settings)
    if options.command == "keys":
        return await _keys(options, settings)
    await run(settings, environment)
    return DONE


async def _give(options: argparse.Namespace, settings: WorkerSettings, environment: Mapping[str, str]) -> int:
    async with temporal_and_record(settings, environment) as (client, _):
        try:
            await give_act(client, options.reference, options.act, options.fields)
        except (NotGivenError, NoAnswerError) as error:
            print(error, file=sys.stderr)
            return BAD_INPUT if isinstance(error, NotGivenError) else FAILED
    print(f"{options.reference} has the act; complaints show {options.reference} says what became of it.")
    return DONE


async def _enter_administrator(options: argparse.Namespace, settings: WorkerSettings) -> int:
    fields = {"id": options.id, "name": options.name, "email": options.email}
    with startup_errors():
        async with open_engine(database_url_of(settings), pool="administrator", pool_size=1) as engine:
            try:
                policy = load_policy(settings.policy)
                member = await enter_administrator(engine, policy, fields, now(), another=options.another)
            except (NoAdministratorError, PolicyError) as error:
                print(error, file=sys.stderr)
                return BAD_INPUT
    print(f"{member.id} is an administrator, and signs in by {member.email}.")
    return DONE


async def _confirm(options: argparse.Namespace, settings: WorkerSettings) -> int:
    with startup_errors():
        async with open_engine(database_url_of(settings), pool="confirm", pool_size=1) as engine:
            try:
                is_done = await confirm_access(
                    engine,
                    options.kind,
                    [name.lower() for name in options.names],
                    options.by,
                    everybody=options.everybody,
                    ask=(lambda _: True) if options.yes else ask_on_terminal,
                    report=print,
                )
            except UnknownNamesError as error:
                print(error, file=sys.stderr)
                return BAD_INPUT
    if not is_done:
        print("nothing has been recorded", file=sys.stderr)
    return DONE if is_done else FAILED


async def _keys(options: argparse.Namespace, settings: WorkerSettings) -> int:
    with startup_errors():
        if options.keys_command == "rewrap":
            async with open_key_store(settings) as (store, wrapping):
                return DONE if await rewrap_keys(store, wrapping, print) else DIFFERS
        async with open_key_ring(settings, with_unusable=True) as keys:
            if options.keys_command == "rotate":
                subjects = sorted(keys.subjects()) if options.everything else options.references
                if unknown := unknown_subjects(keys, subjects):
                    print(f"REF: {', '.join(unknown)}: no data key has this subject", file=sys.stderr)
                    return BAD_INPUT
                return DONE if await rotate_keys(keys, subjects, print) == len(subjects) else DIFFERS
            async with open_engine(database_url_of(settings), pool="record", pool_size=1) as engine:
                if options.keys_command == "reconcile":
                    await reconcile_keys(keys, engine, print)
                    return DONE
                async with open_key_store(settings) as (store, wrapping):
                    return DONE if await list_keys(store, wrapping, keys, engine, print) else DIFFERS


async def _connections(options: argparse.Namespace, settings: WorkerSettings, environment: Mapping[str, str]) -> int:
    try:
        intake = IntakeSettings.read(environment)
    except ValidationError as error:
        raise StartupError("\n".join(settings_errors(error))) from error
    with startup_errors():
        async with open_engine(database_url_of(settings), pool="connections", pool_size=1) as engine:
            enough = await report_connections(
                engine,
                settings,
                intake,
                workers=options.workers,
                intakes=options.intakes,
                others=options.others,
                report=print,
            )
    return DONE if enough else DIFFERS


async def _verify(options: argparse.Namespace, settings: WorkerSettings, environment: Mapping[str, str]) -> int:
    verified = [("recorded histories", await verify_recorded(_history_files(options.histories), print))]
    if not options.recorded_only:
        async with temporal_and_record(settings, environment) as (client, engine):
            verified.append(("open workflows", await verify_open(client, engine, settings.task_queue, print)))
    broken = sum(each.broken for _, each in verified)
    counts = " and ".join(f"{each.replayed.total():,} {what}{_by_type(each)}" for what, each in verified)
    print(f"Replayed {counts}: {f'{broken:,} would break' if broken else 'none would break'}.")
    omitted = [each.complaints for _, each in verified if each.complaints and not each.replayed[names.WORKFLOW]]
    if omitted:
        print(
            f"Nothing is verified: no history of {plural(omitted[0], 'open complaint')} was found on the task queue "
            f"{settings.task_queue}; check TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and COMPLAINTS_TASK_QUEUE.",
            file=sys.stderr,
        )
    elif not any(each.replayed for _, each in verified):
        print(f"Nothing is verified: {HISTORIES} holds no histories; give a folder with --histories.", file=sys.stderr)
        return DIFFERS
    return DIFFERS if broken or omitted else DONE


def _history_files(folder: Path | None) -> list[Path]:
    files = sorted((folder or HISTORIES).glob("*.jsonl"))
    if folder and not files:
        raise HistoryFileError(f"--histories: {folder} holds no recorded histories (*.jsonl)")
    return files


def _by_type(verified: Verified) -> str:
    kinds = ", ".join(f"{kind} {number:,}" for kind, number in sorted(verified.replayed.items()))
    return f" ({kinds})" if kinds else ""


async def _reconcile(
    settings: WorkerSettings, environment: Mapping[str, str], *, dry_run: bool, is_restored: bool
) -> int:
    async with temporal_and_record(settings, environment) as (client, engine):
        result = await reconcile(client, engine, settings.task_queue, print, dry_run=dry_run, is_restored=is_restored)
    completed = "lack something on the record" if dry_run else "were completed"
    restarted = "are to be started again from the record" if dry_run else "were started again from the record"
    print(
        f"Compared {plural(len(result.compared), 'complaint')} with the record: "
        f"{len(result.incomplete):,} {completed}, {len(result.restarted):,} {restarted}, "
        f"{len(result.different):,} must be looked at."
    )
    return DIFFERS if result.different or (dry_run and (result.incomplete or result.restarted)) else DONE


async def _revive(
    settings: WorkerSettings, environment: Mapping[str, str], references: list[str], *, dry_run: bool
) -> int:
    async with temporal_and_record(settings, environment) as (client, engine):
        reviver = Reviver(
            client,
            engine,
            settings.task_queue,
            print,
            now=now,
            on_started=print if references or dry_run else lambda _line: None,
            with_webhook=settings.webhook is not None,
            dry_run=dry_run,
        )
        result = await revive_with_progress(reviver, references or await list_maybe_not_running(engine, now()))
    print(
        f"{'Would start' if dry_run else 'Started'} {plural(len(result.started), 'complaint')} again from the record: "
        f"{len(result.running):,} ran already, {len(result.not_needed):,} need no workflow, "
        f"{len(result.to_look_at):,} must be looked at."
    )
    return DIFFERS if result.to_look_at or (dry_run and result.started) else DONE
