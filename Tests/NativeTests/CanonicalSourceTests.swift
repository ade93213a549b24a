import GnomonNative
import Testing

@Suite struct CanonicalSourceTests {
  private func canonical(_ source: String) -> String {
    String(decoding: CanonicalSource.bytes(of: source), as: UTF8.self)
  }

  @Test(arguments: [
    ("a/*b*/c", "a c"),
    ("a // b\nc", "a\nc"),
    ("a // b \\\n still\nc", "a\nc"),
    ("  a \t  b  \n\n\n   c  \n", "a b\nc\n"),
    ("/* first\n second */int x;", "int x;"),
    ("a /", "a /"),
    ("a / b * c", "a / b * c"),
    ("/* never ends", ""),
    ("\"never ends", "\"never ends"),
    ("\\", "\\"),
    ("\"", "\""),
    ("\"\\", "\"\\"),
    ("", ""),
  ])
  func `comments and layout go`(_ source: String, _ expected: String) {
    #expect(canonical(source) == expected)
  }

  @Test(arguments: [
    #"char *s = "/* no comment */";"#,
    #"char *s = "// none either";"#,
    #"char *s = "a  b   c";"#,
    #"char *s = "quote \" /* still inside */";"#,
    #"char *s = "backslash \\";"#,
    #"char c = '"', d = '/';"#,
    #"char c = '\'', d = '"';"#,
  ])
  func `literals stay as they are`(_ source: String) {
    #expect(canonical(source) == source)
  }

  @Test func `a comment after a literal goes`() {
    #expect(canonical(#"f("a\\") /* x */ + g('\'')  // y"#) == #"f("a\\") + g('\'')"#)
  }

  @Test func `a change of code is seen`() {
    #expect(canonical("x = 1;") != canonical("x = 2;"))
    #expect(canonical("ab") != canonical("a b"))
    #expect(canonical("#define A\nB") != canonical("#define A B"))
  }
}
