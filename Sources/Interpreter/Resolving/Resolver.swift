import Language

/// Compiles a syntax tree: names become slots, calls of known functions are checked, and all mistakes of a file are
/// found in one pass.
final class Resolver {
    let session: Session
    let scope: ModuleScope
    let mode: RunMode
    /// The file being compiled, for `use` beside it.
    let file: SourceFile
    var diagnostics: [Diagnostic] = []
    var function: FunctionScope
    /// Variables that the loops around the current statement assign.
    var assigned: [[VariablePlace]] = []
    /// `return`, `break` and `continue` may stand here: a statement, not a part of an expression.
    var allowsJumps = true
    /// Statements are applied to the running value of a net.
    var isPipeline = false
    /// `state` variables of the declaration being compiled.
    var stateNames: [String] = []
    /// A module could not be read: a name that is not known may be one of its.
    var isMissingModule = false
    /// Names declared at the outermost level so far, for "declared twice".
    var declaredHere: [String: SourceSpan] = [:]

    init(session: Session, scope: ModuleScope, mode: RunMode, file: SourceFile) {
        self.session = session
        self.scope = scope
        self.mode = mode
        self.file = file
        let signature = Signature("script", [])
        function = FunctionScope(
            parent: nil, code: FunctionCode(signature: signature, documentation: nil, span: file.wholeSpan),
            allowsReturn: false, runningNames: [])
        function.blocks = []
    }

    var isOutermost: Bool { function.parent == nil && function.blocks.isEmpty }

    func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    // MARK: Programs

    /// Compiles a file into the module's scope. Where there are errors the scope is as before.
    func compile(_ program: Program) throws -> CompiledProgram {
        let before = (scope.names, scope.imports, scope.names.mapValues { ($0.isMutable, $0.signature) })
        for statement in program.statements { declareOutermost(statement) }
        var functions: [TopLevelStatement] = []
        var others: [TopLevelStatement] = []
        for statement in program.statements {
            let node = self.statement(statement)
            let top = TopLevelStatement(
                node: node, binds: names(boundBy: statement).compactMap { scope.names[$0] }, span: statement.span,
                hasValue: statement.isExpression)
            if case .declaration(let declaration) = statement.kind, declaration.kind == .function {
                functions.append(top)
            } else {
                others.append(top)
            }
        }
        guard diagnostics.isEmpty else {
            (scope.names, scope.imports) = (before.0, before.1)
            for (name, (isMutable, signature)) in before.2 {
                scope.names[name]?.isMutable = isMutable
                scope.names[name]?.signature = signature
            }
            throw Diagnostics(diagnostics.inSourceOrder)
        }
        return CompiledProgram(statements: functions + others, code: function.code)
    }

    /// Makes the names of the outermost level known before anything is compiled.
    private func declareOutermost(_ statement: Statement) {
        switch statement.kind {
        case .binding(let binding):
            refuseRepeatedNames(in: binding.pattern)
            for name in binding.pattern.names {
                declareGlobal(name, isMutable: binding.isMutable, documentation: binding.documentation)
            }
        case .declaration(let declaration):
            declareGlobal(
                declaration.name, isMutable: false, documentation: declaration.documentation,
                signature: signature(of: declaration), kind: declaration.kind)
        case .parameter(let parameter):
            declareGlobal(parameter.name, isMutable: false, documentation: parameter.documentation)
            session.parameterNames.append(parameter.name.name)
        case .use(let use):
            do { try declare(use) } catch {
                isMissingModule = true
                switch error {
                case let error as Diagnostic: report(error)
                case let errors as Diagnostics: diagnostics += errors.all
                default: report(Diagnostic("\(error)", at: use.sourceSpan))
                }
            }
        default: break
        }
    }

    private func refuseRepeatedNames(in pattern: Pattern) {
        var seen = Set<String>()
        for name in pattern.names where !seen.insert(name.name).inserted && mode == .cell {
            report(Diagnostic("'\(name.name)' is declared twice", at: name.span))
        }
    }

    private func declareGlobal(
        _ name: Identifier, isMutable: Bool, documentation: String?, signature: Signature? = nil,
        kind: Declaration.Kind? = nil
    ) {
        if mode == .script, let first = declaredHere[name.name] {
            report(
                Diagnostic(
                    "'\(name.name)' is declared twice", at: name.span,
                    hint: "assign to a 'var', or take another name",
                    notes: [Diagnostic.Note("declared first here", at: first)]))
        }
        let isFirst = declaredHere[name.name] == nil || mode == .cell
        if isFirst { declaredHere[name.name] = name.span }
        let variable = scope.names[name.name] ?? session.makeGlobal(name.name)
        variable.isMutable = isMutable
        variable.documentation = documentation
        if isFirst { variable.declaration = name.span }
        variable.signature = signature
        variable.kind = kind
        scope.names[name.name] = variable
    }

    /// Reads the module of a `use` and makes its names known.
    private func declare(_ use: Use) throws {
        let module = try session.module(for: use, from: file)
        if let alias = use.alias {
            declareGlobal(alias, isMutable: false, documentation: nil)
        } else {
            for (name, variable) in module.scope.names { scope.imports[name] = variable }
        }
    }

