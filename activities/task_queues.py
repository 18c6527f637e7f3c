"""Names of the task queues, from that of complaints."""

_OPERATIONS = "-operations"


def delivery_queue(task_queue: str) -> str:
    """Return the queue of deliveries, apart so that slow ones delay no complaint."""
    return f"{task_queue}-deliveries"


def report_queue(task_queue: str) -> str:
    """Return the queue of drafts, polled only by workers with a folder for reports."""
    return f"{task_queue}-reports"


def operations_queue(task_queue: str) -> str:
    """Return the queue of Schedules and of commands about many complaints, which delay none."""
    return f"{task_queue}{_OPERATIONS}"


def complaint_queue(operations: str) -> str:
    """Return the queue of complaints to which a queue of operations belongs."""
    return operations.removesuffix(_OPERATIONS)
