internal import Gnomon
internal import GnomonIR
internal import GnomonOperations

/// A walk from values back to their inputs, along calls of layers where there are any and along single
/// operations else. Iterative, since models may be deep.
struct LayerWalk {
  /// One step of the graph: a call of a layer, or an operation between layers.
  enum Step {
    case call(LayerNode)
    case operation(Node)

    var sources: [Expr] {
      switch self {
      case .call(let node): node.inputs
      case .operation(let node): node.operands
      }
    }
  }

  private let stops: Set<Expr.ID>
  private var done: Set<ObjectIdentifier> = []
  /// Every step after those it depends on.
  private(set) var steps: [Step] = []
  /// Inputs on the way that are not among those to stop at.
  private(set) var otherInputs: [Expr] = []

  init(stoppingAt inputs: [Expr]) { stops = Set(inputs.map(\.id)) }

  var nodes: [LayerNode] {
    steps.compactMap { if case .call(let node) = $0 { node } else { nil } }
  }

  mutating func visit(_ roots: [Expr]) {
    var stack: [(step: Step, next: Int)] = []
    for root in roots {
      enter(root, &stack)
      while let (step, next) = stack.last {
        let sources = step.sources
        if next < sources.count {
          stack[stack.count - 1].next += 1
          enter(sources[next], &stack)
        } else {
          stack.removeLast()
          steps.append(step)
        }
      }
    }
  }

  private mutating func enter(_ e: Expr, _ stack: inout [(step: Step, next: Int)]) {
    guard !stops.contains(e.id), !e.isInvalid else { return }
    let step: Step = e.layerNode.map { .call($0) } ?? .operation(e.node)
    let key = e.layerNode.map { ObjectIdentifier($0) } ?? ObjectIdentifier(e.node)
    guard done.insert(key).inserted else { return }
    if e.isPlaceholder, e.id != Expr.training.id { otherInputs.append(e) }
    if case .operation(let node) = step, node.op == nil { return }
    stack.append((step, 0))
  }

  /// The names of the layers or inputs that a value comes from directly, also through operators.
  static func origins(of x: Expr) -> [String] {
    var found: [String] = []
    var seen: Set<ObjectIdentifier> = []
    var pending = [x]
    while let e = pending.popLast() {
      guard seen.insert(ObjectIdentifier(e.node)).inserted else { continue }
      if let made = e.layerNode {
        found.append(made.layer.name)
      } else if e.isPlaceholder, e.id != Expr.training.id {
        found.append(e.label)
      } else {
        pending += e.node.operands.reversed()
      }
    }
    return found
  }
}
