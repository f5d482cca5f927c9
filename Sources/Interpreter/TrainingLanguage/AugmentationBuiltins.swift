import Figures
import Graphs
import Language
import Tensors
import Training

/// Builtins that augmentations are declared with, and their contact sheet.
enum AugmentationBuiltins {
    static let all: [Builtin] = [
        Builtin(
            "interval", ["setting", "around:", "unit:", "of: 1"],
            "The range that a setting of an augmentation stands for: a...b as it is, a single number v as around - v "
                + "... around + v (without around, v alone). unit: \"deg\" wants degrees; unit: \"px\" takes pixels, "
                + "and shares (10 %) of the extent that of gives. Any other unit is refused.",
            example: "interval(10 %, around: 1)   # -> 0.9...1.1"
        ) { arguments in .range(try Interval(arguments).range) },
        Builtin(
            "beta", ["a", "b"], "A number of the beta distribution, between 0 and 1.",
            example: "beta(2, 2) < 1   # -> true"
        ) { arguments in
            let (a, b) = (try arguments.number(0), try arguments.number(1))
            let machine = arguments.machine
            if let pipeline = machine.pipeline as? AugmentationPipeline {
                return Value(try pipeline.application.trace.beta(a, b))
            }
            if machine.pipeline != nil {
                throw Diagnostic("'beta' draws for augmentations and at the prompt, not in nets", at: arguments.span)
            }
            let random = machine.session.random
            machine.session.random.position &+= 1
            let settings: Attributes = [
                "a": .number(a), "b": .number(b), "seed": .integer(Int(Int64(bitPattern: random.seed))),
                "type": .text(ElementType.float64.rawValue),
            ]
            let place = try machine.builder.scalar(Double(random.position % (1 << 52)))
            return Value(try machine.builder.apply(Machine.entry("random_beta"), [place], settings))
        },
        Builtin(
            "mix", ["share"],
            "In an augmentation, the last step: each image becomes share of itself and the rest of another one of its "
                + "batch, and the loss is shared out likewise. share is one number for the batch.",
            example: "augment halves { mix(0.5) }   # -> none", acceptsUnknown: true
        ) { arguments in
            let machine = arguments.machine
            guard let pipeline = machine.pipeline as? AugmentationPipeline else {
                throw Diagnostic("'mix' stands in an augmentation", at: arguments.span, expected: "augment name { … }")
            }
            guard let share = try machine.node(arguments[0], at: arguments.span(0)) else {
                if arguments.hasUnknown { return .none }
                throw arguments.wrong(0, expected: "a number")
            }
            try pipeline.application.trace.mix(share: share, image: pipeline.application.image)
            return .none
        },
        Builtin(
            "show", ["value", "on:", "title:"],
            "Draws an image [height, width] or [height, width, channels]; of anything else what the statement 'show' "
                + "writes; of an augmentation with on: the contact sheet of its steps, on an image, "
                + "a sample (data.train[0]) or several (data.train[0..<6]): six draws after each step, then the ends of "
                + "each range.",
            example: "show(relu)   # -> none", acceptsUnknown: true
        ) { arguments in
            guard arguments.has(1) else {
                if arguments.machine.isChecking { return .none }
                return try arguments.showImage() ?? arguments.showText()
            }
            return try ContactSheet(arguments).show()
        },
    ]
}

extension Arguments {
    fileprivate func showText() throws -> Value {
        let text = try machine.session.language.show(self[0], at: span(0), machine)
        machine.session.emit(.output((text ?? self[0].shown) + "\n"))
        return .none
    }
}

/// What a setting of an augmentation stands for.
private struct Interval {
    let range: RangeValue

    init(_ arguments: Arguments) throws {
        let around = arguments.has(1) ? try arguments.number(1) : nil
        let unit = arguments.has(2) ? Unit(rawValue: try arguments.text(2)) : nil
        guard !arguments.has(2) || unit == .degrees || unit == .pixels else {
            throw arguments.wrong(2, expected: "\"deg\" or \"px\"")
        }
        let extent = try arguments.number(3, default: 1)
        if case .range(let given) = arguments[0] {
            try given.requireOrder(at: arguments.span(0))
            let scale = try Self.scale(
                given.unit, wanted: unit, extent: extent, of: max(-given.lower, given.upper), arguments)
            range = RangeValue(given.lower * scale, given.upper * scale, isClosed: true)
            return
        }
        var (number, own) = (arguments[0].plainNumber, Unit?.none)
        if case .quantity(let quantity) = arguments[0], quantity.unit != .percent {
            (number, own) = (quantity.value, quantity.unit)
        }
        guard let number, number.isFinite else {
            throw arguments.wrong(0, expected: "a number, or a range a...b")
        }
        let scaled = number * (try Self.scale(own, wanted: unit, extent: extent, of: number, arguments))
        guard let around else {
            range = RangeValue(scaled, scaled, isClosed: true)
            return
        }
        guard scaled >= 0 else {
            throw Self.refused(
                "a single number is the distance to both sides", arguments, expected: "0 or more",
                hint: "a range a...b may lie on one side")
        }
        range = RangeValue(around - scaled, around + scaled, isClosed: true)
    }

    /// What numbers with the unit `own` are multiplied by; the unit has to be the wanted one.
    private static func scale(
        _ own: Unit?, wanted: Unit?, extent: Double, of largest: Double, _ arguments: Arguments
    ) throws -> Double {
        switch (own, wanted) {
        case (nil, nil), (.degrees, .degrees), (.pixels, .pixels): return 1
        case (nil, .pixels):
            guard largest <= 1 else {
                throw refused(
                    "a share of an image is at most 1", arguments, expected: "a share such as 10 %, or pixels",
                    hint: "write \(numberText(largest)) px or \(numberText(largest)) %")
            }
            return extent
        case (_, .degrees):
            throw refused(
                "an angle is given in degrees", arguments, expected: "15 deg, or a range 5...15 deg",
                hint: own == nil ? "write \(numberText(largest)) deg" : nil)
        case (_, .pixels):
            throw refused(
                "a length in an image is a share of it, or is given in pixels", arguments, expected: "10 %, or 2 px")
        default:
            throw refused(
                "this setting has no unit", arguments, expected: "a number, or a share such as 10 %",
                hint: own.map { "leave '\($0.rawValue)' out" })
        }
    }

    private static func refused(
        _ message: String, _ arguments: Arguments, expected: String, hint: String? = nil
    ) -> Diagnostic {
        Diagnostic(message, at: arguments.span(0), expected: expected, found: arguments[0].described, hint: hint)
    }
}
