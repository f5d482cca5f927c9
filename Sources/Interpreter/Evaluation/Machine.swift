import Datasets
import Figures
import Files
import Graphs
import Language
import Networks
import Scheduling
import Tensors
import Training

/// What runs compiled bodies: the value stack, the graph builder, and what is known of the session.
final class Machine {
    /// What a statement left behind besides its value.
    enum Signal: UInt8 { case none, breakLoop, continueLoop, `return` }

    /// Deepest nesting of calls.
    static let callLimit = 10_000
    /// Slots of the value stack.
    static let stackSlots = 1 << 20

    var builder: GraphBuilder
    let cancellation: CancellationToken
    let session: Session

    // The value stack.
    private let stack: UnsafeMutablePointer<Value>
    private var top: UnsafeMutablePointer<Value>
    private let stackEnd: UnsafeMutablePointer<Value>
    /// Lowest address that the thread's own stack may reach.
    var stackLimit: UInt = 0
    private(set) var depth = 0

    var signal = Signal.none
    var returnValue = Value.none

    /// The running value of a net whose body is being evaluated.
    var pipeline: (any Pipeline)?
    /// How many derivatives are being taken around this point.
    var gradientDepth = 0
    /// Classes that `one_hot` takes where it names none: inside of a loss, those of the net's output.
    var impliedClasses: Int?

    /// Set for the machine of a trial, which interprets while it has its turn: see Trials/Turn.swift.
    var turn: Turn?
    var hasTurn = true

    // Checking without running: see Checking/Checking.swift.
    var isChecking = false
    /// Over 0 where it is not certain that the line being evaluated runs.
    var uncertainty = 0
    /// A `break` or `continue` that may or may not happen.
    var uncertainJump = false
    var checkedCells: [Cell] = []
    var checkSteps = 0

    init(builder: GraphBuilder, cancellation: CancellationToken, session: Session) {
        self.builder = builder
        self.cancellation = cancellation
        self.session = session
        stack = .allocate(capacity: Self.stackSlots)
        top = stack
        stackEnd = stack + Self.stackSlots
    }

    deinit { stack.deallocate() }

    // MARK: Calls

    /// Makes the frame of a call. Each `enter` is followed by a `leave`.
    func enter(_ code: FunctionCode, at span: SourceSpan) throws -> Frame {
        try poll()
        var marker: UInt8 = 0
        let address = withUnsafePointer(to: &marker) { UInt(bitPattern: $0) }
        let frame = top
        let end = frame + code.slotCount
        guard depth < Self.callLimit, end < stackEnd, address > stackLimit else {
            throw endlessRecursion(of: code, at: span)
        }
        depth += 1
        frame.initialize(repeating: .none, count: code.slotCount)
        top = end
        return frame
    }

    func leave(_ frame: Frame, _ code: FunctionCode) {
        for slot in 0..<code.slotCount {
            if case .number = frame[slot] { continue }
            (frame + slot).deinitialize(count: 1)
        }
        top = frame
        depth -= 1
    }

    @inline(never)
    private func endlessRecursion(of code: FunctionCode, at span: SourceSpan) -> Diagnostic {
        Diagnostic(
            "'\(code.signature.name)' calls itself without end", at: span,
            expected: "at most \(Self.callLimit) calls inside of one another",
            hint: "a recursion needs a case that returns without calling itself")
    }

    /// Puts what a closure captured, and the closure itself where its body calls it, into a new frame.
    @inline(__always)
    func placeCaptures(of function: FunctionValue, _ code: FunctionCode, _ frame: Frame) {
        for index in 0..<code.captureSlots.count { frame[code.captureSlots[index]] = function.captures[index] }
        if let slot = code.selfSlot { frame[slot] = .function(function) }
    }

    /// Runs a body whose parameters and captures are in place.
    @inline(__always)
    func execute(_ code: FunctionCode, _ frame: Frame) throws -> Value {
        if isChecking { return try executeChecking(code, frame) }
        let result = try code.run(self, frame)
        return signal == .none ? result : takeReturn()
    }

    func takeReturn() -> Value {
        signal = .none
        let value = returnValue
        returnValue = .none
        return value
    }

