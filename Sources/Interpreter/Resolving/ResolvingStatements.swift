import Language

extension Resolver {
    /// A block as a scope of its own; its value is that of the last statement.
    func statements(_ block: Block) -> Executable {
        inBlock {
            let nodes = block.statements.map(statement)
            return nodes.count == 1 ? nodes[0] : BlockNode(nodes, span: block.span)
        }
    }

    func statement(_ statement: Statement) -> Executable {
        allowsJumps = true
        let span = statement.span
        switch statement.kind {
        case .binding(let binding): return self.binding(binding, span: span)
        case .assignment(let assignment): return self.assignment(assignment, span: span)
        case .declaration(let declaration): return declarationNode(declaration, span: span)
        case .forLoop(let loop): return forLoop(loop, span: span)
        case .whileLoop(let condition, let body):
            let test = part(condition)
            let (node, assigned) = loopBody { statements(body) }
            return WhileNode(test, node, assigned: assigned, span: span)
        case .repeatLoop(let count, let body):
            let times = part(count)
            let (node, assigned) = loopBody { statements(body) }
            return RepeatNode(times, node, assigned: assigned, span: span)
        case .breakLoop, .continueLoop:
            let isBreak = if case .breakLoop = statement.kind { true } else { false }
            if function.loopDepth == 0 {
                report(Diagnostic("'\(isBreak ? "break" : "continue")' stands outside of a loop", at: span))
            }
            return JumpNode(isBreak ? .breakLoop : .continueLoop, span: span)
        case .returnValue(let value):
            if !function.allowsReturn {
                report(Diagnostic("'return' stands outside of a function", at: span))
            }
            return JumpNode(.return, value: value.map(statementValue), span: span)
        case .use(let use):
            return UseNode(use, moduleOf(use), alias: use.alias.flatMap { scope.names[$0.name] }, span: span)
        case .parameter(let parameter): return scriptParameter(parameter, span: span)
        case .seed(let value): return SeedNode(part(value), span: span)
        case .expect(let value): return expectation(value, span: span)
        case .expectError(let message, let body): return expectedError(message, body, span: span)
        case .show(let value): return ShowNode(part(value), span: span)
        case .why(let value): return WhyNode(part(value), span: span)
        case .weight(let name, let value, let condition):
            let node = (part(value), condition.map(part))
            let slot = declareLocal(name, isMutable: false).slot
            return WeightNode(name.name, slot: slot, value: node.0, condition: node.1, span: span)
        case .state(let variables):
            let nodes = variables.map { variable -> Executable in
                let value = part(variable.value)
                let slot = declareLocal(variable.name, isMutable: true).slot
                function.code.slotNames[variable.name.name] = slot
                stateNames.append(variable.name.name)
                return StateNode(variable.name.name, slot: slot, value: value, span: variable.name.span)
            }
            return nodes.count == 1 ? nodes[0] : BlockNode(nodes, span: span)
        case .expression(let expression):
            let node = statementValue(expression, isStatement: true)
            guard isPipeline else { return node }
            switch expression.kind {
            case .conditional, .match, .block: return node
            default: return PipelineStatementNode(node)
            }
        }
    }

    private func moduleOf(_ use: Use) -> Module? {
        guard isOutermost else {
            report(Diagnostic("'use' stands at the outermost level of a file", at: use.sourceSpan))
            return nil
        }
        return try? session.module(for: use, from: file)
    }

    private func binding(_ binding: Binding, span: SourceSpan) -> Executable {
        let names = binding.pattern.names
        let isTuple =
            switch binding.pattern {
            case .name: false
            case .tuple: true
            }
        if isOutermost {
            let value = value(named: names[0].name, binding.value)
            let places = names.compactMap { scope.names[$0.name] }.map(VariablePlace.global)
            return BindingNode(places, isTuple: isTuple, value: value, span: span)
        }
        // A local lambda may call itself by its name.
        if !isTuple, !binding.isMutable, case .lambda(let lambda) = binding.value.kind {
            let variable = declareLocal(names[0], isMutable: false)
            let value = lambdaNode(lambda, name: names[0].name, own: variable, span: binding.value.span)
            return BindingNode([.local(variable.slot)], isTuple: false, value: value, span: span)
        }
        let value = value(named: names[0].name, binding.value)
        let places = names.map { VariablePlace.local(declareLocal($0, isMutable: binding.isMutable).slot) }
        return BindingNode(places, isTuple: isTuple, value: value, span: span)
    }

    private func value(named name: String, _ expression: Expression) -> Executable {
        if case .lambda(let lambda) = expression.kind { return lambdaNode(lambda, name: name, span: expression.span) }
        return statementValue(expression)
    }

