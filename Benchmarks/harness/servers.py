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
from pathlib import Path

from .machine import OUTPUT


class Failure(Exception):
    """What keeps a measurement from being made, in one line."""


def pinned(processor):
    """What a child does before it runs its program: stay on one processor, and end when this process does."""

    def prepare():
        os.sched_setaffinity(0, {processor})
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG

    return prepare


class Server:
    """A server of some kind on a free port of 127.0.0.1, in a folder of its own unless one is given."""

    def __init__(self, machine, kind, folder=None):
        self.kind = kind
        self.port = free_port()
        self.log = tempfile.TemporaryFile("w+")
        self.own_folder = None if folder else tempfile.TemporaryDirectory(prefix="server-", dir=OUTPUT)
        self.folder = Path(folder or self.own_folder.name)
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [str(word) for word in kind.command(machine, self.port)],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            cwd=self.folder, preexec_fn=pinned(machine.server_processor))
        self.pid = self.process.pid
        try:
            self.await_answer()
        except BaseException:
            self.stop()
            raise

    def await_answer(self):
        """Waits until it answers its kind's first question, and notes how long that took."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.kind.names_port:
                ready = re.search(r"ready on 127\.0\.0\.1:(\d+)", self.logged())
                if not ready:
                    continue
                self.port = int(ready[1])
            try:
                if self.ask(self.kind.question, timeout=5):
                    self.start_milliseconds = (time.perf_counter() - self.started) * 1000
                    return
            except OSError:
                pass
        raise Failure(f"{self.kind.name} does not start: {self.logged().strip()}")

    def logged(self):
        """What it has written to its log."""
        # Read without moving where its writer is, who shares that place.
        return os.pread(self.log.fileno(), 1 << 24, 0).decode(errors="replace")

    def await_logged(self, pattern, seconds=60):
        """What a pattern finds in the log as soon as it finds something."""
        deadline = time.monotonic() + seconds
        while not (found := re.findall(pattern, self.logged())):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"{self.kind.name} does not log {pattern}: {self.logged().strip()}")
            time.sleep(0.01)
        return found

    def ask(self, request, timeout):
        """The first bytes of the answer to a request."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as connection:
            connection.sendall(request)
            return connection.recv(65536)

    def session(self, requests):
        """All that is answered to some requests, until the server closes because there are no more."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
            connection.sendall(requests)
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while part := connection.recv(65536):
                answer += part
            return answer

    def info(self, section):
        """The fields of one of INFO's sections, in RESP."""
        text = self.session(resp("INFO", section)).decode()
        return dict(line.split(":", 1) for line in text.splitlines() if ":" in line)

    def processor_seconds(self):
        """How long its threads have run since its start."""
        tasks = Path(f"/proc/{self.pid}/task").glob("*/schedstat")
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

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
        if self.own_folder:
            self.own_folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def resp(*words):
    """A request in RESP."""
    return b"".join([b"*%d\r\n" % len(words), *(b"$%d\r\n%s\r\n" % (len(word), word.encode()) for word in words)])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def load(machine, server, *flags, timeout=600):
    """Runs the load generator against a server; returns its figures."""
    command = [
        machine.programs / "swiftlet-benchmark", server.address, "--json", "--pid", server.pid,
        "--dialect", server.kind.dialect, *flags]
    try:
        done = subprocess.run(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            timeout=timeout, preexec_fn=pinned(machine.load_processor))
    except subprocess.TimeoutExpired:
        raise Failure(f"{server.kind.name}: the load generator did not end in {timeout} s") from None
    if done.returncode != 0:
        words = " ".join(str(word) for word in flags)
        reason = done.stderr.strip() or done.stdout.strip()
        raise Failure(f"{server.kind.name}: the load generator failed with {words}: {reason}")
    return json.loads(done.stdout)
