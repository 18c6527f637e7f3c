"""What a worker of the tests is told, besides what each test adds."""

import pytest

from local.ephemeral_stack import EphemeralStack


@pytest.fixture
def environment(stack: EphemeralStack) -> dict[str, str]:
    return {
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "COMPLAINTS_DATABASE_URL": stack.database_url,
        "COMPLAINTS_TASK_QUEUE": "of-its-own",
    }
