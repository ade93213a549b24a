internal import Foundation
public import GnomonIR
internal import GnomonOperations
public import GnomonTensors

/// How far derivatives are from difference quotients.
public struct GradientCheck: Sendable, CustomStringConvertible {
  /// The element of one value whose derivative is furthest off.
  public struct Difference: Sendable {
    /// The name of the value.
    public let name: String
    /// The row-major position of the element.
    public let element: Int
    public let derivative: Double
    public let quotient: Double

    /// The difference, relative to the larger of the two and 1.
    public var error: Double {
      if derivative.isNaN || quotient.isNaN { return .infinity }
      return abs(derivative - quotient) / max(1, abs(derivative), abs(quotient))
    }
  }

  /// For each value its worst element.
  public let worst: [Difference]

  /// The largest error of all.
  public var error: Double { worst.map(\.error).max() ?? 0 }

  public var description: String {
    worst.map {
      "\($0.name)[\($0.element)]: derivative \($0.derivative), difference quotient \($0.quotient)"
    }.joined(separator: "\n")
  }
}

/// Compares the gradient of a scalar with central difference quotients, element by element.
///
///     let check = try checkGradients(of: loss, withRespectTo: [w], [w: Tensor(…), x: batch])
///     precondition(check.error < 1e-6, "\(check)")
///
/// Each element costs two evaluations: it is meant for tests, with small tensors, best in float64.
///
/// - Parameters:
///   - loss: a floating-point scalar.
///   - xs: inputs among `arguments`.
///   - arguments: tensors for all inputs.
///   - step: how far an element moves, relative to its size if that is above 1; by default the cube
///     root of the dtype's precision, where rounding and curvature disturb about equally.
/// - Throws: what `compile` and a call throw.
public func checkGradients(
  of loss: Expr, withRespectTo xs: [Expr], _ arguments: KeyValuePairs<Expr, Tensor>,
  step: Double? = nil
) throws -> GradientCheck {
  let inputs = arguments.map(\.key)
  let tensors = arguments.map(\.value)
  let derivatives = gradient(of: loss, withRespectTo: xs, disconnected: .zeros)
  let options = CompileOptions(name: "check_gradients", mode: .fast)
  let slopes = try compile(inputs: inputs, outputs: derivatives, options: options).outputs(tensors)
  let value = try compile(inputs: inputs, outputs: [loss], options: options)
  let places = xs.map { x in inputs.firstIndex { $0.id == x.id } }
  if let k = places.firstIndex(of: nil) {
    throw GnomonError([
      Diagnostic(
        Refusal(
          .notAnInput, "{0} is not one of the inputs that arguments are given for",
          marks: [Refusal.Mark(0)]), function: "checkGradients", rule: nil, [xs[k]], at: .unknown)
    ])
  }
  return GradientCheck(
    worst: try zip(xs, zip(places, slopes)).compactMap { x, found in
      let place = found.0!
      let elements = tensors[place].doubles
      let width = step ?? cbrt(x.dtype.precision)
      return try elements.indices.map { i in
        let h = width * max(1, abs(elements[i]))
        // What the dtype makes of the moved element is where the function is evaluated.
        func at(_ t: Double) throws -> (x: Double, y: Double) {
          var moved = elements
          moved[i] += t
          var all = tensors
          all[place] = Tensor(dtype: x.dtype, shape: tensors[place].shape, doubles: moved)
          return (all[place].double(at: i), try value.outputs(all)[0].double(at: 0))
        }
        let (high, low) = (try at(h), try at(-h))
        return GradientCheck.Difference(
          name: x.label, element: i, derivative: found.1.double(at: i),
          quotient: (high.y - low.y) / (high.x - low.x))
      }.max { $0.error < $1.error }
    })
}

extension DType {
  /// The distance from 1 to the next number.
  fileprivate var precision: Double {
    switch self {
    case .float16: 0x1p-10
    case .bfloat16: 0x1p-7
    case .float32: 0x1p-23
    default: 0x1p-52
    }
  }
}
