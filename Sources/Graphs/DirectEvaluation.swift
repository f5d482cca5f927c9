import Scheduling
import Tensors

/// Runs one operation at once on values that are there: how the prompt computes.
enum DirectEvaluation {
    static func run(
        _ operation: Operation, _ inputs: [Tensor], output: TensorType, attributes: Attributes, pool: ThreadPool
    ) throws -> Tensor {
        switch operation.kernel {
        case .alias: return inputs[0].reshaped(to: output.shape)
        case .source: throw OperationError("'\(operation.name)' is not computed")
        case .elementwise: throw OperationError("elementwise programs are not bound yet")
        case .prepared(let prepare):
            let kernel = try prepare(KernelRequest(inputs: inputs.map(\.type), output: output, attributes: attributes))
            let result = try Tensor(uninitialized: output)
            let scratch = try Storage(byteCount: kernel.scratchBytes(pool.threads))
            try withExtendedLifetime((inputs, result, scratch)) {
                try kernel.run(
                    KernelArguments(
                        inputs: inputs.map { UnsafeRawPointer($0.pointer) }, output: result.pointer,
                        scratch: scratch.pointer, pool: pool))
            }
            return result
        }
    }
}