    private func assignment(_ assignment: Assignment, span: SourceSpan) -> Executable {
        guard let name = assignment.target.rootName else {
            report(
                Diagnostic(
                    "only a variable or a part of it can be set", at: assignment.target.span,
                    expected: "a name, a field or an element"))
            return part(assignment.value)
        }
        guard let place = assignablePlace(name, at: assignment.target.span) else { return part(assignment.value) }
        assigned.indices.forEach { assigned[$0].append(place) }
        if case .name = assignment.target.kind {
            guard let operation = assignment.operation else {
                return AssignmentNode(place, value: statementValue(assignment.value), span: span)
            }
            let old: Executable =
                switch place {
                case .local(let slot): LocalNode(slot: slot, span: assignment.target.span)
                case .global(let variable): GlobalNode(variable, span: assignment.target.span)
                }
            let value = ArithmeticNode(operation, old, part(assignment.value), span: span)
            return AssignmentNode(place, value: value, span: span)
        }
        return PartAssignmentNode(
            place, steps: steps(of: assignment.target), operation: assignment.operation, value: part(assignment.value),
            span: span)
    }

    private func assignablePlace(_ name: String, at span: SourceSpan) -> VariablePlace? {
        let declaration: SourceSpan?
        let place = resolve(name)
        if place != nil, function.isOutsideOfTrial(name) {
            report(FunctionScope.changesOutsideOfTrial(name, at: span))
            return nil
        }
        switch place {
        case .local(let variable) where variable.isMutable: return .local(variable.slot)
        case .global(let variable) where variable.isMutable && scope.names[name] === variable:
            if function.parent != nil { variable.isAssignedInFunction = true }
            return .global(variable)
        case .local(let variable): declaration = variable.declaration
        case .global(let variable): declaration = variable.declaration
        case .constant, .running:
            report(Diagnostic("'\(name)' cannot be set: it belongs to the language", at: span))
            return nil
        case nil:
            var diagnostic = unknownName(name, at: span)
            if diagnostic.hint == nil { diagnostic.hint = "'var \(name) = …' declares it" }
            report(diagnostic)
            return nil
        }
        report(
            Diagnostic(
                "'\(name)' cannot be set: it was not declared with 'var'", at: span,
                hint: "declare it with 'var \(name) = …'",
                notes: declaration.map { [Diagnostic.Note("declared here", at: $0)] } ?? []))
        return nil
    }

    private func steps(of target: Expression) -> [PartAssignmentNode.Step] {
        switch target.kind {
        case .field(let base, let name): steps(of: base) + [PartAssignmentNode.Step(.field(name), span: name.span)]
        case .index(let base, let subscripts):
            steps(of: base) + [PartAssignmentNode.Step(.index(self.subscripts(subscripts)), span: target.span)]
        default: []
        }
    }

    private func forLoop(_ loop: ForLoop, span: SourceSpan) -> Executable {
        let sequence = part(loop.sequence)
        return inBlock {
            let slots = loop.pattern.names.map { declareLocal($0, isMutable: false).slot }
            let isTuple =
                switch loop.pattern {
                case .name: false
                case .tuple: true
                }
            let (body, assigned) = loopBody { statements(loop.body) }
            return ForNode(
                slots: slots, isTuple: isTuple, sequence: sequence, body: body, assigned: assigned, span: span)
        }
    }

    private func loopBody(_ body: () -> Executable) -> (Executable, [VariablePlace]) {
        function.loopDepth += 1
        assigned.append([])
        defer { function.loopDepth -= 1 }
        let node = body()
        return (node, assigned.removeLast())
    }

    private func scriptParameter(_ parameter: ScriptParameter, span: SourceSpan) -> Executable {
        guard isOutermost, let variable = scope.names[parameter.name.name] else {
            report(Diagnostic("'param' stands at the outermost level of a script", at: span))
            return part(parameter.value)
        }
        return ParameterNode(variable, part(parameter.value), span: span)
    }

    private func expectation(_ value: Expression, span: SourceSpan) -> Executable {
        switch value.kind {
        case .binary(let operation, let left, let right) where operation.isComparison:
            return ExpectNode(
                .comparison(operation, part(left), part(right)), source: value.span.text, span: value.span)
        case .call(let call):
            if case .name("close") = call.callee.kind, case .constant? = resolve("close"),
                let node = part(value) as? CallNode
            {
                return ExpectNode(.closeness(node), source: value.span.text, span: value.span)
            }
            return ExpectNode(.condition(part(value)), source: value.span.text, span: value.span)
        default:
            return ExpectNode(.condition(part(value)), source: value.span.text, span: value.span)
        }
    }

    /// Mistakes in the block are what is expected: they do not refuse the file.
    private func expectedError(_ message: Expression, _ body: Block, span: SourceSpan) -> Executable {
        let text = part(message)
        let outer = diagnostics
        diagnostics = []
        let node = inBlock { statements(body) }
        let found = diagnostics
        diagnostics = outer
        return ExpectErrorNode(text, body: node, found: found, span: span)
    }
}

extension BinaryOperator {
    var isComparison: Bool {
        switch self {
        case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
        case .add, .subtract, .multiply, .divide, .matrixMultiply, .power: false
        }
    }
}
