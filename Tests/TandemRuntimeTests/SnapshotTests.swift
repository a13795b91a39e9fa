import Foundation
import Synchronization
import TandemConsensus
import TandemCore
import TandemJournal
import TandemReadModel
import Testing

@testable import TandemRuntime

/// A member that lacks what the others have cut from their logs.
@Suite("Snapshots between members")
struct SnapshotTests {
    private func inDirectory(_ body: (String) throws -> Void) throws {
        let directory = NSTemporaryDirectory() + "tandem-snapshots-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try body(directory)
    }

    /// The member agrees with the leader, and goes on agreeing.
    private func expectAgreement(_ laggard: Laggard) throws {
        for _ in 0..<2 {
            try laggard.catchUp()
            let leader = try laggard.leader
            let (mine, theirs) = (try laggard.everything(laggard.member), try laggard.everything(leader))
            #expect(mine.memory == theirs.memory)
            let (few, many) = (Set(mine.store), Set(theirs.store))
            #expect(few.subtracting(many).sorted() == [] && many.subtracting(few).sorted() == [])
            try laggard.traffic(3)
        }
    }

    /// Counts the parts that go over the wire, with their offsets.
    private func countParts(_ group: Group) -> Mutexed<[UInt64]> {
        let offsets = Mutexed<[UInt64]>([])
        group.wire.filter { message in
            if case .snapshot(let part) = message.body, !part.bytes.isEmpty {
                offsets.set(offsets.get() + [part.offset])
            }
            return message
        }
        return offsets
    }

    @Test("A member with an empty directory gets there by a snapshot, and agrees in every record and every row")
    func empty() throws {
        try inDirectory { directory in
            let laggard = try Laggard(in: directory)
            try laggard.traffic(30)
            try laggard.cut()
            let leader = try laggard.leader
            #expect(leader.journal.firstIndex(3) > 60, "what it lacks is nowhere but in the state")
            // Events that the store's records do not contain: the copy is brought up to them.
            try laggard.traffic(5)
            #expect(leader.store.map { $0.mark.recordsApplied < $0.mark.applied } == true)
            let parts = countParts(laggard.group)
            try laggard.group.start(laggard.member)
            try expectAgreement(laggard)
            #expect(parts.get().count > 3)
            let (made, taken) = (leader.snapshots?.figures, laggard.member.snapshots?.figures)
            #expect(made?.made.count == 1 && made?.sent.bytes == made?.made.bytes)
            #expect(made?.sent.count == UInt64(parts.get().count))
            #expect(taken?.received == made?.sent && taken?.installed == made?.made && taken?.failed == 0)
            #expect(laggard.member.alarms.get() == [])
            #expect(laggard.member.journal.firstIndex(3) > 60, "its log begins behind the snapshot")
            let read = laggard.group.countTenants(laggard.member)
            laggard.group.tick(5)
            #expect(read.get() == .some(.some(1)))
        }
    }

    @Test(
        "A member that was behind forgets its own state for the snapshot: who waits there is answered, who listens told"
    )
    func behind() throws {
        try inDirectory { directory in
            let laggard = try Laggard(in: directory, present: true)
            try laggard.traffic(4)
            try laggard.catchUp()
            laggard.group.flush(laggard.member)
            let before = laggard.member.committed
            laggard.group.wire.isolate(laggard.member.id)
            try laggard.traffic(10)
            try laggard.cut()
            let (begun, delivered) = (Mutexed<[EventPosition]>([]), Mutexed<[EventPosition]>([]))
            laggard.member.partition.subscribe(1, to: .everything) {
                begun.set(begun.get() + [$0])
            } deliver: {
                delivered.set(delivered.get() + $0.map(\.position))
            }
            laggard.group.settle()
            #expect(begun.get() == [EventPosition(entry: before, sequence: EventPosition.eventsMax - 1)])
            laggard.group.wire.isolate(laggard.member.id, false)
            try expectAgreement(laggard)
            let again = try #require(begun.get().last)
            #expect(begun.get().count == 2 && again.entry > before)
            #expect(delivered.get().allSatisfy { $0 > again }, "the skipped events are in the store alone")
            #expect(!delivered.get().isEmpty)
        }
    }