    /// Calls any function with evaluated arguments.
    func call(_ function: FunctionValue, _ call: CallArguments) throws -> Value {
        guard hasTurn else { return try takingTurn { try self.call(function, call) } }
        guard let code = function.code else { return try function.call(call, self) }
        let targets = try function.signature.match(labels: call.labels, spans: call.spans, call: call.span)
        let frame = try enter(code, at: call.span)
        defer { leave(frame, code) }
        for index in function.signature.parameters.indices { frame[index] = .unset }
        for (argument, target) in targets.enumerated() { frame[target] = call.values[argument] }
        return try finish(function, code, frame, at: call.span)
    }

    /// Fills in defaults, runs the body and adds the place of the call to what goes wrong.
    func finish(_ function: FunctionValue, _ code: FunctionCode, _ frame: Frame, at span: SourceSpan) throws -> Value {
        let outer = pipeline
        if code.isPipeline { pipeline = nil }
        defer { if code.isPipeline { pipeline = outer } }
        do {
            placeCaptures(of: function, code, frame)
            for index in 0..<code.defaults.count {
                let slot = code.defaults[index].slot
                if case .unset = frame[slot] { frame[slot] = try code.defaults[index].value.evaluate(self, frame) }
            }
            return try execute(code, frame)
        } catch {
            throw locating(error, inCallOf: code.signature.name, at: span)
        }
    }

    /// Calls a function value with positional arguments: how builtins call back.
    func call(_ function: FunctionValue, _ arguments: Value..., at span: SourceSpan) throws -> Value {
        try call(function, CallArguments(arguments, at: span))
    }

    /// Calls anything that can be called.
    func call(_ callee: Value, _ arguments: CallArguments) throws -> Value {
        switch callee {
        case .function(let function): return try call(function, arguments)
        case .object(let object): return try object.call(arguments, self)
        case .unknown where isChecking: return .unknown
        case .cell(let cell): return try call(cell.value, arguments)
        default: throw Diagnostic("\(callee.kindName) cannot be called", at: arguments.span, found: callee.described)
        }
    }

    // MARK: Interruption

    /// Where loops and calls look whether somebody pressed Ctrl-C.
    @inline(__always)
    func poll() throws {
        if cancellation.isCancelled { throw interruption() }
        if isChecking { try countCheckStep() }
    }

    /// - Parameter name: what the script calls the run that was stopped, where it has a name.
    func interruption(of name: String? = nil) -> Interruption {
        let aborted = cancellation.isAborted
        let message =
            session.interruption.map { $0(name ?? "interrupted()") } ?? "interrupted; names bound so far are kept"
        session.interruption = nil
        return Interruption(message: message, aborted: aborted)
    }

    /// After a loop's body left a signal: whether the loop ends. A `return` stays set for the function.
    func endsLoop() -> Bool {
        switch signal {
        case .none: return false
        case .continueLoop:
            signal = .none
            return false
        case .breakLoop:
            signal = .none
            return true
        case .return: return true
        }
    }

    // MARK: Operations

    /// Applies an operation for the source at `span`.
    func apply(
        _ operation: Operation, _ inputs: [Node], _ attributes: Attributes = .none, at span: SourceSpan
    ) throws -> Node {
        builder.origin = origin(of: span)
        do {
            if isChecking { return try applyChecking(operation, inputs, attributes) }
            return try builder.apply(operation, inputs, attributes)
        } catch {
            throw locating(error, at: span)
        }
    }

    func origin(of span: SourceSpan) -> Origin {
        Origin(source: session.number(of: span.file), lower: Int32(span.lower), upper: Int32(span.upper))
    }

    /// What a computation of tensors gives, or the diagnostic for what it refuses.
    func tensorValue(at span: SourceSpan, _ body: () throws -> Tensor) throws -> Value {
        builder.origin = origin(of: span)
        do {
            return Value(builder.constant(try body()))
        } catch {
            throw locating(error, at: span)
        }
    }

    // MARK: Errors

