"""Figures of the load generator in the units of the tables."""

import statistics

from .report import spread

PERCENTILES = ("p50", "p90", "p99", "p99.9", "p99.99", "max")

LATENCY_HEADER = [
    "p50", "p99", "p99.9", "worst", "undisturbed p99.9", "undisturbed worst", "server kept waiting", "generator late"]

LATENCY_NOTE = (
    "Undisturbed: less the time in which server or generator could have run but the kernel ran something else. Server "
    "kept waiting: the whole of that time for the server. Generator late: how much later than it was due a request was "
    "sent at worst, in µs; it counts as latency.")

QUIET_SHARE = 0.02
"""A round in which the server was kept waiting for more than this part of the time says little of worst latencies."""


def microseconds(nanoseconds):
    return nanoseconds / 1000


def cost(figures):
    """The server's processor time a request, in µs."""
    return microseconds(figures["server"]["nanosecondsPerRequest"])


def busy(runs, who):
    """The median part of its processor that `server` or `generator` used."""
    return f"{statistics.median(each[who]['processorNanoseconds'] / each['nanoseconds'] for each in runs):.0%}"


def resident(figures, moment):
    """The server's resident memory `Before` connecting, once `Connected` or `After` the requests, in bytes."""
    return figures["server"][f"residentBytes{moment}"]


def latencies(runs, quantile, kind="latency"):
    """A percentile in each run, in µs."""
    return [microseconds(each["main"][kind][quantile]) for each in runs]


def milliseconds(runs, quantile):
    """The median of a percentile in ms, as text."""
    value = statistics.median(latencies(runs, quantile)) / 1000
    return f"{value:.2f}" if value < 10 else f"{value:,.0f}"


def percentile_lines(runs_by_kind):
    """The medians of each percentile in µs, as lines of a chart: Swiftlet's by its name, in whichever dialect."""
    return {
        kind.name.split(",")[0]: [
            (place, statistics.median(latencies(runs, name))) for place, name in enumerate(PERCENTILES)]
        for kind, runs in runs_by_kind.items()}


def latency_cells(runs):
    """A row's cells: in µs medians of the rounds, the worst with its spread, and what the kernel took of both sides."""
    cells = [f"{statistics.median(latencies(runs, quantile)):.0f}" for quantile in ("p50", "p99", "p99.9")]
    cells.append(spread(latencies(runs, "max"), 0))
    cells.append(spread(latencies(runs, "p99.9", "undisturbedLatency"), 0))
    cells.append(spread(latencies(runs, "max", "undisturbedLatency"), 0))
    cells.append(f"{statistics.median(each['server']['waitedNanoseconds'] for each in runs) / 1e6:.1f} ms")
    cells.append(f"{statistics.median(microseconds(each['main']['lagMax']) for each in runs):.0f}")
    return cells


def worst(runs):
    """The lowest of the rounds' undisturbed worst latencies, in ms.

    Noise only ever adds, and what the server does itself comes back in every round.
    """
    return min(each["main"]["undisturbedLatency"]["max"] for each in runs) / 1e6


def worst_verdict(run, what, cause, without, limit):
    """How much later the worst request is with a cause, in ms; not judged where other work took too much."""

    def was_quiet(runs):
        return any(each["server"]["waitedNanoseconds"] < each["nanoseconds"] * QUIET_SHARE for each in runs)

    if not run.tiny and not (was_quiet(cause) and was_quiet(without)):
        return f"{what}: not judged: the server waited for its processor in over {QUIET_SHARE:.0%} of every round"
    verdict = run.verdict(worst(cause) - worst(without), limit, 2, " ms")
    return f"{what}, undisturbed, each from the round with the lowest: {verdict}"
