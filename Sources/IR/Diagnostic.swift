package import GnomonTensors

/// A mistake in the user's program: the rule, the evidence, the remedy, and the line.
///
/// `description` renders it as a compiler does, with the source line and the shapes involved.
public struct Diagnostic: Error, Sendable {
  /// A stable number, explained in `docs/errors.md`.
  public let code: DiagnosticCode
  /// One line: what is wrong, in the user's words.
  public let message: String
  /// Where the user wrote it.
  public let location: Location
  /// The values involved.
  package let evidence: [Evidence]
  /// The numbered rule that was broken, as the IR specification words it.
  public let rule: String?
  /// What to do about it.
  public let help: String?

  /// One value of the user's with the axes that matter marked.
  package struct Evidence: Sendable {
    /// The value's name, or a description such as "left operand".
    package var label: String
    package var type: TensorType
    package var markedAxes: [Int]
    package var origin: Location?

    package init(label: String, type: TensorType, markedAxes: [Int] = [], origin: Location? = nil) {
      self.label = label
      self.type = type
      self.markedAxes = markedAxes
      self.origin = origin
    }
  }

  package init(
    _ code: DiagnosticCode, _ message: String, at location: Location, evidence: [Evidence] = [],
    rule: String? = nil, help: String? = nil
  ) {
    self.code = code
    self.message = message
    self.location = location
    self.evidence = evidence
    self.rule = rule
    self.help = help
  }
}

/// All mistakes found in one program, as `compile` and `evaluate` throw them.
public struct GnomonError: Error, Sendable {
  public let diagnostics: [Diagnostic]
  package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}

/// A mistake of Gnomon's own: a stage produced something its specification forbids.
public struct InternalError: Error, Sendable, CustomStringConvertible {
  public let message: String
  package init(_ message: String) { self.message = message }
  public var description: String { "internal error in Gnomon, please report: \(message)" }
}

/// A type rule's refusal, before it knows names and places.
package struct Refusal: Error, Sendable, Equatable {
  package var code: DiagnosticCode
  package var message: String
  /// The constraint's label in the op's list, `C2`.
  package var constraint: String?
  /// Operand numbers with the axes to mark.
  package var marks: [Mark]
  package var help: String?

  package struct Mark: Sendable, Equatable {
    package var operand: Int
    package var axes: [Int]
    package init(_ operand: Int, _ axes: [Int] = []) {
      self.operand = operand
      self.axes = axes
    }
  }

  package init(
    _ code: DiagnosticCode, _ message: String, constraint: String? = nil, marks: [Mark] = [],
    help: String? = nil
  ) {
    self.code = code
    self.message = message
    self.constraint = constraint
    self.marks = marks
    self.help = help
  }
}
