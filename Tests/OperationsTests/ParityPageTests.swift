import Foundation
import GoldenFiles
import Testing

/// `docs/operations-parity.md`, made from the names that others use and from our sources: what is here is
/// found, not claimed.
@Suite struct ParityPageTests {
  private func page() throws -> ParityPage {
    try ParityPage(
      title: "Names of other systems",
      opening: """
        What PyTensor, JAX, Keras and NumPy offer, by the names they use, and what serves here. The page is
        made by `ParityPageTests` from the list `Tests/OperationsTests/Fixtures/parity-names.txt` and the sources: a
        name counts when a public declaration exists and a test that calls it.
        `BLESS=1 swift test --filter ParityPage` rewrites it.
        """,
      list: "Tests/OperationsTests/Fixtures/parity-names.txt",
      sources: ["Sources/Operations", "Sources/Gnomon", "Sources/Tensors"])
  }

  @Test func `docs/operations-parity.md is up to date`() throws {
    try GoldenFile.check("docs/operations-parity.md", equals: try page().text)
  }

  @Test func `a name that no source declares is missing`() throws {
    let page = try page()
    #expect(page.isDeclared("matmul") && page.isDeclared(".<="))
    #expect(!page.isDeclared("matmu") && !page.isDeclared("noSuchFunction"))
  }
}
