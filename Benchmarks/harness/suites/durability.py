"""What a journal costs: writers, readers beside them, compaction, recovery, and space on the disk."""

import re
import statistics
import tempfile
import time

from ..charts import Bars, Chart, Lines
from ..disk import Repeating, bytes_on_disk, sync_milliseconds
from ..figures import (
    LATENCY_HEADER, LATENCY_NOTE, PERCENTILES, busy, cost, latencies, latency_cells, milliseconds, percentile_lines,
    worst)
from ..machine import OUTPUT
from ..peers import GOROUTINES, MEMCACHED, REDIS, SWIFTLET, redis_with_journal, swiftlet_with_journal
from ..report import Section, middle, spread
from ..run import Group
from ..servers import Failure, resp

OURS = {"": SWIFTLET, "everysec": swiftlet_with_journal("everysec"), "always": swiftlet_with_journal("always")}
THEIRS = {"": REDIS, "everysec": redis_with_journal("everysec"), "always": redis_with_journal("always")}
"""By mode; the first keeps nothing."""

ALWAYS_TARGET = 3
OWN_RATE_TARGET = 0.8
READERS_TARGET = 1.3
TURN_TARGET_MILLISECONDS = 2
RECOVERY_TARGET = 2_000_000

KEY_BYTES = 16
"""The load generator's usual ones."""


def durability(run):
    section = Section(
        "durability", "what a journal costs",
        "Swiftlet with `--data` and redis-server with its append-only file, on the same disk. With `always` both "
        "answer a SET when it is synced, with `everysec` they sync once a second. A server's threads that work on "
        "files are counted to it and held to the same processor.")
    theirs = THEIRS if REDIS in run.peers(section, MEMCACHED, GOROUTINES) else {}
    syncs = sync_milliseconds(run.size(500, 20))
    writers(run, section, theirs)
    syncs += sync_milliseconds(run.size(500, 20))
    section.remarks.insert(0, sync_remark(syncs))
    readers(run, section, theirs)
    compaction(run, section, theirs)
    section.remarks.append(LATENCY_NOTE)
    recovery(run, section, theirs)
    overwriting(run, section, theirs)
    return section


def sync_remark(times):
    waits = [wait for wait, _ in times]
    p99 = statistics.quantiles(waits, n=100)[98]
    return (
        f"this disk writes and syncs 4 KiB in {statistics.median(waits):.2f} ms, the slowest hundredth in {p99:.2f} ms "
        f"or more; {statistics.median(work for _, work in times):.2f} ms of it is the processor's work, and the rest "
        "is what there is to be won by going on meanwhile")


# --- Writers


def writers(run, section, theirs):
    """SETs from some connections and from many, one at a time from each."""
    keys = run.size(100_000, 1000)
    counts = (50, run.size(1000, 100))
    rates = {}
    with Group(run, section, [*OURS.values(), *theirs.values()]) as group:
        group.each(lambda server: run.prefill(server, keys))
        for count in counts:
            flags = ["-c", count, "--keys", keys, "--command", "put"]
            flags += ["--seconds", run.size(1, 0.1), "--warm-up", run.size(0.3, 0.05)]
            what = f"SETs from {count} connections"
            results = group.in_turn(what, run.rounds(3), lambda server: load_and_count_syncs(run, server, flags))
            table = section.table([
                what, "a second", "p50 in ms", "p99 in ms", "processor time of one in µs",
                "server busy", "generator busy", "made safe by one sync"])
            for kind, pairs in results.items():
                runs = [figures for figures, _ in pairs]
                rates[kind, count] = [each["main"]["perSecond"] for each in runs]
                table.rows.append([
                    kind.name, spread(rates[kind, count], 0), milliseconds(runs, "p50"), milliseconds(runs, "p99"),
                    spread([cost(each) for each in runs], 1), busy(runs, "server"), busy(runs, "generator"),
                    spread([share for _, share in pairs if share], 0)])
    judge_writers(run, section, rates, counts, theirs)
    section.charts.append(Chart(
        "durability", f"SETs a second from {counts[0]} connections, one at a time from each", [
            Bars(title, {
                kind.name.split(",")[0]: statistics.median(rates[kind, counts[0]])
                for kind in (OURS[mode], theirs.get(mode)) if (kind, counts[0]) in rates})
            for title, mode in (("Synced before the answer", "always"), ("Once a second", "everysec"),
                                ("In memory", ""))]))


