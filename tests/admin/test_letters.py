"""`letters` lists letters and alerts, and sends held ones again."""

from tests.admin.cli_runner import Script, reply


async def answered(script: Script) -> tuple[str, int]:
    """Return a complaint that owes a reply, and the reply's number."""
    reference = await script.opened()
    await script.done("reply", reference, *reply("m.okafor"))
    await script.recorded(reference)
    [letter] = (await script.done("letters", "--of", reference, "--json")).json
    return reference, letter["key"]["sequence"]


async def test_an_owed_letter_waits_while_nothing_can_be_sent(script: Script) -> None:
    reference, number = await answered(script)
    ran = await script.done("letters", "--of", reference, "--waiting")
    assert f"{reference}.{number}.complainant" in ran.out
    assert "waiting" in ran.out
    assert (await script.done("letters", "--of", reference, "--sent")).out == "There is none.\n"


async def test_a_held_letter_has_a_reason_until_it_is_sent_by_another_channel(script: Script) -> None:
    reference, number = await answered(script)
    held = ("letter-held", reference, str(number), "--as", "post.room", "--reason", "It came back.")
    await script.done(*held)
    await script.recorded(reference)
    ran = await script.done("letters", "--of", reference, "--held")
    assert f"letter {number} is held: It came back." in ran.out
    await script.done("letter-sent", reference, str(number), "--as", "post.room", "--channel", "post")
    await script.recorded(reference)
    [letter, *_] = (await script.done("letters", "--of", reference, "--sent", "--json")).json
    assert letter["key"] == {"reference": reference, "sequence": number, "to": "complainant"}


async def test_a_sent_letter_is_not_sent_again(script: Script) -> None:
    reference, number = await answered(script)
    await script.done("letter-sent", reference, str(number), "--as", "post.room")
    await script.recorded(reference)
    ran = await script("letters", "retry", f"{reference}.{number}.complainant")
    assert ran.code == 3
    assert ran.errors[0].startswith(f"{reference}.{number}.complainant: it was sent on ")


async def test_a_letter_changes_channel_only_if_it_has_an_address_there(script: Script) -> None:
    reference, number = await answered(script)
    ran = await script("letters", "retry", f"{reference}.{number}.complainant", "--channel", "post")
    no_address = f"{reference}.{number}.complainant: the complainant gave no address for post"
    assert (ran.code, ran.errors) == (3, [no_address])
    ran = await script("letters", "retry", f"{reference}.{number}.webhook", "--channel", "post")
    assert (ran.code, ran.errors) == (
        2,
        [f"--channel: {reference}.{number}.webhook is no letter to the complainant; leave it out"],
    )


async def test_all_errors_are_listed_at_once(script: Script) -> None:
    ran = await script("letters", "--of", "C 1", "--held", "--sent")
    assert (ran.code, len(ran.errors)) == (2, 2)
    ran = await script("letters", "retry", "C-1", "C-1.0.complainant")
    assert (ran.code, len(ran.errors)) == (2, 2)
    ran = await script("letters", "retry", "S-0.7.complainant")
    assert (ran.code, ran.errors) == (
        3,
        ["S-0.7.complainant: there is no such letter or alert; see complaints letters --of S-0"],
    )


async def test_letters_need_the_record(alone: Script) -> None:
    ran = await alone("letters", "--held")
    assert ran.code == 4
