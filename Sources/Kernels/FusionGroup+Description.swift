internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// A group as text: its axes, then a stage a line.
///
///     group softmax over i0: batch, i1: n
///       s0 = max f32[i0] over i1 of b0[n*i0 + i1]
///       s1 = exp f32[i0, i1] of b0[n*i0 + i1], s0 -> b1[n*i0 + i1]
extension FusionGroup: CustomStringConvertible {
  package var description: String {
    let extents = axes.indices.filter { axes[$0] != 1 }.map { "i\($0): \(axes[$0].loopText)" }
    var lines = [
      "group \(name)" + (extents.isEmpty ? "" : " over " + extents.joined(separator: ", "))
    ]
    for (s, stage) in stages.enumerated() { lines.append("  s\(s) = \(stage)") }
    return lines.joined(separator: "\n")
  }
}

extension FusionGroup.Stage: CustomStringConvertible {
  package var description: String {
    func list(_ axes: [Int]) -> String { axes.map { "i\($0)" }.joined(separator: ", ") }
    var text = "\(name) \(dtype.irName)[\(list(axes))]"
    if let combiner { text += " \(combiner.rawValue) over [\(list(reduced))]" }
    if !reads.isEmpty {
      text +=
        " of "
        + reads.map { read in
          switch read {
          case .stage(let s): "s\(s)"
          case .memory(let buffer, let index, let guards, let otherwise):
            "\(Statement.Access(buffer, index, guards: guards, otherwise: otherwise))"
          }
        }.joined(separator: ", ")
    }
    for write in writes { text += " -> b\(write.buffer)[\(write.index.loopText)]" }
    return text
  }
}
