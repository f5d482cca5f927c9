import Figures
import Language
import Training

extension NotebookEvent {
    /// The event as a JSON object whose `event` names its kind: what `nnx run --json` prints, one a line.
    public var json: JSONValue {
        switch self {
        case .output(let text): .object([("event", .string("output")), ("text", .string(text))])
        case .echo(let text): .object([("event", .string("value")), ("text", .string(text))])
        case .figure(let figure): .object([("event", .string("figure"))] + figure.jsonMembers)
        case .progress(let progress): .object([("event", .string("progress"))] + progress.jsonMembers)
        case .diagnostic(let diagnostic): .object([("event", .string("diagnostic"))] + diagnostic.jsonMembers)
        case .interrupted(let message):
            .object([("event", .string("interrupted")), ("message", .string(message))])
        case .finished(let report):
            .object([
                ("event", .string("finished")), ("status", .integer(Int(report.exitStatus))),
                ("failed_expectations", .integer(report.failedExpectations)), ("seconds", .number(report.seconds)),
            ])
        }
    }
}

extension CellReport {
    fileprivate var failedExpectations: Int {
        if case .expectationsFailed(let count) = status { count } else { 0 }
    }
}

extension Figure {
    /// What the figure holds, without its numbers.
    fileprivate var jsonMembers: [(key: String, value: JSONValue)] {
        let panels = panels.map { panel -> JSONValue in
            switch panel {
            case .plot(let plot):
                let labels = plot.series.map { JSONValue.optional($0.label) }
                return .object([
                    ("kind", .string("plot")), ("title", .string(plot.title)), ("series", .array(labels)),
                ])
            case .matrix, .image, .images, .bars, .diagram:
                return .object([("kind", .string(panel.kind)), ("title", .string(panel.title))])
            }
        }
        return [("title", .string(title)), ("panels", .array(panels))]
    }
}

extension TrainingProgress {
    fileprivate var jsonMembers: [(key: String, value: JSONValue)] {
        [
            ("kind", .string("\(kind)")), ("task", .string(task)), ("epoch", .integer(epoch)),
            ("epochs", .integer(epochs)), ("step", .integer(step)), ("steps", .integer(steps)),
            ("loss", .number(loss)), ("accuracy", .optional(accuracy)), ("val_loss", .optional(validationLoss)),
            ("val_accuracy", .optional(validationAccuracy)), ("samples_per_second", .number(samplesPerSecond)),
            ("seconds_left", .number(secondsLeft)), ("seconds", .number(elapsed)),
        ]
    }
}

extension Diagnostic {
    fileprivate var jsonMembers: [(key: String, value: JSONValue)] {
        var members: [(key: String, value: JSONValue)] = [
            ("severity", .string(severity.rawValue)), ("message", .string(message)),
        ]
        if let span { members += span.jsonMembers }
        for (key, value) in [("label", label), ("expected", expected), ("found", found), ("hint", hint)] {
            if let value { members.append((key, .string(value))) }
        }
        if !notes.isEmpty {
            let places = notes.map { note in
                JSONValue.object([("message", .string(note.message))] + (note.span?.jsonMembers ?? []))
            }
            members.append(("notes", .array(places)))
        }
        return members
    }
}

extension SourceSpan {
    fileprivate var jsonMembers: [(key: String, value: JSONValue)] {
        [("file", .string(file.name)), ("line", .integer(line)), ("column", .integer(column))]
    }
}
