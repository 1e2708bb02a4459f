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


@dataclass
class Machine:
    """Where the programs are, and which processor is for whom."""

    programs: Path
    server_processor: int
    load_processor: int
    open_files: int

    @classmethod
    def prepare(cls, install):
        """Builds everything in release mode and looks at the machine."""
        if install:
            install_peers()
        print("building for release ...", file=sys.stderr, flush=True)
        subprocess.run(["swift", "build", "-c", "release", "--quiet"], cwd=PACKAGE, check=True, stdout=sys.stderr)
        path = subprocess.run(
            ["swift", "build", "-c", "release", "--show-bin-path"],
            cwd=PACKAGE, check=True, stdout=subprocess.PIPE, text=True,
        ).stdout.strip()
        processors = sorted(os.sched_getaffinity(0))
        if len(processors) < 2:
            print("note: with one processor, server and generator share it", file=sys.stderr)
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        return cls(
            programs=Path(path), server_processor=processors[0], load_processor=processors[-1],
            open_files=1 << 20 if hard == resource.RLIM_INFINITY else hard)

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
            ("Swiftlet", first_line(["git", "-C", str(PACKAGE), "describe", "--always", "--dirty"])),
        ]
        if shutil.which("redis-server"):
            facts.append(("Redis", first_line(["redis-server", "--version"])))
        return facts


def first_line(command, stderr=None):
    try:
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=stderr, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return output.strip().splitlines()[0] if output.strip() else "unknown"


def install_peers():
    """Gets the servers to compare with from Debian."""
    missing = [name for name in ("redis-server",) if not shutil.which(name)]
    if missing:
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive", RUNLEVEL="1")
        subprocess.run(["apt-get", "update", "-qq"], check=True, env=environment, stdout=sys.stderr)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
            check=True, env=environment, stdout=sys.stderr)
