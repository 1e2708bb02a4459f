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
    """A server of some kind on a free port of 127.0.0.1."""

    def __init__(self, machine, kind):
        self.kind = kind
        self.port = free_port()
        self.log = tempfile.TemporaryFile("w+")
        self.folder = tempfile.TemporaryDirectory(prefix="swiftlet-benchmark-")
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [str(word) for word in kind.command(machine, self.port)],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
            cwd=self.folder.name, preexec_fn=pinned(machine.server_processor))
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
                self.log.seek(0)
                ready = re.search(r"ready on 127\.0\.0\.1:(\d+)", self.log.read())
                if not ready:
                    continue
                self.port = int(ready[1])
            try:
                if self.ask(self.kind.question, timeout=5):
                    self.start_milliseconds = (time.perf_counter() - self.started) * 1000
                    return
            except OSError:
                pass
        self.log.seek(0)
        raise Failure(f"{self.kind.name} does not start: {self.log.read().strip()}")

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
