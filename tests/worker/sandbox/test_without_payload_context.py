"""The data converter ignores the serialization context."""

from temporalio.converter import WorkflowSerializationContext

from complaints.temporal.client import DATA_CONVERTER


def test_no_part_of_the_data_converter_reads_the_serialization_context() -> None:
    context = WorkflowSerializationContext(namespace="default", workflow_id="C-1")
    assert DATA_CONVERTER.with_context(context) is DATA_CONVERTER
    assert DATA_CONVERTER.external_storage is None
