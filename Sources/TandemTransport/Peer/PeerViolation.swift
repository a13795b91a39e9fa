/// What a peer's bytes were that they must not be. The connection ends over it.
enum PeerViolation: Error, Equatable, CustomStringConvertible {
    /// It does not begin as a peer of ours does.
    case notAPeer
    case headerDamaged
    case payloadDamaged
    /// A byte that this protocol leaves zero.
    case reservedByteSet
    case tooLong(length: Int, bound: Int)
    /// A frame that has no place here: before the handshake is over, or of a kind of the link's that is not known.
    case unexpected(kind: UInt8)
    case malformedHello
    case malformedRefusal

    var description: String {
        switch self {
        case .notAPeer: "the first bytes are not those of a node"
        case .headerDamaged: "a frame's header does not match its checksum"
        case .payloadDamaged: "a frame's payload does not match its checksum"
        case .reservedByteSet: "a frame's reserved byte is not zero"
        case .tooLong(let length, let bound): "a frame of \(length) bytes where \(bound) are the most"
        case .unexpected(let kind): "a frame of kind \(kind) that has no place here"
        case .malformedHello: "a HELLO that cannot be read"
        case .malformedRefusal: "a REFUSED that cannot be read"
        }
    }
}