    @Test(
        "A transfer that stops in the middle goes on where it stopped: after a lost line, and after the receiver's end")
    func resumed() throws {
        try inDirectory { directory in
            let laggard = try Laggard(in: directory)
            try laggard.traffic(30)
            try laggard.cut()
            let stops = Mutexed<Bool>(true)
            let offsets = Mutexed<[UInt64]>([])
            laggard.group.wire.filter { message in
                guard case .snapshot(let part) = message.body, !part.bytes.isEmpty else { return message }
                if stops.get(), part.offset >= 64 << 10 { return nil }
                offsets.set(offsets.get() + [part.offset])
                return message
            }
            try laggard.group.start(laggard.member)
            laggard.group.tick(100)
            let first = offsets.get()
            #expect(first == [0, 16 << 10, 32 << 10, 48 << 10])

            laggard.group.crash(laggard.member)
            stops.set(false)
            offsets.set([])
            try laggard.group.start(laggard.member)
            try laggard.catchUp()
            // The last part's place may be torn after a power cut: it is sent again.
            #expect(offsets.get().first == 48 << 10)
            try expectAgreement(laggard)
        }
    }

    @Test("When another leads, its snapshot takes the place of the one that was arriving")
    func otherLeader() throws {
        try inDirectory { directory in
            let laggard = try Laggard(in: directory)
            try laggard.traffic(30)
            try laggard.cut()
            let leader = try laggard.leader
            laggard.group.wire.filter { message in
                if case .snapshot(let part) = message.body, part.offset >= 64 << 10 { return nil }
                return message
            }
            try laggard.group.start(laggard.member)
            laggard.group.tick(100)
            let half = try #require(laggard.member.snapshots?.partial(of: 3))
            #expect(half.received == 64 << 10)
            laggard.group.crash(leader)
            laggard.group.wire.filter(nil)
            let other = try laggard.leader
            #expect(other.id != leader.id)
            try laggard.compact(other)
            try laggard.traffic(2)
            try expectAgreement(laggard)
            try laggard.group.start(leader)
            try expectAgreement(laggard)
        }
    }

    @Test("A part that was damaged on its way is not stored, and is asked for again")
    func damagedPart() throws {
        try inDirectory { directory in
            let laggard = try Laggard(in: directory)
            try laggard.traffic(20)
            try laggard.cut()
            let damages = Mutexed<Int>(2)
            laggard.group.wire.filter { message in
                guard case .snapshot(let part) = message.body, part.offset == 32 << 10, !part.bytes.isEmpty,
                    damages.get() > 0
                else { return message }
                damages.set(damages.get() - 1)
                var bytes = part.bytes
                bytes[7] ^= 1
                var message = message
                message.body = .snapshot(
                    SnapshotPart(
                        snapshot: part.snapshot, offset: part.offset, bytes: bytes, checksum: part.checksum))
                return message
            }
            try laggard.group.start(laggard.member)
            try expectAgreement(laggard)
            #expect(damages.get() == 0)
            #expect(laggard.member.alarms.get() == [.badPart(offset: 32 << 10)], "told once")
        }
    }

    @Test("A snapshot that is damaged as a whole is thrown away and begun anew; the state of before stays until then")
    func damagedWhole() throws {
        try inDirectory { directory in
            let laggard = try Laggard(in: directory)
            try laggard.traffic(20)
            try laggard.cut()
            let path = "\(try #require(laggard.member.directory))/snapshots/arriving-3.sqlite"
            let damages = Mutexed<Int>(1)
            laggard.group.wire.filter { message in
                // Behind the checksums of its parts.
                if case .snapshot(let part) = message.body, part.offset == 48 << 10, damages.get() > 0 {
                    damages.set(damages.get() - 1)
                    try? FileSystem.write([0x55], at: 5_000, to: path)
                }
                return message
            }
            try laggard.group.start(laggard.member)
            laggard.group.tick(100)
            #expect(laggard.member.alarms.get() == [.badWhole("its checksum is another one")])
            #expect(laggard.member.committed == 0 && laggard.member.partial == nil)
            try expectAgreement(laggard)
        }
    }

    @Test("While a snapshot is made, sent and installed, clients are served", arguments: [1, 7])
    func traffic(_ ticks: Int) throws {
        try inDirectory { directory in
            let laggard = try Laggard(in: directory)
            try laggard.traffic(20)
            try laggard.cut()
            try laggard.group.start(laggard.member)
            for _ in 0..<30 {
                try laggard.traffic(1)
                laggard.group.tick(ticks)
            }
            try expectAgreement(laggard)
        }
    }

