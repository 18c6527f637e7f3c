"""Compare a policy with those of open complaints, and move a complaint to it (R14)."""

from pathlib import Path

import pytest

from tests.admin.cli_runner import AUDITOR, CliRunner

POLICY = Path("complaints/policies/financial-ombudsman-service.toml")


@pytest.fixture
def versions(tmp_path: Path) -> tuple[str, str]:
    """Write two versions of a policy that no other test uses."""
    text = POLICY.read_text(encoding="utf-8").replace("financial-ombudsman-service", "version-test")
    second = text.replace('version = "1"', 'version = "2"').replace(
        "within = { working_days = 10 }", "within = { working_days = 15 }"
    )
    files = tmp_path / "1.toml", tmp_path / "2.toml"
    for file, content in zip(files, (text, second), strict=True):
        file.write_text(content, encoding="utf-8")
    return str(files[0]), str(files[1])


@pytest.fixture
def invalid_policy(tmp_path: Path) -> Path:
    text = POLICY.read_text(encoding="utf-8").replace("notices_at", "notices_at_hour = 9\nnotices_at")
    file = tmp_path / "mine.policy"
    file.write_text(f"{text}\n[holidays]\nstrike = [2026-05-05]\n", encoding="utf-8")
    return file


async def test_an_open_complaint_keeps_its_policy_unless_moved(cli: CliRunner, versions: tuple[str, str]) -> None:
    first, second = versions
    stays, moves = [await cli.open_complaint("--policy", first) for _ in range(2)]
    for reference in (stays, moves):
        await cli.wait_until_recorded(reference)
    diff = (await cli.run("policy", "diff", second, "--json")).json
    figures = {(line["key"], line["was"], line["now"]) for line in diff["kept"]["version-test 1"]}
    assert ("tiers.manager.reply.within", "10 working days", "15 working days") in figures
    assert [each["reference"] for each in diff["complaints"]] == [stays, moves]
    assert [change["of"] for change in diff["complaints"][0]["changes"]] == ["manager: reply"]
    shown = await cli.run("policy", "diff", second)
    assert "2 open complaints would change, and 2 dates move" in shown.out
    assert "complaints policy move REF --to FILE --reason TEXT" in shown.out

    move = ("policy", "move", moves, "--to", second, "--as", "lee", "--reason", "To her advantage.")
    assert "version-test 1 is version-test 2" in (await cli.run(*move)).out
    refused = await cli(*move)
    assert (refused.code, "already_done" in refused.err) == (3, True)
    await cli.wait_until_recorded(moves)
    dates = {reference: (await cli.show(reference))["deadlines"][1]["due_on"] for reference in (stays, moves)}
    assert dates[moves] == diff["complaints"][1]["changes"][0]["to_on"] > dates[stays]
    [change] = (await cli.run("explain", moves, "--as", AUDITOR, "--json")).json[1]["moves"]
    assert (change["by"], change["why"]) == ("lee", "To her advantage.")
    assert [each["reference"] for each in (await cli.run("policy", "diff", second, "--json")).json["complaints"]] == [
        stays
    ]


async def test_missing_options_are_listed(cli: CliRunner, versions: tuple[str, str]) -> None:
    reference = await cli.open_complaint("--policy", versions[0])
    await cli.wait_until_recorded(reference)
    result = await cli("policy", "move", reference, "--to", versions[1], "--as", "lee")
    assert (result.code, result.errors) == (2, ["--reason: is needed"])
    result = await cli("policy", "move", "N-1", "--to", versions[1], "--as", "lee", "--reason", "x")
    assert (result.code, result.errors) == (2, ["REF: there is no complaint N-1"])
    assert (await cli("policy", "diff", "nowhere.toml")).code == 2


async def test_every_error_of_a_policy_has_its_key(cli: CliRunner, invalid_policy: Path) -> None:
    assert (await cli.run("policy", "check", str(POLICY))).out.startswith("OK: financial-ombudsman-service 1")
    checked = await cli("policy", "check", str(invalid_policy))
    assert checked.code == 2
    assert checked.err.splitlines() == [
        "notices_at_hour: there is no such field; notices_at?",
        "holidays.strike[1]: Tue 5 May 2026 is no holiday of england-and-wales; 2026-05-04, May Day?",
    ]
