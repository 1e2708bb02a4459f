"""The servers that are measured: how each is started, and in which dialect it is spoken to."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace

from .machine import OUTPUT
from .servers import Failure, Server, resp

VALUE_BYTES = 32
"""Length of a value where nothing else is said."""


@dataclass(frozen=True)
class Kind:
    """A kind of server."""

    name: str
    dialect: str
    """One that the load generator speaks."""
    question: bytes
    """A request that is answered as soon as the server serves."""
    command: Callable
    """From the machine and a port to the words that start it."""
    program: Callable = lambda: True
    """What it needs that may be absent; true if it is there."""
    names_port: bool = False
    """Whether it takes a port of its own and logs which."""


def swiftlet_command(machine, port):
    return [machine.programs / "swiftlet", "--listen", f"127.0.0.1:{port}"]


def redis_command(machine, port):
    # Its protected mode would refuse clients from 127.0.0.2.
    return [
        "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
        "--protected-mode", "no", "--maxclients", machine.open_files - 64]


def memcached_command(machine, port):
    # One thread as the others have one, room for all keys, and for values of a megabyte with their heads.
    user = ["-u", "root"] if os.geteuid() == 0 else []
    return [
        "memcached", "-p", port, "-l", "127.0.0.1", "-U", 0, "-t", 1, "-m", 8192, "-I", "2m",
        "-c", machine.open_files - 64, *user]


def goroutine_command(machine, port):
    return [OUTPUT / "goroutine-mutex", f"127.0.0.1:{port}"]


def bare_loop(reply):
    """The floor: an epoll loop that answers everything with the same line."""

    def command(machine, port):
        return [machine.programs / "bare-loop", reply]

    return Kind("bare loop", "line", b"PING\n", command, names_port=True)


RESP_PING = resp("PING")

SWIFTLET = Kind("swiftlet", "resp", RESP_PING, swiftlet_command)
SWIFTLET_LINES = Kind("swiftlet, lines", "line", b"PING\n", swiftlet_command)
REDIS = Kind("redis-server", "resp", RESP_PING, redis_command, lambda: shutil.which("redis-server"))
MEMCACHED = Kind("memcached", "memcached", b"version\r\n", memcached_command, lambda: shutil.which("memcached"))
GOROUTINES = Kind(
    "goroutine-mutex", "line", b"GET nothing\n", goroutine_command, lambda: shutil.which("go"))
BARE_GET = bare_loop(f"VALUE {'v' * VALUE_BYTES}\n")
BARE_PUT = bare_loop("OK\n")

PEERS = (REDIS, MEMCACHED, GOROUTINES)


def swiftlet_with_journal(sync, *flags):
    """Swiftlet that keeps its changes in its folder."""

    def command(machine, port):
        return [*swiftlet_command(machine, port), "--data", "data", "--sync", sync, *flags]

    return replace(SWIFTLET, name=f"swiftlet, {sync}", command=command)


def redis_with_journal(sync, *flags):
    """Redis that does."""

    def command(machine, port):
        return [*redis_command(machine, port), "--appendonly", "yes", "--appendfsync", sync, *flags]

    return replace(REDIS, name=f"redis-server, {sync}", command=command)


def check_goroutines(machine):
    """Holds the peer that is part of this repository to the replies that Swiftlet gives."""
    requests = (
        b"GET a\nPUT a 1\nPUT a  2 and 3 \nget a\nDELETE a\nDELETE a\nLIST\n"
        b"PUT b\r\nPUT b 4\r\n\nLIST\nDELETE b\nGET b")
    with Server(machine, SWIFTLET_LINES) as ours, Server(machine, GOROUTINES) as theirs:
        expected, answered = ours.session(requests), theirs.session(requests)
    if expected != answered:
        raise Failure(f"goroutine-mutex answers {answered!r} where Swiftlet answers {expected!r}")
