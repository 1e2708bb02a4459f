"""What growing to ten million keys does to the requests of others."""

import statistics

from ..charts import Chart, Lines
from ..figures import (
    LATENCY_HEADER, LATENCY_NOTE, PERCENTILES, latency_cells, microseconds, milliseconds, percentile_lines,
    worst_verdict)
from ..memory import WarmMemory, huge_page_milliseconds
from ..peers import SWIFTLET_LINES
from ..report import Section, spread
from ..run import Group

TARGET_MILLISECONDS = 1


def growth(run):
    count = run.size(10_000_000, 50_000)
    section = Section(
        "growth", "GETs while the table grows",
        "Latencies in µs of GETs that one connection sends at 2000 a second in an open loop: alone; while four "
        f"others put {count} keys that exist; while they put {count} new ones, from an empty store on; and the same "
        "with memory that the machine has just had in use, for a virtual machine may have to wait for its host to "
        "hand out other memory.")
    table = section.table(["", *LATENCY_HEADER, "worst batch of PUTs", "PUTs a second"])
    probe = ["-c", 1, "-P", 64, "--rate", 2000, "--warm-up", run.size(0.5, 0.1), "--keys", count]
    puts = [
        "--background-command", "put", "--background-connections", 4, "--background-pipeline", 16,
        "--background-requests", count]

    def fresh(kind, *after):
        """What is measured while keys are put into an empty server, and then with other flags."""
        with Group(run, section, [kind]) as group:
            results = group.each(lambda server: [run.load(server, *probe, *flags) for flags in (puts, *after)])
        return results.get(kind)

    rows = {}
    growing = {}
    for number in range(run.rounds(2)):
        run.say(f"swiftlet, round {number + 1}")
        named = zip(
            ("growing", "overwriting", "alone"), fresh(SWIFTLET_LINES, puts, ["--seconds", run.size(5, 0.3)]))
        for name, figures in named:
            rows.setdefault(name, []).append(figures)
        with WarmMemory(run.size(600, 8), seconds=run.size(10, 0.2)):
            rows.setdefault("growing, warm memory", []).extend(fresh(SWIFTLET_LINES))
    growing[SWIFTLET_LINES] = rows["growing"]
    for kind in run.peers(section):
        for number in range(run.rounds(2)):
            run.say(f"{kind.name}, round {number + 1}")
            if results := fresh(kind):
                growing.setdefault(kind, []).extend(results)
        if kind in growing:
            rows[f"growing, {kind.name}"] = growing[kind]
    for name, runs in sorted(rows.items(), key=lambda row: (row[0] != "alone", row[0] != "overwriting")):
        table.rows.append([name, *latency_cells(runs), *put_cells(runs)])
    section.remarks.append(LATENCY_NOTE)
    for name in ("growing", "growing, warm memory"):
        what = f"worst while {name} − worst while overwriting"
        section.remarks.append(worst_verdict(run, what, rows[name], rows["overwriting"], TARGET_MILLISECONDS))
    pages = [milliseconds for _ in range(3) for milliseconds in huge_page_milliseconds(16)]
    section.remarks.append(f"a huge page of fresh memory (2 MiB), in ms, by this machine's kernel: {spread(pages, 2)}")
    texts = {kind: milliseconds(runs, "p99") for kind, runs in growing.items()}
    section.highlight(f"99th percentile of GETs while {count:,} keys are put", texts, " ms")
    lines = percentile_lines(growing)
    section.charts.append(Chart("growth", f"Latency of GETs while others put {count:,} keys into an empty server", [
        Lines("2000 GETs a second in an open loop", lines, x="percentile", y="µs", y_log=True, x_ticks=PERCENTILES)]))
    return section


def put_cells(runs):
    """The worst batch and the rate of what others put meanwhile."""
    others = [each.get("background") for each in runs]
    if None in others:
        return ["", ""]
    batches = [microseconds(each["latency"]["max"]) for each in others]
    return [spread(batches, 0), f"{statistics.median(each['perSecond'] for each in others):.0f}"]
