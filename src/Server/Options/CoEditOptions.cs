using CoEdit.Persistence;

namespace CoEdit.Server;

/// <summary>Everything that can be configured in the section <c>CoEdit</c>; validated at start.</summary>
/// <remarks>The keys and defaults are listed in <c>docs/operations.md</c>.</remarks>
public sealed class CoEditOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "CoEdit";

    /// <summary>What a peer sees before the commit: see <see cref="Durability"/>.</summary>
    public Durability Durability { get; set; } = Durability.AckAfterCommit;

    /// <summary>Where documents are kept.</summary>
    public StorageSection Storage { get; set; } = new();

    /// <summary>Who may come in.</summary>
    public AuthSection Auth { get; set; } = new();

    /// <summary>Presence.</summary>
    public AwarenessSection Awareness { get; set; } = new();

    /// <summary>Which web pages may talk to the server.</summary>
    public SecuritySection Security { get; set; } = new();

    /// <summary>Bounds on what one peer can cost.</summary>
    public LimitsSection Limits { get; set; } = new();

    /// <summary>How long rooms stay in memory and when logs are folded.</summary>
    public RoomsSection Rooms { get; set; } = new();

    /// <summary>When the server says that it is not well.</summary>
    public HealthSection Health { get; set; } = new();

    /// <summary>Where metrics and traces are sent.</summary>
    public TelemetrySection Telemetry { get; set; } = new();
}

/// <summary>When a peer gets to see an update, relative to its commit.</summary>
public enum Durability
{
    /// <summary>Broadcast at once; what acknowledges (state vectors) waits for the commit.</summary>
    AckAfterCommit,

    /// <summary>Commit first, then broadcast and acknowledge: nobody ever sees what a crash can take back.</summary>
    CommitFirst,
}

/// <summary>The database behind the documents.</summary>
public enum StorageProvider
{
    /// <summary>One SQLite file, one server.</summary>
    Sqlite,

    /// <summary>A shared PostgreSQL database. Not built yet: the start refuses.</summary>
    PostgreSql,
}

/// <summary>How callers prove who they are.</summary>
public enum AuthMode
{
    /// <summary>Everybody may read and write; meant for one's own machine.</summary>
    None,

    /// <summary>JSON Web Tokens, checked with the keys of <see cref="JwtSection"/>.</summary>
    Jwt,
}

/// <summary>Section <c>CoEdit:Storage</c>.</summary>
public sealed class StorageSection
{
    /// <summary>The kind of database.</summary>
    public StorageProvider Provider { get; set; } = StorageProvider.Sqlite;

    /// <summary>ADO.NET connection string; relative paths start at the working directory.</summary>
    public string ConnectionString { get; set; } = "Data Source=data/coedit.db";

    /// <summary>SQLite's <c>PRAGMA synchronous</c>. <c>Normal</c> may lose acknowledged updates when the power fails.</summary>
    public SynchronousMode Synchronous { get; set; } = SynchronousMode.Full;

    /// <summary>How long a commit waits for company. Delays acknowledgements, never broadcasts. 0 to 1 s.</summary>
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Bytes that may wait for their commit before updates are refused.</summary>
    public long MaxQueueBytes { get; set; } = 64 * 1024 * 1024;
}

/// <summary>Section <c>CoEdit:Auth</c>.</summary>
public sealed class AuthSection
{
    /// <summary>How callers prove who they are.</summary>
    public AuthMode Mode { get; set; } = AuthMode.None;

    /// <summary>Allows <see cref="AuthMode.None"/> on an address that other machines reach.</summary>
    public bool AllowAnonymousNetwork { get; set; }

    /// <summary>What makes a token good, and which of its claims mean what.</summary>
    public JwtSection Jwt { get; set; } = new();
}

/// <summary>Section <c>CoEdit:Security</c>.</summary>
public sealed class SecuritySection
{
    /// <summary>Origins (<c>https://app.example.com</c>) whose pages may open sockets, besides the server's own.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Names besides localhost that the <c>Host</c> header may carry while everybody is let in.</summary>
    public IList<string> AllowedHosts { get; } = [];
}

