public import Gnomon

extension Digits {
  /// Brightness from 0 to 1, float32 `[n, 784]`.
  public var floats: Tensor {
    get throws {
      let pixels = Expr.input("pixels", .uint8, ["n", 784])
      let scale = try compile(inputs: [pixels], outputs: [pixels.cast(to: .float32) / 255.0])
      return try scale(images)
    }
  }

  /// Brightness from 0 to 1 as pictures, float32 `[n, 28, 28, 1]`.
  public var pictures: Tensor { get throws { try floats.reshaped([count, 28, 28, 1]) } }

  /// Brightness from 0 to 1 as rows of pixels, float32 `[n, 28, 28]`.
  public var rows: Tensor { get throws { try floats.reshaped([count, 28, 28]) } }

  /// A vector for each label that is 1 at the label's place, float32 `[n, 10]`.
  public var oneHotLabels: Tensor {
    get throws {
      let digit = Expr.input("label", .int32, ["n"])
      return try compile(inputs: [digit], outputs: [oneHot(digit, classes: 10)])(labels)
    }
  }
}
