// Publish and subscribe. A message is written to the turn's replies once for each spelling that its subscribers want,
// and a delivery for each subscriber says which part is for whom.

import Bytes
import Wire

/// Who listens to which channels and patterns, by place.
struct Subscriptions {
  private(set) var channels: [[UInt8]: [Int]] = [:]
  private(set) var patterns: [[UInt8]: [Int]] = [:]

  mutating func subscribe(_ slot: Int, to name: [UInt8], isPattern: Bool) {
    if isPattern { patterns[name, default: []].append(slot) } else { channels[name, default: []].append(slot) }
  }

  mutating func unsubscribe(_ slot: Int, from name: [UInt8], isPattern: Bool) {
    func without(_ slots: [Int]?) -> [Int]? {
      let rest = slots?.filter { $0 != slot }
      return rest?.isEmpty ?? true ? nil : rest
    }
    if isPattern { patterns[name] = without(patterns[name]) } else { channels[name] = without(channels[name]) }
  }
}

extension CommandExecutor {
  /// Subscribes the current client, and says so.
  mutating func subscribe(to name: Span<UInt8>, isPattern: Bool) {
    let bytes = name.copied
    let isNew = clients.withDetails(of: current) { details in
      isPattern ? details.patterns.insert(bytes).inserted : details.channels.insert(bytes).inserted
    }
    if isNew {
      subscriptions.subscribe(current, to: bytes, isPattern: isPattern)
      clients[current].flags.insert(.isSubscriber)
    }
    replySubscription(isPattern ? "psubscribe" : "subscribe", name: bytes)
  }

  /// Unsubscribes the current client from one name, or from all if it is nil, and says so.
  mutating func unsubscribe(from name: Span<UInt8>?, isPattern: Bool) {
    let verb: StaticString = isPattern ? "punsubscribe" : "unsubscribe"
    guard let name else {
      let details = clients.details(of: current)
      let names = isPattern ? details.patterns : details.channels
      for name in names { unsubscribe(from: name.span, isPattern: isPattern) }
      if names.isEmpty { replySubscription(verb, name: nil) }
      return
    }
    let bytes = name.copied
    drop(bytes, of: current, isPattern: isPattern)
    replySubscription(verb, name: bytes)
  }

  private mutating func drop(_ name: [UInt8], of slot: Int, isPattern: Bool) {
    guard clients[slot].flags.contains(.isSubscriber) else { return }
    let existed = clients.withDetails(of: slot) { details in
      (isPattern ? details.patterns.remove(name) : details.channels.remove(name)) != nil
    }
    if existed { subscriptions.unsubscribe(slot, from: name, isPattern: isPattern) }
    if subscriptionCount(of: slot) == 0 { clients[slot].flags.remove(.isSubscriber) }
  }

  /// Ends all subscriptions of a client that leaves or resets, and says nothing.
  mutating func forgetSubscriptions(of slot: Int) {
    guard clients[slot].flags.contains(.isSubscriber) else { return }
    let details = clients.details(of: slot)
    for name in details.channels { drop(name, of: slot, isPattern: false) }
    for name in details.patterns { drop(name, of: slot, isPattern: true) }
  }

  private func subscriptionCount(of slot: Int) -> Int {
    let details = clients.details(of: slot)
    return details.channels.count + details.patterns.count
  }

  /// Says how many subscriptions are left; to a client that wants no replies too, as it does want messages.
  private mutating func replySubscription(_ verb: StaticString, name: [UInt8]?) {
    let start = replies.buffer.count
    replies.push(3)
    replies.value(verb)
    if let name { replies.value(name.span) } else { replies.null() }
    replies.integer(Int64(subscriptionCount(of: current)))
    guard skipsReply || clients[current].flags.contains(.repliesOff) else { return }
    deliveries.append(Delivery(slot: current, offset: start, count: replies.buffer.count - start))
  }

  /// Sends a message to all who listen; returns how many times it is sent.
  ///
  /// It is written once for each dialect that subscribers of the channel speak, and again for each pattern; but nothing
  /// more for a client that has been given as much as may wait for it, which is closed for that.
  mutating func publish(_ message: Span<UInt8>, to channel: Span<UInt8>) -> Int {
    let name = channel.copied
    var count = 0
    if let slots = subscriptions.channels[name] {
      deliver(message.count, to: slots) { replies in
        replies.push(3)
        replies.value("message")
        replies.value(channel)
        replies.value(message)
      }
      count += slots.count
    }
    var given: [Int: Int] = [:]
    for (pattern, slots) in subscriptions.patterns where Glob.matches(pattern: pattern.span, text: channel) {
      let open = slots.filter { given[$0, default: 0] <= settings.subscriberOutputBytesMax }
      deliver(message.count, to: open) { replies in
        replies.push(4)
        replies.value("pmessage")
        replies.value(pattern.span)
        replies.value(channel)
        replies.value(message)
      }
      for slot in open { given[slot, default: 0] += message.count + channel.count + pattern.count }
      count += slots.count
    }
    return count
  }

  /// Writes a message of so many bytes once for each dialect that some of `slots` speak, and notes for whom it is.
  private mutating func deliver(_ byteCount: Int, to slots: [Int], _ write: (inout ReplyWriter) -> Void) {
    guard byteCount <= settings.subscriberOutputBytesMax else {
      for slot in slots {
        deliveries.append(Delivery(slot: slot, offset: replies.buffer.count, count: 0, isTooMuch: true))
      }
      return
    }
    let own = replies.dialect
    for dialect in Dialect.allCases {
      let start = replies.buffer.count
      for slot in slots where clients[slot].dialect == dialect {
        if replies.buffer.count == start {
          replies.dialect = dialect
          replies.outOfBand(write)
        }
        deliveries.append(Delivery(slot: slot, offset: start, count: replies.buffer.count - start))
      }
    }
    replies.dialect = own
  }
}
