"""A call whose keys are away has no answer yet; one whose keys are destroyed finds nothing."""

import pytest
from temporalio.service import RPCError, RPCStatusCode

from complaints.encryption.data_keys import KeyDestroyedError, KeysUnreachableError
from complaints.temporal.calls import NoAnswerError, call_with_timeout


async def failing(error: Exception) -> None:
    raise error


async def test_a_call_without_its_key_may_be_tried_again() -> None:
    with pytest.raises(NoAnswerError, match="the key store did not answer"):
        await call_with_timeout(failing(KeysUnreachableError("away")))


async def test_a_call_to_an_erased_complaint_finds_no_workflow() -> None:
    with pytest.raises(RPCError) as raised:
        await call_with_timeout(failing(KeyDestroyedError("the key of C-1 is destroyed")))
    assert raised.value.status is RPCStatusCode.NOT_FOUND
