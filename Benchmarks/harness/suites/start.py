"""How long a server takes to start."""

import os
import subprocess
import time

from ..peers import SWIFTLET
from ..report import Section, middle, spread
from ..servers import pinned


def start(run):
    section = Section(
        "start", "from the start of the process to the first answer",
        "Milliseconds from starting the process to the answer to the first request (PING; `version` for memcached, a "
        "GET for goroutine-mutex), which is asked for over and over from the start on. Starting a program that does "
        "nothing, and waiting for its end, takes what the first row says; it is part of the others.")
    kinds = [SWIFTLET, *run.peers(section)]
    times = {kind: [] for kind in kinds}
    empty = []
    # This process asks, so it keeps off the server's processor.
    usual = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {run.machine.load_processor})
    try:
        for number in range(run.rounds(3) * run.size(7, 2)):
            run.say(f"start {number + 1}")
            empty.append(program_milliseconds(run.machine))
            for kind in kinds:
                with run.start(kind) as server:
                    times[kind].append(server.start_milliseconds)
    finally:
        os.sched_setaffinity(0, usual)
    table = section.table(["", "milliseconds"])
    table.rows.append(["a program that does nothing", spread(empty, 1)])
    table.rows += [[kind.name, spread(values, 1)] for kind, values in times.items()]
    texts = {kind: middle(values, 0) for kind, values in times.items()}
    section.highlight("start to first answer", texts, " ms")
    return section


def program_milliseconds(machine):
    began = time.perf_counter()
    subprocess.run(["true"], check=True, preexec_fn=pinned(machine.server_processor))
    return (time.perf_counter() - began) * 1000
