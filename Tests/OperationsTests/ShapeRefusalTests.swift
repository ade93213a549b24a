import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

/// A mistake and what is said about it.
struct RefusalCase: Sendable, CustomTestStringConvertible {
  let code: DiagnosticCode
  let message: String
  let help: String?
  let build: @Sendable () -> Expr
  var testDescription: String { message }

  init(
    _ code: DiagnosticCode, _ message: String, help: String? = nil,
    _ build: @escaping @Sendable () -> Expr
  ) {
    self.code = code
    self.message = message
    self.help = help
    self.build = build
  }
}

private let f = Expr.input("f", .float32, [3, 4])
private let g = Expr.input("g", .float32, ["n", 4])
private let i = Expr.input("i", .int32, [3])
private let b = Expr.input("b", .bool, [3])
private let empty = Expr.input("empty", .float32, [0, 4])

@Suite struct ShapeRefusalTests {
  static let cases: [RefusalCase] = [
    // Elementwise
    .init(
      .dtypeMismatch, "divide: the operands have different dtypes: float32 and int32",
      help: "cast the second operand: i.cast(to: .float32)"
    ) { f[0, 0] / i },
    .init(
      .dtypeNotSupported, "exp: not defined for int32; it needs a floating-point dtype",
      help: "cast it first: i.cast(to: .float32)"
    ) { exp(i) },
    .init(
      .dtypeNotSupported, "power: not defined for int32; it needs a floating-point dtype",
      help: "cast it first: i.cast(to: .float32)"
    ) { i ** 2 },
    .init(
      .dtypeNotSupported, "maximum: not defined for bool; it needs a numeric dtype",
      help: "cast it first: b.cast(to: .float32)"
    ) { maximum(b, b) },
    .init(
      .dtypeNotSupported, "and: not defined for float32; it needs bool or an integer dtype",
      help: "compare first, for example f .!= 0"
    ) { f .& f },
    .init(
      .dtypeNotSupported, "select: the condition is int32, not bool",
      help: "compare first, for example i .!= 0"
    ) { select(i, i, i) },
    .init(
      .dtypeMismatch, "select: the values have different dtypes: float32 and int32",
      help: "cast one of them: i.cast(to: .float32)"
    ) { select(b, f[.all, 0], i) },
    .init(
      .dtypeNotSupported, "isNaN: not defined for int32; it needs a floating-point dtype",
      help: "cast it first: i.cast(to: .float32)"
    ) { isNaN(i) },
    .init(
      .broadcastMismatch, "less: the shapes do not broadcast: 4 against 3",
      help: "to add one number for each row, expand it: right.expanded(axis: 1) is [3, 1]"
    ) { f .< i.cast(to: .float32) },
    // Reductions
    .init(.axisOutOfRange, "max: axis 2 of a tensor of rank 2", help: "axes are -2...1") {
      max(f, axes: 2)
    },
    .init(.duplicateAxis, "mean: axis -1 is given twice") { mean(f, axes: 1, -1) },
    .init(.emptyReduction, "max: axis 0 is empty, so there is nothing to take") {
      max(empty, axes: 0)
    },
    .init(.emptyReduction, "argmin: axis 0 is empty, so there is nothing to find") {
      argmin(empty, axis: 0)
    },
    .init(
      .dtypeNotSupported, "mean: not defined for int32; it needs a floating-point dtype",
      help: "cast it first: i.cast(to: .float32)"
    ) { mean(i) },
    .init(
      .dtypeNotSupported, "any: not defined for float32; it needs bool",
      help: "compare first, for example f .!= 0"
    ) { any(f) },
    .init(
      .dtypeNotSupported, "argmax: not defined for bool; it needs a numeric dtype",
      help: "cast it first: b.cast(to: .int32)"
    ) { argmax(b, axis: 0) },
    // Shape
    .init(
      .rankMismatch, "transpose: rank 1 has no two axes to exchange",
      help: "to make a column of a vector: i.expanded(axis: 1)"
    ) { i.transposed() },
    .init(
      .invalidAttribute, "transpose: [0, 0] is not an order of the 2 axes",
      help: "name each of 0..<2 once"
    ) { f.permuted(0, 0) },
    .init(.axisOutOfRange, "expanded: axis 4 of a result of rank 3", help: "axes are -3...2") {
      f.expanded(axis: 4)
    },
    .init(
      .shapeMismatch, "squeezed: axis 0 has size 3, not 1",
      help: "to take one element of it: f[…, i, …]"
    ) { f.squeezed(axis: 0) },
    .init(.shapeMismatch, "concatenate: the sizes of axis 1 differ: 4 and 3") {
      concatenate([f, f[.all, 1...]])
    },
    .init(
      .rankMismatch, "concatenate: the tensors have different ranks: 2 and 1",
      help: "insert an axis: right.expanded(axis: 0)"
    ) { concatenate([f, f[0]]) },
    .init(
      .dtypeMismatch, "concatenate: the tensors have different dtypes: int32 and bool",
      help: "cast one of them: b.cast(to: .int32)"
    ) { concatenate([i, b]) },
    .init(.invalidAttribute, "stack: there are no tensors") { stack([]) },
    .init(
      .invalidSlice, "subscript: index 3 is out of range for axis 0 of size 3",
      help: "indices are -3...2"
    ) { f[3] },
    .init(
      .invalidSlice, "slice: positions 0 to 4 do not lie within axis 0 of size 3",
      help: "positions are 0...2"
    ) { f[0..<5] },
    .init(
      .invalidSlice, "slice: the size -1 of axis 0 is negative",
      help: "a range ends at or after its start"
    ) { f[2..<1] },
    .init(.invalidSlice, "subscript: the step of axis 1 is 0") { f[.all, .range(by: 0)] },
    .init(
      .invalidSlice, "subscript: 3 indices for a tensor of rank 2",
      help: "give at most one index for each axis"
    ) { f[0, 0, 0] },
    .init(.invalidSlice, "subscript: there is more than one .ellipsis") { f[.ellipsis, .ellipsis] },
    .init(
      .invalidAttribute, "pad: 1 pairs of widths for a tensor of rank 2",
      help: "give one pair for each axis, (0, 0) for those that stay"
    ) { f.padded([(1, 1)]) },
    .init(
      .invalidSlice, "split: axis 1 of size 4 has no 3 equal parts",
      help: "give the sizes: f.split(sizes: […])"
    ) { f.split(parts: 3, axis: 1)[0] },
    .init(.invalidSlice, "split: the sizes add up to 5, but axis 1 has 4") {
      f.split(sizes: [2, 3], axis: 1)[0]
    },
    .init(.rankMismatch, "tril: rank 1 has no triangles; it needs 2 or more") { tril(i) },
    .init(
      .dtypeNotSupported, "oneHot: not defined for float32; it needs an integer dtype",
      help: "cast it first: f.cast(to: .int32)"
    ) { oneHot(f, classes: 3) },
    .init(
      .invalidAttribute, "tiled: the counts [2] do not fit a tensor of rank 2",
      help: "give one count, at least 0, for each axis"
    ) { f.tiled([2]) },
    .init(.dtypeNotSupported, "iota: not defined for bool; it needs a numeric dtype") {
      Expr.iota(3, .bool)
    },
    .init(.invalidAttribute, "range: 0.0 to 1.0 by 0.0 is not a range") {
      Expr.range(0, 1, step: 0)
    },
    // Indexing
    .init(
      .dtypeNotSupported, "take: not defined for float32; it needs an integer dtype",
      help: "cast it first: f.cast(to: .int32)"
    ) { take(f, f) },
    .init(.axisOutOfRange, "take: axis 2 of a tensor of rank 2", help: "axes are -2...1") {
      take(f, i, axis: 2)
    },
    .init(
      .rankMismatch, "gather_along: the tensor has rank 2, the indices 1",
      help: "insert the axis: i.expanded(axis: 1)"
    ) { takeAlongAxis(f, i, axis: 1) },
    .init(.shapeMismatch, "scatter_add: axis 1 of the updates has size 3, not 4") {
      scatterAdd(f, i, Expr.zeros(.float32, [3, 3]))
    },
    .init(
      .dtypeMismatch, "scatter_add: the dtypes are float32 and int32",
      help: "cast the updates: x3.cast(to: .float32)"
    ) { scatterAdd(f, i, f.cast(to: .int32)) },
  ]

