internal import Gnomon

extension LayerTable {
  /// Layers over positions; those of one to three dimensions are made alike.
  static let spatial: [String: Maker] = {
    var all: [String: Maker] = [:]
    for type in [Conv1D.self, Conv2D.self, Conv3D.self] as [PlainConvolution.Type] {
      all["\(type)"] = { s in
        type.init(
          try s.int("filters"), kernelSize: try s.sizes("kernel_size"),
          strides: s.perAxis("strides") ?? 1, padding: s.padding,
          dilations: s.perAxis("dilation_rate", "dilations") ?? 1, groups: s.int("groups", 1),
          activation: s.activation("activation"), useBias: s.bool("use_bias", true),
          kernelInitializer: s.initializer("kernel_initializer"),
          biasInitializer: s.initializer("bias_initializer", .zeros),
          kernelRegularizer: try s.regularizer("kernel_regularizer"),
          biasRegularizer: try s.regularizer("bias_regularizer"),
          activityRegularizer: try s.regularizer("activity_regularizer"),
          kernelConstraint: try s.constraint("kernel_constraint"),
          biasConstraint: try s.constraint("bias_constraint"), inputShape: nil, name: s.name)
      }
    }
    for type in [Conv1DTranspose.self, Conv2DTranspose.self, Conv3DTranspose.self]
      as [TransposedConvolution.Type]
    {
      all["\(type)"] = { s in
        type.init(
          try s.int("filters"), kernelSize: try s.sizes("kernel_size"),
          strides: s.perAxis("strides") ?? 1, padding: s.padding,
          outputPadding: s.perAxis("output_padding"),
          dilations: s.perAxis("dilation_rate", "dilations") ?? 1,
          activation: s.activation("activation"), useBias: s.bool("use_bias", true),
          kernelInitializer: s.initializer("kernel_initializer"),
          biasInitializer: s.initializer("bias_initializer", .zeros),
          kernelRegularizer: try s.regularizer("kernel_regularizer"),
          biasRegularizer: try s.regularizer("bias_regularizer"),
          activityRegularizer: try s.regularizer("activity_regularizer"),
          kernelConstraint: try s.constraint("kernel_constraint"),
          biasConstraint: try s.constraint("bias_constraint"), inputShape: nil, name: s.name)
      }
    }
    for type in [DepthwiseConv1D.self, DepthwiseConv2D.self] as [DepthwiseConvolution.Type] {
      all["\(type)"] = { s in
        type.init(
          kernelSize: try s.sizes("kernel_size"), strides: s.perAxis("strides") ?? 1,
          padding: s.padding, depthMultiplier: s.int("depth_multiplier", 1),
          dilations: s.perAxis("dilation_rate", "dilations") ?? 1,
          activation: s.activation("activation"), useBias: s.bool("use_bias", true),
          depthwiseInitializer: s.initializer("depthwise_initializer"),
          biasInitializer: s.initializer("bias_initializer", .zeros),
          depthwiseRegularizer: try s.regularizer("depthwise_regularizer"),
          biasRegularizer: try s.regularizer("bias_regularizer"),
          activityRegularizer: try s.regularizer("activity_regularizer"),
          depthwiseConstraint: try s.constraint("depthwise_constraint"),
          biasConstraint: try s.constraint("bias_constraint"), inputShape: nil, name: s.name)
      }
    }
    for type in [SeparableConv1D.self, SeparableConv2D.self] as [SeparableConvolution.Type] {
      all["\(type)"] = { s in
        type.init(
          try s.int("filters"), kernelSize: try s.sizes("kernel_size"),
          strides: s.perAxis("strides") ?? 1, padding: s.padding,
          depthMultiplier: s.int("depth_multiplier", 1),
          dilations: s.perAxis("dilation_rate", "dilations") ?? 1,
          activation: s.activation("activation"), useBias: s.bool("use_bias", true),
          depthwiseInitializer: s.initializer("depthwise_initializer"),
          pointwiseInitializer: s.initializer("pointwise_initializer"),
          biasInitializer: s.initializer("bias_initializer", .zeros),
          depthwiseRegularizer: try s.regularizer("depthwise_regularizer"),
          pointwiseRegularizer: try s.regularizer("pointwise_regularizer"),
          biasRegularizer: try s.regularizer("bias_regularizer"),
          activityRegularizer: try s.regularizer("activity_regularizer"),
          depthwiseConstraint: try s.constraint("depthwise_constraint"),
          pointwiseConstraint: try s.constraint("pointwise_constraint"),
          biasConstraint: try s.constraint("bias_constraint"), inputShape: nil, name: s.name)
      }
    }
    return all.merging(pooling) { a, _ in a }
  }()

  private static let pooling: [String: Maker] = {
    var all: [String: Maker] = [:]
    for type in [
      MaxPooling1D.self, MaxPooling2D.self, MaxPooling3D.self, AveragePooling1D.self,
      AveragePooling2D.self, AveragePooling3D.self,
    ] as [WindowPooling.Type] {
      all["\(type)"] = { s in
        type.init(
          poolSize: s.perAxis("pool_size") ?? 2, strides: s.perAxis("strides"),
          padding: s.padding, inputShape: nil, name: s.name)
      }
    }
    for type in [
      GlobalMaxPooling1D.self, GlobalMaxPooling2D.self, GlobalMaxPooling3D.self,
      GlobalAveragePooling1D.self, GlobalAveragePooling2D.self, GlobalAveragePooling3D.self,
    ] as [GlobalPooling.Type] {
      all["\(type)"] = { s in
        type.init(keepDims: s.bool("keepdims", s.bool("keep_dims", false)), name: s.name)
      }
    }
    for type in [
      AdaptiveMaxPooling1D.self, AdaptiveMaxPooling2D.self, AdaptiveMaxPooling3D.self,
      AdaptiveAveragePooling1D.self, AdaptiveAveragePooling2D.self, AdaptiveAveragePooling3D.self,
    ] as [AdaptivePooling.Type] {
      all["\(type)"] = { s in
        type.init(outputSize: try s.sizes("output_size"), name: s.name)
      }
    }
    for type in [ZeroPadding1D.self, ZeroPadding2D.self, ZeroPadding3D.self]
      as [ZeroPadding.Type]
    {
      all["\(type)"] = { s in
        type.init(try s.pairs("padding"), inputShape: nil, name: s.name)
      }
    }
    for type in [Cropping1D.self, Cropping2D.self, Cropping3D.self] as [Cropping.Type] {
      all["\(type)"] = { s in
        type.init(try s.pairs("cropping"), inputShape: nil, name: s.name)
      }
    }
    for type in [UpSampling1D.self, UpSampling2D.self, UpSampling3D.self] as [UpSampling.Type] {
      all["\(type)"] = { s in
        guard s.text("interpolation") ?? "nearest" == "nearest" else {
          throw s.missing("interpolation nearest")
        }
        return type.init(size: s.perAxis("size") ?? 2, inputShape: nil, name: s.name)
      }
    }
    return all
  }()
}

extension LayerSettings {
  func sizes(_ name: String) throws -> PerAxis {
    guard let sizes = perAxis(name) else { throw missing(name) }
    return sizes
  }
}
