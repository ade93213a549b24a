import GnomonIR
import GnomonOperations
import GnomonTensors

/// What the C of an elementwise op may give: the reference's value within the bound that the op
/// states.
enum ElementwiseReferee {
  /// What is wrong with the results of a graph that holds elementwise ops alone, or nil.
  static func fault(of graph: Graph, _ found: [Tensor], _ arguments: [Tensor]) throws -> String? {
    let expected = try Interpreter(graph).run(arguments)
    for (r, instruction) in graph.instructions.enumerated() {
      if let fault = fault(of: instruction.op, found[r], expected: expected[r], arguments) {
        return "\(instruction.op.mnemonic): \(fault)"
      }
    }
    return nil
  }

  /// The first element of a result further from the reference than allowed, in words.
  static func fault(
    of op: any Op, _ found: Tensor, expected: Tensor, _ arguments: [Tensor]
  ) -> String? {
    guard found.dtype == expected.dtype, found.shape == expected.shape else {
      return "\(found.dtype) \(found.shape) instead of \(expected.dtype) \(expected.shape)"
    }
    let accuracy = accuracy(of: op, found.dtype)
    if accuracy.ulps == 0 {
      return sameBits(found, expected) ? nil : firstDifference(found, expected)
    }
    let (a, e) = (found.doubles, expected.doubles)
    for i in a.indices {
      if a[i] == e[i] || (a[i].isNaN && e[i].isNaN) { continue }
      let unit = unit(at: Swift.max(e[i].magnitude, accuracy.near), found.dtype)
      if (a[i] - e[i]).magnitude <= accuracy.ulps * unit { continue }
      // Infinity is what comes after the largest number.
      func alone(_ x: Double) -> Tensor { Tensor(dtype: found.dtype, shape: [], doubles: [x]) }
      if alone(a[i]).ulpDistance(to: alone(e[i])) <= accuracy.ulps { continue }
      let x = arguments.prefix(2).map { $0.dtype.isFloat ? "\($0.doubles[i])" : "" }
      return "\(a[i]) instead of \(e[i]) at \(x), \((a[i] - e[i]).magnitude / unit) units"
    }
    return nil
  }

  /// How far a function may be off: its stated bound, and the reference's rounding.
  private static func accuracy(of op: any Op, _ dtype: DType) -> Accuracy {
    guard dtype.isFloat else { return .exact }
    switch op.mnemonic {
    case "exp", "log", "sin", "cos", "tan", "power", "rsqrt": return Accuracy(ulps: 2)
    case "erf", "expm1", "log1p", "tanh", "sigmoid", "softplus": return Accuracy(ulps: 3)
    default:
      guard let op = op as? any ElementwiseOp else { return .exact }
      let stated = type(of: op).accuracy
      return stated == .exact
        ? .exact : Accuracy(ulps: stated.ulps + 1, near: stated.near)
    }
  }

  /// The distance of neighbouring numbers of a dtype.
  private static func unit(at x: Double, _ dtype: DType) -> Double {
    switch dtype {
    case .float64: x.ulp
    case .float32: Double(Float(x).ulp)
    case .float16: Swift.max(x, 0x1p-14).binade * 0x1p-10
    default: Swift.max(x, 0x1p-126).binade * 0x1p-7
    }
  }
}
