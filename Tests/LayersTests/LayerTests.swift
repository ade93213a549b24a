import GnomonLayers
import Testing

@Suite(.seeded) struct LayerTests {
  @Test func `a layer makes its weights when it is called first, and shares them after`() throws {
    let x = Expr.input("x", .float32, ["batch", 3])
    let dense = Dense(2, name: "d")
    #expect(!dense.isBuilt)
    let y = dense(x)
    let z = dense(x + 1)
    #expect(y.shape == ["batch", 2])
    #expect(dense.weights.map(\.name) == ["d/kernel", "d/bias"])
    #expect(dense.inboundNodes.count == 2)
    #expect(dense.inboundNodes[1].outputs[0].shape == z.shape)
  }
}
