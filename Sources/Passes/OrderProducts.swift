internal import GnomonIR
internal import GnomonOperations
internal import GnomonTensors

/// Takes products of several tensors in the order with the fewest multiply-adds.
///
///     %1 = contract %a, %b {spec = "mk,kn->mn"} : f32[100, 100]
///     %2 = contract %1, %v {spec = "mk,k->m"} : f32[100]
/// ->
///     %1 = contract %b, %v {spec = "cb,b->c"} : f32[100]
///     %2 = contract %a, %1 {spec = "ac,c->a"} : f32[100]
///
/// A product that nobody else reads is a factor of the one that reads it, so chains of matrices and all
/// other trees of contractions are one sum of products. Of named sizes only those orders are taken that need
/// fewer multiply-adds whatever they are, 0 aside. The rounding changes, and what overflows between
/// the products.
let orderProducts = Pass.everywhere(
  "order-products", "Take products of several tensors in the cheapest order.", isExact: false
) { graph in
  let plans = ProductTrees(graph).plans()
  if plans.isEmpty { return graph }
  // What becomes of the factors is known when the product that read them is visited.
  var renamed: [ValueID: ValueID] = [:]
  return try graph.rebuilt { builder, instruction, i in
    let old = graph.instructions[i]
    guard old.op is Contract else { return nil }
    for (o, n) in zip(old.operands, instruction.operands) { renamed[o] = n }
    guard let plan = plans[i] else { return nil }
    return [try plan.emit(into: &builder) { renamed[$0]! }]
  }
}

/// A sum of products of several factors and a better order of it.
private struct ProductPlan {
  var factors: [ValueID]
  var order: ContractionOrder
  var steps: [(Int, Int)]

  func emit(into builder: inout GraphBuilder, _ value: (ValueID) -> ValueID) throws -> ValueID {
    // A product stands where its first factor stood: rows stay rows.
    var open = factors.indices.map { (value(factors[$0]), order.terms[$0], first: $0) }
    for (i, j) in steps {
      let b = open.remove(at: j)
      let a = open.remove(at: i)
      let (left, right) = a.first < b.first ? (a, b) : (b, a)
      let needed = Set(open.flatMap(\.1) + order.result)
      let both = left.1 + right.1.filter { !left.1.contains($0) }
      let result = open.isEmpty ? order.result : both.filter(needed.contains)
      let spec = [left.1, right.1, result].map { $0.map { letters[$0] } }
      let product = try builder.make(
        Contract("\(String(spec[0])),\(String(spec[1]))->\(String(spec[2]))"), left.0, right.0)
      open.append((product, result, left.first))
    }
    return open[0].0
  }
}

private let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

/// The trees of contractions in a graph.
private struct ProductTrees {
  let graph: Graph
  let definitions: [Int?]
  let uses: [Int]
  /// A longer chain is cut into trees of so many factors.
  static let mostFactors = 32

  init(_ graph: Graph) {
    self.graph = graph
    definitions = graph.definitions()
    uses = graph.useCounts()
  }

  /// By the instruction at the root of each tree, those that have a better order.
  func plans() -> [Int: ProductPlan] {
    var plans: [Int: ProductPlan] = [:]
    var inside: Set<Int> = []
    for i in graph.instructions.indices.reversed() where !inside.contains(i) {
      guard graph.instructions[i].op is Contract, let tree = tree(at: i, &inside) else { continue }
      if let plan = tree.better() { plans[i] = plan }
    }
    return plans
  }

  /// What the instruction multiplies; nil if that is two factors.
  private func tree(at root: Int, _ inside: inout Set<Int>) -> ProductTree? {
    guard let labels = (graph.instructions[root].op as? Contract)?.labels else { return nil }
    var tree = ProductTree()
    tree.result = labels.result.map { _ in tree.newLabel() }
    var members: [Int] = []
    var open = [(value: graph.instructions[root].results[0], labels: tree.result)]
    while let (value, own) = open.popLast() {
      guard let d = definitions[value.index], d == root || uses[value.index] == 1,
        let labels = (graph.instructions[d].op as? Contract)?.labels,
        tree.products.count < Self.mostFactors - 1
      else {
        tree.add(value, own, graph.type(of: value))
        continue
      }
      members.append(d)
      var known = Dictionary(uniqueKeysWithValues: zip(labels.result, own))
      for letter in labels.left + labels.right where known[letter] == nil {
        known[letter] = tree.newLabel()
      }
      let sides = [labels.left, labels.right].map { $0.map { known[$0]! } }
      tree.products.append(Set(sides.joined()).sorted())
      // The left one on top: factors are found from the left to the right.
      for k in [1, 0] { open.append((graph.instructions[d].operands[k], sides[k])) }
    }
    guard tree.factors.count > 2, tree.isConsistent, tree.sizes.count <= letters.count else {
      return nil
    }
    inside.formUnion(members)
    return tree
  }
}

/// Contractions of which each but the root has one reader, another of them.
private struct ProductTree {
  var factors: [ValueID] = []
  /// The labels of each factor.
  var terms: [[Int]] = []
  var result: [Int] = []
  /// The labels of each product.
  var products: [[Int]] = []
  var sizes: [Dim?] = []
  /// Whether each label has one size, not two that a requirement makes equal.
  var isConsistent = true

  mutating func newLabel() -> Int {
    sizes.append(nil)
    return sizes.count - 1
  }

  mutating func add(_ factor: ValueID, _ labels: [Int], _ type: TensorType) {
    factors.append(factor)
    terms.append(labels)
    for (label, size) in zip(labels, type.shape) {
      if let known = sizes[label], known != size { isConsistent = false }
      sizes[label] = size
    }
  }

  func better() -> ProductPlan? {
    let sizes = self.sizes.map { $0 ?? 1 }
    let order = ContractionOrder(terms: terms, result: result, sizes: sizes)
    let now = products.reduce(Dim(0)) { $0 + $1.reduce(1) { $0 * sizes[$1] } }
    // What may be best depends on the names; whether it always is decides.
    for unknown in now.names.isEmpty ? [1] : [64, 1, 4096] {
      let steps = order.cheapest(unknown: unknown)
      if order.multiplyAdds(steps).isNeverMore(than: now) {
        return ProductPlan(factors: factors, order: order, steps: steps)
      }
    }
    return nil
  }
}

extension Dim {
  /// Whether it is another number, and not a larger one whatever the names are, from 1 on: in the
  /// difference, each negative term is taken up by positive ones that have its atoms and more.
  fileprivate func isNeverMore(than other: Dim) -> Bool {
    let difference = other - self
    var terms = difference.terms.map { ($0.coefficient, $0.atoms) }
    terms.append((difference.constantPart, []))
    // Those with the most atoms first: few positive terms can take them up.
    let negative = terms.filter { $0.0 < 0 }.sorted { $0.1.count > $1.1.count }
    var positive = terms.filter { $0.0 > 0 }.sorted { $0.1.count < $1.1.count }
    for (coefficient, atoms) in negative {
      var rest = -coefficient
      for k in positive.indices where rest > 0 && positive[k].1.contains(all: atoms) {
        let part = Swift.min(rest, positive[k].0)
        positive[k].0 -= part
        rest -= part
      }
      if rest > 0 { return false }
    }
    return difference != 0
  }
}

extension [Dim.Atom] {
  fileprivate func contains(all others: [Dim.Atom]) -> Bool {
    var rest = self
    for atom in others {
      guard let i = rest.firstIndex(of: atom) else { return false }
      rest.remove(at: i)
    }
    return true
  }
}
