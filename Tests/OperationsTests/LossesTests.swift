import Foundation
import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct LossesTests {
  /// Arrays that `scripts/make-loss-fixtures.py` made with NumPy.
  static let arrays: [String: Tensor] = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/losses.npz").path
    return (try? Tensor.readNPZDictionary(path)) ?? [:]
  }()

  private func fixture(_ name: String) throws -> Tensor { try #require(Self.arrays[name]) }
  private func constant(_ name: String) throws -> Expr { .constant(try fixture(name)) }

  private func expect(
    _ e: Expr, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let found = try Reference.run(e)
    #expect(
      found.allClose(try fixture(name), rtol: 1e-9, atol: 1e-12), "\(found)",
      sourceLocation: sourceLocation)
  }

  @Test func `softmax and the losses agree with NumPy`() throws {
    let (x, labels) = (try constant("x"), try constant("labels"))
    try expect(softmax(x), "softmax")
    try expect(softmax(x, axis: 0), "softmax0")
    try expect(logSoftmax(x), "log_softmax")
    try expect(softmaxCrossEntropy(logits: x, labels: labels), "labelled")
    try expect(softmaxCrossEntropy(logits: x, targets: constant("targets")), "dense")
    try expect(sigmoidCrossEntropy(logits: constant("z"), targets: constant("t")), "sigmoid")
    try expect(binaryCrossEntropy(probabilities: constant("p"), targets: constant("t")), "binary")
    try expect(meanSquaredError(constant("p"), constant("t")), "mse")
    try expect(
      layerNormalization(x, scale: constant("scale"), offset: constant("offset")), "layer")
  }

  @Test func `their gradients are difference quotients`() throws {
    let x = sample([3, 4], seed: 2)
    let w = sample([4], seed: 3)
    let labels = Expr.constant(Tensor([3, 0, 2], dtype: .int32))
    let t = Tensor(
      dtype: .float64, shape: [3, 4], doubles: sample([3, 4], seed: 4).doubles.map { ($0 + 1) / 2 })
    let p = Tensor(dtype: .float64, shape: [3, 4], doubles: t.doubles.map { 0.1 + 0.8 * $0 })
    try expectGradient([x]) { sum(tanh(3 * softmax($0[0]))) }
    try expectGradient([x]) { sum(tanh(softmax($0[0], axis: 0))) }
    try expectGradient([x]) { sum(tanh(logSoftmax($0[0]))) }
    try expectGradient([x]) { sum(tanh(softmaxCrossEntropy(logits: $0[0], labels: labels))) }
    try expectGradient([x, t]) { sum(tanh(softmaxCrossEntropy(logits: $0[0], targets: $0[1]))) }
    try expectGradient([x, t]) { sum(tanh(sigmoidCrossEntropy(logits: $0[0], targets: $0[1]))) }
    try expectGradient([p, t]) { sum(binaryCrossEntropy(probabilities: $0[0], targets: $0[1])) }
    try expectGradient([x, t]) { meanSquaredError($0[0], $0[1]) }
    try expectGradient([x, w, w]) {
      sum(tanh(layerNormalization($0[0], scale: $0[1], offset: $0[2])))
    }
  }

  @Test func `the gradient of the cross-entropy is softmax less one-hot, also for huge logits`()
    throws
  {
    let x = Expr.input("x", .float64, [1, 3])
    let labels = Expr.constant(Tensor([1], dtype: .int32))
    let (loss, d) = valueAndGradient(
      of: sum(softmaxCrossEntropy(logits: x, labels: labels)), withRespectTo: x)
    let found = try Reference.run([loss, d], [(x, Tensor([[1000.0, -1000, 1000]]))])
    #expect(found[0].doubles == [2000 + Foundation.log(2.0)])
    #expect(found[1].doubles == [0.5, -1, 0.5])
  }

  @Test func `second derivatives of the cross-entropy`() throws {
    let labels = Expr.constant(Tensor([3, 0, 2], dtype: .int32))
    try expectGradient([sample([3, 4], seed: 2)]) { e in
      let d = gradient(
        of: sum(softmaxCrossEntropy(logits: e[0], labels: labels)), withRespectTo: e[0])
      return sum(d * d * d)
    }
  }

  @Test(arguments: [5, -1]) func `a label out of range names index, position and bound`(
    label: Int
  ) throws {
    let x = Expr.input("x", .float32, [3, 5])
    let y = Expr.input("y", .int32, [3])
    let loss = mean(softmaxCrossEntropy(logits: x, labels: y))
    let bindings = [
      (x, Tensor.zeros(.float32, [3, 5])), (y, Tensor([0, label, 2], dtype: .int32)),
    ]
    let error = #expect(throws: LocatedFailure.self) { try Reference.run(loss, bindings) }
    #expect(error?.failure == IndexFailure(index: Int64(label), position: 1, bound: 5))
  }

  @Test func `labels of narrow dtypes do not wrap`() throws {
    let x = Expr.input("x", .float64, [1, 300])
    let y = Expr.input("y", .uint8, [1])
    let loss = softmaxCrossEntropy(logits: x, labels: y)
    var values = [Double](repeating: 0, count: 300)
    values[255] = 1000
    let found = try Reference.run(
      loss,
      [
        (x, Tensor(dtype: .float64, shape: [1, 300], doubles: values)),
        (y, Tensor([255], dtype: .uint8)),
      ])
    #expect(found.doubles == [0])
  }

  @Test func `certain predictions and forbidden classes stay finite`() throws {
    let p = Expr.constant(Tensor([0.0, 1, 0]))
    let t = Expr.constant(Tensor([0.0, 1, 1]))
    let found = try Reference.run(binaryCrossEntropy(probabilities: p, targets: t)).doubles
    #expect(found == [0, 0, .infinity])
    let x = Expr.constant(Tensor([[0.0, -.infinity]]))
    let dense = softmaxCrossEntropy(logits: x, targets: .constant(Tensor([[1.0, 0]])))
    #expect(try Reference.run(dense).doubles == [0])
  }

  @Test func `half floats are rounded once`() throws {
    let x = try fixture("x").cast(to: .float16)
    let half = try Reference.run(softmax(.constant(x)))
    let single = try Reference.run(softmax(.constant(x.cast(to: .float32))))
    #expect(half.identical(to: single.cast(to: .float16)))
  }

  @Test func `mistakes name the loss`() throws {
    let x = Expr.input("x", .float32, ["batch", 10])
    func check(_ e: Expr, _ code: DiagnosticCode, _ name: String, line: Int = #line) throws {
      let d = try diagnostic(of: e)
      #expect(d.code == code, "line \(line): \(d.message)")
      #expect(d.message.hasPrefix("\(name): "), "line \(line): \(d.message)")
    }
    let name = "softmaxCrossEntropy"
    let y = Expr.input("y", .float32, ["batch"])
    try check(softmaxCrossEntropy(logits: x, labels: y), .dtypeNotSupported, name)
    let wrong = Expr.input("y", .int32, ["batch", 10])
    try check(softmaxCrossEntropy(logits: x, labels: wrong), .shapeMismatch, name)
    try check(softmaxCrossEntropy(logits: x, targets: y), .shapeMismatch, name)
    try check(softmaxCrossEntropy(logits: wrong, labels: wrong), .dtypeNotSupported, name)
    try check(softmax(wrong), .dtypeNotSupported, "softmax")
    try check(softmax(x, axis: 2), .axisOutOfRange, "softmax")
    try check(meanSquaredError(x, y), .shapeMismatch, "meanSquaredError")
    let wide = Expr.input("t", .float64, ["batch", 10])
    try check(sigmoidCrossEntropy(logits: x, targets: wide), .dtypeMismatch, "sigmoidCrossEntropy")
    try check(layerNormalization(x, scale: wide), .dtypeMismatch, "layerNormalization")
  }
}
