internal import TandemJournal
internal import TandemTransport
internal import TandemWire

/// Who a restored node is: the first member of a new cluster, which it names as a node alone does. Of the old cluster it
/// keeps what belongs to the contact centre, and of its members that their numbers were taken once: whoever comes with one
/// of them comes in a later life, whose commands and sessions nobody takes for the old ones.
struct RestoredIdentity {
    /// The backup's name and time.
    let label: String
    let node: UInt32
    let generation: UInt32
    /// How often the node that was backed up had been started; 0 for one of another number.
    let incarnation: UInt64
    let partitions: Int
    let anchor: JournaledTime.Anchor?
    let disk: UInt64
    let state: ClusterState

    /// - Parameters:
    ///   - journal: a copy of the backup's.
    ///   - name: the new cluster's; nil: after its node.
    /// - Throws: `RestoreError` when the journal does not say what a node's says.
    init(of journal: Journal, _ manifest: BackupManifest, node: UInt32, name: String?) throws {
        let facts = try NodeIdentity.Facts(journal)
        guard facts.partitions == manifest.partitions.count else {
            throw RestoreError.unsound(
                "its journal has \(facts.partitions) partitions, its description \(manifest.partitions.count)")
        }
        label = manifest.label
        self.node = node
        incarnation = manifest.node == node ? max(manifest.incarnation, facts.incarnation) : 0
        partitions = facts.partitions
        anchor = facts.anchor
        disk = UInt64.random(in: 1 ... .max)
        let old = facts.state
        generation = old.member(node).map { $0.generation + 1 } ?? 0
        let own = ClusterState.Member(
            node: node, generation: generation, disk: disk, address: "", role: .serving,
            formats: WireVersion.read)
        let others = old.members.filter { $0.node != node }.map { member in
            var member = member
            member.role = .removed
            return member
        }
        state = ClusterState(
            id: ClusterID(high: .random(in: .min ... .max), low: .random(in: .min ... .max)),
            name: name ?? "of node \(node)", format: max(old.format, WireVersion.current),
            replicas: old.replicas, members: [own] + others.prefix(ClusterState.numbersMax - 1))
    }
}

extension NodeIdentity {
    /// What a node's journal says about the node, for another to be made of it.
    struct Facts {
        let partitions: Int
        let incarnation: UInt64
        let anchor: JournaledTime.Anchor?
        let state: ClusterState

        init(_ journal: Journal) throws {
            guard let partitions = journal.meta(NodeIdentity.partitionsKey).flatMap({ Int($0) }),
                let text = journal.meta(NodeIdentity.stateKey)
            else { throw RestoreError.unsound("its journal does not say of which node it is") }
            do {
                state = try NodeIdentity.state(text)
            } catch NodeError.newerFormat(let format) {
                throw RestoreError.newerFormat(format)
            } catch {
                throw RestoreError.unsound("\(error)")
            }
            self.partitions = partitions
            incarnation = journal.meta(NodeIdentity.incarnationKey).flatMap { UInt64($0) } ?? 0
            anchor = journal.meta(NodeIdentity.clockKey).flatMap(NodeIdentity.parse)
        }
    }

    /// Makes a new journal that of a restored node, which has not been started yet.
    static func write(_ restored: RestoredIdentity, to journal: Journal) throws(JournalError) {
        var facts = [
            (incarnationKey, "\(restored.incarnation)"), (diskKey, "\(restored.disk)"),
            (stateKey, text(restored.state)), (generationKey, "\(restored.generation)"), (foundingKey, alone),
            (restoredKey, restored.label),
        ]
        if let anchor = restored.anchor { facts.append((clockKey, "\(anchor.factor) \(anchor.wall)")) }
        // Last, as when a directory is made.
        facts.append((partitionsKey, "\(restored.partitions)"))
        for (key, value) in facts { try journal.commitNow(.meta(key: key, value: value)) }
    }
}
