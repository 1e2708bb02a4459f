"""The suites: what is measured, with which inputs, against which target."""

import shutil
import statistics
import sys
from contextlib import ExitStack

from .memory import WarmMemory, huge_page_milliseconds
from .report import Table, spread, verdict
from .servers import bare_loop, load, redis, swiftlet

KEY_BYTES = 16
VALUE_BYTES = 32


class Run:
    """One run of some suites: on which machine, how long."""

    def __init__(self, machine, tiny, rounds):
        self.machine = machine
        self.tiny = tiny
        self.asked_rounds = rounds

    def rounds(self, usual):
        return self.asked_rounds or (1 if self.tiny else usual)

    def size(self, usual, tiny):
        return tiny if self.tiny else usual

    def load(self, server, *flags):
        return load(self.machine, server, *flags)

    def say(self, text):
        print(text, file=sys.stderr, flush=True)

    def verdict(self, *arguments):
        return "not judged: inputs are tiny" if self.tiny else verdict(*arguments)


def microseconds(nanoseconds):
    return nanoseconds / 1000


# --- A request against the floor


def floor(run):
    table = Table(
        "floor: a request against a bare epoll loop",
        "Server's processor time a request in µs, one request at a time from each connection, in the line dialect. The bare "
        "loop parses and stores nothing, and answers with as many bytes.",
        ["connections, command", "bare loop", "swiftlet", "ratio"])
    replies = {"get": f"VALUE {'v' * VALUE_BYTES}\n", "put": "OK\n"}
    keys = run.size(100_000, 1000)
    timing = ["--seconds", run.size(0.8, 0.2), "--warm-up", run.size(0.2, 0.1)]
    for connections in (50, run.size(1000, 100)):
        for command, reply in replies.items():
            with swiftlet(run.machine) as ours, bare_loop(run.machine, reply) as bare:
                run.load(ours, "--keys", keys, "--prefill", "--seconds", 0.1, "--warm-up", 0)
                costs = {ours: [], bare: []}
                for number in range(run.rounds(15)):
                    run.say(f"floor: {connections} connections, {command}, round {number + 1}")
                    for server in costs if number % 2 else reversed(costs):
                        figures = run.load(server, "-c", connections, "--command", command, "--keys", keys, *timing)
                        costs[server].append(microseconds(figures["server"]["nanosecondsPerRequest"]))
            ratios = [mine / floor for mine, floor in zip(costs[ours], costs[bare])]
            table.rows.append(
                [f"{connections}, {command.upper()}", spread(costs[bare], 2), spread(costs[ours], 2), spread(ratios, 3)])
            ratio = statistics.median(costs[ours]) / statistics.median(costs[bare])
            table.remarks.append(f"{connections} connections, {command.upper()}, ratio of medians: {run.verdict(ratio, 1.10, 3)}")
    return table


# --- Memory


def idle(run):
    connections = min(run.size(19_000, 1000), run.machine.open_files - 200)
    table = Table(
        "idle: memory of a connection",
        f"Growth of the server's resident memory by {connections} connections that have each made one request and stay.",
        ["round", "before, MiB", "connected, MiB", "after a request each, MiB", "bytes each"])
    each = []
    for number in range(run.rounds(3)):
        run.say(f"idle: round {number + 1}")
        with swiftlet(run.machine) as server:
            run.load(server, "--keys", 1000, "--prefill", "--seconds", 0.2, "--warm-up", 0)
            memory = run.load(
                server, "-c", connections, "--keys", 1000, "--requests", connections, "--warm-up", 0)["server"]
        steps = [memory[f"residentBytes{name}"] for name in ("Before", "Connected", "After")]
        each.append((steps[2] - steps[0]) / connections)
        table.rows.append([number + 1, *[f"{step / 2**20:.2f}" for step in steps], f"{each[-1]:.0f}"])
    table.remarks.append(run.verdict(statistics.median(each), 200, 0, " bytes"))
    return table


