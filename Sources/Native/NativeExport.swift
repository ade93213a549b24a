internal import CRuntime

/// A library that is kept with the files that it is made of, and a Makefile that makes it again.
package struct NativeExport {
  package struct File {
    package var name: String
    package var bytes: [UInt8]
    /// How it is compiled; nil for what is not: headers and data.
    package var flags: NativeFlags?

    package init(_ name: String, _ text: String, _ flags: NativeFlags? = nil) {
      self.init(name, bytes: Array(text.utf8), flags)
    }

    package init(_ name: String, bytes: [UInt8], _ flags: NativeFlags? = nil) {
      self.name = name
      self.bytes = bytes
      self.flags = flags
    }

    fileprivate var object: String { name.prefix { $0 != "." } + ".o" }
  }

  let name: String
  let files: [File]

  /// - Parameter name: what the library is called, without `lib` and without what follows the dot.
  package init(name: String, files: [File]) {
    self.name = name
    self.files = files
  }

  /// The name of the library's file.
  package var library: String {
    #if os(macOS)
      return "lib\(name).dylib"
    #else
      return "lib\(name).so"
    #endif
  }

  /// Writes the files and compiles them: each by a process of its own, as many at once as there are
  /// cores. Files of these names that lie in the folder are replaced.
  ///
  /// - Throws: what keeps the folder from being written, or the C from being compiled.
  package func write(
    to folder: String, environment: NativeEnvironment = .process
  ) throws(NativeError) {
    let compiler = try Compiler.locate(environment)
    guard Files.makeDirectory(folder, mode: 0o777) else {
      throw .folderUnwritable(path: folder, reason: Files.lastError)
    }
    let work = try NativeBuild.temporaryDirectory("gnomon-export-", environment)
    defer { Files.removeDirectory(work) }
    for file in files + [File("Makefile", makefile)] {
      guard Files.write(file.bytes, to: folder + "/" + file.name, mode: 0o666) else {
        throw .folderUnwritable(path: folder + "/" + file.name, reason: Files.lastError)
      }
    }
    let commands = files.compactMap { file in
      file.flags.map { flags in
        Command(
          executable: compiler.path,
          arguments: flags.arguments + [
            "-I", folder, "-c", folder + "/" + file.name, "-o", work + "/" + file.object,
          ])
      }
    }
    try run(commands, environment)
    let objects = files.filter { $0.flags != nil }.map { work + "/" + $0.object }
    let link = Command(
      executable: compiler.path,
      arguments: Self.linking + objects + ["-o", folder + "/" + library] + Self.libraries)
    try run([link], environment)
  }

  private func run(_ commands: [Command], _ environment: NativeEnvironment) throws(NativeError) {
    let results = ChildProcess.run(
      commands, atMost: Machine.cores, seconds: environment.compilerTimeLimit,
      environment: environment)
    for (command, result) in zip(commands, results) where !result.succeeded {
      // The sources stay where they are, in the folder.
      if let error = NativeError(result, of: command, environment, source: nil) { throw error }
    }
  }

  /// The library is never unloaded, since the threads of its pool live on.
  private static let linking: [String] = {
    #if os(Linux)
      return ["-shared", "-Wl,-z,nodelete"]
    #else
      return ["-shared"]
    #endif
  }()

  private static let libraries = ["-pthread", "-lm"]

  private var makefile: String {
    let compiled = files.compactMap { file in file.flags.map { (file, $0.arguments) } }
    var text = """
      # Makes the library again. Each target's files have the flags of its instruction set.
      CC = clang

      \(library): \(compiled.map(\.0.object).joined(separator: " "))
      \t$(CC) \(Self.linking.joined(separator: " ")) $^ -o $@ \
      \(Self.libraries.joined(separator: " "))

      """
    for (file, arguments) in compiled {
      text += """

        \(file.object): \(file.name)
        \t$(CC) \(arguments.joined(separator: " ")) -I . -c $< -o $@

        """
    }
    return text
  }
}
