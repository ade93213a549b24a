package import GnomonIR
package import GnomonScalars
package import GnomonTensors

/// Computations that one kernel does: they run over common axes and hand each other values without
/// going through memory.
package struct FusionGroup: Sendable {
  /// The extents of the common axes; `.axis(i)` in index expressions is axis `i` here.
  package var axes: [Dim]
  package var stages: [Stage]
  package var buffers: [Kernel.Buffer]
  package var name: String
  /// The bytes of operands and results.
  package var bytes = Dim(0)
  /// Whether each stage writes a box of one result, one after the other.
  package var isBoxes = false

  package struct Stage: Sendable {
    /// The axes along which the value varies, in the order of its dimensions.
    package var axes: [Int]
    package var reduced: [Int]
    package var combiner: Combiner?
    package var reads: [StageRead]
    /// One operand per read, one result.
    package var body: ScalarProgram
    /// The dtype of the value; sums of half floats accumulate in float32 and round to this.
    package var dtype: DType
    /// The buffers the value is written to, with the flat index of each.
    package var writes: [(buffer: Int, index: Dim)]
    package var name: String
    /// See `GroupOutline.Stage`.
    package var needsTile: Bool
  }

  package enum StageRead: Hashable, Sendable {
    /// An element of a buffer at a flat index over the axes; `.loaded(k)` is read `k` of the stage.
    case memory(buffer: Int, index: Dim, guards: [Read.Guard], otherwise: UInt64)
    case stage(Int)
  }
}
