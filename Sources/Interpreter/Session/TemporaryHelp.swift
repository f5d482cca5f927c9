extension Interpreter {
    public func completions(in line: String, cursor: Int) -> CompletionResult {
        CompletionResult(replaceFrom: cursor, candidates: [])
    }
    public func help(_ topic: String) -> String? { nil }
    public func names() -> [(name: String, summary: String)] { [] }
}
