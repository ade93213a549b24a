import Gnomon
import GnomonScalars
import Testing

/// The reciprocal root of float32, which begins with an estimate of the CPU's where it has one.
@Suite struct ReciprocalRootTests {
  init() { #expect(usesOwnCache) }

  /// A sample of all mantissas under odd and even exponents, numbers of every size, and nasty ones.
  static let arguments: [Float] = {
    let mantissas = stride(from: UInt32(0x3F80_0000), to: 0x4080_0000, by: 61)
    let sizes = stride(from: UInt32(1), to: 0x7F80_0000, by: 99_991)
    let nasty: [Float] = [
      0, -0.0, .infinity, -.infinity, .nan, -1, .leastNonzeroMagnitude, -.leastNonzeroMagnitude,
      .leastNormalMagnitude, .leastNormalMagnitude.nextDown, .greatestFiniteMagnitude,
    ]
    return nasty + (Array(mantissas) + Array(sizes)).map { Float(bitPattern: $0) }
  }()

  private func function(_ formula: (Expr) -> Expr) throws -> CompiledFunction {
    let x = Expr.input("x", .float32, ["n"])
    return try compile(inputs: [x], outputs: [formula(x)], options: CompileOptions(mode: .fast))
  }

  private func isNear(_ found: Float, _ x: Float) -> Bool {
    if x.isNaN || x < 0 { return found.isNaN }
    let root = 1 / Double(x).squareRoot()
    if x == 0 || x == .infinity { return found == Float(1 / x.squareRoot()) }
    return abs(Double(found) - root)
      <= MathFunction.rsqrt.ulpBound(.float32) * Double(Float(root).ulp)
  }

  @Test func `of any number, and of one known to be normal`() throws {
    let x = Tensor(Self.arguments)
    let any = try function { rsqrt($0) }.outputs([x])[0].array(of: Float.self)
    let normal = try function { rsqrt(maximum($0, 0x1p-126)) }.outputs([x])[0].array(
      of: Float.self)
    for (i, x) in Self.arguments.enumerated() {
      #expect(isNear(any[i], x), "\(x): \(any[i])")
      let bounded = x.isNaN ? x : max(x, .leastNormalMagnitude)
      #expect(isNear(normal[i], bounded), "\(bounded): \(normal[i])")
      if x >= .leastNormalMagnitude { #expect(any[i] == normal[i], "\(x)") }
    }
  }

  @Test func `a number has the same one wherever in a vector it lies`() throws {
    let numbers = Array(Self.arguments[20..<80])
    for formula in [{ rsqrt($0) }, { rsqrt($0 * $0 + 1) }] as [(Expr) -> Expr] {
      let f = try function(formula)
      let whole = try f.outputs([Tensor(numbers)])[0].array(of: Float.self)
      for n in [1, 2, 5, 8, 15, 17, 33] {
        let part = try f.outputs([Tensor(Array(numbers.suffix(n)))])[0].array(of: Float.self)
        #expect(part == whole.suffix(n))
      }
    }
  }
}
