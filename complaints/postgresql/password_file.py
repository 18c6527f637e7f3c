"""The password of a database in a file, such as a secret of Docker or Kubernetes."""

from pathlib import Path
from urllib.parse import urlencode

from complaints.postgresql.errors import AddressError


def add_password_file(url: str, file: str) -> str:
    """Return the address with the parameter that names the password's file."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'password_file': file})}"


def read_password(file: str) -> str:
    """Read the password; a newline at the end is none of it. Raises AddressError."""
    try:
        password = Path(file).read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise AddressError(f"the password file {file} cannot be read ({reason}); give a readable one") from None
    if not password:
        raise AddressError(f"the password file {file} is empty; write the password into it")
    return password
