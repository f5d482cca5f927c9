/// How large a tree may become, so that everything that walks it by recursion stays within its stack.
public enum SyntaxLimits {
    /// The deepest nesting of brackets, blocks and prefix operators that the parser follows.
    public static let nesting = 256
    /// The highest tree: nesting, and the terms of a left-associative chain such as `a + a + …`.
    public static let height = 512
}

extension Expression.Kind {
    /// The height of the highest child; 0 for a leaf. Each child knows its own, so this looks one level down.
    var childrenHeight: Int {
        switch self {
        case .number, .quantity, .bool, .none, .name: 0
        case .string(let parts):
            parts.lazy.map {
                switch $0 {
                case .text: 0
                case .interpolation(let value): value.height
                }
            }.max() ?? 0
        case .list(let elements): elements.lazy.map(\.height).max() ?? 0
        case .record(let fields): fields.lazy.map(\.value.height).max() ?? 0
        case .lambda(let lambda): lambda.body.height
        case .call(let call):
            max(
                call.callee.height, call.arguments.lazy.map(\.value.height).max() ?? 0,
                call.blocks.lazy.map(\.height).max() ?? 0)
        case .field(let base, _): base.height
        case .index(let base, let subscripts):
            max(
                base.height,
                subscripts.lazy.map {
                    switch $0 {
                    case .all: 0
                    case .at(let position): position.height
                    case .range(let lower, let upper, _, _): max(lower?.height ?? 0, upper?.height ?? 0)
                    }
                }.max() ?? 0)
        case .unary(_, let operand): operand.height
        case .binary(_, let left, let right), .logical(_, let left, let right), .range(let left, let right, _),
            .pipe(let left, into: let right), .restricted(let left, to: let right):
            max(left.height, right.height)
        case .conditional(let conditional):
            max(
                conditional.branches.lazy.map { max($0.condition.height, $0.body.height) }.max() ?? 0,
                conditional.otherwise?.height ?? 0)
        case .match(let match):
            max(match.subject.height, match.cases.lazy.map(\.height).max() ?? 0)
        case .block(let block): block.height
        case .variable(_, let values): values.height
        case .fit(let fit): max(fit.net.height, fit.data.height, fit.settings.height)
        case .resume(let run, let settings): max(run.height, settings.height)
        case .trials(let trials): max(trials.settings.height, trials.body.height)
        }
    }
}

extension Match.Case {
    fileprivate var height: Int { max(guardCondition?.height ?? 0, body.height, 3) }
}

extension Settings {
    fileprivate var height: Int { entries.lazy.map(\.value.height).max() ?? 0 }
}

extension Statement {
    /// The height of the highest child of this statement.
    var childrenHeight: Int {
        switch kind {
        case .breakLoop, .continueLoop, .use: 0
        case .binding(let binding): binding.value.height
        case .assignment(let assignment): max(assignment.target.height, assignment.value.height)
        case .declaration(let declaration): declaration.height
        case .forLoop(let loop): max(loop.sequence.height, loop.body.height)
        case .whileLoop(let condition, let body): max(condition.height, body.height)
        case .repeatLoop(let count, let body): max(count.height, body.height)
        case .returnValue(let value): value?.height ?? 0
        case .parameter(let parameter): parameter.value.height
        case .expectError(let message, let body): max(message.height, body.height)
        case .weight(_, let value, let condition): max(value.height, condition?.height ?? 0)
        case .state(let variables): variables.lazy.map(\.value.height).max() ?? 0
        case .seed(let value), .expect(let value), .show(let value), .why(let value), .expression(let value):
            value.height
        }
    }
}

extension Declaration {
    fileprivate var height: Int {
        let bodyHeight =
            switch body {
            case .block(let block): block.height
            case .expression(let expression): expression.height
            }
        return max(bodyHeight, (parameters ?? []).lazy.compactMap(\.defaultValue?.height).max() ?? 0)
    }
}
