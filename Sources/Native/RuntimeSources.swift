internal import CRuntime

/// The runtime that exported functions carry with them, as C.
package enum RuntimeSources {
  /// Names and texts of the files.
  ///
  /// - Parameter hasRoutines: whether those that compute of matrices are among them.
  package static func files(hasRoutines: Bool) -> [(name: String, text: String)] {
    (0..<gn_source_count()).compactMap { index in
      let source = gn_source_file(index).pointee
      guard hasRoutines || source.is_for_routines == 0 else { return nil }
      return (String(cString: source.name), String(cString: source.text))
    }
  }
}
