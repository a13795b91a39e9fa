/// What a node that speaks version 1 of the peer protocol sends, one `name hex` a line, made by hand and not by this code.
///
/// Nodes of released versions send these bytes: the lines are never changed, and only added to.
enum PeerProtocol1 {
    static let lines = """
        preface 8954414e44454d0a
        hello 4700000001000000422ff52e54bffdbc0100030000112233445566778899aabbccddeeff0300000002000000290000000000000007000000000000010102095ac3bc726963682d330e3132372e302e302e313a37343130
        ready 000000000200000000000000134f18b9
        refused 1e0000000300000040fe684232a861e202006e6f64652037206973206f6620616e6f7468657220636c7573746572
        ping 00000000040000000000000030377d0a
        payload 090000002100efbef9b9145ae11ecf2e010203040506070809
        """
}
