import Files
import Interpreter

/// What Tab does at a place in the input.
public struct Completion: Equatable, Sendable {
    /// The byte offset from which the text before the cursor is replaced.
    public var replaceFrom: Int
    /// The text that comes in its place: the longest beginning that all candidates share.
    public var replacement: String
    /// What to list where that does not add anything; empty otherwise.
    public var alternatives: [String]

    /// Completes the text before byte `cursor` of `input`: a `:command`, its file, a topic behind `?`, or what the
    /// engine knows. `pending` are the lines of the cell before this input.
    public init(input: String, cursor: Int, pending: String, engine: any NotebookEngine) {
        let before = String(decoding: input.utf8.prefix(cursor), as: UTF8.self)
        let result: CompletionResult
        if pending.isEmpty, PromptCommand.isCommand(before) {
            result = Self.commandCandidates(before, engine: engine)
        } else {
            let found = engine.completions(in: pending + input, cursor: pending.utf8.count + before.utf8.count)
            result = CompletionResult(
                replaceFrom: min(max(0, found.replaceFrom - pending.utf8.count), before.utf8.count),
                candidates: found.candidates)
        }
        let typed = String(decoding: before.utf8.dropFirst(result.replaceFrom), as: UTF8.self)
        let candidates = result.candidates.filter { $0.hasPrefix(typed) }
        replaceFrom = result.replaceFrom
        replacement = Self.commonPrefix(candidates) ?? typed
        alternatives = candidates.count > 1 && replacement == typed ? candidates : []
    }

    private static func commandCandidates(_ before: String, engine: any NotebookEngine) -> CompletionResult {
        let start = before.utf8.count - before.drop(while: \.isWhitespace).utf8.count
        let text = before.drop(while: \.isWhitespace)
        if text.hasPrefix("?") {
            let topic = String(text.drop { $0 == "?" || $0.isWhitespace })
            return topicCandidates(topic, end: before.utf8.count, engine: engine)
        }
        guard let space = text.firstIndex(where: \.isWhitespace) else {
            return CompletionResult(replaceFrom: start, candidates: PromptCommand.table.map(\.name))
        }
        let argument = String(text[space...].drop(while: \.isWhitespace))
        let argumentStart = before.utf8.count - argument.utf8.count
        switch text[..<space] {
        case ":load", ":save":
            let quoted = argument.hasPrefix("\"")
            let path = quoted ? String(argument.dropFirst()) : argument
            return CompletionResult(
                replaceFrom: argumentStart + (quoted ? 1 : 0), candidates: paths(from: path))
        case ":help":
            return topicCandidates(argument, end: before.utf8.count, engine: engine)
        case ":time":
            return CompletionResult(
                replaceFrom: argumentStart, candidates: PromptCommand.TimeDisplay.allCases.map(\.rawValue))
        default:
            return CompletionResult(replaceFrom: before.utf8.count, candidates: [])
        }
    }

    private static func topicCandidates(
        _ topic: String, end: Int, engine: any NotebookEngine
    ) -> CompletionResult {
        let found = engine.completions(in: topic, cursor: topic.utf8.count)
        return CompletionResult(
            replaceFrom: end - topic.utf8.count + found.replaceFrom, candidates: found.candidates)
    }

    /// The files and folders whose path begins with `typed`, sorted; a folder ends in `/`. Hidden ones only where `typed`
    /// asks for them.
    private static func paths(from typed: String) -> [String] {
        let folderEnd = typed.lastIndex(of: "/").map { typed.index(after: $0) } ?? typed.startIndex
        let folder = String(typed[..<folderEnd])
        let prefix = String(typed[folderEnd...])
        let names = (try? entries(of: expandingHome(folder), hidden: prefix.hasPrefix("."))) ?? []
        return names.filter { $0.hasPrefix(prefix) }.map { folder + $0 }
    }

    /// The longest beginning that all texts share; `nil` without texts.
    static func commonPrefix(_ texts: [String]) -> String? {
        guard var common = texts.first else { return nil }
        for text in texts.dropFirst() {
            common = String(zip(common, text).prefix { $0 == $1 }.map(\.0))
        }
        return common
    }
}
