internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

extension FusionGroup {
  /// With products that only one sum takes made by that sum: its steps are multiply-adds then.
  func joiningProducts() -> FusionGroup {
    var readers = [Int](repeating: 0, count: stages.count)
    for stage in stages {
      for case .stage(let i) in stage.reads { readers[i] += 1 }
    }
    var group = self
    for (s, sum) in stages.enumerated() where sum.combiner == .sum && sum.reads.count == 1 {
      guard case .stage(let p) = sum.reads[0], sum.body.instructions.count == 1,
        sum.body.instructions[0].op == .operand(0), readers[p] == 1
      else { continue }
      let product = stages[p]
      guard product.combiner == nil, product.writes.isEmpty,
        Set(product.axes) == Set(sum.axes + sum.reduced),
        product.dtype == Combiner.sum.accumulator(sum.dtype),
        product.body.factors(product.dtype) != nil
      else { continue }
      group.stages[s].reads = product.reads
      group.stages[s].body = product.body
    }
    return group
  }
}
