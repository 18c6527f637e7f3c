"""Base models of requests and answers, whose description has the docstring of each field."""

from pydantic import BaseModel, ConfigDict

from complaints.procedure.field_types import InputModel


class RequestModel(InputModel):
    """Base of what is sent."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class AnswerModel(BaseModel):
    """Base of what is answered."""

    model_config = ConfigDict(use_attribute_docstrings=True)
