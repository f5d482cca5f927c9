import Datasets
import Graphs
import Language
import Networks
import Tensors
import Training

/// One `fit`: what is trained on what, and how.
struct FitEvaluation {
    let network: NetworkValue
    let data: Dataset
    var settings: FitSettings
    let span: FitSpans
    let machine: Machine
    /// Where a resumed run goes on.
    private var state: TrainingState?

    /// The same for another machine, where the one that it began on was a trial's.
    func on(_ machine: Machine) -> FitEvaluation {
        var copy = FitEvaluation(network, data, settings, at: span, machine)
        copy.state = state
        return copy
    }

    init(_ network: NetworkValue, _ data: Dataset, _ settings: FitSettings, at span: FitSpans, _ machine: Machine) {
        self.network = network
        self.data = data
        self.settings = settings
        self.span = span
        self.machine = machine
    }

    /// The same run with more to do: `epochs` and `steps` are added to those taken (without these, what is left of it),
    /// `freeze` and `unfreeze` change what is trained from here on.
    func resuming(_ run: RunValue, _ more: [SettingValue], at place: SourceSpan) throws -> FitEvaluation {
        var copy = self
        var changes: [(selector: Selector, isFrozen: Bool)] = []
        for setting in more where ["freeze", "unfreeze"].contains(setting.name.name) {
            copy.settings.places["freeze"] = setting.valueSpan
            let isFrozen = setting.name.name == "freeze"
            changes += try SettingReader(setting, machine).selectors().map { ($0, isFrozen) }
        }
        guard let result = run.result else {
            // While the script is checked there are no weights whose flags could change.
            if changes.allSatisfy(\.isFrozen) {
                copy.settings.frozen += changes.map(\.selector)
            } else {
                copy.settings.frozen = []
            }
            return copy
        }
        copy.settings.frozen = []
        let definition = try settings.optimizer.definition(at: settings.places["optimizer"] ?? span.whole, machine)
        copy.state = try copy.machine.located(copy.settings.places["freeze"] ?? place) {
            try result.state.freezing(changes, optimizer: definition)
        }
        if more.contains(where: { ["epochs", "steps"].contains($0.name.name) }) {
            (copy.settings.epochs, copy.settings.steps) = (nil, nil)
        }
        for setting in more {
            let reader = SettingReader(setting, machine)
            switch setting.name.name {
            case "freeze", "unfreeze": break
            case "epochs": copy.settings.epochs = result.state.epoch + (try reader.count(unit: .epochs, from: 0))
            default: copy.settings.steps = result.state.step + (try reader.count(unit: .steps, from: 0))
            }
        }
        return copy
    }

    func run() throws -> Value {
        if machine.isChecking { return try check() }
        let result = try locating { request in
            var request = request
            if request.resume == nil, let reached = try machine.session.trialStates?.next() {
                request.resume = reached
                // A run that had stopped early is done.
                if let stop = request.stop, reached.epoch - reached.bestEpoch >= stop.patience {
                    request.epochs = reached.epoch
                }
            }
            return try machine.givingTurn { try fit(request) }
        }
        // What comes after a fit that was stopped starts from what does not count.
        if machine.session.interruption == nil { machine.session.trialStates?.add(result.state) }
        return try value(of: result)
    }

    private func value(of result: FitResult) throws -> Value {
        for note in result.notes { machine.session.emit(.note(Diagnostic(note, at: span.whole, severity: .note))) }
        let run = RunValue(self, result)
        if result.stopReason == .interrupted {
            machine.session.interruptedRun = run
            machine.session.interruption = try interruptionText(result)
        }
        if let profile = result.profile { show(profile) }
        return .object(run)
    }

    /// Prints where the time went, with the lines that use the layers.
    private func show(_ profile: StepProfile) {
        let places = layerSpans()
        let table = profile.table { row in
            guard let place = places(row.name).last else { return nil }
            return "\(place.file.name):\(place.file.line(at: place.lower))"
        }
        machine.session.emit(.output("profile of \(network.name)\n\(table)"))
    }

    /// Does something with the request; what it throws is shown where it belongs.
    func locating<T>(_ body: (FitRequest) throws -> T) throws -> T {
        do {
            return try body(try request())
        } catch is Cancelled {
            throw Interruption(message: "training of \(network.name) was broken off; its state is lost", aborted: true)
        } catch let error as NonFiniteLoss {
            throw located(error)
        } catch {
            throw machine.locating(error, at: place(of: error))
        }
    }

    /// What of the `fit` an error is about: a setting, the net, or all of it.
    private func place(of error: any Error) -> SourceSpan {
        if error is TrainingMemoryError { return settings.places["batch"] ?? span.net }
        guard let argument = (error as? OperationError)?.argument else { return span.whole }
        // What is frozen is a setting, or was said of the net before.
        return settings.places[argument] ?? (["net", "freeze"].contains(argument) ? span.net : span.whole)
    }

    /// A loss that is no number, at the user's own line: that of the operation, else that of the layer it belongs to.
    private func located(_ error: NonFiniteLoss) -> Diagnostic {
        let session = machine.session
        var diagnostic = Diagnostic(error.message, at: session.span(of: error.origin), hint: error.hint)
        guard let place = diagnostic.span, !session.isStandardLibrary(place.file) else {
            if let place = diagnostic.span {
                let owner = error.scope.map { "'\($0)' computes this here" } ?? "computed here"
                diagnostic.notes.append(Diagnostic.Note(owner, at: place))
            }
            diagnostic.span = ownSpan(ofLayer: error.scope ?? error.name)
            return diagnostic
        }
        return diagnostic
    }

