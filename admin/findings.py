"""Reads a reply's findings: a text, or a file that holds one."""

from pathlib import Path

from admin.acts.build import Unread


def read_findings(given: str | None, file: Path | None) -> str | Unread | None:
    if file is None:
        return given
    if given is not None:
        return Unread(("--findings: give either --findings or --findings-file",))
    try:
        return file.read_bytes().decode("utf-8-sig")  # a text from Windows may begin with a mark
    except OSError as error:
        return Unread((f"--findings-file: {file} cannot be read ({error.strerror})",))
    except ValueError as error:
        return Unread((f"--findings-file: {file} is no text in UTF-8 ({error})",))
