import Bytes
import Store

/// One record of a change, as MutationLog writes it, read and found to be well-formed; places are within its block.
struct Mutation: BitwiseCopyable {
  let kind: MutationLog.Kind
  /// Empty for an end of all keys.
  var key = Place()
  /// The value, or a patch's part of it.
  var value = Place()
  /// In milliseconds since 1970; `MutationLog.noExpiry`: none.
  var moment = MutationLog.noExpiry
  /// A patch's length of the whole value, and where in it the part begins.
  var total = 0
  var start = 0

  /// Where in the block some bytes lie.
  struct Place: BitwiseCopyable {
    private(set) var start = 0
    private(set) var count = 0

    init() {}

    init(_ indices: Range<Int>) {
      start = indices.lowerBound
      count = indices.count
    }

    var indices: Range<Int> { start..<start + count }
  }

  var expiry: Expiry { moment == MutationLog.noExpiry ? .never : .at(moment) }

  /// The record that the reader stands at, or nil if there is none.
  @inline(__always)
  static func read(_ reader: inout BinaryReader, of records: Span<UInt8>) -> Mutation? {
    guard let byte = reader.byte(of: records), let kind = MutationLog.Kind(rawValue: byte) else { return nil }
    var mutation = Mutation(kind: kind)
    guard kind != .flush else { return mutation }
    guard let key = reader.counted(of: records) else { return nil }
    mutation.key = Place(key)
    if kind == .setWithExpiry || kind == .expiry || kind == .patch {
      guard let word = reader.word(of: records) else { return nil }
      mutation.moment = Int64(bitPattern: word)
    }
    if kind == .patch {
      guard let total = reader.varint(of: records), let start = reader.varint(of: records),
        let totalCount = Int(exactly: total), start <= total
      else { return nil }
      mutation.total = totalCount
      mutation.start = Int(start)
    }
    if kind == .set || kind == .setWithExpiry || kind == .patch {
      guard let value = reader.counted(of: records) else { return nil }
      mutation.value = Place(value)
      if kind == .patch, value.count > mutation.total - mutation.start { return nil }
    }
    return mutation
  }
}

/// Blocks of records, for whoever has no keyspace to apply them to.
public enum MutationBlock {
  /// How many records a block holds, or nil if some of it is no record.
  public static func recordCount(of records: Span<UInt8>) -> Int? {
    var reader = BinaryReader()
    var count = 0
    while reader.position < records.count {
      guard Mutation.read(&reader, of: records) != nil else { return nil }
      count += 1
    }
    return count
  }
}
