import Graphs
import Language

/// What `?topic` shows: derived from the entries of builtins and operations, and from declarations with the comment
/// above them.
struct Help {
    let session: Session
    let scope: ModuleScope

    func text(_ topic: String) -> String? {
        if let variable = scope.find(topic) { return declared(variable) }
        if let builtin = BuiltinTable.builtin(topic) ?? session.languageBuiltins[topic] { return text(builtin) }
        if let operation = OperationTable[topic], operation.isPublic { return text(operation) }
        if let constant = BuiltinTable.constants.first(where: { $0.name == topic }) {
            return "\(constant.name)\n  \(constant.summary)\n"
        }
        if let variable = session.preludeName(topic, besides: scope) { return declared(variable) }
        if let word = LanguageWords.all.first(where: { $0.word == topic }) {
            return "\(word.form)\n  \(word.summary)\n"
        }
        if topic.contains("."), let module = session.loadedModule(named: topic) { return text(module) }
        return nil
    }

    private func text(_ builtin: Builtin) -> String {
        lines([builtin.signature.text, builtin.summary, "example: \(builtin.example)"])
    }

    private func text(_ operation: Operation) -> String {
        let documentation = operation.documentation
        let signature = BuiltinTable.signature(of: operation)
        return lines([
            signature.text, documentation.summary, "formula: \(documentation.formula)",
            "shapes:  \(documentation.shapes)", "example: \(documentation.example)",
            documentation.source.map { "source:  \($0)" },
        ])
    }

    private func declared(_ variable: GlobalVariable) -> String {
        var head = variable.signature?.text ?? variable.name
        if case .unset = variable.value {
        } else if variable.signature == nil {
            head = "\(variable.name) = \(variable.value.shown)"
        }
        var parts: [String?] = [head]
        parts += (variable.documentation ?? "").split(separator: "\n").map { String($0) }
        parts.append(variable.declaration.map { "declared in \($0.file.name), line \($0.line)" })
        return lines(parts)
    }

    private func text(_ module: Module) -> String {
        lines(["module \(module.name)", module.scope.names.keys.sorted().joined(separator: ", ")])
    }

    private func lines(_ parts: [String?]) -> String {
        let present = parts.compactMap(\.self).filter { !$0.isEmpty }
        return present.enumerated().map { $0 == 0 ? $1 : "  " + $1 }.joined(separator: "\n") + "\n"
    }
}

/// The words that open statements and declarations, for help and completion.
enum LanguageWords {
    static let all: [(word: String, form: String, summary: String)] = [
        ("let", "let x = value, let (a, b) = pair", "Binds a name. At the prompt a second let replaces the first."),
        ("var", "var x = value", "Binds a name that may be set again: x = …, x += …"),
        ("fn", "fn name(x, setting: default) = value, or a block in braces", "Declares a function."),
        (
            "for", "for x in values { … }, for (name, value) in record { … }",
            "Walks over a range, list, tensor or record."
        ),
        ("while", "while condition { … }", "Repeats as long as the condition holds."),
        ("repeat", "repeat n { … }", "Repeats n times; in a net, adds its layers n times."),
        ("if", "if condition { … } else { … }, if c then a else b", "Chooses; is an expression."),
        ("match", "match x { 0 -> a; 1...9 -> b; else -> c }", "Chooses by value or range."),
        ("return", "return value", "Ends a function."),
        ("break", "break", "Ends the innermost loop."),
        ("continue", "continue", "Goes on with the next round of the innermost loop."),
        ("use", "use optim, use nets.resnet as resnet, use \"mine.nnx\"", "Takes the names of a module."),
        ("param", "param epochs = 5", "A parameter of the script: nnx run file.nnx --set epochs=1 overrides it."),
        ("seed", "seed 7", "Begins the random numbers anew."),
        ("expect", "expect condition", "Tells both sides where the condition does not hold, and goes on."),
        ("expect_error", "expect_error \"text\" { … }", "Holds where the block is refused with such a message."),
        ("net", "net Name(settings) { layers }", "Declares a network as a pipeline of layers."),
        ("block", "block Name(settings) { layers }", "Declares a part of networks."),
        ("layer", "layer name(settings) { weight W = …; formula of x }", "Declares a layer."),
        ("loss", "loss name(y, output) { formula }", "Declares a loss."),
        (
            "regularizer", "regularizer name(lambda) { formula of w }",
            "Declares what is added to the loss for each weight."
        ),
        ("optimizer", "optimizer name(lr: 0.1) { state m = 0; theta -= … }", "Declares an update rule of theta by g."),
        ("schedule", "schedule name(peak) = t -> value", "Declares a setting that depends on the step."),
        ("augment", "augment name { formula of x }", "Declares a random change of images."),
        ("metric", "metric name(y, output) { formula }", "Declares a measure of quality."),
        ("fit", "fit NET on DATA { setting: value, … }", "Trains a net."),
        ("resume", "resume RUN { epochs: 5 }", "Goes on with a run."),
        ("show", "show value", "Shows a value in full: the update rule of an optimizer, for example."),
        ("why", "why net.layer", "Shows how the size of a layer comes about."),
        ("true", "true", "The truth value."), ("false", "false", "The other truth value."),
        ("none", "none", "No value."), ("and", "a and b", "Both hold."), ("or", "a or b", "One holds."),
        ("not", "not a", "a does not hold."), ("in", "for x in values", "Names what is walked over."),
    ]
}

extension Interpreter {
    /// The examples in the documentation of builtins and operations: lines that run, with what they give after `# ->`.
    public static var documentedExamples: [(name: String, example: String)] {
        BuiltinTable.families.flatMap(\.builtins).map { ($0.name, $0.example) }
            + BuiltinTable.operations.map { ($0.name, $0.documentation.example) }
    }
}
