package import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

extension FusionGroup {
  /// The group of a `fused` region: its parameters and results become the buffers, in that order.
  package init(_ region: Graph, name: String) throws {
    let views = ViewResolution(region)
    let members = region.instructions.indices.filter { i in
      region.instructions[i].results.contains { !views.isView($0) }
    }
    guard let analysis = GroupAnalysis(members, in: region, views: views) else {
      throw InternalError("the region \(name) does not run over common axes")
    }
    try self.init(analysis, region, name: name)
  }

  private init(_ analysis: GroupAnalysis, _ region: Graph, name: String) throws {
    self.name = name
    bytes = (region.parameters + region.results).reduce(Dim(0)) { total, v in
      let type = region.type(of: v)
      return total + type.elementCount * Dim(type.dtype.byteCount)
    }
    axes = analysis.axes
    buffers = []
    stages = []
    var inputs: [ValueID: Int] = [:]
    for p in region.parameters {
      inputs[p] = buffers.count
      buffers.append(
        Kernel.Buffer(region.type(of: p).dtype, .input, name: region.displayName(p)))
    }
    var outputs: [ValueID: [Int]] = [:]
    for r in region.results {
      outputs[r, default: []].append(buffers.count)
      buffers.append(
        Kernel.Buffer(region.type(of: r).dtype, .output, name: region.displayName(r)))
    }
    for stage in analysis.stages {
      let c = stage.shape.computation
      let type = region.type(of: stage.shape.value)
      let strides = type.strides
      // Computations over a box write at its offset; axes of size 1 stand at 0.
      var index = Dim(0)
      for d in strides.indices {
        let position: Dim = stage.dimensions[d] < 0 ? 0 : .axis(stage.dimensions[d])
        index = index + (position + (c.offset?[d] ?? 0)) * strides[d]
      }
      let reads: [StageRead] = try stage.reads.map { source in
        switch source {
        case .stage(let s): return .stage(s)
        case .memory(let v, let indices, let guards, let otherwise):
          guard let buffer = inputs[v] else {
            throw InternalError("\(name) reads %\(v.raw), which it was not given")
          }
          let flat = zip(indices, region.type(of: v).strides).reduce(Dim(0)) { $0 + $1.0 * $1.1 }
          return .memory(buffer: buffer, index: flat, guards: guards, otherwise: otherwise)
        }
      }
      // A reduction over axes of extent 1 is its body; the position of an extremum there is 0.
      let isPlain = stage.reduced.isEmpty
      let isOrigin = isPlain && c.combiner?.isArgument == true
      stages.append(
        Stage(
          axes: stage.axes, reduced: stage.reduced, combiner: isPlain ? nil : c.combiner,
          reads: isOrigin ? [] : reads,
          body: isOrigin
            ? .constant(0, type.dtype)
            : isPlain
              ? stage.body.giving(type.dtype)
              // Half floats are compared as floats; sums convert what they add.
              : c.combiner?.isArgument == true
                ? stage.body.giving(stage.body.resultTypes[0].computeType) : stage.body,
          dtype: type.dtype,
          writes: (outputs[stage.shape.value] ?? []).map { ($0, index) },
          name: region.instructions[stage.shape.instruction].op.mnemonic,
          needsTile: stage.shape.needsTile))
    }
    isBoxes = analysis.stages.contains { $0.shape.isBox }
  }
}

extension ScalarProgram {
  fileprivate static func constant(_ bits: UInt64, _ dtype: DType) -> ScalarProgram {
    ScalarProgram(operands: [], instructions: [Instruction(.constant(bits), dtype)], results: [0])
  }

  /// The program with its result rounded to a type: half floats are summed in float32.
  fileprivate func giving(_ dtype: DType) -> ScalarProgram {
    guard instructions[results[0]].dtype != dtype else { return self }
    var program = self
    program.instructions.append(Instruction(.convert, dtype, results[0]))
    program.results = [instructions.count]
    return program
  }
}

extension Graph {
  package func displayName(_ v: ValueID) -> String { values[v.index].name ?? "\(v.raw)" }
}
