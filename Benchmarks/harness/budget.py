"""The instruction budget: what a request costs the server in user instructions, counted and not timed.

    Benchmarks/run budget              counts, and compares with Benchmarks/budget.json; fails if a request got dearer
    Benchmarks/run budget --accept     counts, and writes what it found there
    Benchmarks/run budget P=16         only scenarios with this in their names

Times vary by a fifth on a machine with other work; instructions repeat to a part in a thousand, so a change that costs three
per cent is seen at once. The release server runs under valgrind's callgrind with a fixed number of requests, twice: once
with next to none, and once with all. The difference, divided by their number, is free of start-up, of the keys that are
put beforehand and of making connections. The kernel's instructions are not counted. What grew is told by function: the
file keeps what each cost when it was accepted.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from .machine import BENCHMARKS, Machine
from .peers import SWIFTLET
from .servers import Failure, Server, pinned

FILE = BENCHMARKS / "budget.json"

TOLERANCE = 0.03
"""How much dearer a request may be than when it was accepted."""

FUNCTIONS = 25
"""Functions that the file keeps of each scenario, the dearest."""

KEYS = 1000


@dataclass(frozen=True)
class Scenario:
    """One make of request, so many under way on each connection."""

    dialect: str
    pipeline: int
    command: str
    bound: int | None = None
    """Instructions that it may not exceed, whatever was accepted."""

    @property
    def name(self):
        verb = {"get": "GET", "put": "SET" if self.dialect == "resp" else "PUT"}[self.command]
        return f"{self.dialect} P={self.pipeline} {verb}"

    @property
    def connections(self):
        """One where a turn of the loop is much of a request's cost: then every turn has just one request."""
        return 1 if self.pipeline == 1 else 10

    @property
    def requests(self):
        """Enough that a turn of the loop more or less is nothing."""
        return 20_000 if self.pipeline == 1 else 80_000


SCENARIOS = [
    Scenario("resp", 1, "get"),
    Scenario("resp", 1, "put"),
    Scenario("resp", 16, "get", bound=600),
    Scenario("resp", 16, "put", bound=750),
    Scenario("resp", 128, "get"),
    Scenario("resp", 128, "put"),
    Scenario("line", 1, "get"),
    Scenario("line", 1, "put"),
    Scenario("line", 16, "get"),
    Scenario("line", 16, "put"),
]


# --- Counting


def functions(path):
    """Each function's own instructions in a callgrind.out file (its strings not compressed)."""
    costs = Counter()
    function = None
    follows_call = False
    for line in path.read_text(errors="replace").splitlines():
        if line.startswith("fn="):
            function = line[3:]
        elif line.startswith("calls="):
            follows_call = True  # The next line is what the callee cost, which is told where the callee is.
        elif line[:1].isdigit():
            if follows_call:
                follows_call = False
            elif function is not None:
                costs[function] += int(line.split()[1])
    return costs


def count(machine, scenario, requests):
    """Runs the server with so many requests of a scenario; returns each function's instructions."""
    with tempfile.TemporaryDirectory(prefix="swiftlet-budget-") as folder:
        output = Path(folder) / "callgrind.out"
        def command(machine, port):
            return [
                "valgrind", "--tool=callgrind", f"--callgrind-out-file={output}", "--compress-strings=no",
                "--compress-pos=no", *SWIFTLET.command(machine, port)]

        with Server(machine, replace(SWIFTLET, command=command)) as server:
            flags = [
                server.address, "--dialect", scenario.dialect, "-P", scenario.pipeline, "--command", scenario.command,
                "-c", scenario.connections, "--requests", requests, "--keys", KEYS, "--prefill", "--warm-up", 0]
            done = subprocess.run(
                [str(word) for word in [machine.programs / "swiftlet-benchmark", *flags]], stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, timeout=120, preexec_fn=pinned(machine.load_processor))
            if done.returncode != 0:
                raise Failure(f"the load generator failed: {done.stdout.strip()}")
        if not output.exists():
            raise Failure("callgrind has written nothing")
        return functions(output)


def measure(machine, scenario, bases):
    """What one request costs, by function; `bases` keeps what was counted without any but the first."""
    base = replace(scenario, pipeline=min(scenario.pipeline, 16), command="get", bound=None)
    if base not in bases:
        bases[base] = count(machine, base, base.connections)
    costs = count(machine, scenario, scenario.requests)
    return {name: (cost - bases[base][name]) / (scenario.requests - base.connections) for name, cost in costs.items()}


