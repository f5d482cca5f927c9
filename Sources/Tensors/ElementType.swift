/// The type of a tensor's elements.
///
/// Training runs in `float32`. The prompt computes in `float64`, so that a slide's arithmetic comes out as on paper.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
    case float32
    case float64

    /// Size of one element in bytes.
    public var byteCount: Int {
        switch self {
        case .float32: 4
        case .float64: 8
        }
    }

    /// The type of a result that mixes `self` and `other`.
    ///
    /// `float32` wins: a network's precision is not silently doubled by a constant of the prompt
    /// (docs/decisions/002-element-types.md).
    public func combined(with other: ElementType) -> ElementType {
        self == .float32 || other == .float32 ? .float32 : .float64
    }
}
