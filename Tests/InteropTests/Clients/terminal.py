"""Uses redis-cli as a person does, through a terminal.

usage: terminal.py PORT

Prints one line a check, `ok NAME` or `FAILED NAME: why`; ends with 1 if one failed.
"""

import os
import pty
import re
import select
import signal
import sys
import time

port = sys.argv[1]
patience = 10
failures = 0


class Terminal:
    """A program behind a terminal of its own."""

    def __init__(self, *arguments):
        self.text = ""
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "dumb"
            os.execvp(arguments[0], arguments)

    def read_until(self, pattern):
        """What is written up to where the pattern matches; None after too long a time."""
        deadline = time.time() + patience
        while time.time() < deadline:
            match = re.search(pattern, self.text)
            if match:
                found, self.text = self.text[: match.end()], self.text[match.end() :]
                return found
            if not select.select([self.descriptor], [], [], 0.1)[0]:
                continue
            try:
                data = os.read(self.descriptor, 4096)
            except OSError:
                return None
            if not data:
                return None
            self.text += data.decode(errors="replace")
        return None

    def type(self, line):
        os.write(self.descriptor, (line + "\r").encode())

    def end(self):
        """Waits for the program's end; its exit code, or None after too long a time."""
        deadline = time.time() + patience
        while time.time() < deadline:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            self.drain()
            time.sleep(0.01)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return None

    def drain(self):
        if select.select([self.descriptor], [], [], 0)[0]:
            try:
                os.read(self.descriptor, 4096)
            except OSError:
                pass


def check(name, holds, seen):
    global failures
    if holds:
        print(f"ok {name}")
    else:
        failures += 1
        print(f"FAILED {name}: {seen!r}")


def session(name, flags, prompt, steps):
    terminal = Terminal("redis-cli", "-p", port, *flags)
    seen = terminal.read_until(prompt)
    check(f"{name}: the prompt", seen is not None, terminal.text)
    for line, answer in steps:
        terminal.type(line)
        seen = terminal.read_until(answer)
        check(f"{name}: {line}", seen is not None, terminal.text)
        if seen is None:
            break
    terminal.type("quit")
    status = terminal.end()
    check(f"{name}: the end", status == 0, status)


def main():
    prompt = f"127.0.0.1:{port}> "
    steps = [
        ("flushall", "OK"),
        ("set greeting \"hello world\"", "OK"),
        ("get greeting", "\"hello world\""),
        ("get nothing", r"\(nil\)"),
        ("incr n", r"\(integer\) 1"),
        ("mget greeting n", "1\\) \"hello world\"\r?\n2\\) \"1\""),
        ("get", r"\(error\) ERR wrong number of arguments for 'get' command"),
        ("nosuch", r"\(error\) ERR unknown command 'nosuch'"),
        ("multi", "OK"),
        ("incr n", "QUEUED"),
        ("exec", r"1\) \(integer\) 2"),
        ("help get", "summary|not known|GET key"),
    ]
    session("RESP2", [], prompt, steps)
    session("RESP3", ["-3"], prompt, steps + [("hello", "3# \"proto\" => \\(integer\\) 3")])
    sys.exit(1 if failures else 0)


main()
