internal import CRuntime

extension NativeBuild {
  /// One compilation: sources, objects, library, all in a folder of its own.
  ///
  /// Measured with two units of 220 lines on two cores, clang 21: `clang -c` 92 ms a unit, of which
  /// 16 are spent before the first line of C; `clang -cc1` no less; a link by the driver 20 ms, by
  /// `ld` or `gold` 3 ms, by `lld` 9 ms. Compiling and linking in one command makes the driver
  /// start a second process. So: the driver compiles, and `ld` links when there is one.
  struct Job {
    var units: [CUnit]
    var flags: NativeFlags
    var compiler: Compiler
    var work: String
    var environment: NativeEnvironment

    /// Returns the path of the library.
    func build(byDriver: Bool) throws(NativeError) -> String {
      let objects = try compile()
      return try link(objects, byDriver: byDriver)
    }

    private func compile() throws(NativeError) -> [String] {
      var commands: [Command] = []
      var objects: [String] = []
      for (index, unit) in units.enumerated() {
        let stem = work + "/" + unit.fileName(index: index)
        guard Files.write(unit.source, to: stem + ".c") else {
          throw .cacheUnwritable(path: work, reason: Files.lastError)
        }
        objects.append(stem + ".o")
        commands.append(
          Command(
            executable: compiler.path,
            arguments: flags.arguments + ["-c", stem + ".c", "-o", stem + ".o"]))
      }
      let results = run(commands, atMost: Machine.cores)
      for (index, result) in results.enumerated() {
        try check(result, commands[index], unit: index)
      }
      return objects
    }

    private func link(_ objects: [String], byDriver: Bool) throws(NativeError) -> String {
      let library = work + "/library.so"
      #if os(Linux)
        // An absent or strange `ld` is not worth a message: the driver knows its own linker.
        if !byDriver && !flags.concernsLinking,
          let linker = Compiler.find("ld", environment) ?? Compiler.find("ld.gold", environment)
        {
          let command = Command(
            executable: linker, arguments: ["-shared", "-z", "now", "-o", library] + objects)
          if run([command], atMost: 1)[0].succeeded, Files.facts(library) != nil { return library }
        }
      #endif
      let arguments = flags.extra + ["-shared", "-o", library] + objects + ["-lm"]
      let command = Command(executable: compiler.path, arguments: arguments)
      var result = run([command], atMost: 1)[0]
      if !result.succeeded {
        // A toolchain may come with lld and the system without any linker.
        let other = Command(executable: compiler.path, arguments: ["-fuse-ld=lld"] + arguments)
        let second = run([other], atMost: 1)[0]
        if second.succeeded { result = second }
      }
      try check(result, command, unit: 0)
      guard Files.facts(library) != nil else {
        throw .compilerFailed(
          command: command.words, status: 0, output: "it wrote no library",
          sourcePath: keepSources(unit: 0))
      }
      return library
    }

    private func run(_ commands: [Command], atMost limit: Int) -> [ProcessResult] {
      ChildProcess.run(
        commands, atMost: limit, seconds: environment.compilerTimeLimit, environment: environment)
    }

    private func check(
      _ result: ProcessResult, _ command: Command, unit: Int
    ) throws(NativeError) {
      if result.succeeded { return }
      let source = keepSources(unit: unit)
      if let error = NativeError(result, of: command, environment, source: source) { throw error }
    }

    /// Writes all sources to a folder that stays, for the user to look at; returns the path of the
    /// one in question.
    private func keepSources(unit: Int) -> String? {
      guard let kept = try? NativeBuild.temporaryDirectory("gnomon-failed-", environment) else {
        return nil
      }
      for (index, unit) in units.enumerated() {
        _ = Files.write(unit.source, to: "\(kept)/\(unit.fileName(index: index)).c")
      }
      return units.indices.contains(unit) ? "\(kept)/\(units[unit].fileName(index: unit)).c" : kept
    }
  }
}
