import LinuxIO
import Testing

@testable import Simulator

@Suite struct SimulatedDiskTests {
  private var disk = SimulatedDisk()
  private var chance = Chance(seed: 1, purpose: 0)

  private mutating func perform(_ operation: StorageOperation, _ bytes: [UInt8] = [], failure: Int32 = 0) -> Int32 {
    disk.perform(operation, bytes, failsWith: failure, &chance)
  }

  private mutating func make(_ name: String, _ bytes: [UInt8], isSynced: Bool) {
    #expect(perform(.create(name)) == 0)
    #expect(perform(.write(name, offset: 0, isSynced: isSynced), bytes) == 0)
  }

  @Test mutating func `what is synced survives every power cut`() {
    make("a", Array(repeating: 7, count: 3_000), isSynced: true)
    #expect(perform(.syncDirectory) == 0)
    for _ in 0..<50 { disk.cutPower(&chance) }
    #expect(disk.contents("a") == Array(repeating: 7, count: 3_000))
  }

  @Test mutating func `a name is lost at some power cuts as long as its directory is not synced`() {
    var outcomes = Set<Bool>()
    for seed in 0..<40 as Range<UInt64> {
      disk = SimulatedDisk()
      make("a", [1], isSynced: true)
      var cut = Chance(seed: seed, purpose: 0)
      disk.cutPower(&cut)
      outcomes.insert(disk.contents("a") == nil)
    }
    #expect(outcomes == [true, false])
  }

  @Test mutating func `an unsynced write is kept, lost or torn, and never something else`() {
    var counts = Set<Int>()
    for seed in 0..<200 as Range<UInt64> {
      disk = SimulatedDisk()
      make("a", Array(repeating: 1, count: 2_048), isSynced: true)
      _ = perform(.syncDirectory)
      #expect(perform(.write("a", offset: 0, isSynced: false), Array(repeating: 2, count: 2_048)) == 0)
      #expect(disk.contents("a") == Array(repeating: 2, count: 2_048))
      var cut = Chance(seed: seed, purpose: 0)
      disk.cutPower(&cut)
      let left = disk.contents("a") ?? []
      #expect(left.count == 2_048 && left.allSatisfy { $0 == 1 || $0 == 2 })
      counts.insert(left.count { $0 == 2 })
    }
    #expect(counts.contains(0) && counts.contains(2_048) && counts.count > 10)
  }

  @Test mutating func `what a failed sync has lost is not found again by the next`() {
    var isLost = false
    for _ in 0..<50 {
      disk = SimulatedDisk()
      make("a", Array(repeating: 3, count: 600), isSynced: false)
      _ = perform(.syncDirectory)
      #expect(perform(.sync("a"), failure: SimulatedDisk.ioError) == SimulatedDisk.ioError)
      #expect(perform(.sync("a")) == 0)
      disk.cutPower(&chance)
      if disk.contents("a") != Array(repeating: 3, count: 600) { isLost = true }
    }
    #expect(isLost)
  }

  @Test mutating func `a full disk refuses room and changes nothing`() {
    make("a", [1, 2, 3], isSynced: true)
    disk.capacityBytes = 10
    #expect(perform(.reserve("a", end: 11)) == SimulatedDisk.noSpace)
    #expect(disk.contents("a") == [1, 2, 3])
    #expect(perform(.reserve("a", end: 10)) == 0)
    #expect(disk.usedBytes == 10)
  }

  @Test mutating func `a kill without a power cut loses nothing that was written`() {
    make("a", [5, 6], isSynced: false)
    disk.closeAll()
    #expect(disk.contents("a") == [5, 6])
    #expect(perform(.write("a", offset: 0, isSynced: false), [1]) == SimulatedDisk.badDescriptor)
    #expect(perform(.truncate("a", count: 1)) == 0)
    #expect(disk.contents("a") == [5])
  }

  @Test mutating func `rot turns over one bit`() {
    make("a", Array(repeating: 0, count: 100), isSynced: true)
    _ = perform(.syncDirectory)
    let place = disk.rot(&chance)
    #expect(place?.name == "a")
    #expect(disk.contents("a")?.reduce(0) { $0 + $1.nonzeroBitCount } == 1)
  }
}
