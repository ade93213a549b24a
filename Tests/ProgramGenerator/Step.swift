package import GnomonIR
internal import GnomonOperations
package import GnomonTensors
internal import TestSupport

/// One way to let a program grow.
package struct Step: Sendable {
  package let name: String
  /// The op it is there for; nil for combinations.
  package let op: (any Op.Type)?
  package let make: @Sendable (inout ProgramGenerator) throws -> [ValueID]

  package init(
    _ name: String, op: (any Op.Type)? = nil,
    _ make: @escaping @Sendable (inout ProgramGenerator) throws -> ValueID
  ) {
    self.name = name
    self.op = op
    self.make = { [try make(&$0)] }
  }

  package init(
    several name: String, op: (any Op.Type)? = nil,
    _ make: @escaping @Sendable (inout ProgramGenerator) throws -> [ValueID]
  ) {
    self.name = name
    self.op = op
    self.make = make
  }
}

extension Step {
  /// An elementwise op of operands that broadcast to one shape.
  static func elementwise(
    _ op: any Op, _ count: Int, _ holds: @escaping @Sendable (DType) -> Bool
  ) -> Step {
    Step(op.mnemonic, op: type(of: op)) { g in
      let dtype = g.dtype(where: holds)
      let shape = g.shape()
      return try g.emit(op, (0..<count).map { _ in try g.operand(dtype, shape) })
    }
  }

  static func reduction<R: ReductionOp>(_: R.Type) -> Step {
    Step(R.mnemonic, op: R.self) { g in
      let shape = g.shape(rank: g.random.pick([1, 2, 2, 3]))
      let axes = g.reducedAxes(of: shape, mayBeEmpty: R.hasIdentity)
      return try g.emit(R(axes: axes), try g.value(g.dtype(where: R.allows), shape))
    }
  }

  static func position<P: PositionOp>(_: P.Type) -> Step {
    Step(P.mnemonic, op: P.self) { g in
      let shape = g.shape(rank: g.random.pick([1, 2, 3]))
      guard let axis = shape.indices.first(where: { g.size(shape[$0]) > 0 }) else {
        return try g.value(.int64, [])
      }
      return try g.emit(P(axis: axis), try g.value(g.dtype { $0 != .bool }, shape))
    }
  }
}

extension ProgramGenerator {
  /// Axes to reduce, none of them empty in this run unless that is allowed.
  package mutating func reducedAxes(of shape: [Dim], mayBeEmpty: Bool) -> [Int] {
    shape.indices.filter { axis in
      random.chance(2, of: 3) && (mayBeEmpty || size(shape[axis]) > 0)
    }
  }
}
