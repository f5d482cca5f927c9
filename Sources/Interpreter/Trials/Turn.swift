import Dispatch

/// Whose turn it is to interpret.
///
/// Machines of trials share the names and values of a session, which only one thread may touch. So they interpret by
/// turns, and what takes the time, the steps of training, runs side by side.
final class Turn: Sendable {
    private let free = DispatchSemaphore(value: 1)

    func take() { free.wait() }
    func give() { free.signal() }
}

extension Machine {
    /// Runs something long that does not interpret: other machines may meanwhile.
    func givingTurn<T>(_ body: () throws -> T) rethrows -> T {
        guard let turn, hasTurn else { return try body() }
        hasTurn = false
        turn.give()
        defer {
            turn.take()
            hasTurn = true
        }
        return try body()
    }

    /// Runs what interprets. Whatever training calls back comes through here; where the machine has its turn already, or
    /// is alone, this costs nothing.
    func takingTurn<T>(_ body: () throws -> T) rethrows -> T {
        guard let turn, !hasTurn else { return try body() }
        turn.take()
        hasTurn = true
        defer {
            hasTurn = false
            turn.give()
        }
        return try body()
    }
}
