import Language

/// A name inside of a function or a block.
final class LocalVariable {
    let name: String
    let slot: Int
    let isMutable: Bool
    let declaration: SourceSpan?

    init(name: String, slot: Int, isMutable: Bool, declaration: SourceSpan?) {
        self.name = name
        self.slot = slot
        self.isMutable = isMutable
        self.declaration = declaration
    }
}

/// The names of one body that is being compiled.
final class FunctionScope {
    let parent: FunctionScope?
    let code: FunctionCode
    /// From the outermost block to the innermost. The first holds parameters, implicit names and captures.
    var blocks: [[String: LocalVariable]] = [[:]]
    var captures: [ClosureNode.Capture] = []
    /// The variable of the surrounding body that holds this very function.
    var ownVariable: LocalVariable?
    /// Loops around the statement being compiled.
    var loopDepth = 0
    /// `return` may stand here: not at the outermost level of a script.
    let allowsReturn: Bool
    /// Inside of a net, an augmentation, a block or a trailing block: `here` and its like.
    let runningNames: Set<String>
    /// The block of `compare` or `sweep`, whose trials run side by side.
    var isTrial = false

    init(parent: FunctionScope?, code: FunctionCode, allowsReturn: Bool, runningNames: Set<String>) {
        self.parent = parent
        self.code = code
        self.allowsReturn = allowsReturn
        self.runningNames = runningNames
    }

    func newSlot() -> Int {
        code.slotCount += 1
        return code.slotCount - 1
    }

    @discardableResult
    func declare(_ name: String, isMutable: Bool, at span: SourceSpan?) -> LocalVariable {
        let variable = LocalVariable(name: name, slot: newSlot(), isMutable: isMutable, declaration: span)
        blocks[blocks.count - 1][name] = variable
        return variable
    }

    /// The variable of that name, captured from a surrounding body where it is not this body's own.
    func find(_ name: String) -> LocalVariable? {
        for block in blocks.reversed() {
            if let variable = block[name] { return variable }
        }
        guard let outer = parent?.find(name) else { return nil }
        let variable = LocalVariable(
            name: name, slot: newSlot(), isMutable: outer.isMutable, declaration: outer.declaration)
        blocks[0][name] = variable
        if outer === ownVariable {
            code.selfSlot = variable.slot
        } else {
            code.captureSlots.append(variable.slot)
            captures.append(outer.isMutable ? .variable(slot: outer.slot) : .value(slot: outer.slot))
        }
        return variable
    }

    /// Whether a name is declared outside of the trial that this body belongs to, if any.
    func isOutsideOfTrial(_ name: String) -> Bool {
        let isOwn = blocks.contains { block in
            block[name].map { !code.captureSlots.contains($0.slot) && code.selfSlot != $0.slot } ?? false
        }
        return !isOwn && (isTrial || parent?.isOutsideOfTrial(name) ?? false)
    }

    static func changesOutsideOfTrial(_ name: String, at span: SourceSpan) -> Diagnostic {
        Diagnostic(
            "a trial cannot change '\(name)': it is declared outside, and trials run side by side", at: span,
            hint: "let the block give its run, and ask the table that compare and sweep give")
    }

    var visibleNames: [String] {
        blocks.flatMap(\.keys) + (parent?.visibleNames ?? [])
    }
}

/// The names of a file or a session at its outermost level.
final class ModuleScope {
    var names: [String: GlobalVariable] = [:]
    /// Taken over by `use`; own names come first.
    var imports: [String: GlobalVariable] = [:]

    func find(_ name: String) -> GlobalVariable? { names[name] ?? imports[name] }
}

/// One statement of a file's outermost level.
struct TopLevelStatement {
    let node: Executable
    /// What it binds, to be forgotten where its check did not come to an end.
    let binds: [GlobalVariable]
    let span: SourceSpan
    /// An expression, whose value the prompt shows.
    let hasValue: Bool
}

/// A compiled file.
struct CompiledProgram {
    /// Functions first, so that the order of declarations does not matter; then everything else as written.
    let statements: [TopLevelStatement]
    /// Of the outermost frame.
    let code: FunctionCode
}
