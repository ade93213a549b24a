import GnomonLayers
import Testing

@Suite(.seeded) struct RecurrentTests {
  /// A sum with a leak: h = 0.5 h + x.
  private final class Leaky: RNNCell {
    override var stateSizes: [Int] { [2] }
    override func step(_ x: Expr, _ states: [Expr]) -> (output: Expr, states: [Expr]) {
      let h = 0.5 * states[0] + x
      return (h * 10, [h])
    }
  }

  private let x = Expr.input("x", .float32, ["batch", "steps", 2])
  private let data = Tensor([[[Float(1), 2], [3, 4], [5, 6]]])

  @Test func `a cell of one's own runs over a sequence of any length`() throws {
    let (y, h): (Expr, Expr) = RNN(Leaky(), returnSequences: true, returnState: true)(x)
    let f = try compile(inputs: [x], outputs: [y, h])
    let all = try f.outputs([data])
    #expect(all[0].doubles == [10, 20, 35, 50, 67.5, 85])
    #expect(all[1].doubles == [6.75, 8.5])
    #expect(try f.outputs([Tensor([[[Float(1), 1]]])])[0].doubles == [10, 10])
  }

  @Test func `initial states are taken, and only as many as there are`() throws {
    let h = Expr.input("h", .float32, ["batch", 2])
    let y: Expr = RNN(Leaky())(x, h)
    #expect(try evaluate(y, [x: data, h: Tensor([[Float(8), 8]])]).doubles == [77.5, 95])
    #expect(throws: GnomonError.self) {
      try compile(inputs: [x, h], outputs: [RNN(Leaky())(x, h, h)])
    }
  }

  @Test func `a stateful layer goes on where it ended, until it is reset`() throws {
    let x = Input(shape: [1, 2], name: "x", batch: 1)
    let layer = RNN(Leaky(), stateful: true)
    let model = Model(inputs: x, outputs: layer(x))
    let updates = model.stateUpdates(training: false)
    #expect(updates.count == 1)
    let step = try compile(
      inputs: [x], outputs: model.outputs, updates: updates.map { ($0.variable, $0.becomes) })
    let one = Tensor([[[Float(1), 1]]])
    #expect(try step(one).doubles == [10, 10])
    #expect(try step(one).doubles == [15, 15])
    layer.resetStates()
    #expect(try step(one).doubles == [10, 10])
  }

  @Test func `recurrent dropout drops the same elements at every step of training`() throws {
    let cell = LSTM(4, dropout: 0.5, recurrentDropout: 0.5, seed: 3, returnSequences: true)
    let y: Expr = cell(x)
    let model = Model(inputs: x, outputs: y)
    #expect(model.stateUpdates(training: true).count == 2)
    let predict = try compile(inputs: [x], outputs: [y])
    let train = try compile(inputs: [x], outputs: [y], options: CompileOptions(training: true))
    let (a, b) = (try predict(data), try train(data))
    #expect(!a.allClose(b))
    #expect(try train(data).identical(to: b))
  }

  @Test func `a layer written once serves both directions only as an expression`() {
    let shared = LSTM(2)
    let error = #expect(throws: GnomonError.self) {
      try compile(inputs: [x], outputs: [Bidirectional(shared)(x)])
    }
    #expect(error?.diagnostics.first?.code == .layerInput)
  }
}
