/// The passes that turn a graph into one that computes the same with less work, in order. Each leaves the types of
/// the roots as they are; what nobody reads any more is gone because nobody finds it.
enum PlanPasses {
    static func apply(_ roots: PlanRoots, _ builder: GraphBuilder) throws -> PlanRoots {
        var roots = try AlgebraicSimplification.apply(roots, builder)
        roots = try CommonSubexpressions.apply(roots, builder)
        roots = try CrossEntropyFusion.apply(roots, builder)
        roots = try SumFactoring.apply(roots, builder)
        roots = try JoinedReductions.apply(roots, builder)
        roots = try AlgebraicSimplification.apply(roots, builder)
        roots = try CommonSubexpressions.apply(roots, builder)
        roots = try EpilogueFusion.apply(roots, builder)
        return try Recomputation.apply(roots, builder)
    }
}
