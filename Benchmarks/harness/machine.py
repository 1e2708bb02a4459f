"""The machine and the programs on it: which processors, which builds, which versions."""

import os
import platform
import resource
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parent.parent
PACKAGE = BENCHMARKS.parent
OUTPUT = PACKAGE / ".build" / "benchmarks"
"""What a run leaves that is not to be kept with the sources."""

DEBIAN_PACKAGES = {
    "redis-server": "redis-server", "memcached": "memcached", "go": "golang-go", "gnuplot": "gnuplot-nox"}
"""What is compared with, and what draws: each program, and the package that has it."""


@dataclass
class Machine:
    """Where the programs are, and which processor is for whom."""

    programs: Path
    server_processor: int
    load_processor: int
    open_files: int
    version: str
    """Of Swiftlet, before this run writes anything."""

    @classmethod
    def prepare(cls, install):
        """Builds everything in release mode and looks at the machine."""
        if install:
            install_programs()
        print("building for release ...", file=sys.stderr, flush=True)
        subprocess.run(["swift", "build", "-c", "release", "--quiet"], cwd=PACKAGE, check=True, stdout=sys.stderr)
        path = subprocess.run(
            ["swift", "build", "-c", "release", "--show-bin-path"],
            cwd=PACKAGE, check=True, stdout=subprocess.PIPE, text=True,
        ).stdout.strip()
        OUTPUT.mkdir(parents=True, exist_ok=True)
        if shutil.which("go"):
            build_go_server()
        processors = sorted(os.sched_getaffinity(0))
        if len(processors) < 2:
            print("note: with one processor, server and generator share it", file=sys.stderr)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        return cls(
            programs=Path(path), server_processor=processors[0], load_processor=processors[-1],
            open_files=1 << 20 if hard == resource.RLIM_INFINITY else hard,
            version=first_line(["git", "-C", str(PACKAGE), "describe", "--always", "--dirty"]))

    @property
    def most_connections(self):
        """So many as the limit on open files leaves room for, beside what programs open themselves."""
        return self.open_files - 200

    def free_bytes(self):
        """Memory that is free or can be had at once."""
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) << 10
        return 0

    def facts(self):
        """What a reader of the figures has to know of the machine, as pairs of name and text."""
        model = "unknown"
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
        facts = [
            ("Processor", f"{model}, {len(os.sched_getaffinity(0))} of them for this run"),
            ("Kernel", platform.release()),
            ("Swift", first_line(["swift", "--version"], stderr=subprocess.DEVNULL)),
        ]
        for name, command in (
            ("Redis", ["redis-server", "--version"]), ("memcached", ["memcached", "-V"]), ("Go", ["go", "version"]),
        ):
            facts.append((name, first_line(command) if shutil.which(command[0]) else "not installed"))
        return facts


def first_line(command, stderr=None):
    try:
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=stderr, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return output.strip().splitlines()[0] if output.strip() else "unknown"


def build_go_server():
    """Builds the one peer that comes as source, with what is installed and without a look at the network."""
    environment = dict(os.environ, GOTOOLCHAIN="local", GOFLAGS="-mod=readonly", CGO_ENABLED="0", GOPROXY="off")
    environment.setdefault("GOCACHE", str(OUTPUT / "go-cache"))
    subprocess.run(
        ["go", "build", "-o", str(OUTPUT / "goroutine-mutex"), "."],
        cwd=BENCHMARKS / "Peers" / "goroutine-mutex", check=True, env=environment, stdout=sys.stderr)


def install_programs():
    """Gets from Debian what to compare with and what draws."""
    missing = [package for program, package in DEBIAN_PACKAGES.items() if not shutil.which(program)]
    if missing:
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive", RUNLEVEL="1")
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment, stdout=sys.stderr)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
            check=True, env=environment, stdout=sys.stderr)
