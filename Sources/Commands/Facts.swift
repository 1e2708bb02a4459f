extension CommandExecutor {
  public mutating func answer(_ request: FactsRequest, _ facts: ServerFacts) { replies.error("ERR", "not yet") }
}