    @Test("A snapshot that the log has left behind gives way to a newer one, also in the middle of its transfer")
    func twoCloseTogether() throws {
        try inDirectory { directory in
            var bounds = Laggard.bounds
            bounds.keptForSnapshots = 0
            let laggard = try Laggard(in: directory, bounds: bounds)
            try laggard.traffic(20)
            try laggard.cut()
            let points = Mutexed<[LogPoint]>([])
            let holds = Mutexed<Bool>(true)
            laggard.group.wire.filter { message in
                guard case .snapshot(let part) = message.body, !part.bytes.isEmpty else { return message }
                if points.get().last != part.snapshot.point { points.set(points.get() + [part.snapshot.point]) }
                return holds.get() && part.offset >= 32 << 10 ? nil : message
            }
            try laggard.group.start(laggard.member)
            laggard.group.tick(20)
            #expect(points.get().count == 1)
            // Cut beyond the snapshot under way: twice in a row.
            for _ in 0..<2 {
                try laggard.traffic(3)
                try laggard.cut()
                laggard.group.tick(60)
            }
            holds.set(false)
            try expectAgreement(laggard)
            #expect(points.get().count == 3 && points.get() == points.get().sorted { $0.index < $1.index })
            let leader = try laggard.leader
            let names = try FileSystem.names(in: "\(try #require(leader.directory))/snapshots")
            #expect(names.filter { $0.hasPrefix("made-") }.count == 1, "the older ones are gone: \(names)")
        }
    }

    @Test(
        "A member whose disk was wiped comes back as another: admitted as a learner, brought up by a snapshot, made a voter"
    )
    func wiped() throws {
        try inDirectory { directory in
            let laggard = try Laggard(in: directory, members: 4)
            let group = laggard.group
            try laggard.traffic(10)
            try laggard.cut()
            // The third of the founders is gone for good; the fourth member is its new life, with nothing.
            let leader = try laggard.leader
            let gone = try #require(group.members.prefix(3).last { $0.id != leader.id })
            group.crash(gone)
            try laggard.change(MembershipChange(learn: [laggard.member.id]))
            try laggard.cut()
            try laggard.traffic(4)
            try expectAgreement(laggard)
            try laggard.change(MembershipChange(promote: [laggard.member.id], remove: [gone.id]))
            let voters =
                [leader.id, laggard.member.id]
                + group.members.map(\.id).filter {
                    ![leader.id, laggard.member.id, gone.id].contains($0)
                }
            // It knows who takes part, though neither its founders nor its log say it: also after its next start.
            try laggard.traffic(2)
            try laggard.catchUp()
            try laggard.cut()
            for _ in 0..<2 {
                let membership = try laggard.membership
                #expect(Set(membership.voters) == Set(voters) && membership.learners == [])
                group.crash(laggard.member)
                try group.start(laggard.member)
                try expectAgreement(laggard)
            }
            // And it counts: without it there would be no majority.
            let third = try #require(
                group.members.first { $0.isRunning && $0.id != leader.id && $0.id != laggard.member.id })
            group.crash(third)
            try laggard.traffic(1)
            try expectAgreement(laggard)
        }
    }

    @Test("A copy is removed when nobody has read of it for a while, and made anew for who comes later")
    func dropped() throws {
        try inDirectory { directory in
            var bounds = Laggard.bounds
            bounds.offeredTicks = 200
            let laggard = try Laggard(in: directory, bounds: bounds)
            try laggard.traffic(10)
            try laggard.cut()
            try laggard.group.start(laggard.member)
            try laggard.catchUp()
            let folder = "\(try #require(try laggard.leader.directory))/snapshots"
            #expect(try FileSystem.names(in: folder).count == 1)
            laggard.group.tick(201)
            #expect(try FileSystem.names(in: folder) == [])

            laggard.group.wire.isolate(laggard.member.id)
            try laggard.traffic(4)
            try laggard.cut()
            laggard.group.wire.isolate(laggard.member.id, false)
            try expectAgreement(laggard)
        }
    }
}

extension Group.Member {
    var partial: PartialSnapshot? { snapshots?.partial(of: 3) }
}