def keys(run):
    count = run.size(1_000_000, 20_000)
    table = Table(
        "keys: memory of a key",
        f"Growth of the server's resident memory by {count} keys of {KEY_BYTES} bytes with values of {VALUE_BYTES}, beyond "
        "those bytes themselves: table, entries' heads, allocator, everything.",
        ["round", "before, MiB", "after, MiB", "bytes a key", "beyond key and value"])
    beyond = []
    for number in range(run.rounds(3)):
        run.say(f"keys: round {number + 1}")
        with swiftlet(run.machine) as server:
            # Touches what the requests themselves need, so that only keys are counted.
            run.load(server, "--command", "ping", "-P", 64, "--seconds", 0.2, "--warm-up", 0)
            memory = run.load(
                server, "--command", "put", "--distribution", "sequential", "--keys", count, "--requests", count, "-P", 64,
                "--warm-up", 0)["server"]
        before, after = memory["residentBytesConnected"], memory["residentBytesAfter"]
        each = (after - before) / count
        beyond.append(each - KEY_BYTES - VALUE_BYTES)
        table.rows.append(
            [number + 1, f"{before / 2**20:.1f}", f"{after / 2**20:.1f}", f"{each:.1f}", f"{beyond[-1]:.1f}"])
    table.remarks.append(run.verdict(statistics.median(beyond), 28, 1, " bytes"))
    return table


# --- What others do to a request


LATENCY_HEADER = [
    "p50", "p99", "p99.9", "worst", "undisturbed p99.9", "undisturbed worst", "server kept waiting", "generator late"]

QUIET_SHARE = 0.02
"""A round in which the server was kept waiting for more than this part of the time says little about worst latencies."""

LATENCY_NOTE = (
    "Undisturbed: less the time in which server or generator could have run but the kernel ran something else. The verdict "
    "takes the round with the lowest undisturbed worst of each row: noise only ever adds, and what the server does itself "
    "comes back in every round.")


def latency_cells(runs):
    """A row's cells: in µs medians of the rounds, the worst with its spread, and what the kernel took from both sides."""

    def all_of(kind, quantile):
        return [microseconds(each["main"][kind][quantile]) for each in runs]

    cells = [f"{statistics.median(all_of('latency', quantile)):.0f}" for quantile in ("p50", "p99", "p99.9")]
    cells.append(spread(all_of("latency", "max"), 0))
    cells.append(spread(all_of("undisturbedLatency", "p99.9"), 0))
    cells.append(spread(all_of("undisturbedLatency", "max"), 0))
    cells.append(f"{statistics.median(each['server']['waitedNanoseconds'] for each in runs) / 1e6:.1f} ms")
    cells.append(f"{statistics.median(microseconds(each['main']['lagMax']) for each in runs):.0f}")
    return cells


def worst(runs):
    """The lowest of the rounds' undisturbed worst latencies, in ms."""
    return min(each["main"]["undisturbedLatency"]["max"] for each in runs) / 1e6


def worst_verdict(run, what, cause, without, limit):
    """How much later the worst request is with the cause, in ms; not judged if the machine's other work took too much."""

    def was_quiet(runs):
        return any(each["server"]["waitedNanoseconds"] < each["nanoseconds"] * QUIET_SHARE for each in runs)

    if not run.tiny and not (was_quiet(cause) and was_quiet(without)):
        return f"{what}: not judged: the server was kept waiting for its processor in over {QUIET_SHARE:.0%} of every round"
    return f"{what}: {run.verdict(worst(cause) - worst(without), limit, 2, ' ms')}"


def listing(run):
    count = run.size(1_000_000, 20_000)
    table = Table(
        "list: GETs while somebody lists all keys",
        f"Latencies in µs of GETs that 10 connections send at 5000 a second in an open loop, {count} keys being there: alone, "
        "and while another connection asks for LIST over and over.",
        ["", *LATENCY_HEADER, "LISTs a second"])
    probe = [
        "-c", 10, "--rate", 5000, "--keys", count, "--seconds", run.size(8, 0.5), "--warm-up", run.size(0.5, 0.1)]
    alone, beside = [], []
    with swiftlet(run.machine) as server:
        run.load(server, "--keys", count, "--prefill", "-P", 16, "--seconds", 0.1, "--warm-up", 0)
        for number in range(run.rounds(5)):
            run.say(f"list: round {number + 1}")
            alone.append(run.load(server, *probe))
            beside.append(run.load(server, *probe, "--background-command", "list"))
    table.rows.append(["alone", *latency_cells(alone), ""])
    rate = statistics.median(each["background"]["perSecond"] for each in beside)
    table.rows.append(["beside LIST", *latency_cells(beside), f"{rate:.1f}"])
    table.remarks.append(LATENCY_NOTE)
    table.remarks.append(worst_verdict(run, "worst beside LIST − worst alone", beside, alone, 2))
    return table


