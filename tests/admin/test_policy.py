"""Compare a policy with those of open complaints, and move a complaint to it (R14)."""

from pathlib import Path

import pytest

from tests.admin.cli_runner import Script

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


async def test_an_open_complaint_keeps_its_policy_unless_moved(script: Script, versions: tuple[str, str]) -> None:
    first, second = versions
    stays, moves = [await script.opened("--policy", first) for _ in range(2)]
    for reference in (stays, moves):
        await script.recorded(reference)
    diff = (await script.done("policy", "diff", second, "--json")).json
    figures = {(line["key"], line["was"], line["now"]) for line in diff["kept"]["version-test 1"]}
    assert ("tiers.manager.reply.within", "10 working days", "15 working days") in figures
    assert [each["reference"] for each in diff["complaints"]] == [stays, moves]
    assert [change["of"] for change in diff["complaints"][0]["changes"]] == ["manager: reply"]
    shown = await script.done("policy", "diff", second)
    assert "2 open complaints would change, and 2 dates move" in shown.out
    assert "complaints policy move REF --to FILE --as ID --reason TEXT" in shown.out

    move = ("policy", "move", moves, "--to", second, "--as", "lee", "--reason", "To her advantage.")
    assert "version-test 1 is version-test 2" in (await script.done(*move)).out
    refused = await script(*move)
    assert (refused.code, "already_done" in refused.err) == (3, True)
    await script.recorded(moves)
    dates = {reference: (await script.shown(reference))["deadlines"][1]["due_on"] for reference in (stays, moves)}
    assert dates[moves] == diff["complaints"][1]["changes"][0]["to_on"] > dates[stays]
    [change] = (await script.done("explain", moves, "--json")).json[1]["moves"]
    assert (change["by"], change["why"]) == ("lee", "To her advantage.")
    assert [
        each["reference"] for each in (await script.done("policy", "diff", second, "--json")).json["complaints"]
    ] == [stays]


async def test_missing_options_are_listed(script: Script, versions: tuple[str, str]) -> None:
    reference = await script.opened("--policy", versions[0])
    await script.recorded(reference)
    ran = await script("policy", "move", reference, "--to", versions[1])
    assert (ran.code, ran.errors) == (2, ["--as: is needed", "--reason: is needed"])
    ran = await script("policy", "move", "N-1", "--to", versions[1], "--as", "lee", "--reason", "x")
    assert (ran.code, ran.errors) == (2, ["REF: there is no complaint N-1"])
    assert (await script("policy", "diff", "nowhere.toml")).code == 2
