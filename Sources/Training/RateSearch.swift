import Graphs
import Scheduling

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Losses at learning rates from small to large.
public struct RateSearch: Sendable {
    /// The rate of each step that was taken, growing by the same factor from step to step.
    public var rates: [Double]
    /// The loss at each step, smoothed over the steps before.
    public var losses: [Double]
    /// The rate at which the smoothed loss falls steepest over the logarithm of the rate; nil where it falls nowhere.
    public var suggestion: Double?
}

/// Trains with a learning rate that grows from step to step, until the loss is four times the lowest; Smith (2017),
/// "Cyclical learning rates for training neural networks". The request's weights are left as they are.
///
/// - Parameters:
///   - range: the first and the last rate, over 0.
///   - steps: at least 2.
/// - Throws: as `fit`; `Cancelled` where the request's token says so, `OperationError` where the optimizer has no learning rate.
public func searchRate(_ request: FitRequest, over range: ClosedRange<Double>, steps: Int) throws -> RateSearch {
    guard let name = request.optimizer.rateName else {
        throw OperationError(
            "the optimizer \(request.optimizer.name) has no learning rate",
            expected: "a setting lr, learning_rate or eta",
            argument: "optimizer")
    }
    func rate(_ step: Int) -> Double {
        range.lowerBound * pow(range.upperBound / range.lowerBound, Double(step - 1) / Double(steps - 1))
    }
    var request = request
    request.optimizer.settings.removeAll { $0.name == name }
    request.optimizer.schedules.removeAll { $0.name == name }
    request.optimizer.schedules.append((name, Schedule { rate($0) }))
    request.maximumSteps = steps
    request.epochs = request.epochs(forSteps: steps)
    let run = try FitRun(request)
    var search = RateSearch(rates: [], losses: [], suggestion: nil)
    var (average, lowest) = (0.0, Double.infinity)
    for step in 1...steps {
        if request.cancellation?.isCancelled ?? false { throw Cancelled() }
        let loss: Double
        do { loss = try run.advance() } catch is NonFiniteLoss { break }
        average = RateSearch.memory * average + (1 - RateSearch.memory) * loss
        let smoothed = average / (1 - pow(RateSearch.memory, Double(step)))
        search.rates.append(rate(step))
        search.losses.append(smoothed)
        lowest = min(lowest, smoothed)
        if smoothed > 4 * lowest, step > 10 { break }
    }
    search.suggestion = search.steepestFall
    return search
}

extension RateSearch {
    /// Share of the average that each step leaves.
    static let memory = 0.9

    fileprivate var steepestFall: Double? {
        guard rates.count > 2 else { return nil }
        let slopes = (1..<rates.count - 1).map { (index: Int) -> Double in
            let fall: Double = losses[index + 1] - losses[index - 1]
            return fall / log(rates[index + 1] / rates[index - 1])
        }
        guard let steepest = slopes.indices.min(by: { slopes[$0] < slopes[$1] }), slopes[steepest] < 0 else {
            return nil
        }
        return rates[steepest + 1]
    }
}