def load_and_count_syncs(run, server, flags):
    """The figures of a load, and how many requests one sync of the journal made safe; none if nobody counts them."""

    def counts():
        fields = server.info("stats") | server.info("persistence")
        return int(fields["total_commands_processed"]), int(fields.get("journal_syncs", 0))

    requests, syncs = counts()
    figures = run.load(server, *flags)
    more_requests, more_syncs = counts()
    is_each_synced = server.kind is OURS["always"] and more_syncs > syncs
    return figures, (more_requests - requests) / (more_syncs - syncs) if is_each_synced else None


def judge_writers(run, section, rates, counts, theirs):
    few, many = counts
    medians = {pair: statistics.median(values) for pair, values in rates.items()}
    if theirs:
        ratio, most = (medians[kind, few] / medians[theirs["always"], few] for kind in (OURS["always"], SWIFTLET))
        section.remarks.append(
            f"{few} connections, always, ratio of medians to redis-server: "
            + run.verdict(ratio, ALWAYS_TARGET, 2, is_least=True)
            + f"; without a journal Swiftlet's rate is {most:.2f} times that, the most that is to be had on this disk")
    for mode in ("always", "everysec"):
        share = medians[OURS[mode], many] / medians[SWIFTLET, many]
        section.remarks.append(
            f"{many} connections, {mode}, part of the rate without a journal: "
            + run.verdict(share, OWN_RATE_TARGET, 2, is_least=True))
    for count in counts:
        texts = {modes["always"]: middle(rates[modes["always"], count], 0) for modes in (OURS, theirs) if modes}
        section.highlight(f"SETs a second, each synced before its answer, {count} connections", texts, "")


# --- Readers beside writers


def readers(run, section, theirs):
    """GETs beside SETs that wait for the disk."""
    keys, rate = run.size(100_000, 1000), run.size(20_000, 2000)
    base = ["-c", 50, "--keys", keys, "--seconds", run.size(1.5, 0.2), "--warm-up", run.size(0.3, 0.05)]
    beside = ["--background-command", "put", "--background-connections", 8]
    loops = {"closed": [], "open": ["-P", 64, "--rate", rate]}
    kinds = [OURS["always"], *([theirs["always"]] if theirs else [])]

    def measure(server):
        return {
            (loop, name): run.load(server, *base, *flags, *more)
            for loop, flags in loops.items() for name, more in (("alone", []), ("beside 8 writers", beside))}

    with Group(run, section, kinds) as group:
        group.each(lambda server: run.prefill(server, keys))
        results = group.in_turn("GETs alone and beside 8 clients that SET", run.rounds(3), measure)
    closed = section.table(
        ["GETs from 50 connections, one at a time", "a second", "p50 in µs", "p99 in µs", "SETs a second"])
    opened = section.table([
        f"GETs from 50 connections, {rate} a second", *LATENCY_HEADER, "server busy", "SETs a second"])
    for kind, rounds in results.items():
        for name in ("alone", "beside 8 writers"):
            runs = [each["closed", name] for each in rounds]
            closed.rows.append([
                f"{kind.name}, {name}", spread([each["main"]["perSecond"] for each in runs], 0),
                spread(latencies(runs, "p50"), 0), spread(latencies(runs, "p99"), 0), background_rate(runs)])
            runs = [each["open", name] for each in rounds]
            cells = [*latency_cells(runs), busy(runs, "server"), background_rate(runs)]
            opened.rows.append([f"{kind.name}, {name}", *cells])
    for loop, what in (("closed", "one at a time"), ("open", f"{rate} a second")):
        for quantile in ("p50", "p99"):
            ratio = times_slower(results[OURS["always"]], loop, quantile)
            section.remarks.append(
                f"GETs beside 8 writers, {what}, {quantile} against alone, median of the rounds' ratios: "
                + run.verdict(ratio, READERS_TARGET, 2))
    slower = {kind: f"{times_slower(rounds, 'closed', 'p99'):.1f}" for kind, rounds in results.items()}
    section.highlight("99th percentile of GETs beside 8 clients whose SETs are synced, against alone", slower, " ×")
    section.charts.append(Chart(
        "durability-readers", f"Latency of GETs, {rate:,} a second in an open loop", [
            Lines(
                title, percentile_lines({kind: [each["open", name] for each in rounds]
                                         for kind, rounds in results.items()}),
                x="percentile", y="µs", y_log=True, x_ticks=PERCENTILES)
            for title, name in (("Alone", "alone"), ("Beside 8 clients whose SETs are synced", "beside 8 writers"))],
        same_y=True))


