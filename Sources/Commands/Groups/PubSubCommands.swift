import Bytes
import Wire

/// Publish and subscribe.
enum PubSubCommands {
  private static let listening: Command.Traits = [.pubsub, .forSubscribers]

  static let rows: [Command] = [
    Command(
      "SUBSCRIBE", .pubsub, [.words("channel", "one or more channels")], listening,
      "O(N), N being the number of channels", "Listen to messages published to channels", run: subscribe),
    Command(
      "UNSUBSCRIBE", .pubsub, [.options("[channel ...]")], listening, "O(N), N being the number of channels",
      "Stop listening to channels, or to all of them", run: unsubscribe),
    Command(
      "PSUBSCRIBE", .pubsub, [.words("pattern", "one or more patterns")], listening,
      "O(N), N being the number of patterns", "Listen to messages published to channels that match patterns",
      run: subscribePatterns),
    Command(
      "PUNSUBSCRIBE", .pubsub, [.options("[pattern ...]")], listening, "O(N), N being the number of patterns",
      "Stop listening to patterns, or to all of them", run: unsubscribePatterns),
    Command(
      "PUBLISH", .pubsub, [.word("channel", "a channel"), .word("message", "a message")], [.pubsub, .fast, .paused],
      "O(N+M), N being the number of subscribers of the channel, M the number of patterns",
      "Send a message to all who listen to a channel", run: publish),
    Command(
      "PUBSUB", .pubsub, [.pubsub], "Tell which channels and patterns are listened to",
      subcommands: [
        Command(
          "CHANNELS", .pubsub, [.optional("pattern", "a pattern")], [.pubsub], "O(N), N being the number of channels",
          "List the channels that are listened to", run: channels),
        Command(
          "NUMSUB", .pubsub, [.options("[channel ...]")], [.pubsub], "O(N), N being the number of requested channels",
          "Count the subscribers of channels", run: subscriberCounts),
        Command(
          "NUMPAT", .pubsub, [], [.pubsub], "O(1)", "Count the patterns that are listened to", run: patternCount),
        Command(
          "SHARDCHANNELS", .pubsub, [.optional("pattern", "a pattern")], [.pubsub], "O(1)",
          "List the shard channels: there are none", run: noChannels),
        Command(
          "SHARDNUMSUB", .pubsub, [.options("[channel ...]")], [.pubsub], "O(1)",
          "Count the subscribers of shard channels: there are none", run: noSubscribers),
      ]),
  ]

  static func subscribe(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard executor.areShort(request, from: 1, to: executor.settings.keyBytesMax, "channel") else { return .replied }
    for index in 1..<request.count { executor.subscribe(to: request[index], isPattern: false) }
    return .replied
  }

  static func subscribePatterns(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard executor.areShort(request, from: 1, to: executor.settings.patternBytesMax, "pattern") else {
      return .replied
    }
    for index in 1..<request.count { executor.subscribe(to: request[index], isPattern: true) }
    return .replied
  }

  static func unsubscribe(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    endSubscriptions(request, &executor, isPattern: false)
  }

  static func unsubscribePatterns(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    endSubscriptions(request, &executor, isPattern: true)
  }

  private static func endSubscriptions(
    _ request: borrowing Request, _ executor: inout CommandExecutor, isPattern: Bool
  ) -> Outcome {
    if request.count == 1 { executor.unsubscribe(from: nil, isPattern: isPattern) }
    for index in 1..<request.count { executor.unsubscribe(from: request[index], isPattern: isPattern) }
    return .replied
  }

  static func publish(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard request[1].count <= executor.settings.keyBytesMax else {
      _ = executor.refuseLength("channel", request[1].count, executor.settings.keyBytesMax, flag: nil)
      return .replied
    }
    let count = executor.publish(request[2], to: request[1])
    executor.replies.integer(Int64(count))
    return .replied
  }

  static func channels(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    guard executor.areShort(request, from: 2, to: executor.settings.patternBytesMax, "pattern") else {
      return .replied
    }
    var names = Array(executor.subscriptions.channels.keys)
    if request.count > 2 {
      let pattern = request[2].copied
      names.removeAll { !Glob.matches(pattern: pattern.span, text: $0.span) }
    }
    executor.replies.array(names.count)
    for name in names { executor.replies.value(name.span) }
    return .replied
  }

  static func subscriberCounts(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.array(2 * (request.count - 2))
    for index in 2..<request.count {
      executor.replies.value(request[index])
      executor.replies.integer(Int64(executor.subscriptions.channels[request[index].copied]?.count ?? 0))
    }
    return .replied
  }

  static func patternCount(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.integer(Int64(executor.subscriptions.patterns.count))
    return .replied
  }

  static func noChannels(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.array(0)
    return .replied
  }

  static func noSubscribers(_ request: borrowing Request, _ executor: inout CommandExecutor) -> Outcome {
    executor.replies.array(2 * (request.count - 2))
    for index in 2..<request.count {
      executor.replies.value(request[index])
      executor.replies.integer(0)
    }
    return .replied
  }
}
