"""What large values cost."""

import statistics

from ..charts import Chart, Lines
from ..figures import cost
from ..peers import SWIFTLET
from ..report import Section, spread
from ..run import Group

BYTES_OF_ALL = 64 << 20


def values(run):
    section = Section(
        "values", "from values of a byte to values of a megabyte",
        "Server's processor time a request in µs, 10 connections, one request at a time from each. There are as many "
        "keys as make 64 MiB, but at most 100,000. From some ten kilobytes on it is mostly the kernel's copying.")
    kinds = [SWIFTLET, *run.peers(section)]
    sizes = run.size([1, 10, 100, 1000, 10_000, 100_000, 1_000_000], [1, 1000, 1_000_000])
    figures = {command: {} for command in ("get", "put")}
    for size in sizes:
        count = min(run.size(100_000, 100), max(BYTES_OF_ALL // size // run.size(1, 8), 8))
        shape = ["-c", 10, "--keys", count, "--value-bytes", size]
        timing = ["--seconds", run.size(0.6, 0.08), "--warm-up", run.size(0.2, 0.03)]
        with Group(run, section, kinds) as group:
            # One at a time: megabytes in a pipeline are buffered by some of the servers, and by the generator.
            filling = ["--command", "put", "--distribution", "sequential", "--requests", count, "--warm-up", 0]
            group.each(lambda server: run.load(server, *shape, *filling))
            for command, by_size in figures.items():
                by_size[size] = group.in_turn(
                    f"{size} bytes, {command.upper()}", run.rounds(3),
                    lambda server: cost(run.load(server, *shape, "--command", command, *timing)))
            kinds = list(group.servers)
    panels = []
    for command, name in (("get", "GET"), ("put", "SET")):
        table = section.table([f"{name}, bytes of a value", *(kind.name for kind in kinds)])
        for size, costs in figures[command].items():
            table.rows.append([size, *(spread(costs[kind], 1) for kind in kinds)])
        lines = {
            kind.name: [(size, statistics.median(costs[kind])) for size, costs in figures[command].items()]
            for kind in kinds}
        title = f"Processor time of a {name}"
        panels.append(Lines(title, lines, x="bytes of a value", y="µs", x_log=True, y_log=True))
    section.charts.append(Chart("values", "Large values, one request at a time", panels))
    return section
