import Language

extension DeclarationTemplate {
    /// What `show` prints: the declaration with its settings, and their numbers in place of their names in the body.
    ///
    /// - Parameters:
    ///   - values: values of the settings, `.unset` for those that take the default; nil for all by default.
    ///   - settings: the parameters that the values are for; others are only named.
    func shown(with values: [Value]?, of settings: Signature) -> String {
        let given = Dictionary(
            zip(settings.parameters.map(\.name), values ?? []), uniquingKeysWith: { first, _ in first })
        var head: [String] = []
        var numbers: [String: String] = [:]
        for parameter in signature.parameters {
            let name = parameter.name
            let text: String?
            switch given[name] {
            case nil, .unset: text = parameter.defaultText
            case let value?: text = value.settingText
            }
            head.append(text.map { "\(name): \($0)" } ?? name)
            // Longer texts stay with their names: they stand in the head.
            if let text, Self.isPlain(text) { numbers[name] = text.hasPrefix("-") ? "(\(text))" : text }
        }
        let arguments = head.isEmpty ? "" : "(\(head.joined(separator: ", ")))"
        let body = SourceSpan(file: span.file, lower: headSpan.upper, upper: span.upper)
        return "\(kind.rawValue) \(name)\(arguments)\(substituting(numbers, in: body))"
    }

    /// `adam(lr: 0.001)`: the name and every setting.
    func settingsText(_ values: [Value], of settings: Signature) -> String {
        let texts = zip(settings.parameters, values).map { parameter, value in
            if case .unset = value { return "\(parameter.name): \(parameter.defaultText ?? "")" }
            return "\(parameter.name): \(value.settingText)"
        }
        return "\(name)(\(texts.joined(separator: ", ")))"
    }

    /// A number, a word or a string, which can stand in a formula.
    private static func isPlain(_ text: String) -> Bool {
        Double(text) != nil || text.hasPrefix("\"") && text.count <= 20
            || text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
    }
}
