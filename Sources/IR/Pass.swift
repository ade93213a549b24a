/// A step from graph to graph that keeps its meaning.
package struct Pass: Sendable {
  /// The name on the command line and in traces.
  package let name: String
  /// One sentence.
  package let summary: String
  package let run: @Sendable (Graph) throws -> Graph

  package init(
    _ name: String, _ summary: String, run: @escaping @Sendable (Graph) throws -> Graph
  ) {
    self.name = name
    self.summary = summary
    self.run = run
  }
}
