/// A step from graph to graph that keeps its meaning.
package struct Pass: Sendable {
  /// The name on the command line and in traces.
  package let name: String
  /// One sentence.
  package let summary: String
  /// Whether results keep their bits; else only their value in real numbers, and the rounding may differ.
  package let isExact: Bool
  /// Whether it runs once, when the others have nothing left to change: what it makes hides patterns
  /// that they look for.
  package let isClosing: Bool
  package let run: @Sendable (Graph) throws -> Graph

  package init(
    _ name: String, _ summary: String, isExact: Bool = true, isClosing: Bool = false,
    run: @escaping @Sendable (Graph) throws -> Graph
  ) {
    self.name = name
    self.isExact = isExact
    self.isClosing = isClosing
    self.summary = summary
    self.run = run
  }
}
