// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target is built with: typed lifetimes for spans, and no warning left standing.
let common: [SwiftSetting] = [
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
  .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]

/// Targets without pointer code also prove it: each unsafe expression has to be marked.
let strict = common + [.strictMemorySafety()]

let package = Package(
  name: "swiftlet",
  products: [
    .executable(name: "swiftlet", targets: ["swiftlet"]),
    .executable(name: "swiftlet-benchmark", targets: ["LoadGenerator"]),
    .executable(name: "simulator", targets: ["Simulator"]),
  ],
  dependencies: [
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
  ],
  targets: [
    .systemLibrary(name: "CLinux"),
    .target(name: "LinuxIO", dependencies: ["Bytes", "CLinux"], swiftSettings: common),
    .target(name: "Bytes", swiftSettings: common),
    .target(name: "Journal", dependencies: ["Bytes"], swiftSettings: strict),
    .target(name: "Wire", dependencies: ["Bytes"], swiftSettings: strict),
    .target(
      name: "Store", dependencies: ["Bytes"],
      swiftSettings: common + [.enableExperimentalFeature("BuiltinModule")]),
    .target(name: "Commands", dependencies: ["Bytes", "Store", "Wire"], swiftSettings: strict),
    .target(
      name: "Reactor",
      dependencies: [
        "Bytes", "Commands", "Journal", "LinuxIO", "Store", "Wire", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "swiftlet",
      dependencies: [
        "Bytes", "Commands", "Journal", "LinuxIO", "Reactor", "Wire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "Simulator",
      dependencies: [
        "Bytes", "Commands", "LinuxIO", "Reactor", "Store", "Wire",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "LoadGenerator",
      dependencies: [
        "Bytes", "LinuxIO",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      path: "Benchmarks/LoadGenerator", swiftSettings: strict),
    .executableTarget(
      name: "bare-loop", dependencies: ["Bytes", "LinuxIO"], path: "Benchmarks/BareLoop", swiftSettings: strict),
    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: common),
    .testTarget(name: "BytesTests", dependencies: ["Bytes"], swiftSettings: common),
    .testTarget(name: "StoreTests", dependencies: ["Bytes", "Store", "TestSupport"], swiftSettings: common),
    .testTarget(name: "WireTests", dependencies: ["Bytes", "TestSupport", "Wire"], swiftSettings: common),
    .testTarget(
      name: "CommandsTests", dependencies: ["Bytes", "Commands", "Store", "TestSupport", "Wire"],
      swiftSettings: common),
    .testTarget(name: "JournalTests", dependencies: ["Bytes", "Journal", "TestSupport"], swiftSettings: common),
    .testTarget(name: "LinuxIOTests", dependencies: ["Bytes", "LinuxIO", "TestSupport"], swiftSettings: common),
    .testTarget(
      name: "LoadGeneratorTests",
      dependencies: ["Bytes", "LinuxIO", "LoadGenerator", .product(name: "Histogram", package: "hdrhistogram-swift")],
      swiftSettings: common),
    .testTarget(
      name: "ReactorTests",
      dependencies: [
        "Bytes", "Commands", "LinuxIO", "Reactor", "TestSupport", .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: common),
    .testTarget(name: "DurabilityTests", dependencies: ["TestSupport", "swiftlet"], swiftSettings: common),
    .testTarget(name: "ServerTests", dependencies: ["TestSupport", "swiftlet"], swiftSettings: common),
    .testTarget(
      name: "InteropTests", dependencies: ["TestSupport", "swiftlet"], exclude: ["Clients"], swiftSettings: common),
    .testTarget(
      name: "SimulatorTests", dependencies: ["Commands", "LinuxIO", "Simulator"], exclude: ["planted-bugs.py"],
      swiftSettings: common),
    .testTarget(name: "TidyTests", swiftSettings: common),
  ],
  swiftLanguageModes: [.v6]
)

// What only measures the parts is there when it is asked for, so that a plain build fetches nothing for it.
if Context.environment["SWIFTLET_MICROBENCHMARKS"] == "1" {
  package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []))
  package.targets.append(
    .executableTarget(
      name: "Microbenchmarks",
      dependencies: ["Bytes", "Store", "Wire", .product(name: "Benchmark", package: "benchmark")],
      path: "Benchmarks/Microbenchmarks", swiftSettings: common,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]))
}

// The fuzzers are there when they are asked for, by `Tests/Fuzzing/run`, which builds and links them with libFuzzer.
if Context.environment["SWIFTLET_FUZZING"] == "1" {
  package.products.append(.library(name: "Fuzzing", type: .static, targets: ["Fuzzing"]))
  package.targets.append(
    .target(
      name: "Fuzzing",
      dependencies: [
        "Bytes", "Commands", "Journal", "LinuxIO", "Reactor", "Store", "Wire",
        .product(name: "Logging", package: "swift-log"),
      ],
      path: "Tests/Fuzzing", exclude: ["run"], swiftSettings: common))
}
