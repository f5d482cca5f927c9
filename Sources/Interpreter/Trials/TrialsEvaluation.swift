import Language
import Scheduling
import Training

/// How a trial ended.
enum TrialOutcome {
    case finished(RunValue)
    /// With what went wrong, such as a loss that is no number.
    case failed(Diagnostic)

    var run: RunValue? {
        if case .finished(let run) = self { return run }
        return nil
    }

    var failure: Diagnostic? {
        if case .failed(let diagnostic) = self { return diagnostic }
        return nil
    }
}

/// One `compare` or `sweep`: the block is run for each row and each seed.
struct TrialsEvaluation {
    var definition: TrialsDefinition
    let body: FunctionValue
    let span: SourceSpan
    let machine: Machine

    /// - Parameter known: the trials that are done already, by row and seed.
    func run(known: [[TrialOutcome?]] = []) throws -> Value {
        if machine.isChecking { return .object(try check()) }
        let missing = [TrialOutcome?](repeating: nil, count: definition.seeds.count)
        let outcomes = definition.rows.indices.map { row in
            known.indices.contains(row) ? known[row] + missing.dropFirst(known[row].count) : missing
        }
        let trials = SideBySideTrials(self, outcomes)
        trials.run()
        let table = TableValue(self, trials.outcomes)
        guard table.isComplete else {
            let done = table.outcomes.joined().compactMap(\.self).count
            var text =
                "stopped: \(done) of \(definition.rows.count * definition.seeds.count) trials of "
                + "'\(definition.kind.rawValue)' are done"
            if machine.session.isScript {
                try machine.located(span) { try trials.saveStates() }
                text += "; saved in build/trials: the script goes on there when it is run again"
            } else {
                text += " and stay in the table; resume table goes on with the others"
            }
            machine.session.interruption = { [text] _ in text }
            return .object(table)
        }
        trials.removeStates()
        if table.runs.isEmpty, let failure = table.outcomes.joined().compactMap({ $0?.failure }).first {
            throw failure.adding(note: "no trial of '\(definition.kind.rawValue)' came to its end", at: span)
        }
        return .object(table)
    }

    /// Adds seeds, or goes on with what was stopped.
    func resuming(_ settings: [SettingValue], known: [[TrialOutcome?]]) throws -> Value {
        try FitSettings.checkNames(settings, known: ["seeds"], of: "resume")
        var copy = self
        for setting in settings {
            let reader = SettingReader(setting, machine)
            let seeds = try TrialsDefinition.seeds(reader, machine)
            guard seeds.starts(with: definition.seeds) else {
                throw reader.mismatch("at least the \(definition.seeds.count) seeds of the table")
            }
            copy.definition.seeds = seeds
        }
        return try copy.run(known: known)
    }

    /// The block with the values of a row, on a machine that may be a trial's own.
    func evaluate(row: Int, _ machine: Machine) throws -> Value {
        guard let code = body.code else { preconditionFailure("the block of 'do' has no code") }
        let frame = try machine.enter(code, at: span)
        defer { machine.leave(frame, code) }
        for (index, value) in definition.values(ofRow: row).enumerated() { frame[index] = value }
        machine.placeCaptures(of: body, code, frame)
        return try machine.execute(code, frame)
    }

    /// The run that a block gave.
    func run(of value: Value) throws -> RunValue {
        if case .object(let object) = value, let run = object as? RunValue { return run }
        throw Diagnostic(
            "the block of '\(definition.kind.rawValue)' gives no run", at: body.code?.span ?? span,
            expected: "a block that ends with 'fit … on … { … }'", found: value.described)
    }

    /// Runs the block over shapes: once for each row, as seeds change nothing that can be checked.
    private func check() throws -> TableValue {
        var measures: [String] = []
        for row in 0..<machine.iterationLimit(definition.rows.count) {
            do {
                let value = try evaluate(row: row, machine)
                if case .unknown = value { continue }
                let run = try run(of: value)
                let names = TrialMeasure.names(
                    hasClasses: run.evaluation.data.classCount > 0,
                    isValidated: run.evaluation.settings.validation != nil)
                measures += names.filter { !measures.contains($0) }
            } catch {
                guard let diagnostic = machine.locating(error, at: span) as? Diagnostic, definition.rows.count > 1
                else { throw error }
                throw diagnostic.adding(note: "in the trial '\(definition.name(ofRow: row))'", at: span)
            }
        }
        return TableValue(self, checked: measures)
    }
}
