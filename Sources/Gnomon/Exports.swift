// One import gives users the whole vocabulary.
@_exported public import GnomonIR
@_exported public import GnomonOperations
@_exported public import GnomonTensors
