/// The command table: the one place to add a command.
///
/// A row names the command, what it takes, what it touches, what it is for, and the function that does it. Lookup,
/// arity errors, HELP and the nearest-verb suggestion derive from the rows.
public enum CommandTable {
  /// All commands, in the order in which HELP lists them.
  public static let rows: [Command] = [
    Command("PUT", [.key, .value], .writes, "store a value under a key", run: KeyCommands.put),
    Command("GET", [.key], .reads, "show a key's value", run: KeyCommands.get),
    Command("DELETE", [.key], .writes, "remove a key", run: KeyCommands.delete),
    Command("LIST", [.pattern], .readsAll, "list all keys, or those that match a pattern", run: KeyCommands.list),
    Command("EXISTS", [.keys], .reads, "count how many of the named keys exist", run: KeyCommands.exists),
    Command("COUNT", [], .readsAll, "count all keys", run: KeyCommands.count),
    Command("PING", [.optional("message", "a message")], .none, "ask for a sign of life", run: SessionCommands.ping),
    Command(
      "HELP", [.optional("verb", "a verb")], .none, "list the commands, or explain one", run: SessionCommands.help),
    Command("QUIT", [], .none, "close the connection", run: SessionCommands.quit),
  ]
}
