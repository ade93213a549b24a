package import GnomonIR

extension Expr {
  /// The mistake of a name that is none of those known; suggests the nearest.
  package static func unknownName(
    _ name: String, _ kind: String, known: [String], _ x: Expr
  ) -> Expr {
    .invalid(.unknownName(name, kind, known: known, at: .here()))
  }
}

extension Diagnostic {
  /// A name given as text that means nothing; suggests the nearest that does.
  package static func unknownName(
    _ name: String, _ kind: String, known: [String], at location: Location
  ) -> Diagnostic {
    let nearest = known.min { a, b in
      (editDistance(name, a), a) < (editDistance(name, b), b)
    }
    return Diagnostic(
      .unknownName, "there is no \(kind) called \"\(name)\"", at: location,
      help: nearest.map { "did you mean \"\($0)\"? All: \(known.sorted().joined(separator: ", "))" }
    )
  }
}

/// The number of letters to insert, delete or replace (Levenshtein).
private func editDistance(_ a: String, _ b: String) -> Int {
  let b = Array(b)
  var row = Array(0...b.count)
  for (i, c) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let replaced = diagonal + (c == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = Swift.min(replaced, row[j] + 1, row[j + 1] + 1)
    }
  }
  return row[b.count]
}
