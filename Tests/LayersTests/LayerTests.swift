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

  @Test func `a layer of one's own says what inputs it takes`() throws {
    final class Picky: Layer {
      override func call(_ x: Expr) -> Expr { x }
    }
    let layer = Picky()
    layer.inputSpec = InputSpec(rank: 3, axes: [-1: 4], dtypes: [.float32])
    func message(_ x: Expr) -> String {
      let error = #expect(throws: GnomonError.self) {
        try compile(inputs: [x], outputs: [layer(x)])
      }
      return error.map { "\($0)" } ?? ""
    }
    let fitting = Input(shape: [2, 4])
    _ = try compile(inputs: [fitting], outputs: [layer(fitting)])
    #expect(message(Input(shape: [4])).contains("expects an input of rank 3, not 2"))
    #expect(message(Input(shape: [2, 5])).contains("expects axis -1 of its input to be 4, not 5"))
    #expect(
      message(Input(shape: [2, 4], dtype: .int32)).contains("expects an input of dtype float32"))
  }
}
