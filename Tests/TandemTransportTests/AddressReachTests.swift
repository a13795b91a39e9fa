import Testing

@testable import TandemTransport

@Suite("Which addresses are public")
struct AddressReachTests {
    @Test(
        "An address of the internet is public",
        arguments: [
            "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.1", "192.167.1.1",
            "192.0.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.255", "2606:4700:4700::1111", "2a00:1450::1",
            "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
        ])
    func isPublic(_ host: String) throws {
        #expect(try SocketAddress(host: host, port: 443).isPublic)
    }

    @Test(
        "One of this machine, of a private network, of a link, of a group or of nobody is not, in whatever form",
        arguments: [
            "127.0.0.1", "127.255.0.1", "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "169.254.169.254",
            "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.19.255.255",
            "198.51.100.1", "203.0.113.9", "224.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fec0::1", "fc00::1",
            "fdff::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
            "64:ff9b:1::1", "2002:a00:1::1", "2001::1", "2001:db8::1", "100::1",
            // Written as one number, or in octal: the system reads them so.
            "2130706433", "0177.0.0.1",
        ])
    func isNot(_ host: String) throws {
        #expect(try !SocketAddress(host: host, port: 443).isPublic)
    }
}
