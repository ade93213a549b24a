internal import Foundation

/// One name of the list.
private struct ParityName {
  let name: String
  /// What it is called here, should it exist.
  let ours: String
  let reason: String?

  init(_ text: Substring) {
    // A name of ours may contain the mark.
    if let mark = text.firstIndex(of: "!"), !text.contains("=") {
      name = String(text[..<mark])
      reason = String(text[text.index(after: mark)...]).replacing("_", with: " ")
      ours = name
      return
    }
    reason = nil
    let parts = text.split(separator: "=", maxSplits: 1)
    name = String(parts[0])
    if parts.count == 2 {
      ours = String(parts[1])
      return
    }
    let words = parts[0].split(separator: "_")
    ours =
      String(words[0])
      + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }
}

/// A page of names that others use and of what serves here, made from a list and the sources: a name counts when
/// a public declaration and a test that uses it exist: one that calls it, or takes it as a member of something. Of types
/// any mention in code will do.
///
/// A line of the list is a family, then its names. `name=ours` says what it is called here when that is not the name in
/// camel case; `name!reason` (underscores for spaces) says why there is none.
public struct ParityPage {
  private let title: String
  private let opening: String
  private let declared: Set<String>
  /// What each test file uses, by its path.
  private let tests: [(path: String, used: Set<String>, text: String)]
  private let families: [(name: String, names: [ParityName])]

  /// - Parameters:
  ///   - title: the page's.
  ///   - opening: what it says below the title; the counts come before it.
  ///   - list: the file of the names, from the root of the package.
  ///   - sources: the folders whose public declarations count.
  ///   - namesAreText: whether tests may spell a name in quotes too, as what is found by its name.
  public init(
    title: String, opening: String, list: String, sources: [String], namesAreText: Bool = false
  ) throws {
    self.title = title
    self.opening = opening
    let root = GoldenFile.root
    func files(_ folder: String) -> [(String, String)] {
      let found = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
      let names = (found?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".swift") }.sorted()
      return names.compactMap { n in
        let path = "\(folder)/\(n)"
        return (try? String(contentsOf: root.appending(path: path), encoding: .utf8)).map {
          (path, $0)
        }
      }
    }
    var declared: Set<String> = []
    let declaration =
      /(?:public|open)\s+(?:final\s+)?(?:static\s+)?(?:func|var|subscript|let|class|struct|enum|protocol)\s*([^\s(<:]*)/
    for folder in sources {
      for (_, text) in files(folder) {
        for match in text.matches(of: declaration) {
          declared.insert(match.1.isEmpty ? "subscript" : String(match.1))
        }
        if text.contains("public subscript") { declared.insert("subscript") }
        for match in text.matches(of: /(?:prefix )?static (?:prefix )?func ([^A-Za-z_\s(]+)/) {
          declared.insert(String(match.1))
        }
      }
    }
    self.declared = declared
    tests = files("Tests").filter { !$0.0.contains("Parity") }.map { path, text in
      (path, usedNames(text, inQuotes: namesAreText), text)
    }
    let names = try String(contentsOf: root.appending(path: list), encoding: .utf8)
    families = names.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
      let parts = line.split(separator: ":", maxSplits: 1)
      return (String(parts[0]), parts[1].split(separator: " ").map { ParityName($0) })
    }
  }

  /// Whether a source declares the name.
  public func isDeclared(_ name: String) -> Bool { declared.contains(name) }

  private func test(of name: String) -> String? {
    let isWord = name.allSatisfy { $0.isLetter || $0.isNumber }
    if name == "subscript" { return tests.first { $0.text.contains("[.all") }?.path }
    return tests.first {
      isWord
        ? $0.used.contains(name) : $0.text.contains(" \(name) ") || $0.text.contains("\(name)$")
    }?
    .path
  }

  /// The page as Markdown.
  public var text: String {
    var present = 0
    var all = 0
    var body = ""
    for (family, names) in families {
      var rows = ""
      var here = 0
      for n in names {
        all += 1
        let test = isDeclared(n.ours) ? test(of: n.ours) : nil
        let found = n.reason == nil && test != nil
        if found { here += 1 }
        let shown =
          found
          ? "`\(n.ours.replacing("|", with: "\\|"))` | \(test!.split(separator: "/").last!)"
          : "— | \(n.reason ?? (isDeclared(n.ours) ? "has no test yet" : "not there yet"))"
        rows += "| \(n.name) | \(shown) |\n"
      }
      present += here
      body +=
        "\n## \(family.prefix(1).uppercased() + family.dropFirst()) (\(here) of \(names.count))\n\n"
      body += "| there | here | test, or why not |\n| --- | --- | --- |\n" + rows
    }
    return """
      # \(title)

      \(present) of \(all) present.

      \(opening)
      \(body)
      """
  }
}

/// The names that Swift code calls or takes as members, and all that start with a capital letter; of
/// comments and the text between quotes none, but for quotes around a single word, if those count.
private func usedNames(_ text: String, inQuotes: Bool) -> Set<String> {
  var used: Set<String> = []
  let bytes = Array(text.utf8)
  func at(_ i: Int) -> UInt8 { i >= 0 && i < bytes.count ? bytes[i] : 0 }
  func isWord(_ b: UInt8) -> Bool {
    b == UInt8(ascii: "_") || (48...57).contains(b) || (65...90).contains(b)
      || (97...122).contains(b)
  }
  let (quote, slash, newline) = (UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "\n"))
  var previous = ""
  var i = 0
  while i < bytes.count {
    let b = bytes[i]
    if b == slash, at(i + 1) == slash {
      while i < bytes.count, bytes[i] != newline { i += 1 }
    } else if b == quote, at(i + 1) == quote, at(i + 2) == quote {
      i += 3
      while i < bytes.count, !(bytes[i] == quote && at(i + 1) == quote && at(i + 2) == quote) {
        i += 1
      }
      i += 3
    } else if b == quote {
      let start = i + 1
      i += 1
      while i < bytes.count, bytes[i] != quote, bytes[i] != newline {
        i += bytes[i] == UInt8(ascii: "\\") ? 2 : 1
      }
      let content = bytes[Swift.min(start, bytes.count)..<Swift.min(i, bytes.count)]
      if inQuotes, content.allSatisfy(isWord) {
        used.insert(String(decoding: content, as: UTF8.self))
      }
      i += 1
    } else if isWord(b) {
      let start = i
      while isWord(at(i)) { i += 1 }
      let word = String(decoding: bytes[start..<i], as: UTF8.self)
      let isCalled = at(i) == UInt8(ascii: "(") && previous != "func"
      if isCalled || at(start - 1) == UInt8(ascii: ".") || (65...90).contains(b) {
        used.insert(word)
      }
      previous = word
    } else {
      i += 1
    }
  }
  return used
}
