internal import Gnomon

/// What `fit` was asked for, apart from the data.
struct FitOptions {
  var epochs = 1
  var initialEpoch = 0
  var stepsPerEpoch: Int?
  var validationSteps: Int?
  var validationFrequency = 1
  var verbosity = Verbosity.auto
  var callbacks: [Callback] = []
}

/// The callbacks of one run, told one after the other.
struct CallbackList {
  let all: [Callback]

  init(
    _ callbacks: [Callback], _ model: Model, _ parameters: Callback.Parameters, bar: Bool = true
  ) {
    all =
      callbacks
      + (parameters.verbosity == .silent || !bar ? [] : [ProgressBar(parameters.verbosity)])
    for callback in all {
      callback.model = model
      callback.parameters = parameters
    }
  }

  func each(_ tell: (Callback) throws -> Void) rethrows {
    for callback in all { try tell(callback) }
  }
}
