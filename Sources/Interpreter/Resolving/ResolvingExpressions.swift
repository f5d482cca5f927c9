import Language

extension Resolver {
    /// A part of a larger expression: nothing may jump out of it.
    func part(_ expression: Expression) -> Executable {
        let saved = (allowsJumps, isPipeline)
        (allowsJumps, isPipeline) = (false, false)
        defer { (allowsJumps, isPipeline) = saved }
        return node(expression)
    }

    /// A whole statement, or the value of a binding: its branches may hold `return`.
    func statementValue(_ expression: Expression, isStatement: Bool = false) -> Executable {
        let saved = (allowsJumps, isPipeline)
        allowsJumps = true
        if !isStatement { isPipeline = false }
        defer { (allowsJumps, isPipeline) = saved }
        return node(expression)
    }

    func statementValue(_ expression: Expression) -> Executable { statementValue(expression, isStatement: false) }

    private func node(_ expression: Expression) -> Executable {
        let span = expression.span
        switch expression.kind {
        case .number(let literal): return LiteralNode(.number(literal.value), span: span)
        case .quantity(let literal, let unit):
            return LiteralNode(.quantity(Quantity(literal.value, unit)), span: span)
        case .string(let parts): return string(parts, span: span)
        case .bool(let flag): return LiteralNode(.bool(flag), span: span)
        case .none: return LiteralNode(.none, span: span)
        case .name(let name): return nameNode(name, at: span)
        case .list(let elements): return ListNode(elements.map(part), span: span)
        case .record(let fields): return record(fields, span: span)
        case .range(let lower, let upper, let isClosed):
            return RangeNode(part(lower), part(upper), isClosed: isClosed, span: span)
        case .lambda(let lambda): return lambdaNode(lambda, span: span)
        case .call(let call): return self.call(call, span: span)
        case .field(let base, let name): return FieldNode(part(base), name, span: span)
        case .index(let base, let subscripts):
            return IndexNode(part(base), self.subscripts(subscripts), span: span)
        case .unary(let operation, let operand):
            let node = part(operand)
            if operation == .minus, let literal = node as? LiteralNode, case .number(let number) = literal.value {
                return LiteralNode(.number(-number), span: span)
            }
            return UnaryNode(operation, node, span: span)
        case .binary(let operation, let left, let right):
            return operation.isComparison
                ? ComparisonNode(operation, part(left), part(right), span: span)
                : ArithmeticNode(operation, part(left), part(right), span: span)
        case .logical(let operation, let left, let right):
            return LogicalNode(isAnd: operation == .and, part(left), part(right), span: span)
        case .pipe(let value, into: let target): return pipe(value, into: target, span: span)
        case .conditional(let conditional): return self.conditional(conditional, span: span)
        case .match(let match): return self.match(match, span: span)
        case .block(let block): return branch(block)
        case .restricted(let value, to: let selector):
            return RestrictedNode(part(value), part(selector), span: span)
        case .variable(let name, in: let values):
            return VariableRangeNode(name, part(values), span: span)
        case .fit(let fit):
            return FitNode(
                part(fit.net), part(fit.data), settings(fit.settings), settingsSpan: fit.settings.span, span: span)
        case .resume(let run, let settings): return ResumeNode(part(run), self.settings(settings), span: span)
        case .trials(let trials):
            let names = trials.settings.entries.filter { $0.form == .variation }.map(\.name)
            return TrialsNode(
                trials.kind, settings(trials.settings), body: trialBlock(trials.body, parameters: names), span: span)
        }
    }

    private func string(_ parts: [StringPart], span: SourceSpan) -> Executable {
        var text = ""
        var nodes: [InterpolationNode.Part] = []
        for part in parts {
            switch part {
            case .text(let piece):
                text += piece
                nodes.append(.text(piece))
            case .interpolation(let value): nodes.append(.value(self.part(value)))
            }
        }
        let isLiteral = nodes.allSatisfy { if case .text = $0 { true } else { false } }
        return isLiteral ? LiteralNode(.string(text), span: span) : InterpolationNode(nodes, span: span)
    }

