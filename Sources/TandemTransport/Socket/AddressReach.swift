internal import Glibc

extension SocketAddress {
    /// Whether it is an address of the public internet: not this machine, its network, a link, a cloud's description of its
    /// machines, a multicast group, nor an address of IPv6 that stands for such a one of IPv4 (RFC 6890 and its registries).
    package var isPublic: Bool {
        withSockaddr { pointer, length in
            let bytes = UnsafeRawBufferPointer(start: pointer, count: Int(length))
            switch family {
            case AF_INET: return Self.isPublic(v4: Array(bytes[4..<8]))
            case AF_INET6: return Self.isPublic(v6: Array(bytes[8..<24]))
            default: return false
            }
        }
    }

    private static func isPublic(v4 bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _): false
        case (100, 64...127, _): false  // Carriers' own.
        case (169, 254, _): false  // Links, and what clouds tell their machines.
        case (172, 16...31, _), (192, 168, _): false
        case (192, 0, 0), (192, 0, 2), (198, 51, 100), (203, 0, 113), (198, 18...19, _): false
        case (224..., _, _): false
        default: true
        }
    }

    private static func isPublic(v6 bytes: [UInt8]) -> Bool {
        let (embedded, last) = (Array(bytes[2..<6]), Array(bytes[12..<16]))
        switch (bytes[0], bytes[1]) {
        case (0, 0):
            // ::, ::1, and IPv4 in its mapped and compatible forms.
            guard bytes[2..<10].allSatisfy({ $0 == 0 }) else { return false }
            return bytes[10] == 0xff && bytes[11] == 0xff && isPublic(v4: last)
        case (0, 0x64):
            return bytes[2] == 0xff && bytes[3] == 0x9b && bytes[4..<12].allSatisfy { $0 == 0 } && isPublic(v4: last)
        case (0x20, 0x02): return isPublic(v4: embedded)
        case (0x20, 0x01): return !(bytes[2] == 0 || bytes[2] == 0x0d && bytes[3] == 0xb8)
        case (0x20...0x3f, _): return true
        default: return false  // Links, sites, groups, and what nobody has been given.
        }
    }
}
