internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

// Faulty calls of compiled functions, and what goes wrong while they run.

let callCases: [Case] = [
  Case("call/argument-count", diagnostics: {
    [.argumentCount(function: "step", inputs: [images, classes], given: 1)]
  }),
  Case("call/too-many-arguments", diagnostics: {
    [.argumentCount(function: "predict", inputs: [images], given: 3)]
  }),
  Case("call/argument-dtype", diagnostics: {
    [.argumentDType(images, given: .float64, shape: [64, 784])]
  }),
  Case("call/argument-rank", diagnostics: {
    [.argumentRank(images, given: .float32, shape: [784])]
  }),
  Case("call/argument-size", diagnostics: {
    [.argumentSize(images, axis: 1, expected: nil, given: .float32, shape: [64, 783])]
  }),
  Case("call/argument-size-formula", diagnostics: {
    let windows = argument(
      2, Expr.input("windows", .float32, [2 * Dim("n") + 1]))
    return [.argumentSize(windows, axis: 0, expected: 9, given: .float32, shape: [8])]
  }),
  Case("call/dimension-conflict", diagnostics: {
    [.dimensionConflict("batch", (images, 0, 128), (classes, 0, 64))]
  }),
  Case("call/requirement", diagnostics: {
    let x = Expr.input("x", .float32, ["n", "m"])
    let y = x.reshaped([6, "k"])
    return y.node.requirements.map {
      .requirementFailed($0, sizes: ["n": 4, "m": 5, "k": 3])
    }
  }),
  Case("call/index-out-of-range", diagnostics: {
    let words = Expr.input("words", .int32, ["batch", 12])
    let rows = take(Expr.variable("table", .zeros(.float32, [1000, 16])), words)
    return [
      .indexOutOfRange(
        "take", index: 1000, position: 27, shape: [64, 12], bound: 1000, at: rows.node.location)
    ]
  }),
  Case("call/assertion", diagnostics: {
    let x = Expr.input("x", .float32, ["batch", 2])
    let rate = asserting(x, x .> 0, "the rate is positive")
    return [
      .failed(
        LocatedFailure(
          failure: IndexFailure(index: 1, position: 3, bound: 1), location: rate.node.location,
          check: .isTrue(message: "the rate is positive"),
          operands: [nil, Tensor.zeros(.bool, [3, 2])]))
    ]
  }),
  Case("call/not-finite", diagnostics: {
    let x = Expr.input("x", .float32, ["batch"])
    let y = log(x)
    return [
      .failed(
        LocatedFailure(
          failure: IndexFailure(index: 1, position: 1, bound: 1), location: y.node.location,
          check: .isFinite(of: "log", allowsInfinity: false),
          operands: [
            Tensor([0, -.infinity, .nan] as [Float]), Tensor([1, 0, -1] as [Float]),
          ]))
    ]
  }),
  Case("call/size-overflow", diagnostics: {
    let x = Expr.input("x", .float32, ["n", 1])
    let y = x * x.transposed()
    return [.sizeOverflowAtCall(y.type, sizes: ["n": 1 << 40], at: y.node.location)]
  }),
  Case("call/output-buffer", diagnostics: {
    [.outputBuffer(1, type: TensorType(.float32, ["batch", 10]), given: .float32, shape: [64, 12])]
  }),
  Case("call/variable-value", diagnostics: {
    let w = Expr.variable("w", .zeros(.float32, [784, 10]))
    return [
      .variableValue(
        "w", type: w.type, given: .float32, shape: [10, 784], origin: w.node.location)
    ]
  }),
]

private let images = argument(1, Expr.input("x", .float32, ["batch", 784]))
private let classes = argument(2, Expr.input("y", .int32, ["batch"]))

private func argument(_ number: Int, _ input: Expr) -> ArgumentDescription {
  ArgumentDescription(
    number: number, name: input.name ?? "", type: input.type, origin: input.node.location)
}
