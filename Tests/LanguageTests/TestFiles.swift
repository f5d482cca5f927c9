import Foundation
import Language

/// The files beside this one.
enum TestFiles {
    static func folder(_ name: String) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(name)
    }

    /// The files of a folder that end in `.nnx`, by name.
    static func scripts(in name: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder(name), includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "nnx" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }

    static func source(_ url: URL) throws -> SourceFile {
        SourceFile(name: url.lastPathComponent, bytes: Array(try Data(contentsOf: url)))
    }
}

/// The dump of `text`, which must be correct.
func dump(_ text: String) throws -> String {
    try parse(SourceFile(name: "test", text: text)).dump
}

/// The messages of the errors in `text`.
func messages(_ text: String) -> [String] {
    parseWithRecovery(SourceFile(name: "test", text: text)).diagnostics.map(\.message)
}
