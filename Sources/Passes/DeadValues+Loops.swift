internal import GnomonIR
internal import GnomonOperations

/// Removes what nobody reads of a loop: outputs, carries that serve no result, and the sequences and
/// captures that are left without use.
func trim(_ instruction: inout Graph.Instruction, _ scan: Scan, _ needed: [Bool]) {
  let body = instruction.regions[0]
  let outputs = (scan.carries..<instruction.results.count).filter {
    needed[instruction.results[$0].index]
  }
  var carries = Set((0..<scan.carries).filter { needed[instruction.results[$0].index] })
  // A carry serves a result if what the result is made of reads it.
  while true {
    let read = body.parametersRead(by: (carries + outputs).map { body.results[$0] })
    let grown = carries.union((0..<scan.carries).filter { read.contains(body.parameters[$0]) })
    if grown == carries { break }
    carries = grown
  }
  let kept = carries.sorted() + outputs
  var region = body
  region.results = kept.map { body.results[$0] }
  region = withoutDeadValues(region)
  let uses = region.useCounts()
  let lead = scan.carries + scan.sequences
  let staying = body.parameters.indices.filter { k in
    k < scan.carries ? carries.contains(k) : uses[region.parameters[k].index] > 0
  }
  instruction.results = kept.map { instruction.results[$0] }
  instruction.operands = staying.map { instruction.operands[$0] }
  region.parameters = staying.map { region.parameters[$0] }
  instruction.regions = [region.renumbered(keeping: region.instructions)]
  var op = scan
  op.carries = carries.count
  op.sequences = staying.count { $0 >= scan.carries && $0 < lead }
  instruction.op = op
}

extension Graph {
  /// The parameters that some values depend on.
  fileprivate func parametersRead(by roots: [ValueID]) -> Set<ValueID> {
    var needed = [Bool](repeating: false, count: values.count)
    for r in roots { needed[r.index] = true }
    for instruction in instructions.reversed()
    where instruction.results.contains(where: { needed[$0.index] }) {
      for o in instruction.operands { needed[o.index] = true }
    }
    return Set(parameters.filter { needed[$0.index] })
  }
}
