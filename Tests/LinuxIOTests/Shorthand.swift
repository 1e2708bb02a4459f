// What the tests of storage say often, in few words.

import Bytes
import LinuxIO

extension ByteBuffer {
  /// A buffer that holds a text.
  init(_ text: String) {
    self.init()
    append(Array(text.utf8).span)
  }

  /// A copy of the bytes.
  var array: [UInt8] { span.withUnsafeBufferPointer { Array($0) } }
}

extension DataDirectory {
  /// Does an operation, with the bytes of a text.
  mutating func perform(_ operation: StorageOperation, _ text: String = "") throws(SystemCallError) {
    try perform(operation, ByteBuffer(text))
  }

  /// Why an operation fails; nil if it does not.
  mutating func failure(_ operation: StorageOperation, _ bytes: borrowing ByteBuffer) -> SystemCallError? {
    do throws(SystemCallError) {
      try perform(operation, bytes)
      return nil
    } catch {
      return error
    }
  }

  /// Why an operation fails, done with the bytes of a text; nil if it does not.
  mutating func failure(_ operation: StorageOperation, _ text: String = "") -> SystemCallError? {
    failure(operation, ByteBuffer(text))
  }

  /// Bytes of a file.
  func read(_ name: String, at offset: UInt64, count: Int) throws(SystemCallError) -> [UInt8] {
    var buffer = ByteBuffer()
    try read(name, at: offset, count: count, into: &buffer)
    return buffer.array
  }
}