/// <summary>Section <c>CoEdit:Limits</c>. Sizes in bytes, times as <c>hh:mm:ss</c>.</summary>
public sealed class LimitsSection
{
    /// <summary>Largest WebSocket message; a larger one closes its peer with 1009.</summary>
    public int MaxMessageBytes { get; set; } = 52_428_800;

    /// <summary>Largest document in memory; an update that would exceed it closes its peer with 4413.</summary>
    public long MaxDocumentBytes { get; set; } = 52_428_800;

    /// <summary>Bytes of half-received messages in the whole process.</summary>
    public long MaxAssemblyBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary>
    /// Sockets in the whole process; one more is refused with 503 before its handshake. 0: nine tenths of the files that the system lets
    /// the process open (on Linux; no limit elsewhere).
    /// </summary>
    public int MaxConnections { get; set; }

    /// <summary>Sockets from one IPv4 address or one IPv6 /64; one more is refused with 503. 0: no limit.</summary>
    public int MaxConnectionsPerAddress { get; set; }

    /// <summary>Sockets of one user; one more is refused with 503, or closed with 1013 if the user became known later. 0: no limit.</summary>
    public int MaxConnectionsPerUser { get; set; }

    /// <summary>Messages per second from one socket. More are read later, never refused. 0: no limit.</summary>
    public int MaxMessagesPerSecond { get; set; } = 5_000;

    /// <summary>Bytes per second from one socket. More are read later, never refused. 0: no limit.</summary>
    public long MaxBytesPerSecond { get; set; } = 16 * 1024 * 1024;

    /// <summary>Largest message of a socket that has not yet shown any token of those who need one; a larger one closes it with 4205.</summary>
    public int MaxUnauthenticatedBytes { get; set; } = 64 * 1024;

    /// <summary>After how long without a sign of life a peer is sent a WebSocket ping.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a peer may take to answer a ping before its connection is dropped.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Peers in one room; one more is closed with 1013.</summary>
    public int MaxPeersPerRoom { get; set; } = 1_000;

    /// <summary>Bytes waiting for one peer before its queue is dropped and replaced by one diff.</summary>
    public int OutboxBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Frames waiting for one peer before its queue is dropped and replaced by one diff.</summary>
    public int OutboxFrames { get; set; } = 4_096;

    /// <summary>Bytes of one message of a first synchronisation; a larger document is sent in several.</summary>
    public int SyncPartBytes { get; set; } = 256 * 1024;

    /// <summary>How long a peer may make no progress while a message is on its way, in either direction.</summary>
    public TimeSpan StallTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long it may take to find out who a caller is (4508), and how long a Hocuspocus socket may stay without a document (4408).
    /// </summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes per document that wait for updates they depend on.</summary>
    public long MaxPendingBytes { get; set; } = 1024 * 1024;

    /// <summary>Structs per document that wait for updates they depend on.</summary>
    public int MaxPendingStructs { get; set; } = 10_000;

    /// <summary>Root types in one document.</summary>
    public int MaxRoots { get; set; } = 10_000;

    /// <summary>Levels of arrays and objects inside one value; a deeper one closes its peer with 4413. Clients read values by recursion.</summary>
    public int MaxValueNesting { get; set; } = 128;

    /// <summary>Largest presence state of one client, in bytes of JSON.</summary>
    public int MaxAwarenessStateBytes { get; set; } = 16 * 1024;
}

/// <summary>Section <c>CoEdit:Rooms</c>.</summary>
public sealed class RoomsSection
{
    /// <summary>How long a room without peers stays in memory.</summary>
    public TimeSpan IdleUnload { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Log rows above which an open document is folded.</summary>
    public int FoldRows { get; set; } = 500;

    /// <summary>Log bytes above which an open document is folded (or half of its snapshot, if that is more).</summary>
    public long FoldBytes { get; set; } = 64 * 1024;

    /// <summary>Log rows above which a document is folded when its room unloads.</summary>
    public int FoldRowsOnUnload { get; set; } = 50;
}
