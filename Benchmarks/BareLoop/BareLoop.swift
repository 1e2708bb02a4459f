// The floor under every figure of the server: an epoll loop that parses nothing and stores nothing.
//
//     bare-loop REPLY        listens on a free port of 127.0.0.1, logs `ready on 127.0.0.1:PORT`, runs until killed
//
// It accepts, receives once an event, and answers each request with the same bytes, end of line included, in one send.
// A request is a line feed; if the first byte received is `*`, a request is a `*` (so keys and values must hold none).
// What it costs a request is what the kernel costs, and Swift's way to it; a server can only come close. It keeps
// nothing for a connection, and drops one that does not take its replies at once.

import Bytes
import LinuxIO

@main
struct BareLoop: ~Copyable {
  private static let receiveBytes = 64 * 1024
  private static let listenerToken = UInt64.max

  private let epoll: Epoll
  private let listener: Listener
  private var input = ByteBuffer(capacity: receiveBytes)
  /// As many copies of the reply as there can be requests in one receive.
  private var replies = ByteBuffer()
  private let replyBytes: Int

  static func main() {
    guard CommandLine.arguments.count == 2, !CommandLine.arguments[1].isEmpty else {
      fatalError("usage: bare-loop REPLY")
    }
    do {
      var loop = try BareLoop(reply: Array(CommandLine.arguments[1].utf8))
      while true { loop.turn() }
    } catch {
      fatalError("\(error)")
    }
  }

  private init(reply: [UInt8]) throws {
    _ = OpenFileLimit.raise(to: OpenFileLimit.hard)
    let listener = try Listener.open(.tcp(host: "127.0.0.1", port: 0))[0]
    let epoll = try Epoll(batchCount: 256)
    try epoll.add(listener.descriptor, token: Self.listenerToken, interest: .readable)
    self.listener = listener
    self.epoll = epoll
    replyBytes = reply.count
    // The shortest request is a byte of dialect and an end.
    for _ in 0..<Self.receiveBytes / 2 { replies.append(reply.span) }
    StandardError.write(Array("ready on \(listener.address)\n".utf8))
  }

  private mutating func turn() {
    for index in 0..<epoll.wait(milliseconds: nil) {
      let event = epoll.event(index)
      if event.token == Self.listenerToken {
        accept()
      } else {
        answer(Descriptor(rawValue: Int32(event.token)))
      }
    }
  }

  private func accept() {
    while case .connection(let socket) = Socket.accept(from: listener.descriptor) {
      do { try epoll.add(socket, token: UInt64(socket.rawValue), interest: .readable) } catch { socket.close() }
    }
  }

  private mutating func answer(_ socket: Descriptor) {
    input.removeAll()
    var space = input.freeSpace(Self.receiveBytes)
    guard case .bytes(let count) = Socket.receive(from: socket, into: &space) else {
      socket.close()
      return
    }
    input.commit(count)
    let length = requestCount(in: input.span) * replyBytes
    guard length > 0 else { return }
    guard case .bytes(length) = Socket.send(to: socket, replies.span.extracting(0..<length)) else {
      socket.close()
      return
    }
  }

  private func requestCount(in bytes: Span<UInt8>) -> Int {
    let mark = bytes[0] == UInt8(ascii: "*") ? UInt8(ascii: "*") : UInt8(ascii: "\n")
    var count = 0
    for index in bytes.indices where bytes[index] == mark { count += 1 }
    return count
  }
}
