import Graphs
import Language
import Tensors

/// The check ran for long enough; what is left of the statement is not known.
struct CheckBudgetExceeded: Error {}

// Checking is running with shapes in place of numbers. Whatever is not certain becomes `unknown`, which every
// operation absorbs, and errors in lines that may never run are dropped: the check never reports what would not
// happen.
extension Machine {
    /// Rounds of a long loop that are checked.
    static let checkedRounds = 3
    /// Loops with no more rounds than this are checked whole.
    static let shortLoop = 16
    /// Loop rounds and calls that a statement may take while it is checked.
    static let checkBudget = 20_000
    /// Elements up to which a tensor keeps its numbers while it is checked.
    static let checkedElements = 4096

    /// Whether there is no number in `value` to be had.
    func isUnknown(_ value: Value) -> Bool {
        switch value {
        case .unknown: true
        case .tensor(let node): isChecking && pipeline == nil && node.isSymbolic
        default: false
        }
    }

    func countCheckStep() throws {
        checkSteps += 1
        if checkSteps > Self.checkBudget { throw CheckBudgetExceeded() }
    }

    /// How many rounds of a loop are run. The loops of a net's body are run whole: they build it.
    func iterationLimit(_ count: Int) -> Int {
        isChecking && pipeline == nil && count > Self.shortLoop ? min(count, Self.checkedRounds) : count
    }

    /// Evaluates what may or may not run: what it assigns is not known afterwards, and its errors may never happen.
    func runUncertain(_ node: Executable, _ frame: Frame) {
        uncertainty += 1
        _ = try? node.evaluate(self, frame)
        uncertainty -= 1
        switch signal {
        case .none: return
        case .breakLoop, .continueLoop: uncertainJump = true
        case .return:
            // The function may end here: until it does, nothing is certain.
            uncertainty += 1
            returnValue = .none
        }
        signal = .none
    }

    /// A loop whose end is not known: what it assigns is not known either.
    func endUncertainLoop(_ assigned: [VariablePlace], _ frame: Frame) {
        uncertainJump = false
        forget(assigned, frame)
    }

    /// Makes variables unknown whose values a loop that was cut short would have changed.
    func forget(_ places: [VariablePlace], _ frame: Frame) {
        for place in places {
            switch place {
            case .local(let slot):
                if case .cell(let cell) = frame[slot] { cell.value = .unknown } else { frame[slot] = .unknown }
            case .global(let variable): variable.value = .unknown
            }
        }
        for cell in checkedCells { cell.value = .unknown }
        session.forgetGlobalsAssignedInFunctions()
    }

    /// Runs a body while checking: a call inside of a call of the same function that may not happen ends there.
    func executeChecking(_ code: FunctionCode, _ frame: Frame) throws -> Value {
        if uncertainty > 0 {
            guard code.uncertainCalls == 0 else { return .unknown }
            code.uncertainCalls += 1
        }
        let counted = uncertainty > 0
        let before = uncertainty
        let jumpBefore = uncertainJump
        uncertainJump = false
        defer {
            if counted { code.uncertainCalls -= 1 }
            uncertainty = before
            uncertainJump = jumpBefore
        }
        let result = try code.body.evaluate(self, frame)
        let value = signal == .none ? result : takeReturn()
        return uncertainty > before ? .unknown : value
    }

    /// Applies an operation while checking: large tensors are not computed, only their shape is.
    func applyChecking(_ operation: Operation, _ inputs: [Node], _ attributes: Attributes) throws -> Node {
        let operands = inputs.map { node in
            node.value == nil || node.shape.count <= Self.checkedElements
                ? node : builder.placeholder("checked", node.type)
        }
        return try builder.apply(operation, operands, attributes)
    }

    /// A tensor that a builtin makes: while checking, only its shape where it is large or not certain.
    func created(_ type: TensorType, isRandom: Bool = false, _ make: () throws -> Tensor) throws -> Value {
        if isChecking, isRandom || type.shape.count > Self.checkedElements {
            guard type.byteCount <= Storage.limitBytes else {
                throw AllocationError(requestedBytes: type.byteCount, limitBytes: Storage.limitBytes)
            }
            return .tensor(builder.placeholder("checked", type))
        }
        return Value(builder.constant(try make()))
    }
}
