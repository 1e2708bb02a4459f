import Bytes
import Journal

/// A journal in memory, with a note of where each frame stands.
struct TestJournal {
  struct File {
    var name: String
    var bytes: [UInt8]
    let header: SegmentHeader
  }

  struct Frame {
    let file: Int
    let range: Range<Int>
    let header: FrameHeader
    let payload: [UInt8]
    /// The checksum by which the next frame names it.
    let crc: UInt32

    /// What stands in the frame at an offset from its start, if that is what is damaged.
    func fault(at offset: Int) -> FrameFault {
      switch offset {
      case ..<4: .magic
      case ..<FrameHeader.bytes: .checksum
      case ..<(FrameHeader.bytes + payload.count): .payload
      default: .padding
      }
    }
  }

  static let identity: UInt64 = 0xD1CE
  var files: [File] = []
  var frames: [Frame] = []
  /// Whether each frame is synced before the next one is written.
  var isAlways = true
  private var chain = FrameChain(salt: 0, nextSequence: 1, previousCRC: 0)
  private var synced: UInt64 = 0
  private var salts: UInt64 = 0x5A17

  /// Goes on where a recovery has found that the journal goes on.
  init(continuing result: RecoveryResult? = nil, salt: UInt64 = 0x5A17) {
    salts = salt
    guard let result else { return }
    chain = FrameChain(salt: 0, nextSequence: result.nextSequence, previousCRC: result.chainCRC)
    synced = result.nextSequence - 1
  }

  mutating func begin(_ number: UInt64, identity: UInt64 = identity) {
    salts += 1
    add(
      SegmentHeader(
        kind: .journal, number: number, salt: salts, firstSequence: chain.nextSequence, identity: identity,
        time: Int64(number), previousCRC: chain.lastCRC))
    chain = FrameChain(files[files.count - 1].header)
  }

  /// Adds a whole base in front of segment `number`, whose first frame is to be `firstSequence`.
  mutating func addBase(_ number: UInt64, firstSequence: UInt64, payloads: [[UInt8]]) {
    salts += 1
    let header = SegmentHeader(
      kind: .base, number: number, salt: salts, firstSequence: firstSequence, identity: Self.identity, time: 1,
      previousCRC: 0)
    add(header)
    chain = FrameChain(header)
    for payload in payloads { write(payload) }
    write([3, 0, 0, 0, 0, 0, 0, 0], kind: .endOfBase)
    chain = FrameChain(salt: 0, nextSequence: firstSequence, previousCRC: 0xC0FFEE)
    synced = isAlways ? firstSequence - 1 : 0
  }

  private mutating func add(_ header: SegmentHeader) {
    var buffer = ByteBuffer()
    header.append(to: &buffer)
    let name = header.kind == .base ? JournalFileName.base(header.number) : .journal(header.number)
    files.append(File(name: name.description, bytes: buffer.span.copied, header: header))
  }

  mutating func write(_ payload: [UInt8], kind: FrameKind = .changes, time: Int64 = 100) {
    let isBase = files[files.count - 1].header.kind == .base
    var buffer = ByteBuffer()
    for _ in 0..<FrameHeader.bytes { buffer.append(0xEE) }
    buffer.append(payload.span)
    chain.seal(&buffer, kind: kind, time: time, recordCount: payload.count / 3, syncedThrough: isBase ? 0 : synced)
    if isAlways, !isBase { synced = chain.nextSequence - 1 }
    let (file, start) = (files.count - 1, files[files.count - 1].bytes.count)
    files[file].bytes += buffer.span.copied
    let header = try! FrameHeader.read(buffer.span)
    frames.append(
      Frame(file: file, range: start..<start + buffer.count, header: header, payload: payload, crc: chain.lastCRC))
  }

  /// A base, three segments, a dozen frames of changes.
  static func small(isAlways: Bool = true) -> TestJournal {
    var journal = TestJournal()
    journal.isAlways = isAlways
    journal.addBase(2, firstSequence: 10, payloads: [Array("first key".utf8), Array("second".utf8)])
    var counter: UInt8 = 0
    for (number, lengths) in [(2, [5, 0, 8]), (3, [1, 17, 24]), (4, [9, 3, 16, 2])] as [(UInt64, [Int])] {
      journal.begin(number)
      for length in lengths {
        counter += 1
        journal.write((0..<length).map { counter &* 16 &+ UInt8($0) | 1 })
      }
    }
    return journal
  }

  /// The payloads of the frames of changes before a place, in order.
  func payloads(before file: Int, _ offset: Int) -> [[UInt8]] {
    frames.filter { $0.header.kind == .changes && ($0.file, $0.range.upperBound) <= (file, offset) }.map(\.payload)
  }

  /// The frame that a byte of a file belongs to, or nil for its header.
  func frame(in file: Int, at offset: Int) -> Int? {
    frames.firstIndex { $0.file == file && $0.range.contains(offset) }
  }

  /// The frames of a file, as indices.
  func frames(of file: Int) -> [Int] { frames.indices.filter { frames[$0].file == file } }

  var last: Int { files.count - 1 }
}

/// What came of a recovery.
struct Outcome: Equatable {
  var applied: [[UInt8]] = []
  var result: RecoveryResult?
  var fault: JournalFault?
  /// The most that the buffer ever held room for.
  var capacityMax = 0
  var reads: [String] = []

  /// Recovers files; each read gives what there is, whatever length was told of the file.
  init(of files: [(name: String, bytes: [UInt8])], told: [String: UInt64] = [:]) {
    do throws(JournalFault) {
      var recovery = try Recovery(
        files: files.map { ($0.name, told[$0.name] ?? UInt64($0.bytes.count)) })
      while result == nil {
        switch try recovery.next() {
        case .read(let name, let offset, let count):
          precondition(count > 0 && count <= 1 << 20, "what is asked for is something, and not too much")
          let bytes = files.first { $0.name == name }!.bytes
          let start = min(Int(offset), bytes.count)
          recovery.buffer.append(bytes.span.extracting(start..<min(start + count, bytes.count)))
          reads.append(name)
        case .frame(let facts):
          applied.append(recovery.buffer.span.extracting(facts.payload).copied)
          precondition(recovery.currentHeader?.salt == facts.header.salt, "the frame is of the file that is read")
        case .finished(let result):
          self.result = result
          precondition(recovery.bytesDone <= recovery.bytesTotal, "progress ends at the end")
        }
        capacityMax = max(capacityMax, recovery.buffer.capacity)
      }
    } catch {
      fault = error
    }
  }

  init(of journal: TestJournal) { self.init(of: journal.files.map { ($0.name, $0.bytes) }) }
}
