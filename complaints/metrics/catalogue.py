"""Every metric of ours: documents, rules and the Grafana board use no other name."""

from complaints.metrics.metric import BOTH, Kind, Metric, Process

WORKFLOW_LABELS = ("namespace", "task_queue", "workflow_type")
"""Labels that Temporal adds to a metric of a workflow."""
_INTAKE = (Process.INTAKE,)
LATENESS_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 3600, 21600, 86400)
LETTER_BUCKETS = (1, 5, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 21600, 86400)
REQUEST_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 3, 5, 10)

OPEN = Metric(
    "complaints_open", Kind.GAUGE, "Open complaints. Every worker reports all of them: use max.", ("tier", "status")
)
OVERDUE = Metric(
    "complaints_overdue",
    Kind.GAUGE,
    "Complaints past a deadline or an undertaking's date. Use max.",
    ("tier", "status"),
)
OLDEST_DUE = Metric(
    "complaints_oldest_due_timestamp_seconds",
    Kind.GAUGE,
    "The next instant at which anything is due, NaN for none. It is past only while something does not happen, "
    "or is not recorded. Use max.",
)
READ = Metric("complaints_read_timestamp_seconds", Kind.GAUGE, "When the totals were last read from the record.")
KEYS_READ = Metric(
    "complaints_keys_read_timestamp_seconds",
    Kind.GAUGE,
    "When this worker last had what it needs from the key store, and from what unwraps its keys. Use min.",
)
UNRECORDED = Metric(
    "complaints_unrecorded",
    Kind.GAUGE,
    "Complaints that this worker cannot record at the moment. Use sum.",
)
FORKED = Metric(
    "complaints_forked",
    Kind.GAUGE,
    "Complaints whose recording fails because the record holds another event. Use sum.",
)
WITHOUT_WORKFLOW = Metric(
    "complaints_without_workflow",
    Kind.GAUGE,
    "Complaints that are open on the record and have no running workflow. Use max.",
)
STUCK = Metric(
    "complaints_stuck",
    Kind.GAUGE,
    "Workflows whose workflow task keeps failing, as Temporal reports. Use max.",
)
LAPSE_LATENESS = Metric(
    "complaints_lapse_lateness_seconds",
    Kind.HISTOGRAM,
    "From a deadline's instant to its lapse on the record.",
    buckets=LATENESS_BUCKETS,
)
RECORD_LAG = Metric(
    "complaints_record_lag_seconds",
    Kind.HISTOGRAM,
    "From an opening, an act or a refusal to its event on the record.",
    buckets=LATENESS_BUCKETS,
)
LETTERS = Metric(
    "complaints_letters",
    Kind.GAUGE,
    "Letters and alerts that have not gone: waiting, or held. Use max.",
    ("state", "channel"),
)
OLDEST_LETTER = Metric(
    "complaints_oldest_letter_timestamp_seconds",
    Kind.GAUGE,
    "When the oldest waiting letter or alert became owed, NaN for none. Use max.",
    ("channel",),
)
LETTER_DELAY = Metric(
    "complaints_letter_delay_seconds",
    Kind.HISTOGRAM,
    "From the instant at which a letter or alert is owed, or its channel is up again, to that at which it goes.",
    ("channel",),
    buckets=LETTER_BUCKETS,
)
CHANNEL_FAILURES = Metric(
    "complaints_channel_failures_total",
    Kind.COUNTER,
    "Attempts to send that failed because a channel is unavailable.",
    ("channel",),
)
ACTS = Metric("complaints_acts_total", Kind.COUNTER, "Acts taken.", ("act", *WORKFLOW_LABELS))
REFUSALS = Metric(
    "complaints_refusals_total",
    Kind.COUNTER,
    "Acts refused, and signals that are no act.",
    ("act", "code", *WORKFLOW_LABELS),
)
LAPSES = Metric(
    "complaints_lapses_total",
    Kind.COUNTER,
    "Deadlines, targets and undertakings' dates that passed unmet.",
    ("tier", "of", *WORKFLOW_LABELS),
)
SCHEDULE_LAST_RUN = Metric(
    "complaints_schedule_last_run_timestamp_seconds",
    Kind.GAUGE,
    "When a Schedule last ran; before its first run, when it was created. Use max.",
    ("schedule",),
)
DEPLOYMENT_CURRENT = Metric(
    "complaints_deployment_current",
    Kind.GAUGE,
    "Of a versioned worker: 1 if its deployment has a current version, 0 if it has none. Use min.",
    ("deployment",),
)
TASK_QUEUE_POLLERS = Metric(
    "complaints_task_queue_pollers",
    Kind.GAUGE,
    "Workers that poll a task queue, as Temporal reports. Use max.",
    ("queue",),
    BOTH,
)
INTAKE_REQUESTS = Metric(
    "complaints_intake_requests_total",
    Kind.COUNTER,
    "Requests answered. The system is empty for a request without a valid key.",
    ("route", "method", "status", "system"),
    _INTAKE,
)
INTAKE_REQUEST_SECONDS = Metric(
    "complaints_intake_request_seconds",
    Kind.HISTOGRAM,
    "From a request's arrival to the end of its answer. The class of its status is 2xx, 4xx or 5xx.",
    ("route", "method", "class"),
    _INTAKE,
    REQUEST_BUCKETS,
)
INTAKE_REFUSED_BY_LIMIT = Metric(
    "complaints_intake_refused_by_limit_total",
    Kind.COUNTER,
    "Requests refused by a limit: of a system's rate, of its concurrency, or of the whole service.",
    ("limit",),
    _INTAKE,
)
POOL_CONNECTIONS = Metric(
    "complaints_pool_connections",
    Kind.GAUGE,
    "Connections of a pool to PostgreSQL.",
    ("pool", "state"),
    BOTH,
)
POOL_LIMIT = Metric(
    "complaints_pool_connections_limit",
    Kind.GAUGE,
    "The most connections that a pool opens.",
    ("pool",),
    BOTH,
)
BUILD_INFO = Metric(
    "complaints_build_info",
    Kind.GAUGE,
    "Always 1; its labels are this process's version.",
    ("version", "build_id", "deployment"),
    BOTH,
)
PROCESS_CPU = Metric("process_cpu_seconds_total", Kind.COUNTER, "CPU time of this process, in whole seconds.", (), BOTH)
PROCESS_MEMORY = Metric("process_resident_memory_bytes", Kind.GAUGE, "Memory of this process.", (), BOTH)
PROCESS_FDS = Metric("process_open_fds", Kind.GAUGE, "Open files and sockets of this process.", (), BOTH)
PROCESS_MAX_FDS = Metric("process_max_fds", Kind.GAUGE, "The most files that this process may open.", (), BOTH)
PROCESS_START = Metric("process_start_time_seconds", Kind.GAUGE, "When this process started.", (), BOTH)

