// One file's header and frames: what is checked of each before it is believed.

import Bytes

extension Recovery {
  /// Reads and checks the current file's header.
  mutating func readHeader() throws(JournalFault) -> Step? {
    if let step = ask(for: min(left, UInt64(SegmentHeader.bytes))) { return step }
    do throws(HeaderFault) {
      let header = try SegmentHeader.read(buffer.span)
      try check(header)
      begin(header)
    } catch {
      // Nothing is written behind a header before it is on disk: without anything behind it, it was on its way there.
      guard isLast, error == .cut || error == .magic || error == .checksum else { throw fault(.header(error), at: 0) }
      stage = .tail(Tail(start: 0, reason: .header(error)))
    }
    return nil
  }

  private func check(_ header: SegmentHeader) throws(HeaderFault) {
    let file = plan.files[index]
    guard header.kind == file.kind else { throw .kind }
    guard header.number == file.number else { throw .number(header.number) }
    guard result.identity == nil || header.identity == result.identity else { throw .identity }
    guard header.kind == .journal else {
      if header.previousCRC != 0 { throw .previous }
      return
    }
    guard header.firstSequence == nextSequence else { throw .sequence(header.firstSequence) }
    guard lastCRC == nil || header.previousCRC == lastCRC else { throw .previous }
  }

  private mutating func begin(_ header: SegmentHeader) {
    self.header = header
    result.identity = header.identity
    note(header.time)
    nextSequence = header.kind == .base ? 1 : header.firstSequence
    lastCRC = header.previousCRC
    position = SegmentHeader.bytes
    stage = .frames
  }

  /// Reads and checks a frame, and gives it out if it has changes.
  mutating func readFrame() throws(JournalFault) -> Step? {
    let left = left
    if left == 0 {
      try close(end: offset)
      return nil
    }
    if let step = ask(for: min(left, UInt64(FrameHeader.bytes))) { return step }
    do throws(FrameFault) {
      let header = try FrameHeader.read(buffer.span, at: position)
      try check(header)
      guard let frameBytes = header.frameBytes, frameBytes <= left else { throw .length(header.payloadCount) }
      if let step = ask(for: frameBytes) { return step }
      return accept(header, try checkPayload(header, Int(frameBytes)), Int(frameBytes))
    } catch {
      guard plan.files[index].kind == .journal else {
        throw fault(lastKind == .endOfBase ? .afterEnd : .frame(error, isClaimed: false), at: offset)
      }
      stage = .tail(Tail(start: offset, reason: .frame(error)))
      return nil
    }
  }

  /// Whether a whole header is that of the frame whose turn it is.
  private func check(_ frame: FrameHeader) throws(FrameFault) {
    guard frame.salt == header?.salt else { throw .salt }
    guard frame.sequence == nextSequence else { throw .sequence(frame.sequence) }
    guard frame.previousCRC == lastCRC else { throw .previous }
    switch (frame.kind, plan.files[index].kind) {
    case (.changes, .journal): break
    case (.shutdown, .journal): if frame.payloadCount != 0 || frame.recordCount != 0 { throw .kind }
    case (.changes, .base), (.endOfBase, .base): if lastKind == .endOfBase { throw .kind }
    case (.endOfBase, .journal), (.shutdown, .base): throw .kind
    }
  }

  /// Where in the buffer the payload is, whose bytes are all there, as are the zeros behind it.
  private func checkPayload(_ frame: FrameHeader, _ frameBytes: Int) throws(FrameFault) -> Range<Int> {
    let start = position + FrameHeader.bytes
    let payload = start..<start + Int(frame.payloadCount)
    guard CRC32C.of(buffer.span.extracting(payload)) == frame.payloadCRC else { throw .payload }
    let zeros = payload.upperBound..<position + frameBytes
    guard buffer.span.extracting(zeros).isAllZero else { throw .padding }
    return payload
  }

  private mutating func accept(_ frame: FrameHeader, _ payload: Range<Int>, _ frameBytes: Int) -> Step? {
    lastCRC = FrameHeader.crc(of: buffer.span, at: position)
    nextSequence = frame.sequence + 1
    lastKind = frame.kind
    framesInFile += 1
    framesSoFar += 1
    note(frame.time)
    if frame.kind == .endOfBase { result.baseTime = frame.time }
    guard frame.kind == .changes else {
      position += frameBytes
      return nil
    }
    givenBytes = frameBytes
    result.frames += 1
    result.records += UInt64(frame.recordCount)
    result.bytes += frame.payloadCount
    return .frame(FrameFacts(header: frame, offset: offset, payload: payload))
  }

  /// Notes when what was read last was written. Not the latest of all times: a clock that was set back while the server
  /// ran is the one by which keys were given their expiries since.
  private mutating func note(_ time: Int64) { result.lastTime = time }
}
