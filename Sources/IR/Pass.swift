/// A step from graph to graph that keeps its meaning.
package struct Pass: Sendable {
  /// The name on the command line and in traces.
  package let name: String
  /// One sentence.
  package let summary: String
  /// Whether results keep their bits; else only their value in real numbers, and the rounding may differ.
  package let isExact: Bool
  package let run: @Sendable (Graph) throws -> Graph

  package init(
    _ name: String, _ summary: String, isExact: Bool = true,
    run: @escaping @Sendable (Graph) throws -> Graph
  ) {
    self.name = name
    self.isExact = isExact
    self.summary = summary
    self.run = run
  }
}
