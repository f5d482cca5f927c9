import Interpreter
import Notebook

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A session on the interpreter proper.
///
/// - Throws: `Diagnostic` for options that make no sense.
func makeSession(
    front: any NotebookFront, options: SessionOptions? = nil, parameters: [String: String] = [:]
) throws -> NotebookSession {
    let configuration = InterpreterConfiguration(
        threads: options?.threads, seed: options?.seed, parameters: parameters,
        isProfiling: options?.profile ?? false)
    return try NotebookSession(front: front) { host in try Interpreter(configuration: configuration, host: host) }
}
