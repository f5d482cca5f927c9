import Language
import Networks

/// Nets and training as parts of the language.
struct NetworkLanguage: LanguageExtension {
    func declare(_ template: DeclarationTemplate, _ machine: Machine) throws -> Value {
        switch template.kind {
        case .layer, .block, .net: return .function(DeclaredNetwork(template))
        case .loss, .metric:
            guard template.signature.parameters.count >= 2 else {
                throw Diagnostic(
                    "a \(template.kind.rawValue) has two parameters", at: template.headSpan,
                    expected: "\(template.kind.rawValue) \(template.name)(y, output)",
                    found: "\(template.kind.rawValue) \(template.signature.text)")
            }
            return .function(DeclaredRule(template))
        case .regularizer, .optimizer, .schedule: return .function(DeclaredRule(template))
        case .augment: return .function(DeclaredAugmentation(template))
        case .function: preconditionFailure("functions are not declared here")
        }
    }

    func fit(net: Value, data: Value, settings: [SettingValue], at span: FitSpans, _ machine: Machine) throws -> Value {
        let names = FitSettings.names
        try FitSettings.checkNames(settings, known: names, of: "fit")
        if case .unknown = net { return .unknown }
        if case .unknown = data { return .unknown }
        let network = try machine.network(net, at: span.net)
        let dataset = try machine.dataset(data, at: span.data)
        let chosen = try FitSettings(settings, for: dataset, at: span.whole, machine)
        return try FitEvaluation(network, dataset, chosen, at: span, machine).run()
    }

    func resume(run: Value, settings: [SettingValue], at span: SourceSpan, _ machine: Machine) throws -> Value {
        if case .unknown = run { return .unknown }
        if case .object(let object) = run, let table = object as? TableValue { return try table.resumed(settings) }
        try FitSettings.checkNames(settings, known: ["epochs", "steps"], of: "resume")
        guard case .object(let object) = run, let earlier = object as? RunValue else {
            throw Diagnostic(
                "only a run is resumed", at: span, expected: "what 'fit' or 'compare' gave", found: run.described)
        }
        return try earlier.evaluation.resuming(earlier, settings, at: span).run()
    }

    func trials(
        _ kind: Trials.Kind, settings: [SettingValue], body: FunctionValue, at span: SourceSpan, _ machine: Machine
    ) throws -> Value {
        let definition = try TrialsDefinition(kind, settings, at: span, machine)
        return try TrialsEvaluation(definition: definition, body: body, span: span, machine: machine).run()
    }

    func show(_ value: Value, at span: SourceSpan, _ machine: Machine) throws -> String? {
        switch value {
        case .function(let rule as DeclaredRule): return rule.template.shown(with: nil, of: rule.settings)
        case .function(let network as DeclaredNetwork):
            return network.template.shown(with: nil, of: network.signature)
        case .function(let augmentation as DeclaredAugmentation):
            return augmentation.template.shown(with: nil, of: augmentation.signature)
        case .object(let object):
            switch object {
            case let timing as TimingValue: return timing.stepsTable
            case let rule as RuleValue: return rule.template.shown(with: rule.settings, of: rule.declaration.settings)
            case let augmentation as AugmentationValue:
                return augmentation.template.shown(with: augmentation.arguments, of: augmentation.template.signature)
            case let network as NetworkValue:
                let template = network.declaration.template
                return template.shown(with: network.arguments, of: template.signature)
            default: return nil
            }
        default: return nil
        }
    }

    func why(_ value: Value, at span: SourceSpan, _ machine: Machine) throws -> String {
        if case .object(let object) = value {
            if let layer = object as? LayerValue { return try layer.sizes(machine) }
            if let network = object as? NetworkValue, network.sampleShape == nil {
                throw Diagnostic(
                    "the sizes of \(network.name) follow from its input, which is not known", at: span,
                    hint: "name a layer of a net that has weights: why initialize(net, input: [28, 28, 1]).conv1")
            }
        }
        throw Diagnostic(
            "'why' explains the sizes of a layer", at: span,
            expected: "why net.conv1, why net[\"stage1.conv2\"]", found: value.described)
    }

    static let builtins: [Builtin] = [
        DataBuiltins.all,
        ImageBuiltins.all,
        NetworkBuiltins.all,
        SurgeryBuiltins.all,
        DrawingBuiltins.all,
        PredictionBuiltins.all,
        FilterBuiltins.all,
        LayerStatisticsBuiltins.all,
        HistogramBuiltins.all,
        TopLosses.all,
        BoundaryBuiltin.all,
        MinimizeBuiltins.all,
        TimingBuiltins.all,
        StoppingRules.all,
        AugmentationBuiltins.all,
    ].flatMap { $0 }
}
