import Figures
import Language

/// A value that is more than data: a net, a dataset, a run, a figure, a declared kind, a module.
///
/// The core only knows this protocol, so a new kind plugs in without a change here.
protocol ObjectValue: AnyObject {
    /// One word: `net`, `dataset`, `figure`.
    var typeName: String { get }
    /// What the prompt shows, without a line end.
    func preview() -> String
    /// Names after the dot, for completion and "did you mean".
    var fieldNames: [String] { get }
    /// The value of a field, nil where there is none of that name.
    func field(_ name: String, _ machine: Machine) throws -> Value?
    /// `object[…]`; nil where the kind has no subscripts.
    func element(_ subscripts: [SubscriptValue], _ machine: Machine) throws -> Value?
    /// What a `for` loop walks over; nil where there is nothing to walk over.
    func elements(_ machine: Machine) throws -> [Value]?
    /// `object(…)`; throws where the kind is not called.
    func call(_ call: CallArguments, _ machine: Machine) throws -> Value
    /// `input |> object`.
    func pipe(_ input: Value, at span: SourceSpan, _ machine: Machine) throws -> Value
    /// `==`.
    func isEqual(to other: any ObjectValue) -> Bool
    /// What `plot(object)` and the echo draw; nil for a kind without a picture.
    func figure(_ machine: Machine) throws -> Figure?
}

extension ObjectValue {
    func preview() -> String { typeName }
    var fieldNames: [String] { [] }
    func field(_ name: String, _ machine: Machine) throws -> Value? { nil }
    func element(_ subscripts: [SubscriptValue], _ machine: Machine) throws -> Value? { nil }
    func elements(_ machine: Machine) throws -> [Value]? { nil }
    func call(_ call: CallArguments, _ machine: Machine) throws -> Value {
        throw Diagnostic("\(typeName.withArticle) cannot be called", at: call.span)
    }
    func pipe(_ input: Value, at span: SourceSpan, _ machine: Machine) throws -> Value {
        throw Diagnostic(
            "a value cannot be piped into \(typeName.withArticle)", at: span,
            expected: "a function, a layer or a net after '|>'")
    }
    func isEqual(to other: any ObjectValue) -> Bool { self === other }
    func figure(_ machine: Machine) throws -> Figure? { nil }
}

/// What stands between the brackets of `x[…]`, evaluated.
enum SubscriptValue {
    case all
    case index(Value, SourceSpan)
    /// Whole numbers; negative ones count from the end, `upper` is exclusive unless `isClosed`. Without an end it goes
    /// as far as there is anything.
    case range(lower: Int?, upper: Int?, isClosed: Bool, SourceSpan)
}
