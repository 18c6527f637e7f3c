"""Puts the worker together: the workflow, and the activities with their collaborators."""

from datetime import timedelta
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from activities.calendar import CalendarActivities
from activities.record import RecordActivities
from complaints.records.writing import record
from complaints.snapshots import further_years
from workflows.complaint import ComplaintWorkflow

RECORDS_AT_ONCE = 20
"""How many transitions are recorded at a time; the database's pool holds as many connections."""


def make_worker(client: Client, engine: AsyncEngine, task_queue: str) -> Worker:
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[ComplaintWorkflow],
        activities=[
            RecordActivities(partial(record, engine)).record,
            CalendarActivities(further_years).fetch_calendar,
        ],
        max_concurrent_local_activities=RECORDS_AT_ONCE,
        max_concurrent_activities=RECORDS_AT_ONCE,
        # A killed worker's complaints wait no longer than this for the next one (the default is 10 s).
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=2),
        graceful_shutdown_timeout=timedelta(seconds=30),
    )
