/// The lines that differ between two texts, with a few equal ones around them.
///
///       %0 = add %x, %y : f32[n]
///     - %1 = multiply %0, %2 : f32[n]
///     + %1 = negate %0 : f32[n]
struct LineDiff {
  let text: String

  init(_ old: String, _ new: String, around: Int = 3) {
    let old = old.split(separator: "\n", omittingEmptySubsequences: false)
    let new = new.split(separator: "\n", omittingEmptySubsequences: false)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in new.difference(from: old) {
      switch change {
      case .remove(let i, _, _): removed.insert(i)
      case .insert(let i, _, _): inserted.insert(i)
      }
    }
    var lines: [(mark: Character, text: Substring)] = []
    var (i, j) = (0, 0)
    while i < old.count || j < new.count {
      if i < old.count, removed.contains(i) {
        lines.append(("-", old[i]))
        i += 1
      } else if j < new.count, inserted.contains(j) {
        lines.append(("+", new[j]))
        j += 1
      } else {
        lines.append((" ", old[i]))
        (i, j) = (i + 1, j + 1)
      }
    }
    var isNear = [Bool](repeating: false, count: lines.count)
    for k in lines.indices where lines[k].mark != " " {
      for n in max(0, k - around)...min(lines.count - 1, k + around) { isNear[n] = true }
    }
    var shown: [String] = []
    for k in lines.indices {
      if isNear[k] {
        shown.append("\(lines[k].mark) \(lines[k].text)")
      } else if k == 0 || isNear[k - 1] {
        shown.append("  …")
      }
    }
    text = shown.joined(separator: "\n")
  }
}