def demangled(names):
    """Swift's symbols as people write them, where they are Swift's."""
    done = subprocess.run(
        ["swift", "demangle", "--simplified"], input="\n".join(names), stdout=subprocess.PIPE, text=True, check=True)
    return [re.sub(r"^(merged|generic specialization <.*?> of|function signature specialization <.*?> of) ", "", name)
            for name in done.stdout.splitlines()]


def summary(costs):
    """The dearest functions, the dearest first; those that differ only in how the compiler specialised them are one."""
    named = Counter()
    for name, cost in zip(demangled(costs), costs.values()):
        named[name] += cost
    return {name: round(cost, 1) for name, cost in named.most_common() if cost >= 0.05}


# --- Judging


def grown(before, after):
    """What functions cost more than before, or not at all then, as lines; the most first."""
    differences = {name: cost - before.get(name, 0) for name, cost in after.items()}
    differences |= {name: -cost for name, cost in before.items() if name not in after}
    rows = sorted(differences.items(), key=lambda row: -row[1])
    return [f"    {difference:+8.1f}  {name}" for name, difference in rows if difference >= 0.5][:12]


def judge(scenario, total, costs, accepted):
    """What is wrong with a scenario's cost, as lines; none if nothing is."""
    lines = []
    if scenario.bound is not None and total > scenario.bound:
        lines.append(f"{scenario.name}: {total:.1f} instructions a request are over the bound of {scenario.bound}")
    if accepted is None:
        lines.append(f"{scenario.name}: nothing was accepted yet (--accept)")
    elif total > accepted["instructions"] * (1 + TOLERANCE):
        growth = total / accepted["instructions"] - 1
        lines.append(
            f"{scenario.name}: {total:.1f} instructions a request, {growth:.1%} more than the {accepted['instructions']} "
            "that were accepted; functions that grew:")
        # Only the dearest are known of before: a function that just came among them has not grown by all it costs.
        floor = min(accepted["functions"].values(), default=0)
        lines += grown(accepted["functions"], {name: cost for name, cost in costs.items()
                                               if name in accepted["functions"] or cost > floor})
    return lines


def main(arguments):
    parser = argparse.ArgumentParser(
        prog="Benchmarks/run budget", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenarios", nargs="*", metavar="scenario", help="words that the scenarios' names have to have")
    parser.add_argument("--accept", action="store_true", help="write what is found to Benchmarks/budget.json")
    parser.add_argument("--functions", type=int, metavar="count", default=0, help="also show the dearest functions")
    options = parser.parse_args(arguments)
    chosen = [each for each in SCENARIOS if all(word in each.name.split() for word in options.scenarios)]
    if not chosen:
        parser.error("no such scenario; there are: " + ", ".join(each.name for each in SCENARIOS))
    if not shutil.which("valgrind"):
        raise Failure("valgrind is not installed")

    accepted = json.loads(FILE.read_text()) if FILE.exists() else {}
    machine = Machine.prepare(install=False)
    bases, faults = {}, []
    for scenario in chosen:
        print(f"counting {scenario.name} ...", file=sys.stderr, flush=True)
        costs = measure(machine, scenario, bases)
        total, costs = sum(costs.values()), summary(costs)
        before = accepted.get(scenario.name)
        bound = f", bound {scenario.bound}" if scenario.bound else ""
        known = f", accepted {before['instructions']}" if before else ""
        print(f"{scenario.name:16} {total:8.1f} instructions a request{known}{bound}", flush=True)
        for name, cost in list(costs.items())[:options.functions]:
            print(f"    {cost:8.1f}  {name}")
        found = {"instructions": round(total, 1), "functions": dict(list(costs.items())[:FUNCTIONS])}
        if options.accept:
            accepted[scenario.name] = before = found
        faults += judge(scenario, total, costs, before)
    if options.accept:
        order = [each.name for each in SCENARIOS]
        accepted = {name: accepted[name] for name in order if name in accepted}
        FILE.write_text(json.dumps(accepted, indent=2, ensure_ascii=False) + "\n")
    if faults:
        raise Failure("the instruction budget is exceeded\n" + "\n".join(faults))
