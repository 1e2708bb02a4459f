import Bytes
import Wire

/// LOLWUT: swiftlets in the evening, back at their rock. Every flock is another one.
enum LolwutCommand {
  static let row = Command(
    "LOLWUT", .server, [.options("[VERSION version]")], .fast, "O(1)", "Show a piece of art, and the server's version",
    unlikeRedis: "The art is our own.", run: show)

  private static let columns = 64
  private static let lines = 14
  private static let skyLines = 10
  private static let birds: [StaticString] = ["\\v/", "-v-", "/v\\", "~v~", "~", "v"]

  static func show(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    if request.count > 2, request[1].isWord("VERSION"), request[2].integer == nil {
      executor.refuse("ERR", "value is not an integer or out of range")
      return .replied
    }
    var text = ByteBuffer()
    let picture = paint(&executor.dice)
    for line in picture {
      let end = line.lastIndex { $0 != UInt8(ascii: " ") } ?? -1
      for column in 0..<end + 1 { text.append(line[column]) }
      text.append("\n")
    }
    text.append("\nSwiftlet ver. ")
    text.append(Identity.version)
    text.append(", which follows Redis ver. ")
    text.append(Identity.redisVersion)
    text.append("\n")
    executor.replies.verbatim(text.span)
    return .replied
  }

  private static func paint(_ source: inout SplitMix) -> [[UInt8]] {
    func draw(_ count: Int) -> Int { Int(source.next() >> 33) % count }
    var picture = [[UInt8]](repeating: [UInt8](repeating: UInt8(ascii: " "), count: columns), count: lines)
    for _ in 0..<9 + draw(8) {
      let bird = birds[draw(birds.count)]
      let line = draw(skyLines - 1)
      let column = draw(columns - bird.utf8CodeUnitCount)
      for index in 0..<bird.utf8CodeUnitCount { picture[line][column + index] = bird.byte(index) }
    }
    var height = 1 + draw(3)
    for column in 0..<columns {
      height = min(max(height + draw(3) - 1, 1), lines - skyLines)
      let top = lines - height
      picture[top][column] = UInt8(ascii: "^")
      for line in top + 1..<max(lines, top + 1) { picture[line][column] = UInt8(ascii: draw(5) == 0 ? "o" : ":") }
    }
    return picture
  }
}
