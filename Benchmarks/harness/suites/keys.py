"""What many keys cost: memory, and cache misses."""

import statistics

from ..charts import Chart, Lines
from ..figures import cost, resident
from ..peers import SWIFTLET, VALUE_BYTES
from ..report import Section, middle, spread
from ..run import Group

KEY_BYTES = 16
MEMORY_TARGET = 24
GROWTH_TARGET = 1.5
ROOM_A_KEY = 700
"""Memory that a key takes in all servers together, at most: a count that would not fit is left out."""


def keys(run):
    section = Section(
        "keys", "from a thousand keys to ten million",
        f"Keys of {KEY_BYTES} bytes with values of {VALUE_BYTES}. Memory is the growth of the server's resident "
        "memory by them, beyond those bytes themselves: table, entries' heads, allocator, everything (of a thousand "
        "keys it is too little to be told from the server's own). Cost is the server's processor time a GET in µs, "
        "50 connections, 16 under way on each, all keys equally often.")
    kinds = [SWIFTLET, *run.peers(section)]
    counts = run.size([1000, 10_000, 100_000, 1_000_000, 10_000_000], [1000, 10_000])
    costs, beyond = {}, {}
    for count in counts:
        if count * ROOM_A_KEY > run.machine.free_bytes():
            section.remarks.append(f"{count} keys left out: all servers at once need more memory than is free")
            continue
        with Group(run, section, kinds) as group:
            timing = ["--seconds", run.size(0.8, 0.1), "--warm-up", run.size(0.3, 0.05)]
            beyond[count] = group.each(lambda server: fill(run, server, count))
            costs[count] = group.in_turn(
                f"{count} keys", run.rounds(4),
                lambda server: cost(run.load(server, "-P", 16, "--keys", count, *timing)))
            kinds = list(group.servers)
    memory = section.table(["bytes a key beyond key and value", *(kind.name for kind in kinds)])
    times = section.table(["processor time a GET, by keys", *(kind.name for kind in kinds)])
    for count in costs:
        memory.rows.append([count, *(f"{beyond[count][kind]:.1f}" for kind in kinds)])
        times.rows.append([count, *(spread(costs[count][kind], 3) for kind in kinds)])
    judge(run, section, costs, beyond)
    most = max(costs)
    texts = {kind: f"{beyond[most][kind]:.0f}" for kind in kinds}
    section.highlight(f"memory of a key beyond {KEY_BYTES} + {VALUE_BYTES} bytes, of {most:,}", texts, " bytes")
    texts = {kind: middle(costs[most][kind], 2) for kind in kinds}
    section.highlight(f"processor time of a GET of {most:,} keys, 16 under way", texts, " µs")
    section.charts.append(chart(kinds, costs, beyond))
    return section


def fill(run, server, count):
    """Puts keys into an empty server; returns the bytes that each took beyond its own."""
    run.say(f"putting {count} keys into {server.kind.name}")
    # Touches what the requests themselves need, so that only keys are counted.
    run.load(server, "-c", 10, "-P", 64, "--keys", 1, "--seconds", run.size(0.2, 0.05), "--warm-up", 0)
    figures = run.load(
        server, "-c", 10, "-P", 64, "--command", "put", "--distribution", "sequential", "--keys", count,
        "--requests", count, "--warm-up", 0)
    return (resident(figures, "After") - resident(figures, "Connected")) / count - KEY_BYTES - VALUE_BYTES


def judge(run, section, costs, beyond):
    most = max(costs)
    verdict = run.verdict(beyond[most][SWIFTLET], MEMORY_TARGET, 1, " bytes")
    section.remarks.append(f"{most} keys, bytes a key beyond key and value: {verdict}")
    if 100_000 in costs:
        ratio = statistics.median(costs[most][SWIFTLET]) / statistics.median(costs[100_000][SWIFTLET])
        section.remarks.append(
            f"a GET of {most} keys against one of 100000, ratio of medians: {run.verdict(ratio, GROWTH_TARGET, 2)}")


def chart(kinds, costs, beyond):
    times = {kind.name: [(count, statistics.median(costs[count][kind])) for count in costs] for kind in kinds}
    counted = [count for count in costs if count >= 100_000] or [max(costs)]
    memory = {kind.name: [(count, beyond[count][kind]) for count in counted] for kind in kinds}
    return Chart("keys", "Many keys of 16 bytes with values of 32", [
        Lines("Processor time of a GET, 16 under way", times, x="keys", y="µs", x_log=True),
        Lines("Memory a key beyond key and value", memory, x="keys", y="bytes", x_log=True)])
