"""The commands of acts agree with the acts, which the script does not import."""

import subprocess
import sys

import admin.acts.cli
import admin.acts.review_cli
from complaints.procedure.acts import Reassign
from starter.api.act_bodies import STAFF_ACTS

HEAVY = ("pydantic", "sqlalchemy", "temporalio", "asyncio")


def test_each_act_has_a_command_with_its_description() -> None:
    apps = (admin.acts.cli.app, admin.acts.review_cli.app)
    commands = {str(command.name): command.help for app in apps for command in app.registered_commands}
    acts = {act.name.replace("_", "-"): act.description for act in STAFF_ACTS if act is not Reassign}
    assert commands == acts


def test_the_commands_of_acts_import_no_library_of_a_server() -> None:
    modules = (
        "admin.acts.cli, admin.acts.review_cli, admin.acts.send, admin.intake.open_forms, admin.staff.reassign_all"
    )
    program = f"import sys, {modules}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    imported = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert not set(imported.stdout.split()) & set(HEAVY)
