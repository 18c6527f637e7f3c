"""Free ports for servers."""

from local.supervisor.ports import free_port, is_free


def test_a_port_is_not_returned_twice_before_a_server_could_take_it() -> None:
    ports = [free_port() for _ in range(200)]
    assert len(set(ports)) == len(ports)


def test_every_port_that_is_returned_is_free() -> None:
    assert is_free(free_port())