def times_slower(rounds, loop, quantile):
    """How many times longer a percentile is beside writers: the median of the rounds."""
    alone, beside = ([each[loop, name] for each in rounds] for name in ("alone", "beside 8 writers"))
    pairs = zip(latencies(beside, quantile), latencies(alone, quantile))
    return statistics.median(longer / shorter for longer, shorter in pairs)


def background_rate(runs):
    rates = [each["background"]["perSecond"] for each in runs if "background" in each]
    return spread(rates, 0) if rates else ""


# --- Compaction


def compaction(run, section, theirs):
    """How long the loop is busy at once while the journal is compacted; PINGs wait for nothing but it."""
    keys = run.size(1_000_000, 10_000)
    table = section.table([
        f"PINGs beside SETs of {keys} keys", *LATENCY_HEADER, "SETs a second", "compactions"])
    flags = ["-c", 10, "-P", 64, "--command", "ping", "--rate", 5000, "--keys", keys]
    flags += ["--seconds", run.size(3, 0.3), "--warm-up", run.size(0.3, 0.05)]
    flags += ["--background-command", "put", "--background-connections", 8, "--background-pipeline", 16]

    def measure(server):
        results = {}
        for name, words in (("alone", ["PING"]), ("compacting", ["BGREWRITEAOF"])):
            before = int(server.info("persistence")["aof_rewrites"])
            # One begins as soon as another ends; the other way, somebody asks as often for something else.
            with Repeating(run.machine.load_processor, 0.1, lambda: server.ask(resp(*words), timeout=5)):
                figures = run.load(server, *flags)
            await_compaction(server)
            results[name] = figures, int(server.info("persistence")["aof_rewrites"]) - before
            if name == "compacting" and results[name][1] == 0:
                raise Failure(f"{server.kind.name} has compacted nothing, though it was asked to")
        return results

    with Group(run, section, [OURS["everysec"], *([theirs["everysec"]] if theirs else [])]) as group:
        group.each(lambda server: run.prefill(server, keys))
        results = group.in_turn(f"compaction of {keys} keys", run.rounds(3), measure)
    lowest = {}
    for kind, rounds in results.items():
        for name in ("alone", "compacting"):
            runs = [each[name][0] for each in rounds]
            lowest[kind, name] = worst(runs)
            count = spread([each[name][1] for each in rounds], 0)
            table.rows.append([f"{kind.name}, {name}", *latency_cells(runs), background_rate(runs), count])
    ours = OURS["everysec"]
    section.remarks.append(
        "the loop's longest turn while compacting, by the worst PING, undisturbed, from the round with the lowest: "
        + run.verdict(lowest[ours, "compacting"], TURN_TARGET_MILLISECONDS, 2, " ms")
        + f"; without: {lowest[ours, 'alone']:.2f} ms; disturbances are the other threads of the server too")
    texts = {kind: f"{lowest[kind, 'compacting']:.1f}" for kind in results}
    section.highlight(f"longest turn of the loop while a journal of {keys:,} keys is compacted", texts, " ms")


def await_compaction(server):
    """Waits until none is under way."""
    while True:
        fields = server.info("persistence")
        if fields["aof_rewrite_in_progress"] == "0" and fields["aof_rewrite_scheduled"] == "0":
            return fields
        time.sleep(0.02)


# --- Recovery


