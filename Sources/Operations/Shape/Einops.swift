public import GnomonIR
public import GnomonTensors

/// How `rearranged` joins the elements along axes that its pattern leaves out.
public enum AxisReduction: Sendable, Hashable {
  case sum, mean, max, min, product
}

/// The tensor with its axes split, moved, joined and reduced as a pattern of names says.
///
///     rearranged(x, "batch (h p) (w q) c -> batch (h w) (p q c)", sizes: ["p": 4, "q": 4])
///     rearranged(x, "batch h w c -> batch c", reducing: .mean)
///
/// On the left each axis has a name, or is split into names in parentheses, of which one may be missing
/// from `sizes`. On the right each name stands at most once, alone or joined with others; `1` is a new
/// axis of size 1. Names that the right side leaves out are reduced.
///
/// - Parameters:
///   - x: any tensor; for reductions a numeric one.
///   - pattern: the two sides, with `->` between them.
///   - sizes: of parts of axes.
///   - reducing: how to join what the right side leaves out; nil where it must name all.
@_transparent public func rearranged(
  _ x: Expr, _ pattern: String, sizes: [String: Dim] = [:], reducing: AxisReduction? = nil
) -> Expr { _rearranged(x, pattern, sizes, reducing, .here()) }

/// Tensors repeated along axes of size 1 until all have the same shape.
///
/// - Parameter tensors: of shapes that broadcast; dtypes may differ.
@_transparent public func broadcastTogether(_ tensors: [Expr]) -> [Expr] {
  _broadcastTogether(tensors, .here())
}

@usableFromInline func _rearranged(
  _ x: Expr, _ pattern: String, _ sizes: [String: Dim], _ reducing: AxisReduction?, _ at: Location
) -> Expr {
  let x = x.settled()
  if x.isInvalid { return x }
  do throws(Refusal) {
    let plan = try AxisPattern(pattern, x.type, sizes)
    let dropped = plan.names.filter { !plan.right.joined().contains($0) }
    guard dropped.isEmpty || reducing != nil else {
      throw Refusal(
        .invalidAttribute,
        "the right side of \"\(pattern)\" leaves out \(dropped.joined(separator: ", "))",
        marks: [Refusal.Mark(0)], help: "say how to join them: reducing: .mean")
    }
    return at.serving("rearranged") {
      var y = x._reshaped(plan.names.map { plan.sizes[$0]! }, .here())
      let axes = dropped.map { plan.names.firstIndex(of: $0)! }
      if let reducing, !axes.isEmpty {
        y =
          switch reducing {
          case .sum: sum(y, axes: axes)
          case .mean: mean(y, axes: axes)
          case .max: max(y, axes: axes)
          case .min: min(y, axes: axes)
          case .product: product(y, axes: axes)
          }
      }
      let left = plan.names.filter { !dropped.contains($0) }
      let order = plan.right.joined().map { left.firstIndex(of: $0)! }
      let moved = Expr.make(Transpose(permutation: order), [y], at: .here())
      return moved._reshaped(
        plan.right.map { $0.reduce(Dim(1)) { $0 * plan.sizes[$1]! } }, .here())
    }
  } catch {
    return .refused(error, "rearranged", [x], at: at)
  }
}

@usableFromInline func _broadcastTogether(_ tensors: [Expr], _ at: Location) -> [Expr] {
  let all = tensors.map { $0.settled() }
  func refused(_ refusal: Refusal) -> [Expr] {
    all.map { _ in .refused(refusal, "broadcastTogether", all, at: at) }
  }
  if all.contains(where: \.isInvalid) { return refused(Refusal(.broadcastMismatch, "")) }
  if all.isEmpty { return [] }
  do throws(Refusal) {
    var context = TypeContext(operands: all.map(\.type))
    let shape = try broadcastShape(&context)
    return at.serving("broadcastTogether") { all.map { $0._broadcast(shape, .here()) } }
  } catch {
    return refused(error)
  }
}

/// The two sides of a pattern.
private struct AxisPattern {
  /// The names of the left side, in order.
  var names: [String] = []
  var sizes: [String: Dim]
  /// The names of each axis of the result.
  var right: [[String]]

  init(_ text: String, _ type: TensorType, _ given: [String: Dim]) throws(Refusal) {
    func bad(_ why: String) -> Refusal {
      Refusal(
        .invalidAttribute, "the pattern \"\(text)\" \(why)", marks: [Refusal.Mark(0)],
        help: "as in \"batch (h p) c -> batch h (p c)\"")
    }
    let sides = text.split(separator: "->", omittingEmptySubsequences: false).map(String.init)
    guard sides.count == 2, let left = Self.groups(sides[0]), let right = Self.groups(sides[1])
    else { throw bad("is not two lists of names with -> between them") }
    guard left.count == type.rank else {
      throw bad("names \(left.count) axes of a tensor of rank \(type.rank)")
    }
    sizes = given
    self.right = right
    for (group, size) in zip(left, type.shape) {
      let open = group.filter { sizes[$0] == nil }
      let known = group.reduce(Dim(1)) { $0 * (sizes[$1] ?? 1) }
      guard open.count <= 1 else {
        throw bad("does not say the sizes of \(open.joined(separator: ", "))")
      }
      if let name = open.first {
        guard let rest = size.exactQuotient(by: known) else {
          throw bad("splits \(size) by \(known), which does not divide it")
        }
        sizes[name] = rest
      } else if known != size {
        throw bad("says that an axis of size \(size) has \(known)")
      }
      names += group
    }
    guard Set(names).count == names.count, Set(right.joined()).count == right.joined().count,
      Set(right.joined()).isSubset(of: names)
    else { throw bad("has a name twice, or one on the right alone") }
  }

  /// The names between parentheses together, others alone; nil for other text.
  private static func groups(_ text: String) -> [[String]]? {
    var found: [[String]] = []
    var inner: [String]?
    let spaced = text.replacing("(", with: " ( ").replacing(")", with: " ) ")
    for word in spaced.split(separator: " ") {
      switch word {
      case "(":
        if inner != nil { return nil }
        inner = []
      case ")":
        guard let group = inner else { return nil }
        found.append(group)
        inner = nil
      case "1":
        if inner == nil { found.append([]) }
      default:
        guard word.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return nil }
        if inner != nil { inner!.append(String(word)) } else { found.append([String(word)]) }
      }
    }
    return inner == nil ? found : nil
  }
}
