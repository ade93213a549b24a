import GoldenFiles
import Testing

/// `docs/layers-parity.md`: Keras' names of layers and of all that trains them, and what serves here.
@Suite struct LayerParityTests {
  private func page() throws -> ParityPage {
    try ParityPage(
      title: "Keras' names of layers and training",
      opening: """
        What Keras 3 exports, by its names, and what serves here. The page is made by `LayerParityTests` from the
        list `Tests/LayersTests/Data/layer-names.txt` and the sources: a name counts when a public declaration and a test
        that uses it exist, by a call or by its name in quotes. `BLESS=1 swift test --filter LayerParity` rewrites it.
        """,
      list: "Tests/LayersTests/Data/layer-names.txt",
      sources: ["Sources/Layers", "Sources/Operations", "Sources/Gnomon"], namesAreText: true)
  }

  @Test func `docs/layers-parity.md is up to date`() throws {
    try GoldenFile.check("docs/layers-parity.md", equals: try page().text)
  }

  @Test func `a layer that no source declares is missing`() throws {
    let page = try page()
    #expect(page.isDeclared("Conv2DTranspose") && page.isDeclared("BackupAndRestore"))
    #expect(!page.isDeclared("Conv4D") && !page.isDeclared("RandomHue"))
  }
}
