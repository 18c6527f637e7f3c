"""A command hint names an existing command with all required options."""

import re

import pytest

from admin.app import load_command
from complaints.formatting.command_hints import command_for
from complaints.procedure.acts import Act, AnswerRecommendation, CarryOut, Extend, Reply
from tests.fixtures.random_acts import RANDOM_ACT_TYPES


@pytest.mark.parametrize("act", RANDOM_ACT_TYPES, ids=lambda act: act.name)
def test_the_cli_has_each_suggested_command_with_its_options(act: type[Act]) -> None:
    _, name, *rest = command_for(act, "C-1").split()
    command = load_command(name)
    options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    assert set(re.findall(r"--[a-z-]+", " ".join(rest))) <= options
    arguments = [parameter for parameter in command.params if not parameter.opts[0].startswith("-")]
    assert len(arguments) == len([word for word in rest if word in ("C-1", "N")])


def test_a_hint_names_the_required_options_and_their_format() -> None:
    assert command_for(Extend, "C-1") == "complaints extend C-1 --as ID --to DATE --explanation TEXT"
    assert command_for(Reply, "C-1") == (
        "complaints reply C-1 --as ID --outcome upheld|partly_upheld|not_upheld --findings TEXT"
    )
    assert command_for(AnswerRecommendation, "C-1") == (
        "complaints answer-recommendation C-1 N --as ID --accept|--decline"
    )
    assert command_for(CarryOut, "C-1", 2) == "complaints carry-out C-1 2 --as ID"
