import Graphs
import Language
import Networks
import Training

// What a regularizer adds to the loss.
extension RuleValue {
    /// The penalty of each weight that `selector` selects.
    func penalty(on selector: Selector?, at span: SourceSpan, _ machine: Machine) -> Regularizer {
        Regularizer(on: selector) { weight, builder in
            try machine.building(with: builder) {
                let (result, _) = try machine.run(
                    self.template, arguments: self.settings, names: ["w": .tensor(weight)], pipeline: nil, at: span)
                guard let node = try machine.node(result, at: span) else {
                    throw Diagnostic("the regularizer '\(self.template.name)' gives no number", at: span)
                }
                return node
            }
        }
    }
}
