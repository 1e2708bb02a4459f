import Testing
import Wire

@Suite struct ReplyMarkTests {
  @Test func `what is taken back does not count as an element`() {
    var replies = ReplyWriter(capacity: 64)
    replies.array(2)
    replies.integer(1)
    let mark = replies.mark
    replies.integer(2)
    replies.takeBack(to: mark)
    replies.error("ERR", "no")
    replies.integer(3)
    #expect(Array(replies.buffer.span.copied) == Array("VALUE 1\nERROR no\nEND 2\nVALUE 3\n".utf8))
  }
}
