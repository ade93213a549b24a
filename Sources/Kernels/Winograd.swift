internal import GnomonIR
internal import GnomonScalars
internal import GnomonTensors

/// A convolution with windows of 3 × 3 at neighbouring points, or its gradient by the windows, with
/// 16 multiplications for what takes 36: `F(2 × 2, 3 × 3)` of Winograd's minimal filtering.
///
/// Four points of the result and the 4 × 4 elements under their windows are a tile. With the matrices
/// `B`, `G` and `A` of one dimension,
///
///     result       = Aᵀ [Σ over channels (G window Gᵀ) ⊙ (Bᵀ data B)] A
///     for windows  = Gᵀ [Σ over tiles (A points Aᵀ) ⊙ (Bᵀ data B)] G
///
/// and the sums in brackets are 16 products of matrices. Errors are relative to the largest elements of
/// a tile rather than of a window, which is one row and one column more.
///
/// Source: A. Lavin and S. Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016.
struct Winograd {
  /// An axis of points, and that of the windows beside it.
  struct Side {
    var point: Int
    var window: Int
    /// Whether the data's place is the difference of point and window, as in gradients by the data.
    var isReversed: Bool
  }

  /// Whether points are what is summed over, and windows the result.
  var isForWindows: Bool
  /// The rows and the columns of points.
  var sides: [Side]
  /// The factor whose elements several windows share, and the other one.
  var data: Int
  var other: Int
  /// The axis that only the data have beside points and windows: summed over, or the rows of a result.
  var channel: Int
  /// The axis that only the other factor has: vectors run along it.
  var column: Int
  /// The axes of points that are not neighbours, as those of a batch.
  var outer: [Int]

  /// The register tile of the products.
  var rows = 1
  var columns = 1
  /// The tiles that pass together.
  var strip = 1

  static let lanes = 16
  /// The elements of a transformed tile.
  static let elements = 16

  init?(_ group: FusionGroup, anchor: Int, machine: Machine) {
    let stage = group.stages[anchor]
    guard machine.winogradShare > 0, stage.combiner == .sum, stage.dtype == .float32 else {
      return nil
    }
    let factors = TilePlan.factors(of: stage)
    guard factors.count == 2,
      let found = Self.recognize(group, stage, factors, 0)
        ?? Self.recognize(group, stage, factors, 1),
      group.lanes(along: found.column) == Self.lanes
    else { return nil }
    self = found
    chooseSize(group, machine)
    guard pays(group, upTo: machine.winogradShare) else { return nil }
  }

  private init(
    isForWindows: Bool, sides: [Side], data: Int, other: Int, channel: Int, column: Int,
    outer: [Int]
  ) {
    self.isForWindows = isForWindows
    self.sides = sides
    self.data = data
    self.other = other
    self.channel = channel
    self.column = column
    self.outer = outer
  }

  private static func recognize(
    _ group: FusionGroup, _ stage: FusionGroup.Stage, _ factors: [TilePlan.Factor], _ data: Int
  ) -> Winograd? {
    let own = factors[data].axes
    let others = factors[1 - data].axes
    let result = stage.axes.filter { group.axes[$0] != 1 }
    let summed = stage.reduced.filter { group.axes[$0] != 1 }
    guard (result + summed).allSatisfy({ own.contains($0) || others.contains($0) }) else {
      return nil
    }
    // Points are in the result and windows are summed over, or the other way round; the other factor
    // has what is summed over.
    for isForWindows in [false, true] {
      let windows = (isForWindows ? result : summed)
        .filter { group.axes[$0] == 3 && own.contains($0) && others.contains($0) != isForWindows }
      let points = (isForWindows ? summed : result)
        .filter { own.contains($0) && others.contains($0) == isForWindows }
      var sides: [Side] = []
      for point in points {
        guard let n = group.axes[point].constant, n >= 4 else { continue }
        for window in windows where !sides.contains(where: { $0.window == window }) {
          guard let overlap = RowOverlap(factors[data], stage, group, along: window, point) else {
            continue
          }
          sides.append(Side(point: point, window: window, isReversed: overlap.isDifference))
          break
        }
      }
      guard sides.count == 2, !isForWindows || sides.allSatisfy({ !$0.isReversed }) else {
        continue
      }
      let taken = sides.map(\.point) + sides.map(\.window)
      let restOfResult = result.filter { !taken.contains($0) }
      let restOfSum = summed.filter { !taken.contains($0) }
      let columns = restOfResult.filter { !own.contains($0) }
      let channels = (isForWindows ? restOfResult : restOfSum).filter(own.contains)
        .filter { others.contains($0) != isForWindows }
      let outer = (isForWindows ? restOfSum : restOfResult).filter {
        own.contains($0) && others.contains($0) == isForWindows
      }
      guard columns.count == 1, channels.count == 1,
        columns.count + channels.count + outer.count == restOfResult.count + restOfSum.count,
        group.axes[columns[0]].constant != nil, group.axes[channels[0]].constant != nil,
        isEven(factors[data], stage, along: channels[0]),
        isEven(factors[1 - data], stage, along: columns[0], isAnyStride: true)
      else { continue }
      return Winograd(
        isForWindows: isForWindows, sides: sides, data: data, other: 1 - data,
        channel: channels[0], column: columns[0], outer: outer)
    }
    return nil
  }