    private func names(boundBy statement: Statement) -> [String] {
        switch statement.kind {
        case .binding(let binding): binding.pattern.names.map(\.name)
        case .declaration(let declaration): [declaration.name.name]
        case .parameter(let parameter): [parameter.name.name]
        case .assignment(let assignment): assignment.target.rootName.map { [$0] } ?? []
        default: []
        }
    }

    // MARK: Names

    enum Resolved {
        case local(LocalVariable)
        case global(GlobalVariable)
        case constant(Value)
        case running
    }

    /// Names that stand for the running value, or its sizes, inside of a net and inside of an augmentation.
    static let namesInNets: Set<String> = ["here", "channels", "features"]
    static let namesInAugmentations: Set<String> = ["here", "height", "width", "channels"]

    func resolve(_ name: String) -> Resolved? {
        if let local = function.find(name) { return .local(local) }
        if function.runningNames.contains(name) { return .running }
        if let global = scope.find(name) { return .global(global) }
        if let constant = BuiltinTable.value(name, session) { return .constant(constant) }
        if let prelude = session.preludeName(name, besides: scope) { return .global(prelude) }
        return nil
    }

    func unknownName(_ name: String, at span: SourceSpan) -> Diagnostic {
        let near = closestName(to: name, among: visibleNames)
        return Diagnostic(
            "unknown name '\(name)'", at: span, hint: near.map { "did you mean '\($0)'?" } ?? moduleHint(for: name))
    }

    private func moduleHint(for name: String) -> String? {
        session.moduleThatDeclares(name).map { "it is in a module: 'use \($0)'" }
    }

    var visibleNames: [String] {
        function.visibleNames.sorted() + scope.names.keys.sorted() + scope.imports.keys.sorted()
            + BuiltinTable.names + session.preludeNames
    }

    func nameNode(_ name: String, at span: SourceSpan) -> Executable {
        switch resolve(name) {
        case .local(let variable): return LocalNode(slot: variable.slot, span: span)
        case .global(let variable): return GlobalNode(variable, span: span)
        case .constant(let value): return LiteralNode(value, span: span)
        case .running: return RunningNameNode(name, span: span)
        case nil:
            if !isMissingModule { report(unknownName(name, at: span)) }
            return LiteralNode(.unknown, span: span)
        }
    }

    // MARK: Functions

    func signature(of declaration: Declaration) -> Signature {
        Signature(
            declaration.name.name,
            (declaration.parameters ?? []).map { parameter in
                var quantity: Quantity?
                if case .quantity(let literal, let unit) = parameter.defaultValue?.kind, unit != .percent {
                    quantity = Quantity(literal.value, unit)
                }
                return Signature.Parameter(
                    parameter.name.name, default: parameter.defaultValue?.span.text, quantity: quantity)
            })
    }

    /// Compiles a body in a scope of its own.
    func functionBody(
        _ code: FunctionCode, parameters: [Parameter], implicit: [(name: String, isMutable: Bool)] = [],
        own: LocalVariable? = nil, allowsReturn: Bool = true, runningNames: Set<String> = [],
        isPipeline: Bool = false, isTrial: Bool = false, body: () -> Executable
    ) -> [ClosureNode.Capture] {
        let inner = FunctionScope(
            parent: function, code: code, allowsReturn: allowsReturn, runningNames: runningNames)
        inner.isTrial = isTrial
        inner.ownVariable = own
        let saved = (function, assigned, allowsJumps, self.isPipeline)
        function = inner
        assigned = []
        allowsJumps = true
        self.isPipeline = isPipeline
        defer { (function, assigned, allowsJumps, self.isPipeline) = saved }
        for parameter in parameters {
            if inner.blocks[0][parameter.name.name] != nil {
                report(Diagnostic("the parameter '\(parameter.name.name)' is named twice", at: parameter.name.span))
            }
            inner.declare(parameter.name.name, isMutable: false, at: parameter.name.span)
        }
        for (index, parameter) in parameters.enumerated() {
            guard let value = parameter.defaultValue else { continue }
            code.defaults.append((index, part(value)))
        }
        for (name, isMutable) in implicit where inner.blocks[0][name] == nil {
            code.slotNames[name] = inner.declare(name, isMutable: isMutable, at: nil).slot
        }
        inner.blocks.append([:])
        code.body = body()
        return inner.captures
    }

    func bodyNode(_ body: Declaration.Body) -> Executable {
        switch body {
        case .block(let block): statements(block)
        case .expression(let expression): statementValue(expression)
        }
    }

    /// `fn name(…) …`, a statement.
    private func functionNode(_ declaration: Declaration, own: LocalVariable?) -> ClosureNode {
        let code = FunctionCode(
            signature: signature(of: declaration), documentation: declaration.documentation,
            span: declaration.headSpan.union(declaration.body.span))
        let captures = functionBody(code, parameters: declaration.parameters ?? [], own: own) {
            bodyNode(declaration.body)
        }
        return ClosureNode(code, captures: captures, span: declaration.headSpan)
    }

