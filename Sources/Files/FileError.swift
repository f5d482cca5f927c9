#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why a file cannot be read or written: what was tried, on which path, and the system's reason.
package struct FileError: Error, Hashable, CustomStringConvertible {
    package var message: String
    package var expected: String?

    package init(_ message: String, expected: String? = nil) {
        self.message = message
        self.expected = expected
    }

    package var description: String {
        [message, expected.map { "expected \($0)" }].compactMap(\.self).joined(separator: ", ")
    }

    /// What a path cannot be read for.
    package static func reading(_ path: String, _ reason: String = systemMessage()) -> FileError {
        FileError("cannot read '\(path)': \(reason)")
    }

    /// What a path cannot be written for.
    package static func writing(_ path: String, _ reason: String = systemMessage()) -> FileError {
        FileError("cannot write '\(path)': \(reason)")
    }
}

/// An error of the system in its own words, such as "No such file or directory".
package func systemMessage(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