    /// Where the user's own files use the layer of a path, or name what it belongs to.
    private func ownSpan(ofLayer path: String?) -> SourceSpan {
        if path == "loss" { return settings.places["loss"] ?? span.whole }
        // The input held such a number: the data is finite, so an augmentation made it.
        if path == "x", !settings.augmentations.isEmpty { return settings.places["augment"] ?? span.whole }
        guard let place = path.flatMap({ layerSpans()($0).last }), !machine.session.isStandardLibrary(place.file)
        else { return span.net }
        return place
    }

    /// Where the layer of a path is used: from the outermost block to the layer itself, those in the user's own files
    /// last.
    private func layerSpans() -> (_ path: String) -> [SourceSpan] {
        let session = machine.session
        let layers = (try? NetworkSummary(definition, sampleShape: Shape(data.sampleShape)))?.layers ?? []
        return { path in
            let places = layers.filter { path == $0.path || path.hasPrefix($0.path + ".") }
                .compactMap { session.span(of: $0.origin) }
            return places.filter { session.isStandardLibrary($0.file) }
                + places.filter { !session.isStandardLibrary($0.file) }
        }
    }

    /// What to tell; of a script the state is saved first, as nobody is there to go on with it.
    private func interruptionText(_ result: FitResult) throws -> (_ run: String) -> String {
        let stopped = "stopped after step \(result.state.step) of \(network.name)"
        guard machine.session.isScript else {
            return { "\(stopped); nothing is lost: resume \($0) goes on, \($0).net and \($0).history are there" }
        }
        let path = "build/\(network.name).interrupted.safetensors"
        try result.state.save(to: machine.session.resolve(path: path))
        return { _ in "\(stopped); saved: the setting from: \"\(path)\" of the fit goes on there" }
    }

    /// The weights that the training of a seed began with.
    func weightsAtStart(seed: UInt64) throws -> Weights {
        try initialWeights(
            definition, sampleShape: Shape(data.sampleShape), seed: seed, precision: settings.precision,
            keeping: network.weights)
    }

    private var definition: InterpretedNetwork { InterpretedNetwork(value: network, machine: machine, span: span.net) }

    private func request() throws -> FitRequest {
        var request = FitRequest(
            definition, on: data, loss: loss,
            optimizer: try settings.optimizer.definition(at: settings.places["optimizer"] ?? span.whole, machine))
        request.frozen = settings.frozen
        if !settings.augmentations.isEmpty {
            request.augmentation = InterpretedAugmentation(
                augmentations: settings.augmentations, machine: machine, span: settings.places["augment"] ?? span.whole)
        }
        request.validation = settings.validation
        request.regularizers = settings.regularizers.map { rule in
            rule.value.regularizer(on: rule.selector, at: settings.places["regularize"] ?? span.whole, machine)
        }
        request.batch = settings.batch
        request.maximumSteps = settings.steps
        request.seed = settings.seed
        request.precision = settings.precision
        try request.start(from: network)
        request.stop = settings.stop
        request.checkpoint = settings.checkpoint.map { rule in
            Checkpoint(
                everyEpochs: rule.epochs,
                path: machine.session.resolve(path: rule.path ?? "build/\(network.name).checkpoint.safetensors"))
        }
        request.resume = try state ?? settings.start.map { try TrainingState(reading: $0) }
        request.clipping = settings.clipping
        request.accumulated = settings.accumulated
        request.rateFactors = settings.rateFactors
        request.decay = settings.decay
        request.metrics = settings.metrics.map { metric in
            Metric(metric.name) { targets, outputs in try self.measure(metric, targets, outputs) }
        }
        request.epochs = settings.epochs ?? settings.steps.map(request.epochs(forSteps:)) ?? request.epochs
        request.cancellation = machine.cancellation
        request.pool = machine.builder.pool
        request.isProfiled = machine.session.configuration.isProfiling
        request.progress = { [machine] progress in
            machine.takingTurn { machine.session.emit(.progress(progress)) }
        }
        return request
    }

    private func loss(_ y: Node, _ output: Node, _ builder: GraphBuilder) throws -> Node {
        let place = settings.places["loss"] ?? span.whole
        return try machine.building(with: builder) {
            if let loss = settings.loss { return try loss.value(of: y, output, at: place, machine) }
            guard let function = settings.lossFunction else { preconditionFailure("a fit without a loss") }
            let result = try machine.call(function, .tensor(y), .tensor(output), at: place)
            guard let node = try machine.node(result, at: place) else {
                throw Diagnostic("the loss gives no number", at: place, found: result.described)
            }
            return node
        }
    }

    /// A metric of the validation split as one number.
    private func measure(_ metric: NamedMetric, _ targets: Tensor, _ outputs: Tensor) throws -> Double {
        let place = settings.places["metrics"] ?? span.whole
        let value = try machine.measure(metric.value, targets, outputs, at: place)
        guard let number = value.plainNumber else {
            throw Diagnostic(
                "the metric '\(metric.name)' gives no number", at: place, expected: "one number an epoch",
                found: value.described)
        }
        return number
    }

    /// Traces net, loss, regularizers and optimizer on shapes and compares them with the data.
    private func check() throws -> Value {
        try locating { try checkFit($0) }
        return .object(RunValue(self, nil))
    }
}

extension FitRequest {
    /// Takes the weights that a net has, and what of it is frozen, by the request's seed and precision where it has none.
    mutating func start(from network: NetworkValue) throws {
        weights = network.weights
        guard network.weights == nil, !network.freezing.isEmpty else { return }
        var new = try initialWeights(
            definition, sampleShape: Shape(train.sampleShape), seed: seed, precision: precision)
        for (selector, isFrozen) in network.freezing { try new.setFrozen(isFrozen, selector) }
        weights = new
    }
}
