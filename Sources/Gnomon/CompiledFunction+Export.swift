internal import GnomonEmission
public import GnomonIR
internal import GnomonKernels
internal import GnomonNative

extension CompiledFunction {
  /// Writes the function as C and as a library, for programs that have no Gnomon.
  ///
  ///     try predict.export(to: "predict", as: "predict", targets: [.x86_64v3, .x86_64v4])
  ///
  /// The folder then holds `predict.h`, which tells how a program in C calls the function; the C for each
  /// target, with the runtime; a `Makefile`; and the library that it makes. When the library is loaded
  /// it chooses the best target that the CPU has; `predict_use_target` forces another. Targets with fused
  /// multiply-add give the same bits, but for the last of `rsqrt` in float32; that one too after
  /// `make -B CC="clang -DGNOMON_SAME_BITS"`. Variables begin with what they hold now. What the function
  /// prints is left out.
  ///
  /// - Parameters:
  ///   - folder: where the files go; it is made if it does not exist.
  ///   - name: what the function is called in C; nil for the name in the options.
  ///   - targets: the instruction sets, of this machine's architecture.
  /// - Returns: the path of the library.
  /// - Throws: `GnomonError` (G0049) for a name that is none in C, or a target that cannot be made here;
  ///   an error with the compiler's words when it fails, and the system's where the folder cannot be
  ///   written.
  @_transparent @discardableResult
  public func export(
    to folder: String, as name: String? = nil, targets: [ExportTarget] = [.best]
  ) throws -> String {
    try _export(to: folder, as: name, targets: targets, .here())
  }

  @usableFromInline
  func _export(
    to folder: String, as name: String?, targets: [ExportTarget], _ location: Location
  ) throws -> String {
    let name = name ?? options.name
    guard Self.isIdentifier(name) else {
      throw GnomonError([
        Diagnostic(
          .exportRefused, "export: \"\(name)\" is no name that C could give a function",
          at: location,
          help: "letters, digits and underscores, not a digit first")
      ])
    }
    guard !targets.isEmpty else {
      throw GnomonError([
        Diagnostic(.exportRefused, "export: there is no target to make code for", at: location)
      ])
    }
    if let foreign = targets.first(where: { !$0.isOfThisArchitecture }) {
      throw GnomonError([
        Diagnostic(
          .exportRefused,
          "export: \(foreign.rawValue) is another architecture than this machine's", at: location,
          help: "export on a machine of that architecture; here there are "
            + ExportTarget.allCases.filter(\.isOfThisArchitecture).map { "`.\($0)`" }
            .joined(separator: ", "))
      ])
    }
    let library = try exported(as: name, Set(targets).sorted { $0.rank > $1.rank })
    try library.write(to: folder)
    return folder + "/" + library.library
  }

  /// The files of the function, for targets of which the best is the first.
  private func exported(as name: String, _ targets: [ExportTarget]) throws -> NativeExport {
    let programs = try targets.map {
      try Program(stages.fused, machine: options.applied(to: $0.machine))
    }
    let interface = ExportedInterface(
      name: name, inputs: signature.inputs.map { .init(name: $0.name, type: $0.type) },
      variables: variables.map { .init(name: $0.name, type: $0.type) },
      initial: variables.map(\.value), requirements: signature.requirements,
      targets: zip(targets, programs).map {
        .init(name: $0.rawValue, condition: $0.condition, program: $1)
      })
    let mode: NativeFlags.Mode = options.mode == .fast ? .fast : .best
    let common = NativeFlags(mode, target: .baseline)
    var files = interface.files.map { name, bytes, isCompiled in
      NativeExport.File(name, bytes: bytes, isCompiled ? common : nil)
    }
    for (target, part) in zip(targets, interface.targets) {
      let symbols = interface.symbols(part)
      // Vectors wider than the target's registers are passed in memory, between static functions only.
      let flags = NativeFlags(mode, target: target.flags, extra: ["-Wno-psabi"])
      let units = EmittedProgram(part.program, symbols: symbols).units
      for (i, unit) in units.enumerated() {
        files.append(.init("\(symbols.prefix)_\(i).c", unit, flags))
      }
    }
    let hasRoutines = programs.contains(where: \.usesRoutines)
    for (file, text) in RuntimeSources.files(hasRoutines: hasRoutines) {
      files.append(.init(file, text, file.hasSuffix(".c") ? NativeFlags.runtime : nil))
    }
    return NativeExport(name: name, files: files)
  }

  private static func isIdentifier(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
    else { return false }
    return name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
        true
      default: false
      }
    }
  }
}
