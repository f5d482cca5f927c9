import Language

/// The language without nets and training: declarations of other kinds than `fn` are refused.
struct PlainLanguage: LanguageExtension {
    func declare(_ template: DeclarationTemplate, _ machine: Machine) throws -> Value {
        throw Diagnostic("'\(template.kind.rawValue)' is not available here", at: template.headSpan)
    }

    func fit(
        net: Value, data: Value, settings: [SettingValue], at span: FitSpans, _ machine: Machine
    ) throws -> Value {
        throw Diagnostic("'fit' is not available here", at: span.whole)
    }

    func resume(run: Value, settings: [SettingValue], at span: SourceSpan, _ machine: Machine) throws -> Value {
        throw Diagnostic("'resume' is not available here", at: span)
    }

    func trials(
        _ kind: Trials.Kind, settings: [SettingValue], body: FunctionValue, at span: SourceSpan, _ machine: Machine
    ) throws -> Value {
        throw Diagnostic("'\(kind.rawValue)' is not available here", at: span)
    }

    func show(_ value: Value, at span: SourceSpan, _ machine: Machine) throws -> String? { nil }

    func why(_ value: Value, at span: SourceSpan, _ machine: Machine) throws -> String {
        throw Diagnostic("'why' needs a layer of a net", at: span, found: value.described)
    }

    static let builtins: [Builtin] = []
}
