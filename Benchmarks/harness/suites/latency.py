"""How long a request takes while a server has a part of what it can do to do."""

import statistics

from ..charts import Chart, Lines
from ..figures import LATENCY_HEADER, LATENCY_NOTE, PERCENTILES, latency_cells, percentile_curve
from ..peers import SWIFTLET
from ..report import Section, spread
from ..run import Group

SHARES = (0.5, 0.8)


def latency(run):
    section = Section(
        "latency", "latency at half load and at four fifths",
        "Latencies in µs of 9 GETs to 1 SET of 100,000 keys over 50 connections, in an open loop, at shares of the "
        "capacity that each server shows in a closed loop, one request at a time from each connection, just before.")
    keys = run.size(100_000, 1000)
    load = ["-c", 50, "--keys", keys, "--ratio", "9:1"]
    capacity_time = ["--seconds", run.size(1, 0.1), "--warm-up", run.size(0.3, 0.05)]
    time = ["-P", 64, "--seconds", run.size(3, 0.2), "--warm-up", run.size(0.5, 0.05)]

    def measure(server):
        capacity = run.load(server, *load, *capacity_time)["main"]["perSecond"]
        return capacity, [run.load(server, *load, *time, "--rate", int(capacity * share)) for share in SHARES]

    with Group(run, section, [SWIFTLET, *run.peers(section)]) as group:
        group.each(lambda server: run.prefill(server, keys))
        results = group.in_turn("capacity and shares of it", run.rounds(3), measure)
    by_share = {share: {} for share in SHARES}
    table = section.table(["", "capacity a second", *LATENCY_HEADER])
    for kind, rounds in results.items():
        capacity = spread([capacity for capacity, _ in rounds], 0)
        for place, share in enumerate(SHARES):
            runs = [each[place] for _, each in rounds]
            by_share[share][kind.name] = percentile_curve(runs)
            table.rows.append([f"{kind.name}, {share:.0%}", capacity, *latency_cells(runs)])
            capacity = ""
    section.remarks.append(LATENCY_NOTE)
    section.charts.append(Chart("latency", "Latency in an open loop, 50 connections, 9 GETs to 1 SET", [
        Lines(f"At {share:.0%} of each server's capacity", lines, x="percentile", y="µs", y_log=True, x_ticks=PERCENTILES)
        for share, lines in by_share.items()], same_y=True))
    return section
