/// Why a dataset could not be read or made: what is wrong, in which file, and what to do about it.
public struct DatasetError: Error, Sendable, Hashable, CustomStringConvertible {
    public let message: String
    /// The file or folder that it is about.
    public let path: String?
    /// A concrete way out.
    public let hint: String?

    /// Makes an error.
    public init(_ message: String, path: String? = nil, hint: String? = nil) {
        self.message = message
        self.path = path
        self.hint = hint
    }

    public var description: String {
        var text = message
        if let path { text = "\(path): \(text)" }
        if let hint { text += "\nhint: \(hint)" }
        return text
    }
}
