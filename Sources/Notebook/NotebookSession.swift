import Files
import Interpreter
import Language

/// Runs cells and scripts one after the other and turns what happens into events for a front.
public final class NotebookSession {
    /// The interpreter that the cells share.
    public let engine: any NotebookEngine
    /// The number that the next cell gets, counted from 1.
    public private(set) var nextNumber = 1
    /// The sources of the cells that succeeded, oldest first.
    public private(set) var succeededCells: [String] = []
    /// The report of the cell or script that ran last.
    public private(set) var lastReport: CellReport?
    /// The wall-clock time of all cells so far, in seconds.
    public private(set) var totalSeconds = 0.0
    let front: any NotebookFront
    /// Kept here, as the engine holds its host weakly.
    private let relay: EventRelay

    /// A session that shows its events on `front`; `makeEngine` gets the host that the engine is to report to.
    public init(
        front: any NotebookFront, makeEngine: (any InterpreterHost) throws -> any NotebookEngine
    ) rethrows {
        self.front = front
        relay = EventRelay(front: front)
        engine = try makeEngine(relay)
    }

    /// Runs the text of one cell. Its names stay for later cells.
    @discardableResult
    public func run(cell text: String) -> CellReport {
        let number = nextNumber
        nextNumber += 1
        let report = measured(number: number) {
            try result(of: engine.run(SourceFile(name: "[\(number)]", text: text), mode: .cell))
        }
        if report.status == .succeeded { succeededCells.append(text) }
        return report
    }

    /// Runs the script at `path`. With mode `.cell` its names stay for later cells. A file that cannot be read is an
    /// error like any other.
    @discardableResult
    public func run(file path: String, mode: RunMode) -> CellReport {
        measured(number: nil) { try result(of: engine.run(readSource(path), mode: mode)) }
    }

    /// Shows what is wrong with the script at `path` without running it.
    @discardableResult
    public func check(file path: String) -> CellReport {
        measured(number: nil) {
            let found = engine.check(try readSource(path))
            found.forEach { front.show(.diagnostic($0)) }
            return found.contains { $0.severity == .error } ? .failed : .succeeded
        }
    }

    /// Forgets all names and cells; the numbers begin again.
    public func reset() throws {
        try engine.reset()
        nextNumber = 1
        succeededCells = []
    }

    private func result(of result: CellResult) -> CellReport.Status {
        if let echo = result.echo { front.show(.echo(echo)) }
        return result.failedExpectations == 0 ? .succeeded : .expectationsFailed(result.failedExpectations)
    }

    /// Runs `body`, shows what it throws and how it ended.
    private func measured(number: Int?, _ body: () throws -> CellReport.Status) -> CellReport {
        let clock = ContinuousClock()
        let start = clock.now
        var status = CellReport.Status.failed
        do {
            status = try body()
        } catch let interruption as Interruption {
            status = .interrupted
            front.show(.interrupted(interruption.message))
        } catch let diagnostics as Diagnostics {
            diagnostics.all.forEach { front.show(.diagnostic($0)) }
        } catch let diagnostic as Diagnostic {
            front.show(.diagnostic(diagnostic))
        } catch {
            front.show(.diagnostic(Diagnostic("\(error)")))
        }
        let elapsed = start.duration(to: clock.now).components
        let seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
        let report = CellReport(number: number, status: status, seconds: seconds)
        lastReport = report
        totalSeconds += seconds
        front.show(.finished(report))
        return report
    }
}

/// The script at `path` under that name.
private func readSource(_ path: String) throws(Diagnostic) -> SourceFile {
    do { return SourceFile(name: path, bytes: try readFile(path, acceptsStreams: true)) } catch {
        throw Diagnostic(error)
    }
}

/// Passes the interpreter's events on to the front.
private final class EventRelay: InterpreterHost {
    private let front: any NotebookFront

    init(front: any NotebookFront) { self.front = front }

    func receive(_ event: HostEvent) {
        switch event {
        case .output(let text): front.show(.output(text))
        case .figure(let figure): front.show(.figure(figure))
        case .progress(let progress): front.show(.progress(progress))
        case .note(let diagnostic): front.show(.diagnostic(diagnostic))
        }
    }
}
