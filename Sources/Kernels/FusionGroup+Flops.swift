internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

extension FusionGroup {
  /// The operations of all stages, each counted once for each of its points; joining counts one.
  var flops: Dim {
    stages.reduce(Dim(0)) { total, stage in
      total + points(of: stage) * Dim(stage.body.flops + (stage.combiner == nil ? 0 : 1))
    }
  }

  /// The points of a stage. Of a sum, those do not count where a read is outside its guards and so
  /// adds nothing: the border of a padded convolution, the holes in the gradient of a strided one.
  private func points(of stage: Stage) -> Dim {
    let all = stage.axes + stage.reduced
    guard stage.combiner == .sum else { return all.reduce(Dim(1)) { $0 * axes[$1] } }
    var guards: [Read.Guard] = []
    for case .memory(_, _, let some, otherwise: 0) in stage.reads { guards += some }
    var rest = Set(all)
    var result = Dim(1)
    for linked in linkedAxes(guards) where linked.isSubset(of: rest) {
      let about = guards.filter { $0.axes.isSubset(of: linked) }
      guard let count = pointsInside(about, linked.sorted()) else { continue }
      result = result * Dim(count)
      rest.subtract(linked)
    }
    return rest.sorted().reduce(result) { $0 * axes[$1] }
  }

  /// The smallest sets of axes such that no guard speaks of axes of two sets.
  private func linkedAxes(_ guards: [Read.Guard]) -> [Set<Int>] {
    guards.reduce(into: []) { sets, condition in
      let axes = condition.axes
      let joined = sets.filter { !$0.isDisjoint(with: axes) }.reduce(axes) { $0.union($1) }
      sets.removeAll { !$0.isDisjoint(with: axes) }
      if !joined.isEmpty { sets.append(joined) }
    }
  }

  /// Trying more points than this would delay a compilation.
  private var mostTried: Int { 2048 }

  /// How many points of some axes all guards admit, by trying them; nil when sizes are not known or
  /// there are too many.
  private func pointsInside(_ guards: [Read.Guard], _ linked: [Int]) -> Int? {
    let sizes = linked.compactMap { axes[$0].constant }
    guard sizes.count == linked.count, sizes.allSatisfy({ $0 <= mostTried }) else { return nil }
    var points = 1
    for size in sizes {
      points *= size
      if points > mostTried { return nil }
    }
    var count = 0
    for point in 0..<points {
      var place: [Int: Int] = [:]
      var left = point
      for (axis, size) in zip(linked, sizes) {
        place[axis] = left % size
        left /= size
      }
      guard let inside = guards.admit(place) else { return nil }
      if inside { count += 1 }
    }
    return count
  }
}

extension [Read.Guard] {
  /// Whether all admit a point; nil when that depends on more than the point.
  fileprivate func admit(_ place: [Int: Int]) -> Bool? {
    var all = true
    for condition in self {
      guard let one = condition.admits(place) else { return nil }
      all = all && one
    }
    return all
  }
}

extension Read.Guard {
  fileprivate func admits(_ place: [Int: Int]) -> Bool? {
    func value(_ x: Dim) -> Int? {
      x.evaluated { if case .axis(let a) = $0 { place[a] } else { nil } }
    }
    switch self {
    case .nonNegative(let x): return value(x).map { $0 >= 0 }
    case .divisible(let x, let by):
      guard let x = value(x), let by = value(by), by != 0 else { return nil }
      return x % by == 0
    }
  }
}
