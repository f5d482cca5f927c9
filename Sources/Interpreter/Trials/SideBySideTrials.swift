import Figures
import Graphs
import Language
import Scheduling
import Training

/// Runs the trials of a `compare` or `sweep` on as many threads as there are, each with a machine of its own.
///
/// What a trial computes does not depend on the others: it has random numbers of its own, and the machines interpret by
/// turns. What it prints and draws is kept until it is done, and shown in the order of the trials.
final class SideBySideTrials: @unchecked Sendable {
    /// By row and seed; nil for what was not run. Like everything here, touched by whose turn it is only.
    private(set) var outcomes: [[TrialOutcome?]]
    private let evaluation: TrialsEvaluation
    private let jobs: [(row: Int, seed: Int)]
    private let turn = Turn()
    /// Trials that are running, and what those that are done have to show.
    private var running: Set<Int> = []
    private var done: [Int: TrialHost] = [:]
    private var nextToShow = 0
    /// How far they are, in a script.
    private var states: [TrialStates] = []

    init(_ evaluation: TrialsEvaluation, _ outcomes: [[TrialOutcome?]]) {
        self.evaluation = evaluation
        self.outcomes = outcomes
        // All variants with the first seed come first: a comparison that is stopped has as many runs of each.
        jobs = evaluation.definition.seeds.indices.flatMap { seed in
            outcomes.indices.filter { outcomes[$0][seed] == nil }.map { ($0, seed) }
        }
    }

    func run() {
        runSideBySide(jobs: jobs.count, threads: evaluation.machine.builder.pool.threads) { job, pool in
            self.turn.take()
            defer { self.turn.give() }
            guard !self.evaluation.machine.cancellation.isCancelled else { return }
            self.run(job, on: pool)
        }
    }

    private func run(_ job: Int, on pool: ThreadPool) {
        let (row, seed) = jobs[job]
        let host = TrialHost { [self] in show($0, of: job) }
        let parent = evaluation.machine
        let states = evaluation.states(row: row, seed: seed)
        if let states { self.states.append(states) }
        let session = Session(
            trialOf: parent.session, seed: evaluation.definition.seeds[seed], states: states, host: host)
        running.insert(job)
        outcomes[row][seed] = BigStack.run { limit in
            let machine = Machine(
                builder: GraphBuilder(pool: pool), cancellation: parent.cancellation, session: session)
            machine.stackLimit = limit
            machine.turn = turn
            return outcome(row: row, machine)
        }
        running.remove(job)
        parent.session.failedExpectations += session.failedExpectations
        done[job] = host
        while let next = done.removeValue(forKey: nextToShow) {
            nextToShow += 1
            next.events.forEach(show)
        }
    }

    /// Nil where it was stopped.
    private func outcome(row: Int, _ machine: Machine) -> TrialOutcome? {
        do {
            let value = try evaluation.evaluate(row: row, machine)
            guard machine.session.interruption == nil else { return nil }
            return .finished(RunValue(try evaluation.run(of: value), on: evaluation.machine))
        } catch is Interruption {
            return nil
        } catch is Cancelled {
            return nil
        } catch let diagnostics as Diagnostics {
            return .failed(diagnostics.all.first ?? Diagnostic("\(diagnostics)", at: evaluation.span))
        } catch {
            let located = machine.locating(error, at: evaluation.span)
            return .failed(located as? Diagnostic ?? Diagnostic("\(error)", at: evaluation.span))
        }
    }

    /// Keeps how far a script's trials are, for its next run.
    ///
    /// - Throws: `OperationError` where a file cannot be written.
    func saveStates() throws {
        for states in states { try states.save() }
    }

    func removeStates() {
        for states in states { states.remove() }
    }

    // MARK: What it shows

    private func show(_ event: HostEvent) {
        let session = evaluation.machine.session
        if case .figure(let figure) = event { session.show(figure) } else { session.emit(event) }
    }

    /// Of all that run, the first tells how far it is; each tells when it is done.
    private func show(_ progress: TrainingProgress, of job: Int) {
        switch progress.kind {
        case .started, .step, .epoch: guard job == running.min() else { return }
        case .finished, .interrupted: break
        }
        let (row, seed) = jobs[job]
        let definition = evaluation.definition
        var progress = progress
        progress.isTrial = true
        progress.task = "trial \(job + 1)/\(jobs.count) \(definition.name(ofRow: row))"
        if definition.seeds.count > 1 { progress.task += ", seed \(definition.seeds[seed])" }
        evaluation.machine.session.emit(.progress(progress))
    }
}

/// Listens to one trial.
private final class TrialHost: InterpreterHost {
    /// What it printed and drew.
    private(set) var events: [HostEvent] = []
    private let onProgress: (TrainingProgress) -> Void

    init(onProgress: @escaping (TrainingProgress) -> Void) { self.onProgress = onProgress }

    func receive(_ event: HostEvent) {
        if case .progress(let progress) = event { onProgress(progress) } else { events.append(event) }
    }
}
