package import GnomonTensors

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

// The enum's cases hide the functions of the same names.
private let cSin: @Sendable (Double) -> Double = { sin($0) }
private let cCos: @Sendable (Double) -> Double = { cos($0) }
private let cTan: @Sendable (Double) -> Double = { tan($0) }
private let cExp: @Sendable (Double) -> Double = { exp($0) }
private let cExpm1: @Sendable (Double) -> Double = { expm1($0) }
private let cLog: @Sendable (Double) -> Double = { log($0) }
private let cLog1p: @Sendable (Double) -> Double = { log1p($0) }
private let cTanh: @Sendable (Double) -> Double = { tanh($0) }
private let cErf: @Sendable (Double) -> Double = { erf($0) }

extension MathFunction {
  /// The number of arguments.
  package var arity: Int { self == .power ? 2 : 1 }

  /// The function as a program over `dtype` (float32 or float64), or nil where the platform's
  /// library is called instead, under `libmName`.
  package func definition(_ dtype: DType) -> ScalarProgram? {
    switch dtype {
    case .float32: Self.float32Programs[self] ?? nil
    case .float64: Self.float64Programs[self] ?? nil
    default: nil
    }
  }

  /// The name of the C library's function on `dtype`.
  package func libmName(_ dtype: DType) -> String? {
    let name: String
    switch self {
    case .power: name = "pow"
    case .sigmoid, .softplus, .rsqrt: return nil
    default: name = rawValue
    }
    switch dtype {
    case .float32: return name + "f"
    case .float64: return name
    default: return nil
    }
  }

  private static let float32Programs = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, $0.build(.float32)) })
  private static let float64Programs = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, $0.build(.float64)) })

  private func build(_ dtype: DType) -> ScalarProgram? {
    let form = FloatForm(dtype)
    return switch self {
    case .exp: expProgram(form)
    case .expm1: expm1Program(form)
    case .log: logProgram(form)
    case .log1p: log1pProgram(form)
    case .tanh: tanhProgram(form)
    case .sigmoid: sigmoidProgram(form)
    case .softplus: softplusProgram(form)
    case .erf: erfProgram(form)
    case .rsqrt: rsqrtProgram(form)
    case .power: dtype == .float32 ? powerProgram() : nil
    case .sin, .cos, .tan: nil
    }
  }

  /// The library's function on float32, for those without a definition.
  func library(_ x: Float, _ y: Float) -> Float {
    switch self {
    case .sin: sinf(x)
    case .cos: cosf(x)
    case .tan: tanf(x)
    case .power: powf(x, y)
    default: Float(library(Double(x), Double(y)))
    }
  }

  /// The library's function on float64, for those without a definition.
  func library(_ x: Double, _ y: Double) -> Double {
    switch self {
    case .sin: cSin(x)
    case .cos: cCos(x)
    case .tan: cTan(x)
    case .power: pow(x, y)
    case .exp: cExp(x)
    case .expm1: cExpm1(x)
    case .log: cLog(x)
    case .log1p: cLog1p(x)
    case .tanh: cTanh(x)
    case .erf: cErf(x)
    case .rsqrt: 1 / x.squareRoot()
    case .sigmoid: 1 / (1 + cExp(-x))
    case .softplus: max(x, 0) + cLog1p(cExp(-x.magnitude))
    }
  }
}
