package import GnomonIR
internal import GnomonTensors

/// Why an instruction did not join a kernel.
enum FusionRefusal: Hashable, Sendable {
  /// The kernel would have more instructions than one may.
  case size(Int)
  /// The value is read where it is not computed: beside the loops' position.
  case readElsewhere(ValueID, dimension: Int)
  /// The value is read under a condition, so it has to be in memory.
  case readOutside(ValueID)
  /// Two dimensions would be the same loop.
  case sharedLoop
  /// No order of loops gives every reduction all of its elements.
  case noCommonLoops
  /// A value that is written would be computed again in each turn of a loop that it does not vary along.
  case madeAgain
  /// The tile of a product takes what follows it point by point, and nothing else.
  case tile
  /// The only common loops take several passes over one long row, on one thread, or step over memory.
  case slowLoops
  /// Results written in parts are kernels of their own.
  case parts
  /// Another kernel lies between the two: it needs the one and is needed by the other.
  case between
  /// More kernels lie between the two than are looked at.
  case tooFar
}

/// The decisions of the fusion, in the order in which they were made.
package struct FusionTrace: Sendable {
  struct Decision: Sendable {
    /// The instruction that was to join, or nil where two kernels were to become one.
    var instruction: Int?
    /// The first instructions of the kernels.
    var kernels: [Int]
    var refusal: FusionRefusal?
  }

  var decisions: [Decision] = []
  /// How many computations and kernels were looked at: in proportion to the size of the graph.
  package internal(set) var looks = 0
  private let graph: Graph

  init(_ graph: Graph) { self.graph = graph }

  /// The decisions that gather an optimized graph into kernels.
  package init(fusing graph: Graph) throws {
    var fusion = Fusion(try graph.dissolved().duplicated().materialized())
    fusion.group()
    self = fusion.trace
  }
}

extension FusionTrace: CustomStringConvertible {
  /// A decision a line.
  ///
  ///     %4 exp joins the kernel of %3 subtract
  ///     %9 matmul does not join the kernel of %4 exp: no order of loops gives …
  package var description: String {
    decisions.map { d in
      let kernels = d.kernels.map { name($0) }.joined(separator: " and ")
      let plural = d.kernels.count > 1 ? "s" : ""
      if let i = d.instruction {
        guard let refusal = d.refusal else {
          return d.kernels.isEmpty
            ? "\(name(i)) starts a kernel" : "\(name(i)) joins the kernel\(plural) of \(kernels)"
        }
        return "\(name(i)) does not join the kernel\(plural) of \(kernels): \(text(refusal))"
      }
      guard let refusal = d.refusal else { return "the kernels of \(kernels) become one" }
      return "the kernels of \(kernels) stay apart: \(text(refusal))"
    }.joined(separator: "\n")
  }

  private func name(_ i: Int) -> String {
    let instruction = graph.instructions[i]
    return "\(name(instruction.results[0])) \(instruction.op.mnemonic)"
  }

  private func name(_ v: ValueID) -> String { "%" + graph.displayName(v) }

  private func text(_ refusal: FusionRefusal) -> String {
    switch refusal {
    case .size(let limit): "a kernel has at most \(limit) instructions"
    case .readElsewhere(let v, let d):
      "dimension \(d) of \(name(v)) is read at other places than where the loops stand"
    case .readOutside(let v): "\(name(v)) is read under a condition, which takes memory"
    case .sharedLoop: "two dimensions of one value would be the same loop"
    case .noCommonLoops: "no order of loops gives every reduction all of its elements"
    case .tile: "the tile of a product takes only what follows it element by element"
    case .madeAgain:
      "a value that is written would be computed again in every turn of a loop it does not vary along"
    case .slowLoops:
      "common loops would take several passes over one long row, or step over memory"
    case .parts: "a result that is written in parts is a kernel of its own"
    case .between: "another kernel needs the one and is needed by the other"
    case .tooFar: "too many kernels lie between them to look at"
    }
  }
}
