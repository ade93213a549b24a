internal import GnomonIR
internal import GnomonTensors

/// A growing group of computations: its axes and the ways in which it can be split so far. Adding
/// what runs over the axes that are there takes the time of what is added.
struct GroupCandidate {
  /// The instructions in order.
  private(set) var members: [Int]
  /// The computations, by their numbers in the fusion's list.
  private(set) var shapes: [Int]
  /// For the name of each axis class its axis.
  private var number: [Int: Int]
  private var outline: GroupOutline
  private var rows: [RowRoles] = []
  private var tried: [AxisSet] = []
  private var anchor: Int?
  private var hasReductions: Bool
  /// How many stages there would be with the short axes written out.
  private var copies = 0
  private var short: AxisSet = []

  /// How many instructions a kernel has at most: beyond, the text of one loop gets so long that the
  /// C compiler's time is no longer in proportion.
  static let sizeLimit = 256

  /// A group looked at as a whole, or why it is none.
  ///
  /// - Parameter inputs: the computations that a computation takes values from.
  static func make(
    _ members: [Int], _ numbers: [Int], in fusion: Fusion
  ) -> Result<GroupCandidate, FusionRefusal> {
    let shapes = numbers.map { fusion.shapes[$0] }
    let names = shapes.map { $0.names(fusion.classes) }
    guard let joined = fusion.classes.axes(of: names) else { return .failure(.noCommonLoops) }
    var place: [Int: Int] = [:]
    for (i, n) in numbers.enumerated() { place[n] = i }
    var stages: [GroupOutline.Stage] = []
    for shape in shapes {
      let inputs = fusion.inputs(of: shape).compactMap { place[$0] }
      guard let stage = shape.outline(fusion.classes, joined.number, inputs: inputs) else {
        return .failure(.sharedLoop)
      }
      stages.append(stage)
    }
    var group = GroupCandidate(
      members: members, shapes: numbers, number: joined.number,
      outline: GroupOutline(
        order: Array(joined.names.indices),
        extents: joined.names.map { fusion.classes.extent($0) }, stages: stages),
      hasReductions: stages.contains { $0.combiner != nil })
    if let refusal = group.split() { return .failure(refusal) }
    return .success(group)
  }

  private init(
    members: [Int], shapes: [Int], number: [Int: Int], outline: GroupOutline, hasReductions: Bool
  ) {
    self.members = members
    self.shapes = shapes
    self.number = number
    self.outline = outline
    self.hasReductions = hasReductions
  }

  /// Finds the ways to run the group as a whole.
  private mutating func split() -> FusionRefusal? {
    // An instruction alone has to run somehow.
    if members.count == 1 { return nil }
    if outline.stages.contains(where: \.isBox) { return .parts }
    if outline.stages.contains(where: \.needsTile) {
      guard let anchor = Split.anchor(outline) else { return .tile }
      self.anchor = anchor
      return outline.stages.contains { isMadeAgain($0) } ? .madeAgain : nil
    }
    if !hasReductions { return outline.stages.contains { isMadeAgain($0) } ? .madeAgain : nil }
    rows = Split.rows(outline, isStrict: true)
    short = outline.shortAxes
    tried = Split.innerAxes(outline, []) + Split.innerAxes(outline, short)
    copies = outline.stages.reduce(0) { $0 + outline.copies(of: $1, short) }
    if rows.isEmpty {
      return Split.rows(outline, isStrict: false).isEmpty ? .noCommonLoops : .slowLoops
    }
    return nil
  }

  /// Whether a value that is written would be computed in several turns of the loops, where they are
  /// all axes of the result of a tile, or of the group.
  private func isMadeAgain(_ stage: GroupOutline.Stage) -> Bool {
    let loops = anchor.map { outline.stages[$0].axes } ?? outline.all
    return stage.isWritten && stage.combiner == nil && !loops.isSubset(of: stage.axes)
  }

  /// Whether the reduction asks for loops that were not looked at.
  private func isNew(_ stage: GroupOutline.Stage) -> Bool {
    guard hasReductions else { return true }
    return [[], short].contains { unrolled in
      let inner = stage.reduced.subtracting(unrolled)
      return !inner.isEmpty
        && [inner, outline.all.subtracting(unrolled).subtracting(inner)].contains {
          !tried.contains($0)
        }
    }
  }

  /// Adds an instruction that comes after all members. Returns nil if that takes a look at the whole.
  ///
  /// - Parameter mark: how many axes had been joined before those of the instruction were.
  mutating func add(
    _ instruction: Int, _ numbers: Range<Int>, since mark: Int, in fusion: Fusion
  ) -> Result<Void, FusionRefusal>? {
    guard members.count > 1,
      fusion.classes.joined[mark...].allSatisfy({ number[$0] == nil })
    else { return nil }
    let old = outline.stages.count
    for n in numbers {
      let shape = fusion.shapes[n]
      guard !shape.isBox, !shape.needsTile,
        shape.names(fusion.classes).allSatisfy({ number[$0] != nil })
      else { return restored(old, nil) }
      // Computations of one group are found by their place in it.
      var inputs: [Int] = []
      for i in fusion.inputs(of: shape) {
        if let place = fusion.place(of: i, in: members[0]) {
          inputs.append(place)
        } else if numbers.contains(i) {
          inputs.append(old + i - numbers.lowerBound)
        }
      }
      guard let stage = shape.outline(fusion.classes, number, inputs: inputs) else {
        return restored(old, nil)
      }
      if let anchor {
        guard stage.combiner == nil, stage.axes.isSubset(of: outline.stages[anchor].axes) else {
          return restored(old, .failure(.tile))
        }
        if isMadeAgain(stage) { return restored(old, .failure(.madeAgain)) }
      } else if !hasReductions && isMadeAgain(stage) {
        return restored(old, .failure(.madeAgain))
      } else if stage.combiner != nil, isNew(stage) {
        return restored(old, nil)
      }
      outline.stages.append(stage)
    }
    if hasReductions && anchor == nil {
      let more = outline.stages[old...].reduce(copies) { $0 + outline.copies(of: $1, short) }
      if more > UnrolledGroup.copyLimit, rows.contains(where: { !$0.unrolled.isEmpty }) {
        return restored(old, nil)
      }
      let fitting = rows.indices.filter { r in
        for s in old..<outline.stages.count where !rows[r].append(outline.stages[s]) {
          for _ in old..<s { rows[r].removeLast() }
          return false
        }
        return true
      }
      if fitting.isEmpty { return restored(old, .failure(.noCommonLoops)) }
      if fitting.count < rows.count { rows = fitting.map { rows[$0] } }
      copies = more
    }
    members.append(instruction)
    shapes += numbers
    return .success(())
  }

  private mutating func restored(
    _ count: Int, _ result: Result<Void, FusionRefusal>?
  ) -> Result<Void, FusionRefusal>? {
    outline.stages.removeLast(outline.stages.count - count)
    return result
  }
}

extension FusionRefusal: Error {}
