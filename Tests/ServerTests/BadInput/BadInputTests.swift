// Tries the catalogue: each section on a server of its own.

import TestSupport
import Testing

extension ServerTests {
  @Suite struct BadInputTests {
    /// Inputs, what they have in common, and the server that they are sent to.
    struct Section: CustomTestStringConvertible, Sendable {
      let testDescription: String
      let inputs: [BadInput]
      var flags: [String] = []

      init(_ name: String, _ inputs: [BadInput], _ flags: [String] = []) {
        testDescription = name
        self.inputs = inputs
        self.flags = flags
      }
    }

    static let sections = [
      Section("ends of lines", BadInput.lineEnds), Section("bytes that are no text", BadInput.bytesThatAreNoText),
      Section("quotes", BadInput.quotes), Section("browsers", BadInput.browsers),
      Section("other protocols", BadInput.otherProtocols), Section("counts", BadInput.counts),
      Section("lengths", BadInput.lengths), Section("typed requests of RESP", BadInput.typed),
      Section("integers", BadInput.integers), Section("floats", BadInput.floats),
      Section("moments", BadInput.moments), Section("offsets and orders", BadInput.offsets),
      Section("patterns", BadInput.patterns), Section("large inputs", BadInput.large),
      Section("limits, in lines", BadInput.limitsInLines, BadInput.limitFlags),
      Section("limits, in RESP", BadInput.limitsInRESP, BadInput.limitFlags),
    ]

    @Test(arguments: sections)
    func `a bad input gets its answer and nobody else notices`(_ section: Section) throws {
      try check(section.inputs, on: Stage(section.flags))
    }

    @Test func `who has no password gets nowhere`() throws {
      let folder = try TemporaryFolder()
      try writeFile(folder.path + "/password", "open sesame\n")
      let flags = ["--password-file", folder.path + "/password"]
      try check(BadInput.beforeThePassword, on: Stage(flags, password: "\"open sesame\""))
    }

    @Test(arguments: Misbehaviour.leaving + Misbehaviour.slow + Misbehaviour.crowds)
    func `misbehaviour comes to its end and nobody else notices`(_ misbehaviour: Misbehaviour) throws {
      try Stage(misbehaviour.flags).play(misbehaviour)
    }

    @Test(.enabled(if: mayUse("redis-server"), "redis-server is not installed"))
    func `Redis answers the same, but where it is written why not`() throws {
      let redis = try RedisServerProcess(["--databases", "1"])
      for input in Self.sections.filter(\.flags.isEmpty).flatMap(\.inputs) where input.isForRedis {
        _ = try RESPClient(port: redis.port).ask("FLUSHALL")
        let reply = try Stage.reply(to: input, port: redis.port)
        let isSame = reply == input.wholeReply
        let shown = reply.map(Stage.shown) ?? "nothing, for ever"
        #expect(isSame == (input.unlikeRedis == nil), "\(input.name): Redis answers \(shown)")
      }
    }

    @Test func `the catalogue holds what it says`() {
      let names =
        Self.sections.flatMap { section in section.inputs.map { "\(section.testDescription): \($0.name)" } }
        + BadInput.beforeThePassword.map(\.name)
        + (Misbehaviour.leaving + Misbehaviour.slow + Misbehaviour.crowds).map(\.name)
      #expect(names.count >= 100)
      #expect(Set(names).count == names.count, "each name is given once")
      print("\(names.count) bad inputs and misbehaviours")
    }

    private func check(_ inputs: [BadInput], on stage: Stage) throws {
      for input in inputs {
        if let wrong = try stage.wrong(with: input) { Issue.record("\(input.name): \(wrong)") }
        guard input.input.bytes.count <= 600 else { continue }
        if let wrong = try stage.wrong(with: input, pieceBytes: 1) {
          Issue.record("\(input.name), byte by byte: \(wrong)")
        }
      }
    }
  }
}

extension Misbehaviour: CustomTestStringConvertible {
  var testDescription: String { name }
}
