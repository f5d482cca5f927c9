/// Nodes without a kernel: what a graph starts from.
enum SourceOperations {
    static let constant: Operation = source("constant", "Numbers that are known when the graph is built.")
    static let placeholder: Operation = source(
        "placeholder", "Numbers that come later: an input, a parameter, a shape being checked.")

    private static func source(_ name: String, _ summary: String) -> Operation {
        Operation(
            name, isPublic: false,
            documentation: OperationDocumentation(summary, formula: "", shapes: "any", example: ""),
            parameters: [],
            infer: { _, _ in throw OperationError("'\(name)' is not applied to anything") },
            derivative: nil,
            kernel: .source)
    }
}