    /// The error as a diagnostic at `span`, unless it has a place already.
    func locating(_ error: any Error, at span: SourceSpan?) -> any Error {
        switch error {
        case let diagnostic as Diagnostic: return diagnostic.locating(at: span)
        case let error as OperationError:
            return Diagnostic(error.message, at: span, expected: error.expected, found: error.found, hint: error.hint)
        case let error as TensorError: return Diagnostic(error.message, at: span, hint: error.hint)
        case let error as AllocationError:
            return Diagnostic(
                "a tensor of \(byteText(error.requestedBytes)) is too large", at: span,
                expected: "at most \(byteText(error.limitBytes))", found: byteText(error.requestedBytes),
                hint: "NNX_MAX_TENSOR_BYTES sets the limit")
        case let error as TrainingMemoryError: return Diagnostic(error, at: span)
        case let error as PlanAllocationError: return Diagnostic(error, at: span)
        case let error as DatasetError:
            return Diagnostic(error.message, at: span, found: error.path, hint: error.hint)
        case let error as FileError: return Diagnostic(error, at: span)
        case let error as FigureError: return Diagnostic(error.message, at: span)
        case let error as NonFiniteLoss:
            return Diagnostic(error.message, at: session.span(of: error.origin) ?? span, hint: error.hint)
        default: return error
        }
    }

    /// Notes of a diagnostic that tell of calls: the three nearest and the outermost.
    private static let callNotes = 4

    /// The error with the place of the call that it came through. What surfaces inside of the standard library is shown
    /// where the library was used.
    func locating(_ error: any Error, inCallOf name: String, at span: SourceSpan) -> any Error {
        guard var diagnostic = locating(error, at: span) as? Diagnostic else { return error }
        guard let place = diagnostic.span, place != span else { return diagnostic }
        if session.isStandardLibrary(place.file), !session.isStandardLibrary(span.file) {
            diagnostic.notes.insert(Diagnostic.Note("'\(name)' computes this here", at: place), at: 0)
            diagnostic.span = span
            return diagnostic
        }
        let note = Diagnostic.Note("in the call of '\(name)' here", at: span)
        if diagnostic.notes.count < Self.callNotes {
            diagnostic.notes.append(note)
        } else {
            diagnostic.notes[Self.callNotes - 1] = note
        }
        return diagnostic
    }

    func unknownField(_ name: String, of value: Value, at span: SourceSpan) -> Diagnostic {
        let names = value.fieldNames
        let near = closestName(to: name, among: names)
        return Diagnostic(
            "\(value.kindName) has no field '\(name)'", at: span,
            expected: names.isEmpty ? nil : names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", …" : ""),
            hint: near.map { "did you mean '\($0)'?" })
    }

    // MARK: Conditions and walks

    /// Whether a value that stands as a condition holds; nil while checking where that is not known.
    func truth(of value: Value, at span: SourceSpan) throws -> Bool? {
        switch value {
        case .bool(let flag): return flag
        case .number:
            throw Diagnostic(
                "a condition is a truth value, not a number", at: span, expected: "true or false",
                found: value.described, hint: "compare it: … != 0")
        case .tensor(let node) where node.shape.count == 1:
            if let tensor = node.value { return tensor[flat: 0] != 0 }
            if isChecking, pipeline == nil { return nil }
            throw NeedsValueError(origin: origin(of: span))
        case .unknown: return nil
        case .tensor(let node):
            throw Diagnostic(
                "a condition is one truth value, not a tensor", at: span, expected: "true or false",
                found: "a tensor of shape \(node.shape)", hint: "all(…) or any(…) makes one of it")
        default:
            throw Diagnostic(
                "a condition is a truth value", at: span, expected: "true or false", found: value.described)
        }
    }

    /// The whole numbers of a range that is walked over.
    func wholeRange(_ range: RangeValue, at span: SourceSpan) throws -> Range<Int> {
        if let whole = range.whole { return whole }
        if let unit = range.unit {
            throw Diagnostic(
                "a range with a unit is no row of whole numbers", at: span, found: Value.range(range).described,
                hint: "leave '\(unit.rawValue)' out")
        }
        let end = wholeNumber(range.lower) == nil ? range.lower : range.upper
        throw Diagnostic(
            "a range that is walked over goes from whole number to whole number", at: span,
            expected: "whole numbers", found: numberText(end),
            hint: end.isInfinite ? "an infinite end comes from a division by zero" : "round, floor or ceil makes one")
    }

    /// The whole numbers of a range as a list, which has to fit into memory.
    func numbers(in range: RangeValue, at span: SourceSpan) throws -> [Double] {
        let whole = try wholeRange(range, at: span)
        guard whole.count <= 1 << 26 else {
            throw Diagnostic("a list of \(whole.count) numbers is too long", at: span)
        }
        return whole.map(Double.init)
    }

    /// What a loop, `map` and their like walk over.
    func elements(of value: Value, at span: SourceSpan) throws -> [Value] {
        switch value {
        case .list(let elements): return elements
        case .range(let range):
            return try numbers(in: range, at: span).map(Value.number)
        case .tensor(let node) where node.shape.rank > 0: return try rows(of: node, at: span)
        case .record(let record): return record.pairs.map { .list([.string($0.name), $0.value]) }
        case .string(let text): return text.map { .string(String($0)) }
        case .object(let object):
            if let elements = try object.elements(self) { return elements }
        case .cell(let cell): return try elements(of: cell.value, at: span)
        default: break
        }
        throw Diagnostic(
            "\(value.kindName) cannot be walked over", at: span, expected: "a range, a list, a tensor or a record",
            found: value.described, hint: value.plainNumber.map { "0..<\(numberText($0)) counts up to it" })
    }

    /// `count` parts of a value that is taken apart: `let (a, b) = …`.
    func parts(of value: Value, count: Int, at span: SourceSpan) throws -> [Value] {
        if case .unknown = value { return [Value](repeating: .unknown, count: count) }
        let parts = try elements(of: value, at: span)
        guard parts.count == count else {
            throw Diagnostic(
                "\(count) names cannot take \(value.kindName) of \(parts.count) apart", at: span,
                expected: "\(count) values", found: "\(parts.count) values")
        }
        return parts
    }
}

