"""The machine's memory: how long the kernel takes to hand it out, and memory that it hands out at once."""

import ctypes
import mmap
import threading
import time

HUGE = 2 << 20


def huge_mapping():
    """Four MiB that hold one huge page, and its offset."""
    mapping = mmap.mmap(-1, 2 * HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    mapping.madvise(mmap.MADV_HUGEPAGE)
    view = ctypes.c_char.from_buffer(mapping)
    offset = -ctypes.addressof(view) % HUGE
    del view
    return mapping, offset


def huge_page_milliseconds(count):
    """How long each of some first touches of a huge page takes; the pages are held until all are touched."""
    held, times = [], []
    for _ in range(count):
        mapping, offset = huge_mapping()
        start = time.perf_counter()
        mapping[offset] = 1
        times.append((time.perf_counter() - start) * 1000)
        held.append(mapping)
    return times


class WarmMemory:
    """Holds memory that has been used, and frees it bit by bit, so that the next to ask for memory get that."""

    def __init__(self, mebibytes, seconds):
        self.held = []
        for _ in range(mebibytes * (1 << 20) // HUGE):
            mapping, offset = huge_mapping()
            mapping[offset] = 1
            self.held.append(mapping)
        self.pause = seconds / max(len(self.held), 1)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.release, daemon=True)

    def release(self):
        # Some are free from the start, so that the release keeps ahead of the use.
        for _ in range(len(self.held) // 10):
            self.held.pop().close()
        while self.held and not self.ended.wait(self.pause):
            self.held.pop().close()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        for mapping in self.held:
            mapping.close()
