import GnomonIR
import GnomonOperations
import GnomonTensors
import Testing

@Suite struct ElementwiseReferenceTests {
  static let unary: [String: @Sendable (Expr) -> Expr] = [
    "negate": { -$0 }, "abs": { abs($0) }, "sign": { sign($0) }, "exp": { exp($0) },
    "expm1": { expm1($0) }, "log": { log($0) }, "log1p": { log1p($0) }, "sqrt": { sqrt($0) },
    "rsqrt": { rsqrt($0) }, "floor": { floor($0) }, "ceil": { ceil($0) }, "round": { round($0) },
    "sin": { sin($0) }, "cos": { cos($0) }, "tan": { tan($0) }, "tanh": { tanh($0) },
    "sigmoid": { sigmoid($0) }, "softplus": { softplus($0) }, "erf": { erf($0) },
    "square": { square($0) }, "reciprocal": { reciprocal($0) }, "relu": { relu($0) },
    "isNaN": { isNaN($0) }, "isFinite": { isFinite($0) }, "isInfinite": { isInfinite($0) },
    "gelu": { gelu($0) }, "not": { .!$0 },
  ]

  static let binary: [String: @Sendable (Expr, Expr) -> Expr] = [
    "add": { $0 + $1 }, "subtract": { $0 - $1 }, "multiply": { $0 * $1 }, "divide": { $0 / $1 },
    "remainder": { $0 % $1 }, "power": { $0 ** $1 }, "maximum": { maximum($0, $1) },
    "minimum": { minimum($0, $1) }, "equal": { $0 .== $1 }, "notEqual": { $0 .!= $1 },
    "less": { $0 .< $1 }, "lessEqual": { $0 .<= $1 }, "greater": { $0 .> $1 },
    "greaterEqual": { $0 .>= $1 }, "and": { $0 .& $1 }, "or": { $0 .| $1 }, "xor": { $0 .^ $1 },
  ]

  @Test(arguments: unary.keys.sorted())
  func `one operand, as NumPy`(name: String) throws {
    let f = try #require(Self.unary[name])
    for c in try #require(ReferenceCase.byOp[name]) { try c.check { x, _ in f(x[0]) } }
  }

  @Test(arguments: binary.keys.sorted())
  func `two operands, as NumPy`(name: String) throws {
    let f = try #require(Self.binary[name])
    for c in try #require(ReferenceCase.byOp[name]) { try c.check { x, _ in f(x[0], x[1]) } }
  }

  @Test func `select, as NumPy`() throws {
    for c in try #require(ReferenceCase.byOp["select"]) {
      try c.check { x, _ in select(x[0], x[1], x[2]) }
    }
  }

  @Test func `casts between all dtypes, as NumPy where it defines them`() throws {
    let cases = try #require(ReferenceCase.byOp["cast"])
    #expect(cases.count == DType.allCases.count * (DType.allCases.count - 1))
    for c in cases { try c.check { x, c in x[0].cast(to: try c.dtype("target")) } }
  }
}
