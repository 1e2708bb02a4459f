"""How long a request takes while a server has a part of what it can do to do."""

from ..charts import Chart, Lines
from ..figures import LATENCY_HEADER, LATENCY_NOTE, PERCENTILES, busy, latencies, latency_cells, percentile_lines
from ..peers import SWIFTLET
from ..report import Section, middle, spread
from ..run import Group

SHARES = (0.5, 0.8)


def latency(run):
    section = Section(
        "latency", "latency at half load and at four fifths",
        "Latencies in µs of 9 GETs to 1 SET of 100,000 keys over 50 connections, in an open loop, at shares of the "
        "capacity that each server shows in a closed loop, one request at a time from each connection, just before. "
        "The load generator has as much to do for a request as a server: where it is busier than the server, the "
        "capacity is its own.")
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
    capacities = {kind: [capacity for capacity, _ in rounds] for kind, rounds in results.items()}
    by_share = {
        share: {kind: [runs[place] for _, runs in rounds] for kind, rounds in results.items()}
        for place, share in enumerate(SHARES)}
    table = section.table(["", "requests a second", "server busy", "generator busy", *LATENCY_HEADER])
    for kind in results:
        table.rows.append([f"{kind.name}, capacity", spread(capacities[kind], 0)] + [""] * (2 + len(LATENCY_HEADER)))
        for share in SHARES:
            runs = by_share[share][kind]
            rate = spread([each["requestedPerSecond"] for each in runs], 0)
            parts = [busy(runs, "server"), busy(runs, "generator")]
            table.rows.append([f"{kind.name}, {share:.0%}", rate, *parts, *latency_cells(runs)])
    section.remarks.append(LATENCY_NOTE)
    for share, runs in by_share.items():
        texts = {kind: middle(latencies(of_one, "p99"), 0) for kind, of_one in runs.items()}
        section.highlight(f"99th percentile at {share:.0%} of each one's capacity", texts, " µs")
    section.charts.append(Chart("latency", "Latency in an open loop, 50 connections, 9 GETs to 1 SET", [
        Lines(
            f"At {share:.0%} of each server's capacity", percentile_lines(runs), x="percentile", y="µs", y_log=True,
            x_ticks=PERCENTILES)
        for share, runs in by_share.items()], same_y=True))
    return section
