/// Who writes partitions' stores, as far as snapshots need it.
package protocol StoreOwner: AnyObject, Sendable {
    /// The directory in which a partition's `state.sqlite` lies.
    func folder(of partition: UInt16) -> String
    /// Lets go of a partition's store, calls `replace`, and opens what is there then; until that succeeds queries wait, and
    /// what was to be written before is dropped. When something throws, `replace` is called again after a while.
    ///
    /// - Parameter trouble: called with each thing that went wrong, before it is tried again.
    func exchange(
        _ partition: UInt16, _ replace: @escaping @Sendable () throws -> Void,
        trouble: @escaping @Sendable (any Error) -> Void, done: @escaping @Sendable () -> Void)
}
