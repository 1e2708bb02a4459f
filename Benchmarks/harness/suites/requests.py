"""What a request costs: beside a loop that does nothing, and beside other servers."""

import statistics

from ..charts import Bars, Chart
from ..figures import cost
from ..peers import BARE_GET, BARE_PUT, GOROUTINES, MEMCACHED, REDIS, SWIFTLET, SWIFTLET_LINES, VALUE_BYTES
from ..report import Section, middle, ratios, spread
from ..run import Group

COMMANDS = {"GET": ["--command", "get"], "SET": ["--command", "put"], "9 GET : 1 SET": ["--ratio", "9:1"]}

REDIS_TARGETS = {(16, "GET"): 0.40, (16, "SET"): 0.40, (128, "GET"): 0.20, (128, "SET"): 0.20}

FLOOR_TARGET = 1.05


def floor(run):
    section = Section(
        "floor", "a request against a bare epoll loop",
        "Server's processor time a request in µs, one request at a time from each connection, in the line dialect. The "
        "bare loop parses and stores nothing, and answers with as many bytes.")
    table = section.table(["connections, command", "bare loop", "swiftlet", "ratio"])
    keys = run.size(100_000, 1000)
    timing = ["--seconds", run.size(0.8, 0.1), "--warm-up", run.size(0.2, 0.05)]
    for connections in (50, run.size(1000, 100)):
        shown = {SWIFTLET_LINES: [], BARE_GET: []}
        for command, bare in (("get", BARE_GET), ("put", BARE_PUT)):
            with Group(run, section, [SWIFTLET_LINES, bare]) as group:
                run.prefill(group.servers[SWIFTLET_LINES], keys)
                flags = ["-c", connections, "--command", command, "--keys", keys, *timing]
                what = f"{connections} connections, {command.upper()}"
                costs = group.in_turn(what, run.rounds(15), lambda server: cost(run.load(server, *flags)))
            ours, floor = costs[SWIFTLET_LINES], costs[bare]
            name = f"{connections}, {command.upper()}"
            table.rows.append([name, spread(floor, 2), spread(ours, 2), ratios(ours, floor)])
            ratio = statistics.median(ours) / statistics.median(floor)
            section.remarks.append(f"{what}, ratio of medians: {run.verdict(ratio, FLOOR_TARGET, 3)}")
            shown[SWIFTLET_LINES].append(middle(ours, 1))
            shown[BARE_GET].append(middle(floor, 1))
        section.highlight(
            f"processor time, one request at a time, {connections} connections, lines: GET, PUT",
            {kind: ", ".join(texts) for kind, texts in shown.items()}, " µs")
    return section


def requests(run):
    keys = run.size(1_000_000, 1000)
    section = Section(
        "requests", "a request against other servers",
        f"Server's processor time a request in µs, 50 connections, {keys} keys of 16 bytes with values of "
        f"{VALUE_BYTES}, by requests under way on each connection. Swiftlet is measured in both dialects: "
        "redis-server speaks RESP too, goroutine-mutex speaks lines, memcached its own text. The ratios are of "
        "Swiftlet to each, in the same dialect if it has one.")
    timing = ["--seconds", run.size(1, 0.1), "--warm-up", run.size(0.3, 0.05)]
    there = run.peers(section)
    kinds = [BARE_GET, BARE_PUT, SWIFTLET, SWIFTLET_LINES, *there]
    medians = {}
    with Group(run, section, kinds) as group:
        names = [kind for kind in group.servers if kind not in (BARE_GET, BARE_PUT)]
        compared = [(kind, SWIFTLET_LINES if kind is GOROUTINES else SWIFTLET) for kind in names if kind in there]
        quotients = [f"÷ {kind.name}" for kind, _ in compared]
        table = section.table(["under way, command", "bare loop", *(kind.name for kind in names), *quotients])
        for kind in names:
            run.say(f"filling {kind.name}")
            run.prefill(group.servers[kind], keys)
        for pipeline in (1, 16, 128):
            for command, flags in COMMANDS.items():

                def measure(server):
                    if server.kind in (BARE_GET, BARE_PUT) and server.kind is not bare_for(command):
                        return None
                    return cost(run.load(server, "-P", pipeline, *flags, "--keys", keys, *timing))

                costs = group.in_turn(f"{pipeline} under way, {command}", run.rounds(3), measure)
                bare = costs.pop(BARE_GET, []) + costs.pop(BARE_PUT, [])
                cells = [spread(costs.get(kind, []), 3) for kind in names]
                cells += [ratios(costs[ours], costs.get(kind, [])) for kind, ours in compared]
                table.rows.append([f"{pipeline}, {command}", spread(bare, 3), *cells])
                judge(run, section, pipeline, command, costs)
                for kind, values in costs.items():
                    medians[kind, pipeline, command] = statistics.median(values)
    highlight(section, medians)
    section.charts += [chart(names, medians, command) for command in ("GET", "SET")]
    return section


def bare_for(command):
    """The bare loop whose reply is that to a command, if all its replies are alike."""
    return {"GET": BARE_GET, "SET": BARE_PUT}.get(command)


def judge(run, section, pipeline, command, costs):
    if (pipeline, command) in REDIS_TARGETS and costs.get(REDIS):
        ratio = statistics.median(costs[SWIFTLET]) / statistics.median(costs[REDIS])
        verdict = run.verdict(ratio, REDIS_TARGETS[pipeline, command], 3)
        section.remarks.append(f"{pipeline} under way, {command}, ratio of medians to redis-server: {verdict}")


def highlight(section, medians):
    for ours, dialect, others in ((SWIFTLET, "RESP", (REDIS, MEMCACHED)), (SWIFTLET_LINES, "lines", (GOROUTINES,))):
        for pipeline in (1, 16, 128):
            digits = 1 if pipeline == 1 else 2
            texts = {
                kind: ", ".join(f"{medians[kind, pipeline, command]:.{digits}f}" for command in ("GET", "SET"))
                for kind in (ours, *others) if (kind, pipeline, "SET") in medians}
            section.highlight(
                f"processor time, {pipeline} under way, 50 connections, {dialect}: GET, SET", texts, " µs")


def chart(kinds, medians, command):
    panels = []
    for pipeline in (1, 16, 128):
        values = {kind.name: medians[kind, pipeline, command] for kind in kinds if (kind, pipeline, command) in medians}
        title = "1 request under way" if pipeline == 1 else f"{pipeline} under way"
        panels.append(Bars(title, values, digits=1 if pipeline == 1 else 2))
    title = f"Processor time of a {command}, in µs, by requests under way on each of 50 connections"
    return Chart(f"requests-{command.lower()}", title, panels)
