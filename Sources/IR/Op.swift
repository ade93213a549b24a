package import GnomonTensors

/// An operation of the language: its type rule, derivative, meaning and lowering in one place.
///
/// The stored properties of a conforming struct are the op's attributes; `Hashable` gives
/// common-subexpression sharing and `Codable` gives printing and parsing.
package protocol Op: Hashable, Codable, Sendable {
  /// The name in the IR.
  static var mnemonic: String { get }
  /// One line for `IR/operations.md`.
  static var summary: String { get }
  /// The numbered constraints, in order: the first is C1.
  static var constraints: [String] { get }
  /// How many operands it takes; one, unless the op says otherwise.
  static var arity: ClosedRange<Int> { get }
  /// How many regions it owns; none, unless the op says otherwise.
  static var regionCount: Int { get }

  /// What passes may rely on.
  var facts: Facts { get }

  /// The types of the results, or the refusal of operands that break a constraint.
  func resultTypes(_ context: inout TypeContext) throws(Refusal) -> [TensorType]

  /// The derivative with respect to each operand; nil where there is none to pass on.
  func gradient(_ context: GradientContext) throws -> [Expr?]

  /// What the op means: the shortest honest code, sharing nothing with the lowering.
  func reference(_ operands: [Tensor], _ context: ReferenceContext) throws -> [Tensor]

  /// How loops compute it.
  func lowering(_ operands: [TensorType], _ results: [TensorType]) -> Lowering
}

extension Op {
  package static var constraints: [String] { [] }
  package static var arity: ClosedRange<Int> { 1...1 }
  package static var regionCount: Int { 0 }
  package var facts: Facts { Facts() }
  package var mnemonic: String { Self.mnemonic }
  package var constraints: [String] { Self.constraints }

  package func isEqual(to other: any Op) -> Bool { (other as? Self) == self }
}

/// Declared properties of an op.
package struct Facts: Sendable {
  /// `op(a, b) = op(b, a)`, bit for bit (NaN payloads aside).
  package var isCommutative = false
  /// Each result element depends on the same element of the operands only.
  package var isElementwise = false
  /// `f(f(x)) = f(x)`.
  package var isIdempotent = false
  /// It may report an error when run, so it must not move behind a write of a variable.
  package var canFail = false
  /// No code of its own costs anything (views, constants).
  package var isFree = false
  /// Cheap enough to compute twice rather than store (a few vector instructions).
  package var isCheap = false
  /// Passes must not look through or fold it (`stopGradient` is an identity for them).
  package var isIdentity = false
  /// The result is the operand, which was checked: messages speak of the operand.
  package var isCheckOnly = false

  package init(
    isCommutative: Bool = false, isElementwise: Bool = false, isIdempotent: Bool = false,
    canFail: Bool = false, isFree: Bool = false, isCheap: Bool = false, isIdentity: Bool = false,
    isCheckOnly: Bool = false
  ) {
    self.isCommutative = isCommutative
    self.isElementwise = isElementwise
    self.isIdempotent = isIdempotent
    self.canFail = canFail
    self.isFree = isFree
    self.isCheap = isCheap
    self.isIdentity = isIdentity
    self.isCheckOnly = isCheckOnly
  }
}

/// The types of a region's parameters and results.
package struct RegionType: Hashable, Sendable {
  package var parameters: [TensorType]
  package var results: [TensorType]
  package init(parameters: [TensorType], results: [TensorType]) {
    self.parameters = parameters
    self.results = results
  }
}

/// What a type rule sees, and where it records requirements on sizes.
package struct TypeContext {
  package let operands: [TensorType]
  package let regions: [RegionType]
  package private(set) var requirements: [Requirement] = []

  package init(operands: [TensorType], regions: [RegionType] = []) {
    self.operands = operands
    self.regions = regions
  }

  package subscript(i: Int) -> TensorType { operands[i] }

  /// Whether two sizes agree: they are the same formula, or may turn out equal at entry, which is
  /// then required. Two different constants, and two different plain names, never agree.
  package mutating func agree(_ a: Dim, _ b: Dim) -> Bool {
    if a == b { return true }
    if a.constant != nil && b.constant != nil { return false }
    if a.name != nil && b.name != nil { return false }
    let difference = a - b
    if let d = difference.constant, d != 0 { return false }
    // 784 n and 756 n are equal for n = 0 alone, which is not what anyone means.
    if difference.terms.count == 1, difference.constantPart == 0, difference.name == nil,
      a.names == b.names
    {
      return false
    }
    requirements.append(Requirement(a, .equal, b))
    return true
  }

  /// Requires a relation that is not decided by constants; false when constants contradict it.
  package mutating func require(_ a: Dim, _ relation: Requirement.Relation, _ b: Dim) -> Bool {
    let requirement = Requirement(a, relation, b)
    if let known = requirement.holds(names: [:]) { return known }
    if relation == .atLeast, let d = (a - b).constant { return d >= 0 }
    requirements.append(requirement)
    return true
  }
}

/// What a derivative rule sees.
package struct GradientContext {
  /// The derivative of the loss with respect to each result; nil where the loss does not depend on it.
  package let upstream: [Expr?]
  package let operands: [Expr]
  package let results: [Expr]
  package let regions: [Body]
  /// Which operands the caller needs a derivative for.
  package let wanted: [Bool]

  package init(
    upstream: [Expr?], operands: [Expr], results: [Expr], regions: [Body], wanted: [Bool]
  ) {
    self.upstream = upstream
    self.operands = operands
    self.results = results
    self.regions = regions
    self.wanted = wanted
  }
}

/// What a reference meaning sees beside the operands.
package struct ReferenceContext {
  /// The values of the named dimensions.
  package let sizes: [String: Int]
  package let resultTypes: [TensorType]
  /// Runs the region with this number.
  package let run: (Int, [Tensor]) throws -> [Tensor]
  /// Shows the user a line.
  package let print: @Sendable (String) -> Void

  package init(
    sizes: [String: Int], resultTypes: [TensorType],
    run: @escaping (Int, [Tensor]) throws -> [Tensor],
    print: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.sizes = sizes
    self.resultTypes = resultTypes
    self.run = run
    self.print = print
  }

  /// The concrete shape of a result.
  package func shape(_ result: Int = 0) throws -> [Int] {
    try resultTypes[result].shape.map { try value($0) }
  }

  package func value(_ d: Dim) throws -> Int {
    guard let n = d.evaluated(names: sizes) else {
      throw InternalError("size \(d) has no value here")
    }
    return n
  }
}

/// A check that failed when it was run: an index out of range; where something must be true, the
/// index is 1 and the bound is 1 as well.
package struct IndexFailure: Error, Sendable, Equatable {
  package var index: Int64
  package var position: Int64
  package var bound: Int64
  package init(index: Int64, position: Int64, bound: Int64) {
    self.index = index
    self.position = position
    self.bound = bound
  }
}
