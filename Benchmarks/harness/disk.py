"""The disk: how long it takes to make a write safe, and how much of it a folder takes."""

import os
import tempfile
import threading
import time
from pathlib import Path

from .machine import OUTPUT

BLOCK = b"\1" * 4096


def sync_milliseconds(count):
    """How long each of some blocks takes to be written and synced, and how much of it this thread ran.

    They go one behind the other into space that is reserved, as a journal's.
    """
    times = []
    with tempfile.NamedTemporaryFile(prefix="sync-", dir=OUTPUT) as file:
        os.posix_fallocate(file.fileno(), 0, count * len(BLOCK))
        for number in range(count):
            start, began = time.perf_counter(), time.thread_time()
            os.pwrite(file.fileno(), BLOCK, number * len(BLOCK))
            os.fdatasync(file.fileno())
            times.append(((time.perf_counter() - start) * 1000, (time.thread_time() - began) * 1000))
    return times


def bytes_on_disk(folder):
    """The blocks of all files below a folder, those that are reserved and not used yet included."""
    total = 0
    for path in Path(folder).rglob("*"):
        try:
            total += path.stat().st_blocks * 512
        except FileNotFoundError:
            continue
    return total


class Repeating(threading.Thread):
    """Does something again and again while its block runs, on one processor."""

    def __init__(self, processor, seconds, work):
        super().__init__(daemon=True)
        self.processor, self.seconds, self.work = processor, seconds, work
        self.results = []
        self.ended = threading.Event()
        self.failure = None

    def run(self):
        os.sched_setaffinity(0, {self.processor})  # of this thread alone
        try:
            while not self.ended.wait(self.seconds):
                self.results.append(self.work())
        except BaseException as failure:
            self.failure = failure

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, *_):
        self.ended.set()
        self.join()
        if self.failure and kind is None:
            raise self.failure