  @Test(arguments: cases)
  func `mistakes are refused with their rule and remedy`(c: RefusalCase) throws {
    let d = try diagnostic(of: c.build())
    #expect(d.code == c.code)
    #expect(d.message == c.message)
    #expect(d.help == c.help)
  }

  @Test func `an index out of range names index, position and bound`() throws {
    for (indices, failure) in [
      (Tensor([0, 3, 1] as [Int32]), IndexFailure(index: 3, position: 1, bound: 3)),
      (Tensor([0, 1, -1] as [Int32]), IndexFailure(index: -1, position: 2, bound: 3)),
    ] {
      for e in [
        take(f, i), takeAlongAxis(f, i.expanded(axis: 1).broadcast(to: [3, 4]), axis: 0),
        scatterAdd(f, i, f), sum(gradient(of: sum(take(f, i)), withRespectTo: f)),
      ] {
        let error = try #require(throws: LocatedFailure.self) {
          try Reference.run(e, [(f, .zeros(.float32, [3, 4])), (i, indices)])
        }
        #expect(error.failure.index == failure.index && error.failure.bound == failure.bound)
      }
      let error = try #require(throws: LocatedFailure.self) {
        try Reference.run(take(g, i, axis: 0), [(g, .zeros(.float32, [3, 4])), (i, indices)])
      }
      #expect(error.failure == failure)
    }
  }
}
