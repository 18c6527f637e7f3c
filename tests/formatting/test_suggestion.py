"""The sentence about an unknown name suggests the nearest known one."""

from complaints.formatting.suggestion import unknown_name


def test_a_misspelt_name_gets_the_nearest_known_one() -> None:
    assert unknown_name("M.HUGES", ["m.hughes", "lead"]) == "there is no M.HUGES; m.hughes?"


def test_an_unlike_name_gets_the_remedy_or_all_known_names() -> None:
    assert unknown_name("mars", ["scotland"], "see a map") == "there is no mars; see a map"
    assert unknown_name("", ["a", "b", "c"]) == "there is no ''; give a, b or c"
