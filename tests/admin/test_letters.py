"""`letters` lists letters and alerts, and sends held ones again."""

from tests.admin.cli_runner import CliRunner, reply


async def open_and_reply(cli: CliRunner) -> tuple[str, int]:
    """Open a complaint and reply to it; return its reference and the reply's number."""
    reference = await cli.open_complaint()
    await cli.run("reply", reference, *reply("m.okafor"))
    await cli.wait_until_recorded(reference)
    messages = (await cli.run("letters", "--as", "m.okafor", "--of", reference, "--json")).json
    [letter] = [each for each in messages if each["key"]["to"] == "complainant"]
    return reference, letter["key"]["sequence"]


async def test_an_owed_letter_waits_while_nothing_can_be_sent(cli: CliRunner) -> None:
    reference, number = await open_and_reply(cli)
    result = await cli.run("letters", "--as", "m.okafor", "--of", reference, "--waiting")
    assert f"{reference}.{number}.complainant" in result.out
    assert "waiting" in result.out
    waiting = (await cli.run("letters", "--as", "m.okafor", "--of", reference, "--waiting", "--json")).json
    [letter] = [each for each in waiting if each["key"]["to"] == "complainant"]
    assert letter["waits"]["why"] == "no delivery runs: a worker with channels starts it within five minutes"
    assert (
        await cli.run("letters", "--as", "m.okafor", "--of", reference, "--sent")
    ).out == "There are no letters or alerts.\n"


async def test_a_held_letter_has_a_reason_until_it_is_sent_by_another_channel(cli: CliRunner) -> None:
    reference, number = await open_and_reply(cli)
    letter_held = ("letter-held", reference, str(number), "--as", "front-desk", "--reason", "It came back.")
    await cli.run(*letter_held)
    await cli.wait_until_recorded(reference)
    result = await cli.run("letters", "--as", "m.okafor", "--of", reference, "--held")
    assert "It came back." in result.out
    await cli.run("letter-sent", reference, str(number), "--as", "front-desk", "--channel", "post")
    await cli.wait_until_recorded(reference)
    [letter, *_] = (await cli.run("letters", "--as", "m.okafor", "--of", reference, "--sent", "--json")).json
    assert letter["key"] == {"reference": reference, "sequence": number, "to": "complainant"}


async def test_a_sent_letter_is_not_sent_again(cli: CliRunner) -> None:
    reference, number = await open_and_reply(cli)
    await cli.run("letter-sent", reference, str(number), "--as", "front-desk")
    await cli.wait_until_recorded(reference)
    result = await cli("letters", "retry", "--as", "m.okafor", f"{reference}.{number}.complainant")
    assert result.code == 3
    assert result.errors[0].startswith(f"{reference}.{number}.complainant: it was sent on ")


async def test_a_letter_changes_channel_only_if_it_has_an_address_there(cli: CliRunner) -> None:
    reference, number = await open_and_reply(cli)
    result = await cli("letters", "retry", "--as", "m.okafor", f"{reference}.{number}.complainant", "--channel", "post")
    no_address = f"{reference}.{number}.complainant: the complainant gave no address for post"
    assert (result.code, result.errors) == (3, [no_address])
    result = await cli("letters", "retry", "--as", "m.okafor", f"{reference}.{number}.webhook", "--channel", "post")
    assert (result.code, result.errors) == (
        2,
        [f"--channel: {reference}.{number}.webhook is no letter to the complainant; leave it out"],
    )


async def test_all_errors_are_listed_at_once(cli: CliRunner) -> None:
    result = await cli("letters", "--as", "m.okafor", "--of", "C 1", "--held", "--sent")
    assert (result.code, len(result.errors)) == (2, 2)
    result = await cli("letters", "retry", "--as", "m.okafor", "C-1", "C-1.0.complainant")
    assert (result.code, len(result.errors)) == (2, 2)
    result = await cli("letters", "retry", "--as", "m.okafor", "S-0.7.complainant")
    assert (result.code, result.errors) == (
        3,
        ["S-0.7.complainant: there is no such letter or alert; see complaints letters --of S-0"],
    )


async def test_letters_need_the_record(cli_offline: CliRunner) -> None:
    result = await cli_offline("letters", "--held", "--as", "h.lee")
    assert result.code == 4
