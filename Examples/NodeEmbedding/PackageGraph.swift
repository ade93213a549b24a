import ExampleSupport
import Foundation
import GnomonLayers

/// An undirected graph of packages, with edges where one depends on the other.
struct PackageGraph {
  typealias Edge = (String, String)

  /// How the pairs that are no edges are drawn.
  enum Negatives: CaseIterable {
    /// All pairs are equally likely.
    case uniform
    /// A node is as likely as it has neighbours, so that being popular tells nothing.
    case degreeMatched
    /// Half of each.
    case both

    static let measured: [Negatives] = [.uniform, .degreeMatched]
    var title: String {
      self == .uniform ? "against uniform pairs" : "against degree-matched pairs"
    }
  }

  let names: [String]
  private let index: [String: Int]
  private let edges: [(Int, Int)]
  private var known: Set<Int> = []

  var count: Int { names.count }

  init(_ edges: [Edge]) {
    names = Set(edges.flatMap { [$0.0, $0.1] }).sorted()
    let index = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    self.index = index
    self.edges = edges.map { (index[$0.0]!, index[$0.1]!) }
    for (a, b) in self.edges { insert(a, b) }
  }

  private mutating func insert(_ a: Int, _ b: Int) {
    known.insert(a * names.count + b)
    known.insert(b * names.count + a)
  }

  /// The edges to learn from, and those held out.
  static func load() throws -> (training: [Edge], test: [Edge]) {
    func edges(_ file: String) throws -> [Edge] {
      let path = try DataFolder.path("debian-python-depends/\(file)")
      return try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
        let columns = $0.split(separator: "\t")
        return (String(columns[0]), String(columns[1]))
      }
    }
    return (try edges("train.tsv"), try edges("test.tsv"))
  }

  /// Edges and pairs that are none, int32 `[n, 2]`, with labels 1 and 0, float32 `[n, 1]`.
  ///
  /// - Parameters:
  ///   - held: edges to take in place of the graph's own; those with unknown nodes are left out.
  ///   - perEdge: how many negatives there are for each edge.
  func examples(
    of held: [Edge]? = nil, negatives: Negatives, perEdge: Int, seed: UInt64
  ) -> (pairs: Tensor, labels: Tensor) {
    let positives =
      held?.compactMap { e in index[e.0].flatMap { a in index[e.1].map { (a, $0) } } } ?? edges
    var taken = known
    for (a, b) in positives {
      taken.insert(a * count + b)
      taken.insert(b * count + a)
    }
    // Both directions of an edge are as good.
    var values: [Int32] = []
    for (i, (a, b)) in positives.enumerated() {
      values +=
        (i + Int(truncatingIfNeeded: seed)) % 2 == 0 ? [Int32(a), Int32(b)] : [Int32(b), Int32(a)]
    }
    let wanted = positives.count * perEdge
    let draws = Tensor.uniform(.float64, [4 * wanted, 2], seed: seed).doubles
    var found = 0
    for k in 0..<(4 * wanted) where found < wanted {
      let isMatched = negatives == .degreeMatched || (negatives == .both && found % 2 == 0)
      let (a, b) = (node(draws[2 * k], isMatched), node(draws[2 * k + 1], isMatched))
      guard a != b, !taken.contains(a * count + b) else { continue }
      values += [Int32(a), Int32(b)]
      found += 1
    }
    let labels = [Float](repeating: 1, count: positives.count) + [Float](repeating: 0, count: found)
    return (
      try! Tensor(values).reshaped([labels.count, 2]),
      try! Tensor(labels).reshaped([labels.count, 1])
    )
  }

  /// A node for a number from 0 up to 1: any, or an end of any edge.
  private func node(_ u: Double, _ isMatched: Bool) -> Int {
    guard isMatched else { return Int(u * Double(count)) }
    let end = Int(u * Double(2 * edges.count))
    return end % 2 == 0 ? edges[end / 2].0 : edges[end / 2].1
  }

  /// The packages whose vectors point most nearly in the direction of one's.
  func neighbours(of name: String, in table: Tensor, count: Int) throws -> [String] {
    guard let own = index[name] else { return [] }
    let vectors = Expr.input("vectors", .float32, ["n", Dim(table.shape[1])])
    let units = vectors * rsqrt(sum(square(vectors), axes: 1, keepDims: true))
    let cosines = try evaluate(matmul(units, units[own]), [vectors: table]).doubles
    let order = cosines.indices.filter { $0 != own }.sorted { cosines[$0] > cosines[$1] }
    return order.prefix(count).map { names[$0] }
  }
}