    private func record(_ fields: [RecordField], span: SourceSpan) -> Executable {
        var names = Set<String>()
        for field in fields where !names.insert(field.name.name).inserted {
            report(Diagnostic("the field '\(field.name.name)' is given twice", at: field.name.span))
        }
        return RecordNode(fields.map { ($0.name.name, part($0.value)) }, span: span)
    }

    func subscripts(_ subscripts: [Subscript]) -> [SubscriptNode] {
        subscripts.map { one in
            switch one {
            case .all: .all
            case .at(let position): .at(part(position))
            case .range(let lower, let upper, let isClosed, let span):
                .range(lower.map(part), upper.map(part), isClosed: isClosed, span)
            }
        }
    }

    private func settings(_ settings: Settings) -> [SettingNode] {
        settings.entries.map { SettingNode(name: $0.name, form: $0.form, value: part($0.value)) }
    }

    private func branch(_ block: Block) -> Executable {
        // A `return` inside of a part of an expression would leave the rest of it half done.
        guard allowsJumps else {
            let before = function.loopDepth
            let node = statements(block)
            function.loopDepth = before
            refuseJumps(in: node)
            return node
        }
        return statements(block)
    }

    private func refuseJumps(in node: Executable) {
        switch node {
        case let jump as JumpNode:
            report(
                Diagnostic(
                    "a jump cannot stand inside of an expression", at: jump.span,
                    hint: "write the condition as a statement of its own"))
        case let block as BlockNode: block.statements.forEach(refuseJumps)
        case let conditional as ConditionalNode:
            refuseJumps(in: conditional.body)
            refuseJumps(in: conditional.otherwise)
        case let match as MatchNode: match.cases.forEach { refuseJumps(in: $0.body) }
        case let loop as ForNode: refuseReturns(in: loop.body)
        case let loop as WhileNode: refuseReturns(in: loop.body)
        case let loop as RepeatNode: refuseReturns(in: loop.body)
        default: break
        }
    }

    private func refuseReturns(in node: Executable) {
        switch node {
        case let jump as JumpNode where jump.signal == .return: refuseJumps(in: jump)
        case let block as BlockNode: block.statements.forEach(refuseReturns)
        case let conditional as ConditionalNode:
            refuseReturns(in: conditional.body)
            refuseReturns(in: conditional.otherwise)
        default: break
        }
    }

    private func conditional(_ conditional: Conditional, span: SourceSpan) -> Executable {
        var otherwise = conditional.otherwise.map(branch) ?? LiteralNode(.none, span: span)
        for one in conditional.branches.reversed() {
            otherwise = ConditionalNode(part(one.condition), branch(one.body), otherwise: otherwise, span: span)
        }
        return otherwise
    }

    private func match(_ match: Match, span: SourceSpan) -> Executable {
        let subject = part(match.subject)
        let cases = match.cases.map { one in
            inBlock {
                let patterns = one.patterns.map { pattern -> MatchNode.Pattern in
                    switch pattern {
                    case .value(let value): .value(part(value))
                    case .binding(let name): .binding(function.declare(name.name, isMutable: false, at: nil).slot)
                    case .anything: .anything
                    }
                }
                return MatchNode.Case(
                    patterns: patterns, guardCondition: one.guardCondition.map(part), body: branch(one.body))
            }
        }
        return MatchNode(subject, cases, span: span)
    }

    // MARK: Calls

    private func call(_ call: Call, span: SourceSpan) -> Executable {
        let (arguments, labels) = self.arguments(of: call)
        if case .field(let base, let name) = call.callee.kind {
            let function: Executable? = resolve(name.name) == nil ? nil : nameNode(name.name, at: name.span)
            return MethodCallNode(part(base), name, function: function, arguments, labels: labels, span: span)
        }
        check(call, arguments: arguments, labels: labels, leading: 0, span: span)
        return CallNode(part(call.callee), arguments, labels: labels, span: span)
    }

