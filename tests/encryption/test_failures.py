"""A failure says nothing to a stranger; a stranger's failure has neither type nor effect."""

import pytest
from temporalio.api.failure.v1 import Failure
from temporalio.converter import DataConverter, WorkflowSerializationContext
from temporalio.exceptions import ApplicationError

from complaints.encryption.converter import data_converter
from complaints.encryption.foreign import FOREIGN_FAILURE
from complaints.encryption.in_memory_keys import InMemoryKeys

NAMESPACE = "complaints"
SENTENCE = "Ada Example has no mailbox."


@pytest.fixture
def converter() -> DataConverter:
    context = WorkflowSerializationContext(namespace=NAMESPACE, workflow_id="C-1")
    return data_converter(InMemoryKeys(), NAMESPACE).with_context(context)


async def encoded(converter: DataConverter) -> Failure:
    failure = Failure()
    try:
        try:
            raise ValueError(SENTENCE)
        except ValueError as error:
            raise ApplicationError(SENTENCE, SENTENCE, type="refused", non_retryable=True) from error
    except ApplicationError as error:
        await converter.encode_failure(error, failure)
    return failure


async def decoded(converter: DataConverter, failure: Failure) -> ApplicationError:
    error = await converter.decode_failure(failure)
    assert isinstance(error, ApplicationError)
    return error


async def test_a_failure_comes_back_with_its_cause_and_says_nothing_on_the_way(converter: DataConverter) -> None:
    failure = await encoded(converter)
    assert SENTENCE.encode() not in failure.SerializeToString()
    assert b"test_failures" not in failure.SerializeToString()
    error = await decoded(converter, failure)
    assert (error.message, error.type, error.non_retryable) == (SENTENCE, "refused", True)
    assert error.details == (SENTENCE,)
    assert isinstance(error.__cause__, ApplicationError)
    assert (error.__cause__.message, error.__cause__.type) == (SENTENCE, "ValueError")


async def test_a_failure_of_another_type_than_it_was_made_with_is_foreign(converter: DataConverter) -> None:
    forged = [await encoded(converter) for _ in range(4)]
    forged[0].application_failure_info.type = "forged"
    forged[1].application_failure_info.non_retryable = False
    forged[2].ClearField("encoded_attributes")
    forged[3].encoded_attributes.data += b"x"
    for failure in forged:
        error = await decoded(converter, failure)
        assert (error.type, error.non_retryable, error.details) == (FOREIGN_FAILURE, False, ())
    replaced = await encoded(converter)
    replaced.cause.application_failure_info.type = "forged"
    error = await decoded(converter, replaced)
    assert error.type == "refused"
    assert isinstance(error.__cause__, ApplicationError)
    assert error.__cause__.type == FOREIGN_FAILURE
