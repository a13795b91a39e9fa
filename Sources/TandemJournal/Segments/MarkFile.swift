internal import CLinux
internal import Glibc

/// The small file beside the journal that remembers how far each partition had come.
///
/// SQLite drops a damaged tail of its log without a word; the mark is what notices. It is written over in place, in
/// two slots by turns so that a torn write leaves the other, and nobody waits for the disk: its write-out is started
/// and the next commit's flush takes it along. So it may lag, never lead: it is written after the commit.
final class MarkFile {
    /// Where a partition had come to.
    struct Place: Equatable {
        var index: UInt64
        var chain: ChainHash
    }

    enum Content: Equatable {
        case missing
        case damaged
        case places([UInt16: Place])
    }

    private static let magic: UInt64 = 0x544E_444D_4152_4B31  // "TNDMARK1"
    private static let headerBytes = 20
    private static let placeBytes = 42
    /// Room for `JournalLimits.partitionsMax` places, header and checksum.
    static let slotBytes = 65_536

    let path: String
    private let descriptor: Int32
    private var sequence: UInt64 = 0

    init(path: String) throws(SystemError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("open", path) }
        // Its blocks are taken now, so that a full disk later does not matter to it; if it is full now, so be it.
        _ = posix_fallocate(descriptor, 0, off_t(2 * Self.slotBytes))
    }

    deinit {
        close(descriptor)
    }

    /// The newer of the two slots that are whole. Also takes the numbering up from there.
    func read() throws(SystemError) -> Content {
        var isBlank = true
        var newest: [UInt16: Place]?
        for slot in 0..<2 {
            var bytes = [UInt8](repeating: 0, count: Self.slotBytes)
            let count = pread(descriptor, &bytes, bytes.count, off_t(slot * Self.slotBytes))
            guard count >= 0 else { throw SystemError("read", path) }
            isBlank = isBlank && !bytes.contains { $0 != 0 }
            guard let (found, places) = Self.decode(bytes[..<count]), found > sequence else { continue }
            sequence = found
            newest = places
        }
        return newest.map { .places($0) } ?? (isBlank ? .missing : .damaged)
    }

    /// Remembers `places` without waiting.
    func write(_ places: [UInt16: Place]) throws(SystemError) {
        let offset = try put(places)
        // Only a hint to the kernel: without it the mark lags by the kernel's own interval.
        _ = tandem_start_writing(descriptor, Int64(offset), Int64(Self.slotBytes))
    }

    /// Remembers `places` in both slots and waits until the disk has them: what they no longer say must not come back.
    func writeDurably(_ places: [UInt16: Place]) throws(SystemError) {
        _ = try put(places)
        _ = try put(places)
        guard fdatasync(descriptor) == 0 else { throw SystemError("fdatasync", path) }
    }

    private func put(_ places: [UInt16: Place]) throws(SystemError) -> Int {
        sequence += 1
        let bytes = Self.encode(places, sequence: sequence)
        let offset = Int(sequence % 2) * Self.slotBytes
        let count = pwrite(descriptor, bytes, bytes.count, off_t(offset))
        guard count == bytes.count else { throw SystemError("write", path, number: count < 0 ? errno : ENOSPC) }
        return offset
    }

    // MARK: Form: magic, sequence, count, then partition, index and chain of each, then a CRC-32C; little-endian

    private static func encode(_ places: [UInt16: Place], sequence: UInt64) -> [UInt8] {
        precondition(places.count <= JournalLimits.partitionsMax, "A slot has room for so many partitions.")
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerBytes + places.count * placeBytes + 4)
        append(magic, to: &bytes)
        append(sequence, to: &bytes)
        append(UInt32(places.count), to: &bytes)
        for (partition, place) in places.sorted(by: { $0.key < $1.key }) {
            append(partition, to: &bytes)
            append(place.index, to: &bytes)
            place.chain.withBytes { bytes.append(contentsOf: $0) }
        }
        append(bytes.withUnsafeBytes { tandem_crc32c(0, $0.baseAddress, $0.count) }, to: &bytes)
        return bytes
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> (sequence: UInt64, places: [UInt16: Place])? {
        bytes.withUnsafeBytes { raw in
            guard raw.count >= headerBytes else { return nil }
            func load<T: FixedWidthInteger>(_ offset: Int, as type: T.Type) -> T {
                T(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: type))
            }
            let count = Int(load(16, as: UInt32.self))
            guard load(0, as: UInt64.self) == magic, count <= JournalLimits.partitionsMax else { return nil }
            let end = headerBytes + count * placeBytes
            guard raw.count >= end + 4,
                tandem_crc32c(0, raw.baseAddress, end) == load(end, as: UInt32.self)
            else { return nil }
            var places: [UInt16: Place] = [:]
            for offset in stride(from: headerBytes, to: end, by: placeBytes) {
                let hash = UnsafeRawBufferPointer(rebasing: raw[offset + 10..<offset + placeBytes])
                guard let chain = ChainHash(hash) else { return nil }
                places[load(offset, as: UInt16.self)] = Place(index: load(offset + 2, as: UInt64.self), chain: chain)
            }
            return (load(8, as: UInt64.self), places)
        }
    }
}
