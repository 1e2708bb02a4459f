"""What many connections cost: requests a second, the slowest of them, and memory."""

import statistics

from ..charts import Bars, Chart, Lines
from ..figures import busy, latencies, resident
from ..peers import SWIFTLET
from ..report import Section, middle, spread
from ..run import Group

MEMORY_TARGET = 200


def connections(run):
    most = min(run.size(19_000, 500), run.machine.most_connections)
    section = Section(
        "connections", "from one connection to thousands",
        "GETs of 100,000 keys, one at a time from each connection, in a closed loop: requests a second, the 99th "
        "percentile of latencies (with so many under way it is mostly waiting for others), and the growth of the "
        f"server's resident memory by {most} connections that have each made one request and stay. The load generator "
        "has as much to do for a request as a server: where the server is not busy, it is the limit.")
    kinds = [SWIFTLET, *run.peers(section)]
    memory = measure_memory(run, section, kinds, most)
    counts = [count for count in run.size([1, 10, 100, 1000, 5000], [1, 50]) if count < most] + [most]
    keys = run.size(100_000, 1000)
    figures = {}
    with Group(run, section, kinds) as group:
        group.each(lambda server: run.prefill(server, keys))
        for count in counts:
            flags = ["-c", count, "--keys", keys, *sources(count)]
            flags += ["--seconds", run.size(1.5 if count > 1000 else 0.8, 0.1), "--warm-up", run.size(0.3, 0.05)]
            figures[count] = group.in_turn(
                f"{count} connections", run.rounds(3), lambda server: run.load(server, *flags))
        names = list(group.servers)
    add_tables(section, names, figures)
    bytes_each = {kind.name: statistics.median(values) for kind, values in memory.items()}
    charts = [
        Lines("Throughput", rates(names, figures), x="connections", y="thousand requests a second", x_log=True),
        Bars(f"Bytes of each of {most:,} connections", bytes_each)]
    section.charts.append(Chart("connections", "Many connections, one request at a time from each", charts))
    texts = {kind: middle(values, 0) for kind, values in memory.items()}
    section.highlight(f"memory of a connection, of {most:,}", texts, " bytes")
    section.remarks.append(
        f"memory of a connection: {run.verdict(statistics.median(memory[SWIFTLET]), MEMORY_TARGET, 0, ' bytes')}")
    return section


def sources(count):
    """Enough addresses to connect from, so that those that closed ports wait at are not needed again."""
    return ["--sources", 16] if count >= 1000 else []


def measure_memory(run, section, kinds, most):
    """Bytes of each connection, by kind and round, each in a server of its own."""
    bytes_each = {kind: [] for kind in kinds}
    for number in range(run.rounds(3)):
        for kind in kinds:
            run.say(f"memory of {most} connections to {kind.name}, round {number + 1}")
            with Group(run, section, [kind]) as group:
                group.each(lambda server: run.prefill(server, 1000))
                figures = group.each(lambda server: run.load(
                    server, "-c", most, "--keys", 1000, "--requests", most, "--warm-up", 0, *sources(most)))
            for kind, each in figures.items():
                bytes_each[kind].append((resident(each, "After") - resident(each, "Before")) / most)
    table = section.table(["bytes a connection", *(kind.name for kind in kinds)])
    table.rows.append([f"{most}", *(spread(bytes_each[kind], 0) for kind in kinds)])
    return {kind: values for kind, values in bytes_each.items() if values}


def add_tables(section, names, figures):
    rate = section.table(["requests a second, by connections", *(kind.name for kind in names)])
    slow = section.table(["99th percentile in µs", *(kind.name for kind in names)])
    part = section.table(["server busy", *(kind.name for kind in names)])
    for count, by_kind in figures.items():
        runs = [by_kind.get(kind, []) for kind in names]
        rate.rows.append([count, *(spread([each["main"]["perSecond"] for each in of_one], 0) for of_one in runs)])
        slow.rows.append([count, *(spread(latencies(of_one, "p99"), 0) for of_one in runs)])
        part.rows.append([count, *(busy(of_one, "server") if of_one else "–" for of_one in runs)])


def rates(names, figures):
    """The lines of the chart: thousands of requests a second by connections."""
    return {
        kind.name: [
            (count, statistics.median([each["main"]["perSecond"] for each in by_kind[kind]]) / 1000)
            for count, by_kind in figures.items() if by_kind.get(kind)]
        for kind in names}
