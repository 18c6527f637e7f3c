"""The services of two versions of the worker differ in their build only."""

import yaml

from tests.deploy.test_compose import PARSED


def test_two_versions_differ_in_their_build_id_and_image_only() -> None:
    worker, following = PARSED["worker"], {**PARSED["worker-next"]}
    assert following.pop("profiles") == ["next"]
    assert yaml.safe_dump(following).replace("NEXT_BUILD_ID", "BUILD_ID") == yaml.safe_dump(worker)


def test_a_build_has_one_image() -> None:
    assert PARSED["intake"]["image"] == PARSED["migration"]["image"] == PARSED["worker"]["image"]
