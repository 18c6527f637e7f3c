"""What Ctrl-C and a request to end do to the demo."""

import asyncio
import signal
from collections.abc import Coroutine
from types import FrameType
from typing import TypeVar

SIGNALS = (signal.SIGINT, signal.SIGTERM)

T = TypeVar("T")


class StoppedError(KeyboardInterrupt):
    """Somebody pressed Ctrl-C, or told the demo to end. Not caught by accident, nor by asyncio."""


class Stopping:
    """The first signal stops what the demo does; more of them are ignored, while everything is being stopped."""

    def __init__(self) -> None:
        self.is_asked = False
        self._listen()

    def run(self, work: Coroutine[None, None, T]) -> T:
        """`asyncio.run`, in which a signal cancels the work: an exception would be lost that strikes a finalizer.

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
