extension Verb {
    /// Who belongs to the cluster, and who leads.
    static let members: [Verb] = [
        Verb("cluster", "the cluster as its nodes have agreed on, and its nodes", .get, "/v1/cluster", cluster),
        Verb(
            "replicas set", arguments: ["replicas"], "have REPLICAS nodes vote for each partition: 3 or 5", .put,
            "/v1/cluster/replicas", cluster),
        Verb(
            "node add", arguments: ["node", "address"],
            "let node NODE join, reached by the others at ADDRESS (10.0.0.4:7500)", .post, "/v1/nodes", cluster),
        Verb(
            "node drain", arguments: ["node"], "have a node lead nothing any more; added again it serves again", .post,
            "/v1/nodes/{node}/drain", cluster),
        Verb(
            "node remove", arguments: ["node"], "let a node belong no more", .post, "/v1/nodes/{node}/remove", cluster),
        Verb(
            "node replace", arguments: ["node"], "void a node's disk: it may come back with an empty one", .post,
            "/v1/nodes/{node}/replace", cluster),
        Verb(
            "leader transfer", arguments: ["partition", "to"], "hand the leadership of a partition to a node", .post,
            "/v1/partitions/{partition}/transfer", cluster),
    ]

    private static let cluster = Layout.record(
        [
            Column("cluster", "name"), Column("id", "cluster"), Column("format", "format"),
            Column("replicas", "replicas"), Column("partitions", "partitions"),
        ],
        lists: [
            "nodes": [
                Column("NODE", "node"), Column("ROLE", "role"), Column("ADDRESS", "address"),
                Column("GENERATION", "generation"), Column("DISK", "disk"),
            ]
        ])
}
