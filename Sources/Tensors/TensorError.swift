/// Why a tensor cannot be made from what was given.
public struct TensorError: Error, Sendable, Equatable, CustomStringConvertible {
    public var message: String
    /// A concrete fix.
    public var hint: String?

    public init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    public var description: String { hint.map { "\(message) (\($0))" } ?? message }
}

extension Shape {
    /// Throws `TensorError` where an extent is negative, `AllocationError` where the count does not fit a number.
    public func requireExtents() throws {
        if let wrong = dimensions.first(where: { $0 < 0 }) {
            throw TensorError(
                "a tensor cannot have an axis of extent \(wrong)", hint: "extents are whole numbers from 0")
        }
        guard count < Int.max / 16 else {
            throw AllocationError(requestedBytes: Int.max, limitBytes: Storage.limitBytes)
        }
    }
}