def growth(run):
    count = run.size(10_000_000, 100_000)
    table = Table(
        "growth: GETs while the table grows",
        f"Latencies in µs of GETs that one connection sends at 2000 a second in an open loop: alone; while four others put "
        f"{count} keys that exist; while they put {count} new ones, from an empty store on; and the same with memory that "
        "the machine has just had in use, for a virtual machine may have to wait for its host to hand out other memory.",
        ["", *LATENCY_HEADER, "worst batch of PUTs", "PUTs a second"])
    probe = ["-c", 1, "-P", 64, "--rate", 2000, "--warm-up", run.size(0.5, 0.1), "--keys", count]
    puts = ["--background-command", "put", "--background-connections", 4, "--background-pipeline", 16,
            "--background-requests", count]
    alone, steady, growing, warm = [], [], [], []
    for number in range(run.rounds(3)):
        run.say(f"growth: round {number + 1}")
        with swiftlet(run.machine) as server:
            growing.append(run.load(server, *probe, *puts))
            steady.append(run.load(server, *probe, *puts))
            alone.append(run.load(server, *probe, "--seconds", run.size(5, 0.5)))
        with swiftlet(run.machine) as server, WarmMemory(run.size(600, 8), seconds=run.size(10, 0.2)):
            warm.append(run.load(server, *probe, *puts))
    table.rows.append(["alone", *latency_cells(alone), "", ""])
    for name, runs in (("overwriting", steady), ("growing", growing), ("growing, warm memory", warm)):
        batch = [microseconds(each["background"]["latency"]["max"]) for each in runs]
        rate = statistics.median(each["background"]["perSecond"] for each in runs)
        table.rows.append([name, *latency_cells(runs), spread(batch, 0), f"{rate:.0f}"])
    table.remarks.append(LATENCY_NOTE)
    for name, runs in (("growing", growing), ("growing, warm memory", warm)):
        table.remarks.append(worst_verdict(run, f"worst while {name} − worst while overwriting", runs, steady, 1))
    fresh = [milliseconds for _ in range(3) for milliseconds in huge_page_milliseconds(16)]
    table.remarks.append(f"a huge page of fresh memory (2 MiB), in ms, by this machine's kernel: {spread(fresh, 2)}")
    return table


# --- Peers


REDIS_TARGETS = {16: 0.45, 128: 0.25}


def peers(run):
    count = run.size(1_000_000, 1000)
    table = Table(
        "redis: a request against redis-server",
        f"Server's processor time a request in µs, 50 connections, RESP, {count} keys of {KEY_BYTES} bytes with values of "
        f"{VALUE_BYTES}, by requests under way on each connection.",
        ["pipeline, command", "redis-server", "swiftlet", "ratio"])
    if not shutil.which("redis-server"):
        table.remarks.append("skipped: redis-server is not installed (--install gets it)")
        return table
    timing = ["--seconds", run.size(2, 0.2), "--warm-up", run.size(0.5, 0.1)]
    with ExitStack() as stack:
        theirs = stack.enter_context(redis(run.machine))
        ours = stack.enter_context(swiftlet(run.machine))
        servers = [theirs]
        if ours.speaks_resp():
            servers.append(ours)
        else:
            table.remarks.append("swiftlet skipped: it does not answer a PING in RESP")
        for server in servers:
            run.load(server, "--dialect", "resp", "--keys", count, "--prefill", "-P", 16, "--seconds", 0.1, "--warm-up", 0)
        for pipeline in (1, 16, 128):
            for command in ("get", "put"):
                costs = {server: [] for server in servers}
                for number in range(run.rounds(5)):
                    run.say(f"redis: pipeline {pipeline}, {command}, round {number + 1}")
                    for server in servers if number % 2 else reversed(servers):
                        figures = run.load(
                            server, "--dialect", "resp", "-P", pipeline, "--command", command, "--keys", count, *timing)
                        costs[server].append(microseconds(figures["server"]["nanosecondsPerRequest"]))
                add_peer_row(run, table, pipeline, command, *costs.values())
    return table


def add_peer_row(run, table, pipeline, command, theirs, ours=None):
    name = "GET" if command == "get" else "SET"
    cells = [f"{pipeline}, {name}", spread(theirs, 3)]
    if ours is None:
        table.rows.append([*cells, "", ""])
        return
    table.rows.append([*cells, spread(ours, 3), spread([mine / other for mine, other in zip(ours, theirs)], 3)])
    if pipeline in REDIS_TARGETS:
        ratio = statistics.median(ours) / statistics.median(theirs)
        table.remarks.append(f"pipeline {pipeline}, {name}, ratio of medians: {run.verdict(ratio, REDIS_TARGETS[pipeline], 3)}")


ALL = {"floor": floor, "idle": idle, "keys": keys, "list": listing, "growth": growth, "redis": peers}
