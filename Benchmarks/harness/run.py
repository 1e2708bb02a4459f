"""A run: how long, how often, and in turn."""

import os
import sys
import time
from contextlib import ExitStack

from .peers import PEERS, Kind
from .report import verdict
from .servers import Failure, Server, load


OTHER_WORK_MAX = 0.05
"""A part of the time; with more taken by other work, times are longer and ratios stray."""


class Run:
    """One run of some suites on one machine."""

    def __init__(self, machine, tiny, rounds, command):
        self.machine = machine
        self.command = command
        self.tiny = tiny
        self.asked_rounds = rounds
        self.started = time.monotonic()
        self.place = "start"
        self.measured = self.waited = 0
        self.skips_nothing = "SWIFTLET_NO_SKIP" in os.environ
        """As for the tests: in CI everything has to be there."""

    def rounds(self, usual):
        return self.asked_rounds or (1 if self.tiny else usual)

    def size(self, usual, tiny):
        return tiny if self.tiny else usual

    def begin(self, number, count, name):
        """Tells what the lines of progress that follow belong to."""
        self.place = f"{number}/{count} {name}"
        self.measured = self.waited = 0
        self.say("begins")

    def say(self, text):
        seconds = int(time.monotonic() - self.started)
        print(f"[{seconds // 60}:{seconds % 60:02}] {self.place}: {text}", file=sys.stderr, flush=True)

    def verdict(self, *arguments, **options):
        return "not judged: inputs are tiny" if self.tiny else verdict(*arguments, **options)

    def load(self, server, *flags):
        figures = load(self.machine, server, *flags)
        self.measured += figures["nanoseconds"]
        # The generator is one thread alone on its processor: it waits only for what is none of this run's business.
        self.waited += figures["generator"]["waitedNanoseconds"]
        return figures

    def is_disturbed(self):
        """Whether the machine had so much other work that the suite's figures say little."""
        return self.waited > self.measured * OTHER_WORK_MAX

    def other_work(self):
        """How much the machine had to do beside, as a remark: whoever reads a figure has to know."""
        share = self.waited / max(self.measured, 1)
        text = f"the machine's other work: the load generator waited for its processor {share:.1%} of the time"
        return f"**{text}; these figures say little**" if self.is_disturbed() else text

    def start(self, kind, folder=None):
        return Server(self.machine, kind, folder)

    def prefill(self, server, keys, *flags):
        """Puts all keys."""
        self.load(server, "--keys", keys, "--prefill", "-P", 16, "--seconds", 0.05, "--warm-up", 0, *flags)

    def peers(self, section, *left_out):
        """The peers that there are; those that are missing are named in the section."""
        there = []
        for kind in PEERS:
            if kind in left_out:
                continue
            if kind.program():
                there.append(kind)
            elif self.skips_nothing:
                raise Failure(f"{kind.name} is not installed")
            else:
                section.remarks.append(f"{kind.name} skipped: it is not installed (`--install` gets it)")
        return there

    def fails(self, section, kind, failure):
        """Goes on without a peer that cannot do what is asked; a tiny run, which is a test, does not."""
        if self.tiny or kind not in PEERS:
            raise failure
        self.say(f"left out: {failure}")
        if (remark := f"left out: {failure}") not in section.remarks:
            section.remarks.append(remark)


class Group:
    """Servers that are up at the same time, each idle while another is measured."""

    def __init__(self, run, section, kinds):
        self.run = run
        self.section = section
        self.servers: dict[Kind, Server] = {}
        self.stack = ExitStack()
        try:
            for kind in kinds:
                self.attempt(kind, lambda: self.servers.update({kind: self.stack.enter_context(run.start(kind))}))
        except BaseException:
            self.stack.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def attempt(self, kind, work):
        """The result of some work, or none if a peer cannot do it; then it is not asked again."""
        try:
            return work()
        except Failure as failure:
            self.servers.pop(kind, None)
            self.run.fails(self.section, kind, failure)
            return None

    def each(self, work):
        """Does something with each server, once; results by kind."""
        results = {kind: self.attempt(kind, lambda: work(server)) for kind, server in list(self.servers.items())}
        return {kind: result for kind, result in results.items() if kind in self.servers}

    def in_turn(self, what, rounds, measure):
        """The results of some rounds by kind: A B C, then C B A, so that a drift of the machine meets all alike."""
        results = {kind: [] for kind in self.servers}
        for number in range(rounds):
            self.run.say(f"{what}, round {number + 1} of {rounds}")
            order = list(self.servers.items())
            for kind, server in order if number % 2 == 0 else reversed(order):
                result = self.attempt(kind, lambda: measure(server))
                if result is not None:
                    results[kind].append(result)
        return {kind: values for kind, values in results.items() if kind in self.servers}
