/// The stable number of a kind of mistake. `docs/errors.md` explains each; numbers are never reused.
public enum DiagnosticCode: Int, Sendable, CaseIterable {
  // Building expressions
  case dtypeMismatch = 1
  case dtypeNotSupported = 2
  case shapeMismatch = 3
  case rankMismatch = 4
  case axisOutOfRange = 5
  case duplicateAxis = 6
  case invalidShape = 7
  case sizeOverflow = 8
  case invalidSlice = 9
  case elementCountMismatch = 10
  case broadcastMismatch = 11
  case innerDimensionsDiffer = 12
  case einsumMalformed = 13
  case windowMalformed = 14
  case literalNotRepresentable = 15
  case invalidAttribute = 16
  case branchMismatch = 17
  case unknownDimension = 18
  case emptyReduction = 19
  case carryMismatch = 20
  case loopMalformed = 21

  // Differentiation
  case lossNotScalar = 30
  case notDifferentiable = 31
  case disconnected = 32
  case integerVariable = 33
  case noGradient = 34
  case customRule = 35

  // Compiling
  case unlistedInput = 40
  case duplicateInput = 41
  case duplicateName = 42
  case updateTypeMismatch = 43
  case updateTwice = 44
  case updateNotVariable = 45
  case invalidGiven = 46
  case notAnInput = 47
  case nothingToCompute = 48
  case exportRefused = 49

  // Calling
  case argumentCount = 60
  case argumentDType = 61
  case argumentRank = 62
  case argumentSize = 63
  case dimensionConflict = 64
  case requirementFailed = 65
  case indexOutOfRange = 66
  case sizeOverflowAtCall = 67
  case outputBuffer = 68
  case variableValue = 69
  case assertionFailed = 70
  case notFinite = 71

  // IR text
  case syntax = 80
  case unknownOperation = 81
  case verification = 82

  // Layers and models (100 to 119), training (120 to 139)
  case layerInput = 100
  case weightShape = 101
  case outputShapeMismatch = 102
  case weightValues = 103
  case unregisteredVariable = 104
  case modelGraph = 105
  case unknownName = 106
  case targetsMismatch = 120
  case scheduledRate = 121
  case notCompiled = 122
  case dataMismatch = 123

  /// For example `G0012`.
  public var id: String {
    let digits = String(rawValue)
    return "G" + String(repeating: "0", count: 4 - digits.count) + digits
  }
}
