"""What a list of all keys does to the requests of others."""

import statistics

from ..charts import Chart, Lines
from ..figures import (
    LATENCY_HEADER, LATENCY_NOTE, PERCENTILES, latency_cells, milliseconds, percentile_lines, worst_verdict)
from ..peers import MEMCACHED, SWIFTLET_LINES
from ..report import Section
from ..run import Group

TARGET_MILLISECONDS = 2


def listing(run):
    count = run.size(1_000_000, 20_000)
    section = Section(
        "list", "GETs while somebody lists all keys",
        f"Latencies in µs of GETs that 10 connections send at 5000 a second in an open loop, {count} keys being "
        "there: alone, and while another connection asks for all keys over and over (LIST in lines, `KEYS *` in "
        "RESP).")
    section.remarks.append("memcached left out: it has no list of keys")
    table = section.table(["", *LATENCY_HEADER, "lists a second"])
    probe = ["-c", 10, "-P", 64, "--rate", 5000, "--keys", count, "--warm-up", run.size(0.5, 0.1)]
    probe += ["--seconds", run.size(5, 0.3)]

    def measure(server):
        return run.load(server, *probe), run.load(server, *probe, "--background-command", "list")

    with Group(run, section, [SWIFTLET_LINES, *run.peers(section, MEMCACHED)]) as group:
        group.each(lambda server: run.prefill(server, count))
        pairs = group.in_turn("alone and beside lists", run.rounds(5), measure)
    alone = {kind: [first for first, _ in runs] for kind, runs in pairs.items()}
    beside = {kind: [second for _, second in runs] for kind, runs in pairs.items()}
    for kind in pairs:
        table.rows.append([f"{kind.name}, alone", *latency_cells(alone[kind]), ""])
        rate = statistics.median(each["background"]["perSecond"] for each in beside[kind])
        table.rows.append([f"{kind.name}, beside lists", *latency_cells(beside[kind]), f"{rate:.1f}"])
    section.remarks.append(LATENCY_NOTE)
    section.remarks.append(worst_verdict(
        run, "worst beside lists − worst alone", beside[SWIFTLET_LINES], alone[SWIFTLET_LINES], TARGET_MILLISECONDS))
    texts = {kind: milliseconds(runs, "p99") for kind, runs in beside.items()}
    section.highlight(f"99th percentile of GETs beside lists of {count:,} keys over and over", texts, " ms")
    panels = [
        Lines(
            title, percentile_lines(by_kind), x="percentile", y="µs",
            y_log=True, x_ticks=PERCENTILES)
        for title, by_kind in (("Alone", alone), ("Beside a client that lists all keys", beside))]
    section.charts.append(Chart(
        "list", f"Latency of GETs, {count:,} keys, 5000 a second in an open loop", panels, same_y=True))
    return section