def recovery(run, section, theirs):
    """How fast a journal is read at a start that a kill went before."""
    entries = run.size(2_000_000, 20_000)
    # So that what is read is one record a key, and neither a base nor a snapshot.
    kinds = {"swiftlet": swiftlet_with_journal("everysec")}
    if theirs:
        kinds["redis-server"] = redis_with_journal("everysec", "--auto-aof-rewrite-percentage", 0)
    table = section.table([
        f"a journal of {entries} SETs, just written", "entries a second", "processor time of one in µs"])
    rates, costs = {}, {}
    for name, kind in kinds.items():
        with tempfile.TemporaryDirectory(prefix="recovery-", dir=OUTPUT) as folder:
            run.say(f"{name}: writing {entries} entries")
            with run.start(kind, folder) as server:
                run.prefill(server, entries)
                server.process.kill()
                server.process.wait()
            for number in range(run.rounds(3)):
                run.say(f"{name}: reading them, round {number + 1}")
                with run.start(kind, folder) as server:
                    rates.setdefault(kind, []).append(entries / loading_seconds(server, name))
                    costs.setdefault(kind, []).append(server.processor_seconds() * 1e6 / entries)
                    if (count := server.ask(resp("DBSIZE"), timeout=5)) != b":%d\r\n" % entries:
                        raise Failure(f"{name} was given {entries} keys and has {count.decode().strip()} after a start")
                    server.process.kill()
                    server.process.wait()
        table.rows.append([name, spread(rates[kind], 0), spread(costs[kind], 2)])
    ours = statistics.median(rates[kinds["swiftlet"]])
    section.remarks.append(
        "recovery, entries a second by the clock: " + run.verdict(ours, RECOVERY_TARGET, 0, is_least=True))
    texts = {kind: f"{statistics.median(values) / 1e6:.1f}" for kind, values in rates.items()}
    section.highlight("entries a second that recovery reads", texts, " million")


def loading_seconds(server, name):
    """How long the server itself says that loading took."""
    if name == "swiftlet":
        return sum(int(each) for each in server.await_logged(r"loaded \d+ keys .* milliseconds=(\d+)")) / 1000
    return sum(float(each) for each in server.await_logged(r"DB loaded from append only file: ([\d.]+) seconds"))


# --- Space


def overwriting(run, section, theirs):
    """Space on the disk, and what is written in all, while the same keys are set again and again."""
    keys, value_bytes, count = run.size(100_000, 2000), 100, run.size(3_600_000, 60_000)
    segment = run.size(4, 1) << 20
    kinds = {"swiftlet": swiftlet_with_journal("everysec", "--segment-bytes", segment, "--log-level", "info")}
    if theirs:
        kinds["redis-server"] = redis_with_journal("everysec", "--auto-aof-rewrite-min-size", segment)
    table = section.table([
        f"{count} SETs of {keys} keys", "keys and values, MB", "compacted, MB", "on disk at most, MB", "compactions",
        "written for a byte journalled"])
    plain = keys * (KEY_BYTES + value_bytes)
    peaks = {}
    for name, kind in kinds.items():
        run.say(f"{name}: {count} SETs of {keys} keys")
        with run.start(kind) as server:
            flags = ["--keys", keys, "--value-bytes", value_bytes]
            with Repeating(run.machine.load_processor, 0.01, lambda: bytes_on_disk(server.folder)) as sizes:
                run.load(server, *flags, "--command", "put", "-P", 16, "--requests", count, "--warm-up", 0)
                fields = await_compaction(server)
            compactions, amplification = fields["aof_rewrites"], written_for_each(server, fields)
            server.session(resp("BGREWRITEAOF"))
            base = int(await_compaction(server)["aof_base_size"])
            peaks[kind] = max(sizes.results)
            cells = [f"{size / 1e6:.1f}" for size in (plain, base, peaks[kind])]
            table.rows.append([name, *cells, compactions, amplification])
            if name == "swiftlet":
                verdict = run.verdict(peaks[kind] / 1e6, (2.5 * base + 2 * segment) / 1e6, 1, " MB")
                section.remarks.append(
                    f"{count} SETs, an hour of {count / 3600:.0f} a second, segments of {segment >> 20} MiB, at most "
                    f"on disk: {verdict}, which is 2.5 × what is live, compacted, + 2 segments")
    if theirs:
        section.remarks.append("redis-server compresses what it compacts, and these values can be compressed well")
    texts = {kind: f"{peak / 1e6:.0f}" for kind, peak in peaks.items()}
    section.highlight(f"most of the disk, {plain / 1e6:.0f} MB of keys and values overwritten", texts, " MB")


def written_for_each(server, fields):
    """Bytes that Swiftlet has written, compactions included, for each byte of its journal."""
    ended = re.findall(r"compaction has ended +bytes=(\d+) +freed-bytes=(\d+)", server.logged())
    if not ended:
        return "–"
    journalled = int(fields["journal_bytes"]) + sum(int(freed) for _, freed in ended)
    return f"{1 + sum(int(base) for base, _ in ended) / journalled:.2f}"
