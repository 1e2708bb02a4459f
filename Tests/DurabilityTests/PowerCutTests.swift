// What a power cut leaves, on a real file system: ext4 on a loop device is told to stop at once, as if the power had
// gone (ioctl(2), FS_IOC_SHUTDOWN), and is mounted anew.

import Glibc
import TestSupport
import Testing

@Suite(.serialized, .enabled(if: DiskKind.ext4.isMountable, "tests may not mount file systems here"))
struct PowerCutTests {
  private static let rounds = count("SWIFTLET_POWER_ROUNDS", default: 6)

  @Test func `a power cut takes back nothing that was acknowledged`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let disk = try SmallDisk(bytes: 16 << 20, .ext4)
    let crowd = try Crowd(seed: seed, directory: disk.path + "/data")
    for round in 0..<Self.rounds {
      let server = try crowd.start(segmentBytes: "256k")
      guard try crowd.verify(on: server, "round \(round)") else { return }
      try crowd.work(on: server, seconds: Double(random.next() % 600) / 1000)
      // What is answered once the power is gone does not count: a sync that is under way then may be told of as done,
      // since the kernel goes on where a machine would not.
      crowd.freeze(server)
      try disk.cutPower()
      crowd.kill(server)
      try disk.mountAgain()
    }
    #expect(try crowd.verify(on: crowd.start(), "the end"))
    print("\(Self.rounds) power cuts, \(crowd.acknowledgedCount) steps acknowledged, seed \(seed)")
  }
}