  /// Whether vectors of a factor along an axis are vectors of memory.
  private static func isEven(
    _ factor: TilePlan.Factor, _ stage: FusionGroup.Stage, along axis: Int,
    isAnyStride: Bool = false
  ) -> Bool {
    let usesIndex = factor.program.instructions.contains {
      if case .index = $0.op { true } else { false }
    }
    return !usesIndex
      && factor.reads.allSatisfy { k in
        guard case .memory(_, let index, let guards, _) = stage.reads[k],
          let coefficient = index.linear(in: axis)?.coefficient
        else { return false }
        return (isAnyStride || coefficient == 1 || coefficient == 0) && index.loadedReads.isEmpty
          && guards.allSatisfy { !$0.axes.contains(axis) }
      }
  }

  // MARK: - Sizes

  /// The tiles along a side. The last one moves back where the extent is odd.
  func tiles(_ side: Side, _ group: FusionGroup) -> Dim { group.axes[side.point].divided(by: 2) }

  func tileCount(_ group: FusionGroup) -> Dim {
    outer.reduce(tiles(sides[0], group) * tiles(sides[1], group)) { $0 * group.axes[$1] }
  }

  func channels(_ group: FusionGroup) -> Int { group.axes[channel].constant! }

  /// The channels in memory: whole vectors.
  func paddedChannels(_ group: FusionGroup) -> Int {
    (channels(group) + Self.lanes - 1) / Self.lanes * Self.lanes
  }

  func panels(_ group: FusionGroup) -> Int {
    (vectors(group) + columns - 1) / columns
  }

  /// The columns in memory: whole panels.
  func paddedColumns(_ group: FusionGroup) -> Int { panels(group) * columns * Self.lanes }

  /// The numbers from an element of the tiles of a strip to the next element, with so many numbers a tile:
  /// not all elements of a tile in the same set of the first cache.
  func plane(_ width: Int) -> Int { strip * width + Self.lanes }

  /// The numbers from an element of a panel of windows to the next element, apart as those of tiles are.
  func panelPlane(_ group: FusionGroup) -> Int {
    channels(group) * columns * Self.lanes + Self.lanes
  }

  /// The numbers from an element of sums over tiles, for all channels and columns, to the next element.
  func sumsPlane(_ group: FusionGroup) -> Int {
    paddedChannels(group) * paddedColumns(group) + Self.lanes
  }

  private func vectors(_ group: FusionGroup) -> Int {
    (group.axes[column].constant! + Self.lanes - 1) / Self.lanes
  }

  private mutating func chooseSize(_ group: FusionGroup, _ machine: Machine) {
    let registersPerVector = max(1, Self.lanes * 4 / machine.vectorBytes)
    let vectors = self.vectors(group)
    var best = 0.0
    for width in 1...4 {
      let panels = (vectors + width - 1) / width
      // Rows of the gradient by windows are channels, whole vectors of them.
      for height in isForWindows ? [1, 2, 4, 8] : [1, 2, 3, 4, 5, 6, 8] {
        let taken = width * registersPerVector
        guard taken * (height + 1) + 1 <= machine.vectorRegisters else { continue }
        let products = Double(height * taken) / 2
        let loads = Double(height + taken) / 2
        let cycles = max(products, loads, 4) + 0.5 + 0.2 * loads
        let speed = products / cycles * Double(vectors) / Double(panels * width)
        if speed > best * 1.01 { (best, rows, columns) = (speed, height, width) }
      }
    }
    let bytes = Self.elements * 4 * (paddedChannels(group) + paddedColumns(group))
    let tiles = tileCount(group).estimate
    // Transformed windows may come from beyond the second cache, once for each strip.
    let most = max(48, machine.secondCacheBytes / 8 / bytes)
    let balanced = max(1, min(most, tiles / (4 * machine.cores)))
    strip = (balanced + rows - 1) / rows * rows
  }

  /// Whether the transformations cost less than the multiplications they save, by a model of a core:
  /// two multiply-adds in a cycle, 45 cycles for the transformation of a vector.
  private func pays(_ group: FusionGroup, upTo share: Double) -> Bool {
    let tiles = Double(max(1, tileCount(group).estimate))
    let (c, k) = (Double(channels(group)), Double(vectors(group) * Self.lanes))
    let points = outer.reduce(sides.reduce(1.0) { $0 * Double(group.axes[$1.point].estimate) }) {
      $0 * Double(max(1, group.axes[$1].estimate))
    }
    let direct = points * 9 * c * k / 32
    let transformations =
      tiles * (Double(paddedChannels(group)) + k) / 16 * 45 + c * k / 16 * (isForWindows ? 200 : 60)
    let products = tiles * 16 * c * k / 32
    // What a worker needs of the windows for each strip, beyond the second cache.
    let isLarge = 16 * c * k * 4 > Double(16 << 20)
    return !isLarge && transformations + products < share * direct
  }
}
