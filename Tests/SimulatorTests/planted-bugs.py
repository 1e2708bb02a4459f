#!/usr/bin/env python3
"""Shows that the simulator bites: plants bugs in a copy of the sources, and lets it look for each.

All bugs are built into one program, which has the one that the environment variable SWIFTLET_PLANTED names; the
sources themselves know nothing of them. A bug is a text that stands once in a file, and what stands there instead.

    Tests/SimulatorTests/planted-bugs.py           plants, builds, and runs the seeds from 1 on for each bug
    Tests/SimulatorTests/planted-bugs.py --all     looks for those too that are known to be missed
    Tests/SimulatorTests/planted-bugs.py --check   only looks whether each text still stands once in its file
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
COPY = ROOT / ".build" / "planted"
SECONDS_MAX = 300
# The seeds that have to do, and what the runs are like.
USUAL = (400, ["--ticks", "1000"])

PLANTED = """// Which bug the program has: a number from the environment, 0 for none.

import Glibc

public let plantedBug = getenv("SWIFTLET_PLANTED").flatMap { Int(String(cString: $0)) } ?? 0
"""

# What needs runs of another kind, or more of them.
UNUSUAL = {
    "a stopping server forgets what waits for the end of a pause": (3000, ["--ticks", "150", "--faults", "quarrels"]),
    "a base may be named before the journal holds what it has seen": (
        3000,
        ["--ticks", "300", "--faults", "crashes,slow-disk"],
    ),
    "MSET stores some of its keys when memory runs out": (1000, ["--ticks", "1000"]),
    "a connection is closed between two answers of one turn": (3000, ["--ticks", "100"]),
}

# What is wrong, the file, the text, and what stands there instead; BUG becomes the bug's number.
BUGS = [
    (
        "the ready list forgets a connection now and then",
        "Sources/Reactor/ConnectionTable.swift",
        "    let number = UInt32(slot) + 1\n    if queueTail",
        "    if plantedBug == BUG, queuedCount == 3 { return }\n    let number = UInt32(slot) + 1\n    if queueTail",
    ),
    (
        "a stale event is accepted",
        "Sources/Reactor/ConnectionTable.swift",
        "    token.slot < touchedCount && places[token.slot].generation == token.generation",
        "    plantedBug == BUG && token.slot < touchedCount\n      || token.slot < touchedCount && places[token.slot].generation == token.generation",
    ),
    (
        "a walk misses a split",
        "Sources/Store/Keyspace/Keyspace.swift",
        "    captureForWalks(bucket: current.table.split)",
        "    if plantedBug != BUG { captureForWalks(bucket: current.table.split) }",
    ),
    (
        "a walk misses a change",
        "Sources/Store/Keyspace/Keyspace+Changing.swift",
        "    captureForWalks(bucket: current.table.bucketIndex(hash))",
        "    if plantedBug != BUG { captureForWalks(bucket: current.table.bucketIndex(hash)) }",
    ),
    (
        "an expired key is visible for 5 ms",
        "Sources/Commands/LongReplies/ValueReply.swift",
        "    let found = Self.replyValue(of: key, hash, in: keyspace, now: now, &replies, bytesMax: bytesMax)",
        "    let moment = plantedBug == BUG ? now - 5 : now\n    let found = Self.replyValue(of: key, hash, in: keyspace, now: moment, &replies, bytesMax: bytesMax)",
    ),
    (
        "a connection at its end is closed before its output is sent",
        "Sources/Reactor/Server+Sending.swift",
        "    } else if unsent == 0, !flags.contains(.isAsleep), flags.contains(.isClosing)",
        "    } else if unsent == 0 || plantedBug == BUG && flags.contains(.endOfInput), !flags.contains(.isAsleep),\n      flags.contains(.isClosing)",
    ),
    (
        "a half-close drops the requests that came with it",
        "Sources/Reactor/Server+Receiving.swift",
        "    case .endOfStream:\n      connections[slot].flags.insert(.endOfInput)",
        "    case .endOfStream:\n      connections[slot].flags.insert(.endOfInput)\n      if plantedBug == BUG { return false }",
    ),
    (
        "output is cut at a partial send",
        "Sources/Reactor/Server+Sending.swift",
        "    if taken < outgoing.count { keep(outgoing, from: taken, of: slot) }",
        "    if taken < outgoing.count {\n      keep(outgoing, from: plantedBug == BUG && taken > 0 ? taken + 1 : taken, of: slot)\n    }",
    ),
    (
        "kept output is sent twice",
        "Sources/Reactor/Server+Sending.swift",
        "      connections[slot].outputTaken = UInt32(taken)\n",
        "      if plantedBug != BUG { connections[slot].outputTaken = UInt32(taken) }\n",
    ),
    (
        "a closed connection's output buffer is lost",
        "Sources/Reactor/Server+Sending.swift",
        "    if connection.output != .none { buffers.release(connection.output) }",
        "    if connection.output != .none, plantedBug != BUG { buffers.release(connection.output) }",
    ),
    (
        "a stopping server forgets what waits for the end of a pause",
        "Sources/Reactor/Server+Sending.swift",
        "unsent == 0, !flags.contains(.isAsleep), flags",
        "unsent == 0, plantedBug == BUG || !flags.contains(.isAsleep), flags",
    ),
    (
        "accepting does not go on after descriptors ran out",
        "Sources/Reactor/Server+Accepting.swift",
        "    acceptResumes = nil\n    watchListeners(for: .readable)",
        "    acceptResumes = nil\n    if plantedBug != BUG { watchListeners(for: .readable) }",
    ),
    (
        "clients are timed out too early",
        "Sources/Reactor/Server+Timers.swift",
        "    return milliseconds(ofTick: connection.lastActivity) + idle",
        "    return milliseconds(ofTick: connection.lastActivity) + (plantedBug == BUG ? idle - 600 : idle)",
    ),
    (
        "MSET stores some of its keys when memory runs out",
        "Sources/Commands/Groups/StringCommands.swift",
        "    guard executor.keyspace.hasRoom(for: needed) else {\n      executor.refuse(StoreError.memoryLimitReached)\n      return false\n    }\n    // What was found to have room is stored whole, although the table may grow on the way.\n    let limit = executor.keyspace.memoryLimitBytes\n    executor.keyspace.memoryLimitBytes = nil\n",
        "    let limit = executor.keyspace.memoryLimitBytes\n    if plantedBug != BUG {\n      guard executor.keyspace.hasRoom(for: needed) else {\n        executor.refuse(StoreError.memoryLimitReached)\n        return false\n      }\n      executor.keyspace.memoryLimitBytes = nil\n    }\n",
    ),
    (
        "INCR forgets the expiry",
        "Sources/Commands/Groups/CounterCommands.swift",
        "      try executor.set(key, executor.keyHash, digits.write(sum), expiry: .keep)",
        "      try executor.set(key, executor.keyHash, digits.write(sum), expiry: plantedBug == BUG ? .clear : .keep)",
    ),
    (
        "who watches a key is not told of a change",
        "Sources/Commands/CommandExecutor+Mutations.swift",
        "    changed(hash)\n    if log.isOn { recordSet(key, hash, value, expiry) }",
        "    if plantedBug != BUG { changed(hash) }\n    if log.isOn { recordSet(key, hash, value, expiry) }",
    ),
    (
        "a reply is sent before what it tells of is safe",
        "Sources/Reactor/Journaling/Server+Gating.swift",
        "    if outgoing.gate > safeThrough {",
        "    if outgoing.gate > safeThrough, plantedBug != BUG {",
    ),
    (
        "a listing does not wait for what it shows",
        "Sources/Reactor/Journaling/Server+Gating.swift",
        "free < end || gate != 0 && kind == .lastReplies",
        "free < end || gate != 0 && kind == .lastReplies && plantedBug != BUG",
    ),
    (
        "what is read need not be safe",
        "Sources/Commands/Mutations/CommandExecutor+Recording.swift",
        "    if shape.takesOneKey {\n      wait(for",
        "    if shape.takesOneKey {\n      if plantedBug == BUG { return }\n      wait(for",
    ),
    (
        "frames are written and not synced",
        "Sources/Reactor/Journaling/Server+Committing.swift",
        "isSynced: journal.isFrameSynced), frame)",
        "isSynced: journal.isFrameSynced && plantedBug != BUG), frame)",
    ),
    (
        "the last segment is cut a frame too early at a start",
        "Sources/Reactor/Journaling/Server+Recovering.swift",
        "      try performNow(.truncate(name, count: result.lastSegmentBytes))",
        "      let cut: UInt64 = plantedBug == BUG && result.lastSegmentBytes > 256 ? 128 : 0\n      try performNow(.truncate(name, count: result.lastSegmentBytes - cut))",
    ),
    (
        "changes of an expiry are not written down",
        "Sources/Commands/CommandExecutor+Mutations.swift",
        "    if exists, log.isOn { recordExpiry(key, hash) }",
        "    if exists, log.isOn, plantedBug != BUG { recordExpiry(key, hash) }",
    ),
    (
        "the end of all keys is not written down",
        "Sources/Commands/Mutations/CommandExecutor+Recording.swift",
        "    log.flush(now: now)",
        "    if plantedBug != BUG { log.flush(now: now) }",
    ),
    (
        "a base may be named before the journal holds what it has seen",
        "Sources/Reactor/Journaling/Server+Compacting.swift",
        "    guard journal.syncedThrough >= compaction.lastSeen else {",
        "    guard plantedBug == BUG || journal.syncedThrough >= compaction.lastSeen else {",
    ),
    (
        "a connection is closed between two answers of one turn",
        "Sources/Reactor/Server+Sending.swift",
        "        if !isFollowed(index, in: parts) { settle(slot) }",
        "        if plantedBug == BUG || !isFollowed(index, in: parts) { settle(slot) }",
    ),
    (
        "a transaction's reply begins before it is safe",
        "Sources/Commands/Mutations/CommandExecutor+Recording.swift",
        "    if !isExecuting { requestOffset = replies.buffer.count }",
        "    if plantedBug == BUG || !isExecuting { requestOffset = replies.buffer.count }",
    ),
    (
        "room is asked for a segment that is being sealed",
        "Sources/Reactor/Journaling/Server+Room.swift",
        "    // The segment that is being left needs no room.\n    guard journal.switching == .none else { return }",
        "    guard plantedBug == BUG || journal.switching == .none else { return }",
    ),
]

MISSED = {
    "a stopping server forgets what waits for the end of a pause",
}
"""Bugs that are not found within the seeds: they are planted, and looked for only with --all."""


def check():
    """Whether each text stands once in its file; tells of those that do not."""
    isGood = True
    for what, path, old, _ in BUGS:
        count = (ROOT / path).read_text().count(old)
        wanted = 2 if what == "a walk misses a change" else 1
        if count != wanted:
            print(f"{path} holds the text of \"{what}\" {count} times")
            isGood = False
    return isGood


def plant():
    """Makes the copy, with all bugs in it."""
    COPY.mkdir(parents=True, exist_ok=True)
    for name in ["Sources", "Tests", "Benchmarks"]:
        shutil.rmtree(COPY / name, ignore_errors=True)
        shutil.copytree(ROOT / name, COPY / name)
    for name in ["Package.swift", "Package.resolved"]:
        if (ROOT / name).exists():
            shutil.copy2(ROOT / name, COPY / name)
    (COPY / "Sources/Bytes/PlantedBug.swift").write_text(PLANTED)
    for number, (_, path, old, new) in enumerate(BUGS, 1):
        file = COPY / path
        text = file.read_text().replace(old, new.replace("BUG", str(number)))
        if not re.search(r"^(public )?import Bytes$", text, re.MULTILINE):
            text = "import Bytes\n" + text
        file.write_text(text)


def find(number, seeds, options):
    """Lets the simulator look for a bug; returns the seed that found it and how, or nothing."""
    program = COPY / ".build/release/simulator"
    environment = dict(os.environ, SWIFTLET_PLANTED=str(number), SWIFT_BACKTRACE="enable=no")
    command = [program, "--seeds", f"1..{seeds}", "--quick", *options]
    try:
        run = subprocess.run(command, env=environment, capture_output=True, timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return None
    if run.returncode == 0:
        return None
    output = run.stdout.decode(errors="replace")
    seed = re.findall(r"^seed (\d+):", output, re.MULTILINE)[-1]
    found = re.search(r"FAILED at turn \d+: (.*)", output)
    return seed, found.group(1) if found else f"it stopped with status {run.returncode}"


def main():
    isGood = check()
    if "--check" in sys.argv or not isGood:
        sys.exit(0 if isGood else 1)
    plant()
    subprocess.run(["swift", "build", "-c", "release", "--product", "simulator"], cwd=COPY, check=True)
    for seeds, options in [USUAL, *UNUSUAL.values()]:
        if find(0, min(seeds, 400), options):
            sys.exit(f"without a bug something is found too: {options}")
    missed = 0
    looked_for = [(number, bug[0]) for number, bug in enumerate(BUGS, 1) if bug[0] not in MISSED or "--all" in sys.argv]
    for number, what in looked_for:
        seeds, options = UNUSUAL.get(what, USUAL)
        found = find(number, seeds, options)
        if found:
            print(f"{number:2} {what}: seed {found[0]}: {found[1][:150]}", flush=True)
        else:
            missed += 1
            print(f"{number:2} {what}: NOT FOUND in {seeds} seeds", flush=True)
    print(f"{len(looked_for) - missed} of {len(looked_for)} found, {len(BUGS) - len(looked_for)} not looked for")
    sys.exit(1 if missed else 0)


main()