    func declarationNode(_ declaration: Declaration, span: SourceSpan) -> Executable {
        let place: VariablePlace
        var own: LocalVariable?
        if isOutermost, let variable = scope.names[declaration.name.name] {
            place = .global(variable)
        } else {
            let variable = declareLocal(declaration.name, isMutable: false)
            own = variable
            place = .local(variable.slot)
        }
        guard declaration.kind != .function else {
            return BindingNode(
                [place], isTuple: false, value: functionNode(declaration, own: own), span: declaration.headSpan)
        }
        let code = FunctionCode(
            signature: signature(of: declaration), documentation: declaration.documentation, span: span)
        let savedStates = stateNames
        stateNames = []
        defer { stateNames = savedStates }
        let isNet = declaration.kind == .net || declaration.kind == .block
        let isBlockBody =
            switch declaration.body {
            case .block: true
            case .expression: false
            }
        let runningNames =
            declaration.kind == .augment ? Self.namesInAugmentations : isNet && isBlockBody ? Self.namesInNets : []
        let captures = functionBody(
            code, parameters: declaration.parameters ?? [], implicit: declaration.kind.implicitNames,
            own: own, runningNames: runningNames,
            isPipeline: isBlockBody && (isNet || declaration.kind == .augment)
        ) {
            bodyNode(declaration.body)
        }
        let node = DeclarationNode(
            declaration.kind, ClosureNode(code, captures: captures, span: span), stateNames: stateNames,
            headSpan: declaration.headSpan, hasExpressionBody: !isBlockBody, span: span)
        return BindingNode([place], isTuple: false, value: node, span: span)
    }

    func lambdaNode(_ lambda: Lambda, name: String = FunctionValue.unnamed, own: LocalVariable? = nil, span: SourceSpan)
        -> Executable
    {
        let parameters = lambda.parameters.map { Parameter(name: $0, defaultValue: nil) }
        let code = FunctionCode(
            signature: Signature(name, parameters.map { Signature.Parameter($0.name.name) }), documentation: nil,
            span: span)
        let captures = functionBody(code, parameters: parameters, own: own) {
            if case .block(let block) = lambda.body.kind { return statements(block) }
            return statementValue(lambda.body)
        }
        return ClosureNode(code, captures: captures, span: span)
    }

    /// The block of `compare` or `sweep`: a function of what varies.
    func trialBlock(_ block: Block, parameters: [Identifier]) -> Executable {
        let code = FunctionCode(
            signature: Signature("trial", parameters.map { Signature.Parameter($0.name) }), documentation: nil,
            span: block.span)
        let captures = functionBody(
            code, parameters: parameters.map { Parameter(name: $0, defaultValue: nil) }, isTrial: true
        ) {
            statements(block)
        }
        return ClosureNode(code, captures: captures, span: block.span)
    }

    /// A block in braces after a call: a function of no parameters.
    func trailingBlock(_ block: Block) -> Executable {
        let code = FunctionCode(signature: Signature("block", []), documentation: nil, span: block.span)
        code.isPipeline = true
        let captures = functionBody(
            code, parameters: [], runningNames: Self.namesInNets.union(function.runningNames), isPipeline: true
        ) {
            statements(block)
        }
        return ClosureNode(code, captures: captures, span: block.span)
    }

    func declareLocal(_ name: Identifier, isMutable: Bool) -> LocalVariable {
        if let first = function.blocks.last?[name.name], let place = first.declaration {
            report(
                Diagnostic(
                    "'\(name.name)' is declared twice", at: name.span,
                    hint: "assign to a 'var', or take another name",
                    notes: [Diagnostic.Note("declared first here", at: place)]))
        }
        return function.declare(name.name, isMutable: isMutable, at: name.span)
    }

    /// Compiles with a new innermost block of names.
    func inBlock<T>(_ body: () -> T) -> T {
        function.blocks.append([:])
        defer { function.blocks.removeLast() }
        return body()
    }
}

extension Declaration.Kind {
    /// Names that a body may use without declaring them; theta and w are those that it changes.
    var implicitNames: [(name: String, isMutable: Bool)] {
        switch self {
        case .layer: [("x", false), ("channels", false), ("features", false), ("training", false)]
        case .optimizer: [("theta", true), ("g", false), ("t", false)]
        case .regularizer: [("w", true)]
        case .augment: [("x", false)]
        case .schedule: [("total", false), ("steps_per_epoch", false), ("val_loss", false)]
        case .function, .net, .block, .loss, .metric: []
        }
    }
}

extension Expression {
    /// The variable that an assignment to this expression changes.
    var rootName: String? {
        switch kind {
        case .name(let name): name
        case .field(let base, _), .index(let base, _): base.rootName
        default: nil
        }
    }
}

extension Statement {
    var isExpression: Bool {
        if case .expression = kind { return true }
        return false
    }
}

extension [Diagnostic] {
    /// By place; those without one at the end.
    var inSourceOrder: [Diagnostic] {
        enumerated().sorted {
            ($0.element.span?.lower ?? .max, $0.offset) < ($1.element.span?.lower ?? .max, $1.offset)
        }.map(\.element)
    }
}
