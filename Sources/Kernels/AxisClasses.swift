internal import GnomonTensors

/// Which axes of different computations are the same loop: a union-find whose last joins can be taken
/// back, so that a fusion can be tried and given up in the time of what it joined.
///
/// The name of a class is its smallest axis, so it does not depend on the order of the joins.
struct AxisClasses {
  private var parent: [Int] = []
  private var extents: [Dim] = []
  /// The names that stopped being names, in order.
  private(set) var joined: [Int] = []

  mutating func add(_ extent: Dim) -> Int {
    parent.append(parent.count)
    extents.append(extent)
    return parent.count - 1
  }

  func extent(_ axis: Int) -> Dim { extents[axis] }

  /// The name of the axis's class.
  func name(_ axis: Int) -> Int {
    var axis = axis
    while parent[axis] != axis { axis = parent[axis] }
    return axis
  }

  /// Makes two axes one; false if their extents differ.
  mutating func join(_ a: Int, _ b: Int) -> Bool {
    let (a, b) = (name(a), name(b))
    if a == b { return true }
    guard extents[a] == extents[b] else { return false }
    parent[max(a, b)] = min(a, b)
    joined.append(max(a, b))
    return true
  }

  /// Takes back all joins but the first `count`.
  mutating func undo(to count: Int) {
    while joined.count > count { let axis = joined.removeLast(); parent[axis] = axis }
  }

  /// The axes of a group of computations, given the classes that each of them runs over.
  ///
  /// Classes of equal extent become one axis when no computation runs over both: values that meet in
  /// no computation still share a loop. Greedy in the order of the names, so that a group has the same
  /// axes however it came about. Nil for more axes than a set holds.
  func axes(of stages: [[Int]]) -> (number: [Int: Int], names: [Int])? {
    let names = Set(stages.joined()).sorted()
    guard names.count <= AxisSet.capacity else { return crowdedAxes(of: stages) }
    var number: [Int: Int] = [:]
    for (i, n) in names.enumerated() { number[n] = i }
    var together = [AxisSet](repeating: [], count: names.count)
    for stage in stages {
      let set = AxisSet(stage.lazy.map { number[$0]! })
      for n in stage { together[number[n]!].formUnion(set) }
    }
    var target = Array(names.indices)
    for a in names.indices where target[a] == a {
      for b in names.indices.dropFirst(a + 1) where target[b] == b {
        guard !together[a].contains(b), extents[names[a]] == extents[names[b]] else { continue }
        target[b] = a
        for c in names.indices where together[c].contains(b) { together[c].insert(a) }
        together[a].formUnion(together[b])
      }
    }
    var kept: [Int] = []
    for i in names.indices {
      if target[i] == i {
        number[names[i]] = kept.count
        kept.append(names[i])
      } else {
        number[names[i]] = number[names[target[i]]]!
      }
    }
    return (number, kept)
  }

  /// The same for more classes than a set holds, as the parts of a long concatenation have: stage after
  /// stage, each class takes the first axis of its extent that its stage leaves free.
  private func crowdedAxes(of stages: [[Int]]) -> (number: [Int: Int], names: [Int])? {
    var number: [Int: Int] = [:]
    var kept: [Int] = []
    for stage in stages.map(Set.init) {
      let known = stage.compactMap { number[$0] }
      var taken = AxisSet(known)
      guard taken.count == known.count else { return nil }
      for name in stage.sorted() where number[name] == nil {
        let free = kept.indices.first {
          !taken.contains($0) && extents[kept[$0]] == extents[name]
        }
        guard free != nil || kept.count < AxisSet.capacity else { return nil }
        let axis = free ?? kept.count
        if free == nil { kept.append(name) }
        number[name] = axis
        taken.insert(axis)
      }
    }
    return (number, kept)
  }
}
