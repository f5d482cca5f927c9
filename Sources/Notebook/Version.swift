/// The version of nnx, as in CHANGELOG.md.
public let nnxVersion = "0.1.0"
