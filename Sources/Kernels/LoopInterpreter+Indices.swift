internal import GnomonIR
internal import GnomonTensors

/// An index expression with the sizes put in: constants, loop axes and registers are left.
final class LoopIndex {
  private var constant = 0
  private var linear: [(coefficient: Int, axis: Int)] = []
  private var products: [(coefficient: Int, factors: [Factor])] = []

  private enum Factor {
    case axis(Int)
    /// The first lane of a register, by its place.
    case register(Int)
    case quotient(LoopIndex, LoopIndex)
    case minimum(LoopIndex, LoopIndex)
    case maximum(LoopIndex, LoopIndex)
  }

  /// - Parameters:
  ///   - axis: the place of a loop axis that is open here.
  ///   - register: the place of a register that is defined here.
  init(
    _ d: Dim, sizes: [String: Int], axis: (Int) throws -> Int, register: (Int) throws -> Int
  ) throws {
    constant = d.constantPart
    for term in d.terms {
      var coefficient = term.coefficient
      var factors: [Factor] = []
      func inner(_ d: Dim) throws -> LoopIndex {
        try LoopIndex(d, sizes: sizes, axis: axis, register: register)
      }
      for atom in term.atoms {
        switch atom {
        case .name(let n):
          guard let size = sizes[n] else { throw InternalError("the size \(n) has no value") }
          coefficient *= size
        case .axis(let a): factors.append(.axis(try axis(a)))
        case .loaded(let r): factors.append(.register(try register(r)))
        case .quotient(let x, let y): factors.append(.quotient(try inner(x), try inner(y)))
        case .minimum(let x, let y): factors.append(.minimum(try inner(x), try inner(y)))
        case .maximum(let x, let y): factors.append(.maximum(try inner(x), try inner(y)))
        }
      }
      if factors.isEmpty {
        constant += coefficient
      } else if factors.count == 1, case .axis(let a) = factors[0] {
        linear.append((coefficient, a))
      } else {
        products.append((coefficient, factors))
      }
    }
  }

  /// The value, if it is the same wherever it is asked.
  var fixed: Int? { linear.isEmpty && products.isEmpty ? constant : nil }

  func value(_ state: LoopState) -> Int {
    var total = constant
    for (coefficient, axis) in linear { total &+= coefficient &* state.axes[axis] }
    for (coefficient, factors) in products {
      var product = coefficient
      for factor in factors {
        switch factor {
        case .axis(let a): product = product &* state.axes[a]
        case .register(let r): product = product &* Int(truncatingIfNeeded: state.lanes[r])
        case .quotient(let x, let y):
          let divisor = y.value(state)
          product = divisor == 0 ? 0 : product &* Dim.floorDivide(x.value(state), divisor)
        case .minimum(let x, let y): product = product &* min(x.value(state), y.value(state))
        case .maximum(let x, let y): product = product &* max(x.value(state), y.value(state))
        }
      }
      total &+= product
    }
    return total
  }
}