    private func arguments(of call: Call) -> ([Executable], [Identifier?]) {
        let isDerivative =
            if case .name(let name) = call.callee.kind { name == "grad" || name == "value_and_grad" } else { false }
        let variables = call.arguments.compactMap { argument -> Identifier? in
            if case .variable(let name, in: _) = argument.value.kind { name } else { nil }
        }
        var arguments = call.arguments.enumerated().map { index, argument -> Executable in
            if isDerivative, argument.label?.name == "wrt" { return parameterNames(argument.value) }
            if index == 0, !variables.isEmpty { return formula(argument.value, of: variables) }
            return part(argument.value)
        }
        var labels = call.arguments.map(\.label)
        for block in call.blocks {
            arguments.append(trailingBlock(block))
            labels.append(nil)
        }
        return (arguments, labels)
    }

    /// `plot(x^2, x in -1...1)`: a formula of the variables is a function of them.
    private func formula(_ expression: Expression, of variables: [Identifier]) -> Executable {
        let isFormula =
            switch expression.kind {
            case .binary, .unary, .call, .pipe, .conditional: variables.allSatisfy { resolve($0.name) == nil }
            default: false
            }
        guard isFormula else { return part(expression) }
        return lambdaNode(Lambda(parameters: variables, body: expression), span: expression.span)
    }

    /// `wrt: [x, y]` names parameters of the function, not values.
    private func parameterNames(_ expression: Expression) -> Executable {
        switch expression.kind {
        case .name(let name): LiteralNode(.string(name), span: expression.span)
        case .list(let elements):
            ListNode(elements.map(parameterNames), span: expression.span)
        default: part(expression)
        }
    }

    /// Checks the arguments of a call whose callee is known already.
    private func check(_ call: Call, arguments: [Executable], labels: [Identifier?], leading: Int, span: SourceSpan) {
        guard case .name(let name) = call.callee.kind else { return }
        let signature: Signature?
        var takesInput = false
        // A layer or net may have its input in front of the settings, a loss may have settings alone: the call decides.
        var isFlexible = false
        switch resolve(name) {
        case .global(let variable) where !variable.isMutable:
            signature = variable.signature
            takesInput = variable.kind == .function
            isFlexible = variable.kind.map { [.layer, .block, .net, .loss, .metric].contains($0) } ?? false
        case .constant(.function(let function)):
            signature = function.signature
            takesInput = true
        default: signature = nil
        }
        guard let signature else { return }
        let inputs = takesInput ? leading : 0
        let spans = [SourceSpan](repeating: call.callee.span, count: inputs) + arguments.map(\.span)
        do {
            if isFlexible { return try signature.checkNames(labels) }
            _ = try signature.match(
                labels: [Identifier?](repeating: nil, count: inputs) + labels, spans: spans, call: span)
        } catch let diagnostic as Diagnostic { report(diagnostic) } catch { preconditionFailure("\(error)") }
    }

    private func pipe(_ value: Expression, into target: Expression, span: SourceSpan) -> Executable {
        let input = part(value)
        guard case .call(let call) = target.kind else {
            return PipeNode(input, into: part(target), call: nil, span: span)
        }
        if case .field(let base, let name) = call.callee.kind {
            let (arguments, labels) = self.arguments(of: call)
            let function: Executable? = resolve(name.name) == nil ? nil : nameNode(name.name, at: name.span)
            let method = MethodCallNode(
                part(base), name, function: function, arguments, labels: labels, span: target.span)
            return PipeIntoMethodNode(input, into: method, span: span)
        }
        let (arguments, labels) = self.arguments(of: call)
        check(call, arguments: arguments, labels: labels, leading: 1, span: target.span)
        let callee = part(call.callee)
        return PipeNode(
            input, into: callee, call: CallNode(callee, arguments, labels: labels, span: target.span), span: span)
    }
}
