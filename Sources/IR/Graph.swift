package import GnomonTensors

/// The number of a value within one graph.
package struct ValueID: Hashable, Sendable {
  package var raw: Int32
  package init(_ raw: Int) { self.raw = Int32(raw) }
  package var index: Int { Int(raw) }
}

/// The number of a location within one graph; 0 is "unknown".
package struct LocationID: Hashable, Sendable {
  package var raw: Int32
  package init(_ raw: Int) { self.raw = Int32(raw) }
  package static let unknown = LocationID(0)
}

/// A function in SSA form: instructions in an order where every operand is defined before its use.
///
/// A graph is a value; passes build new ones. Regions of instructions are graphs of their own whose
/// parameters are the only way in.
package struct Graph: Sendable {
  package struct Instruction: Sendable {
    package var op: any Op
    package var operands: [ValueID]
    package var results: [ValueID]
    package var regions: [Graph]
    package var location: LocationID

    package init(
      _ op: any Op, _ operands: [ValueID], results: [ValueID], regions: [Graph] = [],
      location: LocationID = .unknown
    ) {
      self.op = op
      self.operands = operands
      self.results = results
      self.regions = regions
      self.location = location
    }
  }

  package struct Value: Hashable, Sendable {
    package var type: TensorType
    /// A user's name, for dumps and messages.
    package var name: String?
    package init(_ type: TensorType, name: String? = nil) {
      self.type = type
      self.name = name
    }
  }

  package struct Update: Hashable, Sendable {
    package var variable: ValueID
    package var becomes: ValueID
    package init(variable: ValueID, becomes: ValueID) {
      self.variable = variable
      self.becomes = becomes
    }
  }

  package var name: String
  package var parameters: [ValueID] = []
  /// Which of the parameters are variables (state that updates may change).
  package var variables: Set<ValueID> = []
  package var results: [ValueID] = []
  package var updates: [Update] = []
  package var instructions: [Instruction] = []
  package var values: [Value] = []
  package var locations: [Location] = [.unknown]
  package var requirements: [Requirement] = []

  package init(name: String) { self.name = name }

  package func type(of value: ValueID) -> TensorType { values[value.index].type }
  package func location(of instruction: Instruction) -> Location {
    locations[Int(instruction.location.raw)]
  }

  /// The values that leave the graph: results, then what variables become.
  package var outputs: [ValueID] { results + updates.map(\.becomes) }

  /// For each value the index of the instruction that defines it, or nil for parameters.
  package func definitions() -> [Int?] {
    var definition = [Int?](repeating: nil, count: values.count)
    for (i, instruction) in instructions.enumerated() {
      for r in instruction.results { definition[r.index] = i }
    }
    return definition
  }

  /// For each value the number of its uses as operand, result or update.
  package func useCounts() -> [Int] {
    var uses = [Int](repeating: 0, count: values.count)
    for instruction in instructions { for o in instruction.operands { uses[o.index] += 1 } }
    for o in outputs { uses[o.index] += 1 }
    return uses
  }

  /// The type of the graph as a region.
  package var regionType: RegionType {
    RegionType(
      parameters: parameters.map { type(of: $0) }, results: results.map { type(of: $0) })
  }
}
