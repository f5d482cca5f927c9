import Foundation

/// The built program and a fresh folder for what it writes.
public struct BuiltProgram {
    /// The executable `nnx` beside the running test bundle.
    public static let path: String = {
        let runner = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        let bundle = runner.isEmpty ? CommandLine.arguments.first { $0.contains(".xctest") } ?? "" : runner
        var folder = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        // On macOS the bundle is a folder that holds the executable at some depth.
        while folder.path.contains(".xctest") { folder.deleteLastPathComponent() }
        return folder.appendingPathComponent("nnx").path
    }()

    /// A folder that exists for one test.
    public let folder: String

    public init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("nnx-program-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        folder = url.path
    }

    /// Removes the folder.
    public func remove() { try? FileManager.default.removeItem(atPath: folder) }

    /// Writes a file into the folder and returns its path.
    public func write(_ text: String, to name: String) throws -> String {
        let path = folder + "/" + name
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    /// A clean environment: nothing of the person who runs the tests has a say in them.
    public func environment(_ extra: [String: String] = [:]) -> [String: String] {
        let inherited = ProcessInfo.processInfo.environment
        var result = ["HOME": folder, "TERM": "xterm", "LC_ALL": "C.UTF-8", "NO_COLOR": "1", "EDITRC": "/dev/null"]
        for name in ["PATH", "NNX_STDLIB", "NNX_DATA", "LD_LIBRARY_PATH"] { result[name] = inherited[name] }
        return result.merging(extra) { $1 }
    }

    /// How a run without a terminal ended.
    public struct Outcome: Sendable {
        public var status: Int32
        public var output: String
        public var errors: String
    }

    /// Runs the program with pipes for its streams.
    public func run(_ arguments: [String], input: String = "", environment extra: [String: String] = [:]) throws
        -> Outcome
    {
        try shell("exec \"$0\" \"$@\"", [Self.path] + arguments, input: input, environment: extra)
    }

    /// Runs a line of shell with `arguments` as `$0`, `$1`, …
    public func shell(
        _ line: String, _ arguments: [String] = [], input: String = "", environment extra: [String: String] = [:]
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line] + arguments
        process.environment = environment(extra)
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        let inputPath = try write(input, to: "standard-input-\(UUID().uuidString)")
        let (outputPath, errorPath) = (inputPath + ".out", inputPath + ".err")
        for path in [outputPath, errorPath] {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        process.standardInput = FileHandle(forReadingAtPath: inputPath)
        process.standardOutput = FileHandle(forWritingAtPath: outputPath)
        process.standardError = FileHandle(forWritingAtPath: errorPath)
        try process.run()
        process.waitUntilExit()
        let signalled = process.terminationReason == .uncaughtSignal
        return Outcome(
            status: signalled ? 128 + process.terminationStatus : process.terminationStatus,
            output: try String(contentsOfFile: outputPath, encoding: .utf8),
            errors: try String(contentsOfFile: errorPath, encoding: .utf8))
    }
}
