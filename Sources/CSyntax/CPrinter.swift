/// Turns C values into text: the only place where C is spelled.
package struct CPrinter {
  package private(set) var text = ""
  private var indent = 0

  package init() {}

  package mutating func line(_ s: String) {
    if s.isEmpty {
      text += "\n"
      return
    }
    for _ in 0..<indent { text += "  " }
    text += s
    text += "\n"
  }

  package mutating func function(_ f: CFunction) {
    for c in f.comment { line("// " + CPrinter.commentText(c)) }
    line(f.declaration + " {")
    body(f.body)
    line("}")
    line("")
  }

  private mutating func body(_ statements: [CStatement]) {
    indent += 1
    for s in statements { statement(s) }
    indent -= 1
  }

  package mutating func statement(_ s: CStatement) {
    switch s {
    case .declare(let type, let name, let value):
      let head = type.spelling.hasSuffix("*") ? type.spelling + name : "\(type.spelling) \(name)"
      line(value.map { "\(head) = \(CPrinter.text($0));" } ?? "\(head);")
    case .assign(let place, let value):
      line("\(CPrinter.text(place)) = \(CPrinter.text(value));")
    case .expression(let e): line(CPrinter.text(e) + ";")
    case .loop(let name, let from, let to, let step, let inner):
      let advance = step == 1 ? "++\(name)" : "\(name) += \(step)"
      line(
        "for (int64_t \(name) = \(CPrinter.text(from)); \(name) < \(CPrinter.text(to)); \(advance)) {"
      )
      body(inner)
      line("}")
    case .conditional(let condition, let then, let otherwise):
      line("if (\(CPrinter.text(condition))) {")
      body(then)
      if !otherwise.isEmpty {
        line("} else {")
        body(otherwise)
      }
      line("}")
    case .block(let inner):
      line("{")
      body(inner)
      line("}")
    case .comment(let c): line("// " + CPrinter.commentText(c))
    case .returned(let e): line(e.map { "return \(CPrinter.text($0));" } ?? "return;")
    }
  }

  /// A user's text made harmless in a line comment: one line of printable ASCII, no backslash that
  /// would continue it, no trigraph.
  package static func commentText(_ s: String) -> String {
    var out = ""
    for c in s.unicodeScalars {
      switch c {
      case "\\": out += "/"
      case "?": out += "."
      default:
        if c.value >= 32 && c.value < 127 { out.unicodeScalars.append(c) } else { out += "_" }
      }
    }
    return out
  }

  private static let precedences: [String: Int] = [
    "*": 12, "/": 12, "%": 12, "+": 11, "-": 11, "<<": 10, ">>": 10, "<": 9, "<=": 9, ">": 9,
    ">=": 9, "==": 8, "!=": 8, "&": 7, "^": 6, "|": 5, "&&": 4, "||": 3,
  ]
  /// Mixtures that compilers warn of keep their parentheses.
  private static let alwaysParenthesized: Set<String> = ["&", "^", "|", "&&", "<<", ">>"]

  /// The text of an expression; `level` is the precedence around it.
  package static func text(_ e: CExpression, _ level: Int = 0) -> String {
    func wrapped(_ s: String, _ own: Int) -> String { own < level ? "(\(s))" : s }
    switch e {
    case .name(let n), .literal(let n): return n
    case .integer(let n):
      let s =
        n == Int.min
        ? "INT64_MIN" : n > Int(Int32.max) || n < -Int(Int32.max) ? "INT64_C(\(n))" : "\(n)"
      return n < 0 ? wrapped(s, 13) : s
    case .unary(let op, let a): return wrapped(op + text(a, 14), 14)
    case .binary(let op, let a, let b):
      let own = precedences[op] ?? 0
      // A nested operator of the dangerous kinds is wrapped even where C would not need it.
      func side(_ x: CExpression, _ least: Int) -> String {
        if case .binary(let inner, _, _) = x, inner != op,
          alwaysParenthesized.contains(op) || alwaysParenthesized.contains(inner)
        {
          return "(\(text(x)))"
        }
        return text(x, least)
      }
      return wrapped("\(side(a, own)) \(op) \(side(b, own + 1))", own)
    case .conditional(let c, let a, let b):
      return wrapped("\(text(c, 3)) ? \(text(a, 2)) : \(text(b, 2))", 2)
    case .call(let f, let arguments):
      return "\(f)(\(arguments.map { text($0, 1) }.joined(separator: ", ")))"
    case .subscripted(let base, let index): return "\(text(base, 15))[\(text(index))]"
    case .arrow(let base, let field): return "\(text(base, 15))->\(field)"
    case .cast(let type, let a): return wrapped("(\(type.spelling))\(text(a, 14))", 14)
    case .compoundList(let elements):
      return "{\(elements.map { text($0, 1) }.joined(separator: ", "))}"
    case .compound(let type, let elements):
      return "(\(type.spelling)){\(elements.map { text($0, 1) }.joined(separator: ", "))}"
    }
  }
}
