public import GnomonTensors

/// A symbolic tensor: one value of an expression graph.
///
///     let x = Expr.input("x", .float32, ["batch", 784])
///     let y = tanh(matmul(x, w) + b)
///
/// An `Expr` is immutable and cheap to copy; using it twice shares the computation. Number literals
/// are weak: they take the dtype of the other operand. A mistake does not stop the program: it gives
/// an invalid expression that carries its diagnostic, which `compile` and `evaluate` throw.
public struct Expr: Sendable {
  package let node: Node
  package let index: Int

  package init(node: Node, index: Int = 0) {
    self.node = node
    self.index = index
  }

  /// The identity of the value: its node and which of the node's results it is.
  package struct ID: Hashable, Sendable {
    package let node: ObjectIdentifier
    package let index: Int
  }

  package var id: ID { ID(node: ObjectIdentifier(node), index: index) }

  /// The dtype and shape. An invalid expression reports float32 with no axes.
  public var type: TensorType {
    node.isInvalid ? TensorType(.float32, []) : node.types[index]
  }

  public var dtype: DType { type.dtype }
  public var shape: [Dim] { type.shape }
  public var rank: Int { type.shape.count }

  /// Whether it stands for what a region is handed.
  package var isRegionParameter: Bool {
    if case .parameter(let p) = node.origin, case .region = p.kind { return true }
    return false
  }

  /// Whether a mistake was made on the way to this expression.
  public var isInvalid: Bool { node.isInvalid }

  /// The name of an input or variable.
  public var name: String? {
    if case .parameter(let p) = node.origin { return p.name }
    return nil
  }
}

/// The computation that yields one or more values.
package final class Node: Sendable {
  package enum Origin: Sendable {
    case op(any Op)
    case parameter(Parameter)
    /// A number that has not yet met a dtype.
    case literal(Double)
    /// A mistake; what was built on a mistake has no diagnostics of its own.
    case invalid([Diagnostic])
  }

  package let origin: Origin
  // Written only by the initializer and by `deinit`, which no one else can see.
  nonisolated(unsafe) package private(set) var operands: [Expr]
  nonisolated(unsafe) package private(set) var regions: [Body]
  package let types: [TensorType]
  package let location: Location
  package let requirements: [Requirement]
  /// Later nodes have larger numbers; a region owns the nodes made while its closure ran.
  package let sequence: Int
  /// What made this node, for the layers above. Written once, by the thread that made the node and
  /// before it hands the node out.
  nonisolated(unsafe) package var maker: ExprMaker?

  package init(
    _ origin: Origin, operands: [Expr] = [], regions: [Body] = [], types: [TensorType],
    location: Location, requirements: [Requirement] = []
  ) {
    self.origin = origin
    self.operands = operands
    self.regions = regions
    self.types = types
    self.location = location
    self.requirements = requirements
    sequence = Node.clock.next()
  }

  package var isInvalid: Bool {
    if case .invalid = origin { return true }
    return false
  }

  package var op: (any Op)? {
    if case .op(let op) = origin { return op }
    return nil
  }

  package static let clock = Clock()

  deinit {
    // Releasing a chain of nodes one inside the other overflows a small stack: unlink with a list.
    guard !operands.isEmpty || !regions.isEmpty || maker != nil else { return }
    var pending: [Node] = []
    unlink(into: &pending)
    while var node = pending.popLast() {
      if isKnownUniquelyReferenced(&node) { node.unlink(into: &pending) }
    }
  }

  /// Moves what this node holds into a list.
  private func unlink(into pending: inout [Node]) {
    pending += operands.map(\.node)
    pending += regions.flatMap { $0.results.map(\.node) + $0.parameters.map(\.node) }
    operands = []
    regions = []
    guard var maker else { return }
    self.maker = nil
    if isKnownUniquelyReferenced(&maker) { pending += maker.releaseValues().map(\.node) }
  }
}

/// A leaf of the expression graph: an input, a variable, or a parameter of a region.
package final class Parameter: Sendable {
  package enum Kind: Sendable {
    case input
    case variable(VariableStorage)
    case region
  }
  package let kind: Kind
  package let name: String

  package init(_ kind: Kind, name: String) {
    self.kind = kind
    self.name = name
  }
}

/// The computation inside a region. Inside, each of `parameters` stands for the value handed in.
///
/// For values captured from outside, the parameter is the captured expression itself: the region's
/// owner passes it as an operand, and within the region it names that operand.
package struct Body: Sendable {
  package let parameters: [Expr]
  package let results: [Expr]

  package init(parameters: [Expr], results: [Expr]) {
    self.parameters = parameters
    self.results = results
  }

  package var type: RegionType {
    RegionType(parameters: parameters.map(\.type), results: results.map(\.type))
  }
}
