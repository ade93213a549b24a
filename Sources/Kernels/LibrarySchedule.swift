internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// The nest of a plain product of matrices that a BLAS library computes, in blocks of rows that do not
/// depend on the number of workers: a library divides a product by its own threads, and other blocks give
/// other bits.
///
/// A library is faster than tiles only where its copies of whole blocks pay. `Machine.librarySteps` says
/// from where on; without a library at hand the call runs the tiles instead.
struct LibrarySchedule {
  private let product: Statement.BlockedProduct
  private let rowAxis: Int
  private let group: FusionGroup

  /// Nil where the group is no plain product, or one that is too small.
  init?(_ group: FusionGroup, anchor: Int, machine: Machine) {
    let stage = group.stages[anchor]
    guard let least = machine.librarySteps, group.stages.count == 1, stage.combiner == .sum,
      stage.dtype == .float32 || stage.dtype == .float64, stage.axes.count == 2,
      stage.reduced.count == 1, stage.reads.count == 2, stage.writes.count == 1,
      let factors = stage.body.factors(stage.dtype),
      Set(factors.results.map { factors.instructions[$0].op }) == [.operand(0), .operand(1)]
    else { return nil }
    let inner = stage.reduced[0]
    let extents = (stage.axes + [inner]).map { group.axes[$0] }
    // BLAS counts in 32 bits; narrow products are no better there, however long.
    guard extents.allSatisfy({ ($0.constant ?? 0) >= 64 && $0.constant! < 1 << 31 }),
      extents.reduce(1.0, { $0 * Double($1.constant!) }) >= least
    else { return nil }
    let write = stage.writes[0]
    let rows = stage.axes.first { write.index.linear(in: $0)?.coefficient != 1 }
    let columns = stage.axes.first { write.index.linear(in: $0)?.coefficient == 1 }
    guard let rows, let columns,
      let c = Self.matrix(write.buffer, write.index, rows, columns, isTurned: false)
    else { return nil }
    var a: Statement.BlockedProduct.Operand?
    var b: Statement.BlockedProduct.Operand?
    for case .memory(let buffer, let index, let guards, _) in stage.reads {
      guard guards.isEmpty, index.loadedReads.isEmpty else { return nil }
      if index.axes == [rows, inner] { a = Self.matrix(buffer, index, rows, inner) }
      if index.axes == [columns, inner] { b = Self.matrix(buffer, index, inner, columns) }
    }
    guard let a, let b else { return nil }
    self.group = group
    rowAxis = rows
    product = Statement.BlockedProduct(
      dtype: stage.dtype, a: a, b: b, c: c.buffer, cIndex: c.index, ldc: c.leading,
      m: group.axes[rows], n: group.axes[columns], k: group.axes[inner])
  }

  /// A read or a write as a matrix with the axes `row` and `column`; `index` is that of row `row` and
  /// column 0.
  private static func matrix(
    _ buffer: Int, _ index: Dim, _ row: Int, _ column: Int, isTurned: Bool = true
  ) -> Statement.BlockedProduct.Operand? {
    guard let (r, rest) = index.linear(in: row), let (c, first) = rest.linear(in: column),
      first.axes.isEmpty
    else { return nil }
    let place = r * .axis(row) + first
    if c == 1, r.constant.map({ $0 > 1 && $0 < 1 << 31 }) == true {
      return .init(buffer: buffer, index: place, leading: r, isTransposed: false)
    }
    if isTurned, r == 1, c.constant.map({ $0 > 1 && $0 < 1 << 31 }) == true {
      return .init(buffer: buffer, index: place, leading: c, isTransposed: true)
    }
    return nil
  }

  /// The rows of a block: enough that the library's copies of the other operand, which it makes for each
  /// block, are a few percent, and blocks for every core of large machines.
  private static let blockRows = 256

  func statements(otherwise tiles: [Statement]) -> [Statement] {
    let lower = group.axes.count
    let (upper, block) = (lower + 1, lower + 2)
    var call = product
    call.m = Dim.minimum(Dim(Self.blockRows), product.m - .axis(rowAxis))
    // The index of the right operand starts at the first step.
    call.b.index = call.b.index.substituting { atom in
      if case .axis = atom { return Dim(0) }
      return nil
    }
    let cost = (product.m * product.n * product.k).quotient(dividingBy: 64)
    return [
      .library(
        [
          .parallel(
            Statement.Parallel(
              lower: lower, upper: upper, count: product.m.divided(by: Self.blockRows), cost: cost,
              [
                .loop(
                  Statement.Loop(
                    block, from: .axis(lower), to: .axis(upper),
                    [.bind(rowAxis, .axis(block) * Dim(Self.blockRows)), .call(call)]))
              ]))
        ], otherwise: tiles)
    ]
  }
}
