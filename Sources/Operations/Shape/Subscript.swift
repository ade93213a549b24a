public import GnomonIR
internal import GnomonTensors

extension Expr {
  /// Parts of the tensor: an index, a range, or `.all` for each axis; missing ones are `.all`.
  ///
  ///     x[0]      x[1..<5, .all]      x[.all, -1]      x[.ellipsis, .newAxis]
  ///
  /// See `AxisIndex` for the forms. Positions out of range are refused; where a size is named, it
  /// is required to be large enough when the function is called.
  public subscript<each Index: AxisIndexing>(_ index: repeat each Index) -> Expr {
    @_transparent get {
      var indices: [AxisIndex] = []
      for i in repeat each index { indices.append(i.axisIndex) }
      return _sliced(indices, .here())
    }
  }

  @usableFromInline package func _sliced(_ indices: [AxisIndex], _ at: Location) -> Expr {
    let x = settled()
    if x.isInvalid { return x }
    do throws(Refusal) {
      return try SubscriptPlan(indices, x.shape).applied(to: x, at)
    } catch {
      return .refused(error, "subscript", [x], at: at)
    }
  }
}

/// A subscript as a slice and the reshape that drops and adds axes.
struct SubscriptPlan {
  private(set) var starts: [Dim] = []
  private(set) var sizes: [Dim] = []
  private(set) var steps: [Int] = []
  /// The shape of what is taken, without the axes of positions and with new ones.
  private(set) var shape: [Dim] = []

  init(_ indices: [AxisIndex], _ old: [Dim]) throws(Refusal) {
    let consuming = indices.filter { $0.kind != .ellipsis && $0.kind != .newAxis }.count
    let ellipses = indices.filter { $0.kind == .ellipsis }.count
    guard ellipses <= 1 else {
      throw Refusal(.invalidSlice, "there is more than one .ellipsis")
    }
    guard consuming <= old.count else {
      throw Refusal(
        .invalidSlice, "\(consuming) indices for a tensor of rank \(old.count)",
        help: "give at most one index for each axis")
    }
    for index in indices + (ellipses == 0 ? [.ellipsis] : []) {
      switch index.kind {
      case .newAxis: shape.append(1)
      case .ellipsis:
        for _ in consuming..<old.count { addRange(old[starts.count], nil, nil, 1) }
      case .position(let i):
        let extent = old[starts.count]
        if let n = extent.constant, i < -n || i >= n {
          throw Refusal(
            .invalidSlice, "index \(i) is out of range for axis \(starts.count) of size \(n)",
            marks: [Refusal.Mark(0, [starts.count])],
            help: n == 0 ? "the axis is empty" : "indices are \(-n)...\(n - 1)")
        }
        starts.append(i < 0 ? extent + Dim(i) : Dim(i))
        sizes.append(1)
        steps.append(1)
      case .range(let from, let to, let step):
        guard step != 0 else {
          throw Refusal(
            .invalidSlice, "the step of axis \(starts.count) is 0",
            marks: [Refusal.Mark(0, [starts.count])])
        }
        addRange(old[starts.count], from, to, step)
      }
    }
  }

  private mutating func addRange(_ extent: Dim, _ from: Int?, _ to: Int?, _ step: Int) {
    func position(_ i: Int?, _ standard: Dim) -> Dim {
      i.map { $0 < 0 ? extent + Dim($0) : Dim($0) } ?? standard
    }
    let start = position(from, step > 0 ? 0 : extent - 1)
    let end = position(to, step > 0 ? extent : -1)
    let length = step > 0 ? end - start : start - end
    let size = (length + Dim(abs(step) - 1)).quotient(dividingBy: Dim(abs(step)))
    starts.append(start)
    sizes.append(size)
    steps.append(step)
    shape.append(size)
  }

  func applied(to x: Expr, _ at: Location) throws(Refusal) -> Expr {
    // What the op would say about sizes and positions, in terms of this subscript's axes.
    let whole = sizes == x.shape && steps.allSatisfy { $0 == 1 }
    let y =
      whole ? x : Expr.make(Slice(starts: starts, sizes: sizes, steps: steps), [x], at: at)
    return y.isInvalid || y.shape == shape ? y : .make(Reshape(shape: shape), [y], at: at)
  }
}
