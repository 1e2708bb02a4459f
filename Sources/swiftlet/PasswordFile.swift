import LinuxIO

/// The file that `--password-file` names: its first line is the password, so that no list of processes shows it.
enum PasswordFile {
  static func read(_ path: String) throws -> [UInt8] {
    guard let bytes = SmallFile.read(path, bytesMax: 64 * 1024) else {
      throw StartFailure(description: "cannot read the password file \(path)")
    }
    var line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    guard !line.isEmpty else {
      throw StartFailure(description: "the password file \(path) has an empty first line: write the password there")
    }
    return Array(line)
  }
}
