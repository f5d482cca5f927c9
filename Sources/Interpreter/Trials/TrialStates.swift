import Files
import Training

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How far the fits of one trial of a script are: a script that was stopped goes on there when it is run again.
final class TrialStates {
    /// Of the files, without their number.
    private let path: String
    /// One for each `fit` that the block has run.
    private var reached: [TrainingState] = []

    init(path: String) { self.path = path }

    private func file(_ index: Int) -> String { "\(path)-\(index).safetensors" }

    /// Where the next fit of the block goes on; nil where it begins.
    ///
    /// - Throws: `OperationError` where its file is damaged.
    func next() throws -> TrainingState? {
        let file = file(reached.count)
        return exists(file) ? try TrainingState(reading: file) : nil
    }

    func add(_ state: TrainingState) { reached.append(state) }

    /// - Throws: `OperationError` where a file cannot be written.
    func save() throws {
        for (index, state) in reached.enumerated() { try state.save(to: file(index)) }
    }

    /// Nothing is left to go on with.
    func remove() {
        for index in reached.indices { unlink(file(index)) }
    }
}

extension TrialsEvaluation {
    /// The states of a trial; nil at the prompt, where the table itself keeps them.
    ///
    /// Its files are named after all that makes the trial what it is: sources, parameters, place, row and seed.
    func states(row: Int, seed: Int) -> TrialStates? {
        let session = machine.session
        guard session.isScript else { return nil }
        var mark: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ bytes: some Sequence<UInt8>) {
            // FNV-1a, as for modules; 0xFF, which no text holds, ends each part.
            for byte in bytes { mark = (mark ^ UInt64(byte)) &* 0x100_0000_01b3 }
            mark = (mark ^ 0xFF) &* 0x100_0000_01b3
        }
        add(span.file.bytes)
        for module in session.modules.sorted(by: { $0.key < $1.key }) { add("\(module.value.contentHash)".utf8) }
        for parameter in session.configuration.parameters.sorted(by: { $0.key < $1.key }) {
            add(parameter.key.utf8)
            add(parameter.value.utf8)
        }
        add("\(span.lower) \(definition.name(ofRow: row)) \(definition.seeds[seed])".utf8)
        return TrialStates(path: session.resolve(path: "build/trials/\(String(mark, radix: 16))"))
    }
}
