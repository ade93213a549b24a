internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

// Random words: four vectors share the blocks that their lanes compute.
extension RowSchedule {
  /// Whether a pass over a row of more than a few vectors draws random words, all at positions that begin
  /// with a whole block and go on side by side.
  func drawsBlocks(duringPass p: Int, from: Dim) -> Bool {
    guard let v = inner.last, lanes == 16, shortRow == nil else { return false }
    let stages = plan.computed[p] + self.stages(.rowReduction).filter { plan.level[$0] == p }
    var positions: [Dim] = []
    for s in stages {
      let program = group.stages[s].body.instructions
      for i in program {
        guard case .randomWord = i.op else { continue }
        guard case .index(let d) = program[i.a].op else { return false }
        positions.append(d)
      }
    }
    return !positions.isEmpty
      && positions.allSatisfy { position in
        position.linear(in: v)?.coefficient == 1
          && position.substituting { $0 == .axis(v) ? from : nil }.isMultiple(of: 4)
      }
  }
}
