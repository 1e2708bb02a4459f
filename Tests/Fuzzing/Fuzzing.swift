// What libFuzzer calls: one program for all targets, of which `--target=NAME` chooses one. `--seeds=FOLDER` has it
// write that target's first corpus, which is drawn from the command table, and `--dictionary=FILE` its words, and end.
//
// libFuzzer itself brings `main`, and passes over flags that begin with two dashes.

import Glibc

/// The things that are fuzzed.
enum Target: String, CaseIterable {
  case resp, line, words, glob, dump, lzf, journal, records, connection

  /// Holds one input against what has to be true of it; ends the process if it is not.
  func run(_ input: FuzzInput) {
    switch self {
    case .resp: RESPTarget.run(input)
    case .line: LineTarget.run(input)
    case .words: WordsTarget.run(input)
    case .glob: GlobTarget.run(input)
    case .dump: DumpTarget.run(input)
    case .lzf: LZFTarget.run(input)
    case .journal: JournalTarget.run(input)
    case .records: RecordsTarget.run(input)
    case .connection: ConnectionTarget.run(input)
    }
  }
}

/// The target of this process.
private let target: Target = {
  guard let name = value(of: "--target="), let target = Target(rawValue: name) else {
    print("name a target: --target=" + Target.allCases.map(\.rawValue).joined(separator: "|"))
    exit(2)
  }
  return target
}()

private func value(of flag: String) -> String? {
  CommandLine.arguments.first { $0.hasPrefix(flag) }.map { String($0.dropFirst(flag.count)) }
}

@_cdecl("LLVMFuzzerInitialize")
public func initialize(_ count: UnsafeMutableRawPointer, _ arguments: UnsafeMutableRawPointer) -> CInt {
  let target = target
  if let file = value(of: "--dictionary=") {
    write(Seeds.dictionary, to: file)
    exit(0)
  }
  if let folder = value(of: "--seeds=") {
    for (number, seed) in Seeds.of(target).enumerated() { write(seed, to: "\(folder)/seed-\(number)") }
    exit(0)
  }
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  target.run(FuzzInput(Array(UnsafeBufferPointer(start: bytes, count: count))))
  return 0
}

private func write(_ bytes: [UInt8], to path: String) {
  guard let file = fopen(path, "w") else { fatalError("cannot write \(path)") }
  fwrite(bytes, 1, bytes.count, file)
  fclose(file)
}

/// Ends the process unless something is true; libFuzzer keeps the input.
func check(_ isTrue: Bool, _ what: @autoclosure () -> String, line: Int = #line, file: StaticString = #fileID) {
  if isTrue { return }
  let text = Array("WRONG: \(what()) (\(file):\(line))\n".utf8)
  _ = Glibc.write(STDERR_FILENO, text, text.count)
  abort()
}
