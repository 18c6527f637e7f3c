"""A process is recognised by its pid and its start time."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from local.supervisor.processes import Process, spawn, wait_until


def sleeper(folder: Path, code: str = "import time; time.sleep(60)") -> Process:
    return spawn([sys.executable, "-c", code], env=os.environ, cwd=folder, log=folder / "log")


def test_a_process_runs_until_it_is_stopped(tmp_path: Path) -> None:
    process = sleeper(tmp_path)
    assert process.alive()
    process.stop(signal.SIGTERM, patience=5)
    assert not process.alive()


def test_a_process_that_ignores_the_signal_is_killed(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    process = sleeper(tmp_path, code)
    assert wait_until(lambda: "deaf" in (tmp_path / "log").read_text(), patience=5)
    process.stop(signal.SIGTERM, patience=0.2)
    assert not process.alive()


def test_another_process_with_a_reused_pid_is_left_alone(tmp_path: Path) -> None:
    theirs = sleeper(tmp_path)
    ours = Process(theirs.pid, theirs.created - 3600)
    assert not ours.alive()
    ours.stop(signal.SIGKILL, patience=5)
    assert theirs.alive()
    theirs.stop(signal.SIGKILL, patience=5)


def test_a_zombie_is_dead(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = Process(child.pid, psutil.Process(child.pid).create_time())
    assert process.alive()
    child.kill()
    assert wait_until(lambda: not process.alive(), patience=5)
    child.communicate()