METRICS = (
    *(
        OPEN,
        OVERDUE,
        OLDEST_DUE,
        READ,
        KEYS_READ,
        UNRECORDED,
        FORKED,
        WITHOUT_WORKFLOW,
        STUCK,
        LAPSE_LATENESS,
        RECORD_LAG,
    ),
    *(LETTERS, OLDEST_LETTER, LETTER_DELAY, CHANNEL_FAILURES, ACTS, REFUSALS, LAPSES),
    *(SCHEDULE_LAST_RUN, DEPLOYMENT_CURRENT, TASK_QUEUE_POLLERS),
    *(INTAKE_REQUESTS, INTAKE_REQUEST_SECONDS, INTAKE_REFUSED_BY_LIMIT),
    *(POOL_CONNECTIONS, POOL_LIMIT, BUILD_INFO),
    *(PROCESS_CPU, PROCESS_MEMORY, PROCESS_FDS, PROCESS_MAX_FDS, PROCESS_START),
)

_QUEUE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 10, 60, 300)
TEMPORAL_BUCKETS = {
    "workflow_task_schedule_to_start_latency": _QUEUE_BUCKETS,
    "activity_schedule_to_start_latency": _QUEUE_BUCKETS,
    "workflow_task_execution_latency": (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2),
    "activity_execution_latency": (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300),
    "request_latency": REQUEST_BUCKETS,
}
"""Buckets of Temporal's own histograms, by a part of their names. Its default has no limit between 0.1 and 0.5."""
