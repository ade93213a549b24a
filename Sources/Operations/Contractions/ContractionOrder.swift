package import GnomonTensors

/// In which order several tensors over labelled axes are contracted, two at a time: what `einsum` and the
/// pass `order-products` ask.
package struct ContractionOrder {
  /// The labels of each term: numbers below 64.
  package let terms: [[Int]]
  /// The labels that are left at the end.
  package let result: [Int]
  /// The size of each label.
  package let sizes: [Dim]

  package init(terms: [[Int]], result: [Int], sizes: [Dim]) {
    self.terms = terms
    self.result = result
    self.sizes = sizes
  }

  /// Up to so many terms all orders are looked at.
  private static let mostSubsets = 8

  /// The pairs with the fewest multiply-adds, the smaller number first; a product goes to the end of
  /// the list.
  ///
  /// Up to eight terms: the best of all orders, by the best order of each subset. Of more, the better of two:
  /// the best of those that join neighbours, by the best order of each interval, which for a chain of
  /// matrices is the best of all (Godbole 1973); and the cheapest pair first.
  ///
  /// - Parameter unknown: what a named size counts as.
  package func cheapest(unknown: Int = 64) -> [(Int, Int)] {
    let extents = sizes.map { size -> Double in
      let names = Dictionary(uniqueKeysWithValues: size.names.map { ($0, unknown) })
      return Double(Swift.max(size.evaluated(names: names) ?? unknown, 1))
    }
    func cost(_ labels: UInt64) -> Double {
      extents.indices.reduce(1) { labels >> UInt64($1) & 1 == 1 ? $0 * extents[$1] : $0 }
    }
    let own = terms.map { $0.reduce(UInt64(0)) { $0 | 1 << UInt64($1) } }
    let kept = result.reduce(UInt64(0)) { $0 | 1 << UInt64($1) }
    if terms.count <= Self.mostSubsets { return bestOfSubsets(own, kept, cost) }
    let neighbours = bestOfIntervals(own, kept, cost)
    let greedy = cheapestFirst(own, kept, cost)
    return neighbours.total <= greedy.total ? neighbours.steps : greedy.steps
  }

  /// The multiply-adds of an order: for each product, the number of all combinations of its labels.
  package func multiplyAdds(_ steps: [(Int, Int)]) -> Dim {
    var open = terms.map(Set.init)
    var total: Dim = 0
    for (i, j) in steps {
      let both = open[i].union(open[j])
      open.remove(at: j)
      open.remove(at: i)
      open.append(both.intersection(open.reduce(Set(result)) { $0.union($1) }))
      total += both.sorted().reduce(1) { $0 * sizes[$1] }
    }
    return total
  }

  private func bestOfSubsets(
    _ own: [UInt64], _ kept: UInt64, _ cost: (UInt64) -> Double
  ) -> [(Int, Int)] {
    let n = own.count
    guard n > 1 else { return [] }
    let all = (1 << n) - 1
    // What a subset's product still carries: labels that the rest or the result needs.
    let carried = (0...all).map { set in
      var inside: UInt64 = 0
      var outside = kept
      for i in 0..<n {
        if set >> i & 1 == 1 { inside |= own[i] } else { outside |= own[i] }
      }
      return inside & outside
    }
    var best = [(cost: Double, left: Int)](repeating: (.infinity, 0), count: all + 1)
    for i in 0..<n { best[1 << i] = (0, 0) }
    for set in 1...all where set & (set - 1) != 0 {
      var left = (set - 1) & set
      while left > 0 {
        let right = set ^ left
        // Each split once: the lowest operand is on the left.
        if left & (set & -set) != 0 {
          let total = best[left].cost + best[right].cost + cost(carried[left] | carried[right])
          if total < best[set].cost { best[set] = (total, left) }
        }
        left = (left - 1) & set
      }
    }
    func members(_ set: Int) -> [Int] { (0..<n).filter { set >> $0 & 1 == 1 } }
    return steps { list in
      let set = list.reduce(0) { $0 | 1 << $1 }
      return (members(best[set].left), members(set ^ best[set].left))
    }
  }

  private func bestOfIntervals(
    _ own: [UInt64], _ kept: UInt64, _ cost: (UInt64) -> Double
  ) -> (steps: [(Int, Int)], total: Double) {
    let n = own.count
    // carried[i][j]: what the product of the terms i...j carries.
    var carried = [[UInt64]](repeating: Array(repeating: 0, count: n), count: n)
    for i in 0..<n {
      var inside: UInt64 = 0
      for j in i..<n {
        inside |= own[j]
        carried[i][j] =
          inside & (own[..<i].reduce(kept, |) | own[(j + 1)...].reduce(0, |))
      }
    }
    var best = [[Double]](repeating: Array(repeating: 0, count: n), count: n)
    var split = [[Int]](repeating: Array(repeating: 0, count: n), count: n)
    for length in 1..<n {
      for i in 0..<(n - length) {
        let j = i + length
        best[i][j] = .infinity
        for k in i..<j {
          let total =
            best[i][k] + best[k + 1][j] + cost(carried[i][k] | carried[k + 1][j])
          if total < best[i][j] { (best[i][j], split[i][j]) = (total, k) }
        }
      }
    }
    let order = steps { list in
      let k = split[list[0]][list[list.count - 1]] - list[0]
      return (Array(list[...k]), Array(list[(k + 1)...]))
    }
    return (order, best[0][n - 1])
  }

  private func cheapestFirst(
    _ own: [UInt64], _ kept: UInt64, _ cost: (UInt64) -> Double
  ) -> (steps: [(Int, Int)], total: Double) {
    var open = own
    var steps: [(Int, Int)] = []
    var total = 0.0
    while open.count > 1 {
      var best = (0, 1)
      var bestCost = Double.infinity
      for j in open.indices {
        for i in 0..<j where cost(open[i] | open[j]) < bestCost {
          bestCost = cost(open[i] | open[j])
          best = (i, j)
        }
      }
      let both = open[best.0] | open[best.1]
      open.remove(at: best.1)
      open.remove(at: best.0)
      open.append(both & open.reduce(kept, |))
      steps.append(best)
      total += bestCost
    }
    return (steps, total)
  }

  /// The tree of splits as steps over a list whose products go to the end.
  private func steps(_ split: ([Int]) -> (left: [Int], right: [Int])) -> [(Int, Int)] {
    var slots = terms.indices.map { [$0] }
    var steps: [(Int, Int)] = []
    func perform(_ list: [Int]) {
      guard list.count > 1 else { return }
      let (left, right) = split(list)
      perform(left)
      perform(right)
      guard let a = slots.firstIndex(of: left), let b = slots.firstIndex(of: right) else { return }
      let (i, j) = (Swift.min(a, b), Swift.max(a, b))
      slots.remove(at: j)
      slots.remove(at: i)
      slots.append(list)
      steps.append((i, j))
    }
    perform(Array(terms.indices))
    return steps
  }
}
