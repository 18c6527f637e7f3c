"""SIGINT and SIGTERM during the demo."""

import asyncio
import signal
from collections.abc import Coroutine
from types import FrameType
from typing import TypeVar

SIGNALS = (signal.SIGINT, signal.SIGTERM)

T = TypeVar("T")


class StoppedError(KeyboardInterrupt):
    """The demo was interrupted by SIGINT or SIGTERM.

    It is a KeyboardInterrupt, so that neither `except Exception` nor asyncio catches it.
    """


class Stopping:
    """Stop the demo at the first signal; ignore further ones while the stack is being stopped."""

    def __init__(self) -> None:
        self.is_asked = False
        self._listen()

    def run(self, work: Coroutine[None, None, T]) -> T:
        """Run `work` by `asyncio.run`; a signal cancels it.

        The signal handler cancels instead of raising, as an exception raised inside a finalizer is lost.
        Raises StoppedError.
        """
        try:
            return asyncio.run(self._cancellable(work))
        except asyncio.CancelledError:
            raise StoppedError from None
        finally:
            self._listen()

    async def _cancellable(self, work: Coroutine[None, None, T]) -> T:
        task = asyncio.create_task(work)

        def cancel() -> None:
            self.is_asked = True
            task.cancel()

        for number in SIGNALS:
            asyncio.get_running_loop().add_signal_handler(number, cancel)
        return await task

    def _listen(self) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN if self.is_asked else self._raise)

    def _raise(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (what a handler is given)
        self.is_asked = True
        self._listen()
        raise StoppedError
