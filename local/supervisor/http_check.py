"""Whether a server on the loopback answers a request."""

import http.client

from local.supervisor.ports import LOOPBACK

TIMEOUT_SECONDS = 2.0


def answers_ok(port: int, path: str, *, host: str = LOOPBACK) -> bool:
    """Return whether a GET of `path` gets 200. `host`: the request's `Host`."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
