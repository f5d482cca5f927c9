import Files
import Language

/// What Tab offers at a place of a line.
struct Completion {
    let session: Session
    let scope: ModuleScope
    let machine: Machine

    func candidates(in line: String, cursor: Int) -> CompletionResult {
        let bytes = Array(line.utf8.prefix(max(0, cursor)))
        if let quote = openQuote(bytes) { return paths(bytes, from: quote + 1) }
        var start = bytes.count
        while start > 0, isNameByte(bytes[start - 1]) { start -= 1 }
        let prefix = String(decoding: bytes[start...], as: UTF8.self)
        let before = String(decoding: bytes[..<start], as: UTF8.self)
        if let module = modules(before, prefix: prefix, start: start) { return module }
        if start > 0, bytes[start - 1] == UInt8(ascii: "."), !before.hasSuffix("..") {
            return CompletionResult(
                replaceFrom: start, candidates: matching(fields(of: before.dropLast()), prefix))
        }
        var names = settings(bytes, before: start).map { $0 + ": " }
        names = matching(names, prefix)
        if names.isEmpty || !prefix.isEmpty { names += matching(allNames, prefix) }
        return CompletionResult(replaceFrom: start, candidates: names)
    }

    private var allNames: [String] {
        var names = Array(scope.names.keys)
        names += scope.imports.keys
        names += BuiltinTable.names
        names += session.languageBuiltins.keys
        names += session.preludeNames
        names += LanguageWords.all.map(\.word)
        return names
    }

    private func matching(_ names: [String], _ prefix: String) -> [String] {
        Set(names.filter { $0.hasPrefix(prefix) }).sorted()
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte >= 128 || (byte >= 48 && byte <= 57) || (byte | 32 >= 97 && byte | 32 <= 122)
    }

    /// The place of the quote that opens the string around the cursor.
    private func openQuote(_ bytes: [UInt8]) -> Int? {
        var open: Int?
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\\"), open != nil {
                index += 1
            } else if bytes[index] == UInt8(ascii: "\"") {
                open = open == nil ? index : nil
            }
            index += 1
        }
        return open
    }

    private func paths(_ bytes: [UInt8], from start: Int) -> CompletionResult {
        let text = String(decoding: bytes[start...], as: UTF8.self)
        let slash = text.lastIndex(of: "/")
        let folder = slash.map { String(text[...$0]) } ?? ""
        let prefix = slash.map { String(text[text.index(after: $0)...]) } ?? text
        let absolute = folder.hasPrefix("/") ? folder : session.configuration.workingDirectory + "/" + folder
        let entries = ((try? entries(of: absolute)) ?? []).filter { $0.hasPrefix(prefix) }
        return CompletionResult(replaceFrom: start, candidates: entries.map { folder + $0 })
    }

    private func modules(_ before: String, prefix: String, start: Int) -> CompletionResult? {
        let words = before.split(separator: " ", omittingEmptySubsequences: true)
        guard words.first == "use", words.count <= 2, before.hasSuffix(" ") || before.hasSuffix(".") else { return nil }
        let path = words.count == 2 ? String(words[1]) : ""
        guard words.count == 1 || path.hasSuffix(".") else { return nil }
        let names = session.moduleNames(from: SourceFile(name: "completion", text: ""))
        return CompletionResult(
            replaceFrom: start - path.utf8.count, candidates: matching(names, path + prefix))
    }

    /// Fields of the value that a chain of names stands for.
    private func fields(of text: Substring) -> [String] {
        let bytes = Array(text.utf8)
        var start = bytes.count
        while start > 0, isNameByte(bytes[start - 1]) || bytes[start - 1] == UInt8(ascii: ".") { start -= 1 }
        var names = String(decoding: bytes[start...], as: UTF8.self).split(separator: ".").map(String.init)[...]
        guard let root = names.popFirst(), var value = scope.find(root)?.value else { return [] }
        for name in names {
            let span = SourceFile(name: "completion", text: "").wholeSpan
            guard let field = try? machine.field(name, of: value, at: span) else { return [] }
            value = field
        }
        return value.fieldNames
    }

    /// Settings of the call around the cursor, where an argument may begin.
    private func settings(_ bytes: [UInt8], before start: Int) -> [String] {
        var index = start
        while index > 0, bytes[index - 1] == UInt8(ascii: " ") { index -= 1 }
        guard index > 0, bytes[index - 1] == UInt8(ascii: "(") || bytes[index - 1] == UInt8(ascii: ",") else {
            return []
        }
        var depth = 0
        while index > 0 {
            index -= 1
            switch bytes[index] {
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth += 1
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
                if depth == 0 { return bytes[index] == UInt8(ascii: "(") ? settings(ofCallAt: index, bytes) : [] }
                depth -= 1
            default: break
            }
        }
        return []
    }

    private func settings(ofCallAt parenthesis: Int, _ bytes: [UInt8]) -> [String] {
        var start = parenthesis
        while start > 0, isNameByte(bytes[start - 1]) { start -= 1 }
        let name = String(decoding: bytes[start..<parenthesis], as: UTF8.self)
        return signature(of: name)?.parameters.map(\.name) ?? []
    }

    private func signature(of name: String) -> Signature? {
        if let variable = scope.find(name) ?? session.preludeName(name, besides: scope) {
            if let signature = variable.signature { return signature }
            if case .function(let function) = variable.value { return function.signature }
            return nil
        }
        if case .function(let function)? = BuiltinTable.value(name, session) { return function.signature }
        return nil
    }
}
