"""Processes: servers that end with their `with` block, and runs of the load generator."""

import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time


class Failure(Exception):
    """What keeps a measurement from being made, in one line."""


def pinned(processor):
    """What a child does before it runs its program: stay on one processor, and end when this process does."""

    def prepare():
        os.sched_setaffinity(0, {processor})
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG

    return prepare


class Server:
    """A server on a free port of 127.0.0.1."""

    def __init__(self, machine, command, port=None):
        self.log = tempfile.TemporaryFile("w+")
        self.folder = tempfile.TemporaryDirectory(prefix="swiftlet-benchmark-")
        self.process = subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            cwd=self.folder.name, preexec_fn=pinned(machine.server_processor))
        self.pid = self.process.pid
        try:
            self.port = self.await_port(port)
        except BaseException:
            self.stop()
            raise

    def await_port(self, port):
        """Waits until it answers; the port is the one that it was given or that its log names."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            self.log.seek(0)
            ready = re.search(r"ready on 127\.0\.0\.1:(\d+)", self.log.read())
            if ready:
                return int(ready[1])
            if port and is_open(port):
                return port
            time.sleep(0.01)
        self.log.seek(0)
        raise Failure(f"{self.process.args[0]} does not start: {self.log.read().strip()}")

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        self.folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def speaks_resp(self):
        """Whether a PING of the Redis protocol is answered."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(b"*1\r\n$4\r\nPING\r\n")
            try:
                return connection.recv(64) == b"+PONG\r\n"
            except ConnectionError:
                return False


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def swiftlet(machine):
    return Server(machine, [machine.programs / "swiftlet", "--listen", "127.0.0.1:0"])


def bare_loop(machine, reply):
    return Server(machine, [machine.programs / "bare-loop", reply])


def redis(machine):
    port = free_port()
    flags = ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    return Server(machine, ["redis-server", *flags], port=port)


def load(machine, server, *flags, timeout=600):
    """Runs the load generator against a server; returns its figures."""
    command = [machine.programs / "swiftlet-benchmark", server.address, "--json", "--pid", server.pid, *flags]
    try:
        done = subprocess.run(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=timeout, preexec_fn=pinned(machine.load_processor))
    except subprocess.TimeoutExpired:
        raise Failure(f"the load generator did not end in {timeout} s") from None
    if done.returncode != 0:
        words = " ".join(str(word) for word in flags)
        raise Failure(f"the load generator failed with {words}: {done.stderr.strip() or done.stdout.strip()}")
    return json.loads(done.stdout)
