import Graphs
import Language
import Networks
import Training

// What a regularizer does to the weights. A body whose value is a number adds it to the loss; one that assigns w changes the
// weight after each step.
extension RuleValue {
    /// What it does to each weight that `selector` selects.
    func regularizer(on selector: Selector?, at span: SourceSpan, _ machine: Machine) -> Regularizer {
        Regularizer(
            on: selector,
            effect: { weight, builder in
                try machine.building(with: builder) { try self.effect(on: weight, at: span, machine) }
            })
    }

    private func effect(on weight: Node, at span: SourceSpan, _ machine: Machine) throws -> Regularizer.Effect {
        let (result, values) = try machine.run(
            template, arguments: settings, names: ["w": .tensor(weight)], pipeline: nil, wanted: ["w"], at: span)
        var effect = Regularizer.Effect()
        if let changed = try values["w"].flatMap({ try machine.node($0, at: span) }), changed !== weight {
            effect.weight = changed
        }
        effect.penalty = try machine.node(result, at: span)
        guard effect.weight != nil || effect.penalty != nil else {
            throw Diagnostic(
                "the regularizer '\(template.name)' gives no number", at: span, hint: "or it changes the weight: w = …")
        }
        return effect
    }
}
