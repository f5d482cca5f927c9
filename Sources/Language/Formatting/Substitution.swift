/// The text of `span` with some of its names replaced: labels of arguments, fields and strings stay as they are.
public func substituting(_ replacements: [String: String], in span: SourceSpan) -> String {
    let tokens = Lexer(file: span.file, range: span.lower..<span.upper).tokens
    var text = ""
    var position = span.lower
    func source(_ lower: Int, _ upper: Int) -> String {
        SourceSpan(file: span.file, lower: lower, upper: upper).text
    }
    for (index, token) in tokens.enumerated() where token.kind == .name {
        let isLabel = tokens[index + 1].kind == .colon
        let isField = index > 0 && tokens[index - 1].kind == .dot
        guard !isLabel, !isField, let replacement = replacements[source(token.lower, token.upper)] else { continue }
        text += source(position, token.lower) + replacement
        position = token.upper
    }
    return text + source(position, span.upper)
}
