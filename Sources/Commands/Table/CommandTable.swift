/// The command table: the one place to add a command.
///
/// A row names the command, what it takes, what it touches, what it costs, what it is for, and the function that does
/// it. Lookup, arity errors, HELP, COMMAND, the reference page and the nearest-verb suggestion derive from the rows,
/// which stand beside their functions, a group a file.
public enum CommandTable {
  /// All commands, in the order in which HELP lists them.
  public static let rows: [Command] =
    KeyCommands.rows + SetCommand.rows + StringCommands.rows + CounterCommands.rows + GenericCommands.rows
    + ExpiryCommands.rows + BitCommands.rows + LCSCommand.rows + DumpCommands.rows + ObjectCommand.rows
    + ConnectionCommands.rows + TransactionCommands.rows + PubSubCommands.rows
    + ServerCommands.rows + SaveCommands.rows + LockScripts.rows
}
