// The values of flags, as people write them.

import ArgumentParser
import Commands
import LinuxIO
import Logging
import Reactor
import Wire

/// An address to listen on, with the dialect it is pinned to in front if it is.
struct ListenFlag: ExpressibleByArgument {
  let point: ListenPoint

  init?(argument: String) {
    let schemes: [(prefix: String, dialect: Dialect)] = [("line://", .line), ("resp://", .resp2)]
    let scheme = schemes.first { argument.hasPrefix($0.prefix) }
    guard let address = ListenAddress(String(argument.dropFirst(scheme?.prefix.count ?? 0))) else { return nil }
    point = ListenPoint(address, dialect: scheme?.dialect)
  }
}

/// A number from 1 to two thousand million.
struct PositiveCount: ExpressibleByArgument, ExpressibleByIntegerLiteral {
  let value: Int

  init(integerLiteral value: Int) { self.value = value }

  init?(argument: String) {
    guard let value = Int32(argument), value > 0 else { return nil }
    self.value = Int(value)
  }

  var defaultValueDescription: String { "\(value)" }
}

/// A number of bytes from 1 to 2⁵⁰: `65536`, `64k`, `64kb`, `2m`, `1g`; k, m and g count by 1024.
struct ByteCount: ExpressibleByArgument, ExpressibleByIntegerLiteral {
  let value: Int

  init(integerLiteral value: Int) { self.value = value }

  init?(argument: String) {
    let units = ["": 1, "b": 1, "k": 1 << 10, "kb": 1 << 10, "m": 1 << 20, "mb": 1 << 20, "g": 1 << 30, "gb": 1 << 30]
    let digits = argument.prefix { $0.isASCII && $0.isNumber }
    guard let number = Int(digits), let unit = units[argument.dropFirst(digits.count).lowercased()] else { return nil }
    let (value, overflow) = number.multipliedReportingOverflow(by: unit)
    guard !overflow, value > 0, value <= 1 << 50 else { return nil }
    self.value = value
  }

  var defaultValueDescription: String { "\(value)" }
}

/// A number of bytes from 1 to 512 MiB, of something that one client may send.
struct RequestByteCount: ExpressibleByArgument, ExpressibleByIntegerLiteral {
  let value: Int

  init(integerLiteral value: Int) { self.value = value }

  init?(argument: String) {
    guard let count = ByteCount(argument: argument), count.value <= 512 << 20 else { return nil }
    value = count.value
  }

  var defaultValueDescription: String { "\(value)" }
}

/// A severity of swift-log's.
struct LogLevelFlag: ExpressibleByArgument {
  let level: Logger.Level

  static let names = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")

  init(level: Logger.Level) { self.level = level }

  init?(argument: String) {
    guard let level = Logger.Level(rawValue: argument) else { return nil }
    self.level = level
  }

  var defaultValueDescription: String { level.rawValue }
}

extension SyncMode: ExpressibleByArgument {}
