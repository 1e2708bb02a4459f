import Bytes
import TestSupport
import Testing

@testable import Commands

@Suite struct DumpDataTests {
  /// Values of each kind that a dump tells apart: numbers, noise, repetitions, runs.
  private func randomValue(_ generator: inout SeededGenerator) -> [UInt8] {
    let count = Int.random(in: 0...(1 << Int.random(in: 0...15, using: &generator)), using: &generator)
    switch Int.random(in: 0..<4, using: &generator) {
    case 0: return bytes(Int.random(in: .min ... .max, using: &generator) >> (count % 64))
    case 1: return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    case 2:
      let period = Int.random(in: 1...300, using: &generator)
      return (0..<count).map { UInt8(truncatingIfNeeded: $0 % period &* 7) }
    default: return (0..<count).map { _ in UInt8.random(in: 0...100, using: &generator) < 98 ? 0 : 1 }
    }
  }

  private func seal(_ body: [UInt8], version: UInt16 = 10) -> [UInt8] {
    var payload = body + [UInt8(truncatingIfNeeded: version), UInt8(version >> 8)]
    var checksum = CRC64()
    checksum.update(payload.span)
    for index in 0..<8 { payload.append(UInt8(truncatingIfNeeded: checksum.value >> UInt64(8 * index))) }
    return payload
  }

  private func restore(_ payload: [UInt8], _ driver: Session) -> String {
    Session.shown(driver.run([bytes("RESTORE"), bytes("r"), bytes("0"), payload, bytes("REPLACE")]))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `what is dumped is restored`(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let driver = Session()
    for _ in 0..<150 {
      let value = randomValue(&generator)
      driver.run([bytes("SET"), bytes("k"), value])
      let payload = try #require(driver.bulk(bytes("DUMP"), bytes("k")))
      #expect(restore(payload, driver) == "+OK", "seed \(seed)")
      #expect(driver.bulk(bytes("GET"), bytes("r")) == value, "seed \(seed)")
    }
    driver.checkInvariants()
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `a payload that was cut or changed is refused, and nothing is stored`(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let driver = Session()
    let refusal = "-ERR DUMP payload version or checksum are wrong"
    for _ in 0..<60 {
      driver.run([bytes("SET"), bytes("k"), Array(randomValue(&generator).prefix(2000))])
      let payload = try #require(driver.bulk(bytes("DUMP"), bytes("k")))
      for _ in 0..<20 {
        let cut = Array(payload.prefix(Int.random(in: 0..<payload.count, using: &generator)))
        #expect(restore(cut, driver) == refusal, "seed \(seed)")
        var flipped = payload
        flipped[Int.random(in: 0..<payload.count, using: &generator)] ^= 1 << UInt8.random(in: 0...7, using: &generator)
        #expect(restore(flipped, driver) == refusal, "seed \(seed)")
      }
    }
    #expect(driver.ask("EXISTS", "r") == ":0")
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `noise with a good checksum is refused or a value within the limit`(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var settings = Settings()
    settings.valueBytesMax = 1000
    let driver = Session(.resp2, settings)
    let heads: [[UInt8]] = [[0], [0, 0xC3], [0, 0xC3, 5], [0, 0x80], [0, 0x81], [0, 0xC0], [0, 0xC2], [], [1]]
    for _ in 0..<4000 {
      let count = Int.random(in: 0...20, using: &generator)
      let largest: UInt8 = Bool.random(using: &generator) ? 255 : 9
      let noise = (0..<count).map { _ in UInt8.random(in: 0...largest, using: &generator) }
      let body = heads.randomElement(using: &generator)! + noise
      let reply = restore(seal(body), driver)
      if reply == "+OK" {
        #expect(driver.integer(bytes("STRLEN"), bytes("r")) ?? 1001 <= 1000, "seed \(seed): \(body)")
      } else {
        let isKnown = reply == "-ERR Bad data format" || reply == tooLong
        #expect(isKnown, "seed \(seed): \(body) \(reply)")
      }
    }
    driver.checkInvariants()
  }

  private let tooLong = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)"

  @Test func `a length that is only promised costs nothing`() {
    let driver = Session()
    let huge: [UInt8] = [0x81, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
    let beyond: [UInt8] = [0x81, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]
    let limit: [UInt8] = [0x80, 0x20, 0, 0, 0]
    let badFormat = "-ERR Bad data format"
    #expect(restore(seal([0] + huge + [1, 2, 3]), driver) == badFormat)
    #expect(restore(seal([0] + beyond + [1, 2, 3]), driver) == badFormat)
    #expect(restore(seal([0, 0xC3] + huge + [5, 1, 2, 3]), driver) == badFormat)
    #expect(restore(seal([0, 0xC3, 3] + huge + [1, 2, 3]), driver) == tooLong)
    #expect(restore(seal([0, 0xC3, 3] + beyond + [1, 2, 3]), driver) == badFormat)
    #expect(restore(seal([0, 0xC3, 3] + limit + [1, 2, 3]), driver) == badFormat)
    #expect(driver.ask("EXISTS", "r") == ":0")
  }

  @Test func `versions up to that of Redis 7_2 are taken, other types and later versions are not`() {
    let driver = Session()
    #expect(restore(seal([0, 2, 104, 105], version: 11), driver) == "+OK")
    #expect(driver.ask("GET", "r") == "$2|hi")
    #expect(restore(seal([0, 2, 104, 105], version: 1), driver) == "+OK")
    #expect(
      restore(seal([0, 2, 104, 105], version: 12), driver) == "-ERR DUMP payload version or checksum are wrong")
    #expect(restore(seal([4, 1, 1, 97, 1, 98]), driver) == "-ERR Bad data format")
    #expect(restore(seal([0]), driver) == "-ERR Bad data format")
    #expect(restore(seal([]), driver) == "-ERR Bad data format")
  }

  @Test func `the time to live counts from now or from 1970, and one that is over leaves no key`() {
    let driver = Session()
    let now = Int(driver.executor.now)
    let payload = seal([0, 2, 104, 105])
    func restore(_ time: Int, _ options: String...) -> String {
      Session.shown(
        driver.run([bytes("RESTORE"), bytes("r"), bytes(time), payload] + options.map { bytes($0) }))
    }
    #expect(restore(1500) == "+OK")
    #expect(driver.ask("PTTL", "r") == ":1500")
    #expect(restore(0) == "-BUSYKEY Target key name already exists.")
    #expect(restore(0, "replace") == "+OK")
    #expect(driver.ask("PTTL", "r") == ":-1")
    #expect(restore(now + 70, "ABSTTL", "REPLACE") == "+OK")
    #expect(driver.ask("PTTL", "r") == ":70")
    #expect(restore(now, "ABSTTL", "REPLACE") == "+OK")
    #expect(driver.ask("EXISTS", "r") == ":0")
    #expect(restore(1, "ABSTTL") == "+OK")
    #expect(driver.ask("EXISTS", "r") == ":0")
    #expect(restore(.max) == "+OK")
    #expect(driver.ask("EXISTS", "r") == ":1")
  }
}