/// The running value of a net, seen from the statements of its body.
protocol Pipeline: AnyObject {
    /// A statement of the body had `value`: a layer or net is applied to the running value; what a statement such as
    /// `print` gives is left alone. The result is the statement's value.
    func apply(_ value: Value, at span: SourceSpan, _ machine: Machine) throws -> Value
    /// What `here`, `channels` and the other names of the body stand for; nil where it has none of that name.
    func name(_ name: String, _ machine: Machine) throws -> Value?
    /// `weight W = …`. The value is evaluated only if asked for.
    func weight(_ name: String, at span: SourceSpan, _ machine: Machine, value: () throws -> Value) throws -> Value
    /// `state m = 0`: what the variable is bound to.
    func state(_ name: String, initial: Value, at span: SourceSpan, _ machine: Machine) throws -> Value
    /// Uniform numbers in [0, 1) that are new for each step of training; nil where the session's are to be taken.
    func uniform(_ shape: Shape, _ machine: Machine) throws -> Node?
    /// A number of a range, new for each step or image; nil where the session's is to be taken.
    func uniform(in range: ClosedRange<Double>, _ machine: Machine) throws -> Node?
    /// `input |> block`, where the block is one of a net's: its output. Nil outside of nets.
    func run(_ block: FunctionValue, on input: Value, at span: SourceSpan, _ machine: Machine) throws -> Value?
}

extension Pipeline {
    func uniform(_ shape: Shape, _ machine: Machine) throws -> Node? { nil }
    func uniform(in range: ClosedRange<Double>, _ machine: Machine) throws -> Node? {
        guard let share = try uniform(.scalar, machine) else { return nil }
        let scaled = try machine.builder.multiply(share, range.upperBound - range.lowerBound)
        return try machine.builder.add(scaled, range.lowerBound)
    }
    func run(_ block: FunctionValue, on input: Value, at span: SourceSpan, _ machine: Machine) throws -> Value? { nil }
}

extension Machine {
    /// After an error or an interruption: nothing of the evaluation that was broken off is left.
    func recover() {
        recoverInStatement()
        gradientDepth = 0
    }

    /// The same between two statements of a check.
    func recoverInStatement() {
        signal = .none
        returnValue = .none
        pipeline = nil
        uncertainty = 0
        uncertainJump = false
    }
}
